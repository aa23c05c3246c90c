import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { plan } from '../../src/cli/plan.ts';
import type { PlanCommandOptions } from '../../src/cli/plan.ts';
import { runCommand } from '../../src/cli/program.ts';
import { applyConfig } from '../../src/config/apply.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { NewFact } from '../../src/domain/decision.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import { EXIT } from '../../src/ports/host.ts';
import { tcpWorld, VIEWER } from '../http/tcp-world.ts';
import { FakeClock } from '../world/fake-clock.ts';
import { fakeHost } from '../world/fake-host.ts';
import { checkWorld } from './check-world.ts';
import type { CheckWorld } from './check-world.ts';
import { commitFacts } from './commit-facts.ts';

const NOW = '2026-03-27T12:00:00Z';
let world: CheckWorld | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

async function start(accounts = 2): Promise<CheckWorld> {
  world = await checkWorld({ accounts });
  return world;
}

async function runPlan(
  { config }: CheckWorld,
  options: Partial<PlanCommandOptions> = {},
): Promise<{ code: number; text: string }> {
  const host = fakeHost({ clock: new FakeClock(NOW) });
  const code = await plan(host, { config, output: 'table', for: '7d', ...options });
  return { code, text: host.written() };
}

interface PlanJson {
  readonly planned: readonly {
    readonly account: string;
    readonly slots: readonly Readonly<Record<string, unknown>>[];
    readonly more: boolean;
    readonly maxAgeAt?: string;
  }[];
  readonly collisions: readonly Readonly<Record<string, unknown>>[];
  readonly comparison: {
    readonly added: readonly string[];
    readonly changed: readonly { readonly account: string; readonly fields: readonly string[] }[];
    readonly removed: readonly string[];
    readonly dueAtOnce: readonly Readonly<Record<string, unknown>>[];
  };
}

async function planJson(at: CheckWorld, options: Partial<PlanCommandOptions> = {}): Promise<PlanJson> {
  const { text } = await runPlan(at, { ...options, output: 'json' });
  return JSON.parse(text) as PlanJson;
}

/** Applies the configuration as a daemon would at this time, with these facts about each account after it. */
async function apply(at: CheckWorld, when: string, facts: readonly NewFact[] = []): Promise<void> {
  const clock = new FakeClock(when);
  await using journal = await openSqliteJournal({
    path: join(at.folder, 'journal.db'),
    clock,
    holder: { host: 'test', pid: 1 },
  });
  const loaded = await loadConfig({ path: at.config, clock, appliedFiles: new Map() });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  await applyConfig({ config: loaded.config, journal, clock });
  if (facts.length > 0) await commitFacts(journal, clock.now(), facts);
}

const name = (at: CheckWorld, index: number): string => at.kronup.accounts[index]?.name ?? '';

describe('rekeyd plan, looking ahead', () => {
  it('shows each slot in the time of its zone and in UTC', async () => {
    const at = await start(1);
    await at.configure(at.account(0, ["schedule: '30 9 * * *'", 'timeZone: Asia/Kolkata']));
    const { text } = await runPlan(at, { for: '1d' });
    expect(text).toContain('2026-03-28 09:30:00 +05:30 Asia/Kolkata = 2026-03-28 04:00:00Z');
  });

  it('shows how far jitter may put a slot off, and when it really runs', async () => {
    const at = await start(1);
    await at.configure(at.account(0, ["schedule: '0 3 * * *'", 'jitter: 10m']));
    const { text } = await runPlan(at, { for: '1d' });
    expect(text).toMatch(/2026-03-28 03:00:00Z, jitter until 03:10:00Z: runs at 03:0\d:\d\dZ/);
    expect((await runPlan(at, { for: '1d' })).text).toBe(text);
  });

  it('shows when a slot in a deny window runs instead', async () => {
    const at = await start(1);
    const deny = 'windows: { deny: [{ opens: "0 2 28 * *", duration: 6h }] }';
    await at.configure(at.account(0, ["schedule: '0 3 * * *'", deny]));
    const { planned } = await planJson(at, { for: '2d' });
    expect(planned[0]?.slots).toMatchObject([
      { slot: '2026-03-28T03:00:00.000Z', insteadAt: '2026-03-28T08:00:00.000Z', replaced: false },
      { slot: '2026-03-29T03:00:00.000Z', replaced: false },
    ]);
  });

  it('shows which slot takes the place of others that one window holds back', async () => {
    const at = await start(1);
    const deny = 'windows: { deny: [{ opens: "30 2 28 * *", duration: 2h }] }';
    await at.configure(at.account(0, ["schedule: '0 3,4 * * *'", deny]));
    const { planned } = await planJson(at, { for: '1d' });
    expect(planned[0]?.slots.map(({ replaced }) => replaced)).toEqual([true, false]);
  });

  it('tells what becomes of local times that do not exist', async () => {
    const at = await start(1);
    await at.configure(at.account(0, ["schedule: '30 2 * * *'", 'timeZone: Europe/Berlin']));
    const { text } = await runPlan(at);
    expect(text).toContain('02:30 does not exist then and runs at 03:00');
    expect(text).toContain('2026-03-29 03:00:00 +02:00 Europe/Berlin = 2026-03-29 01:00:00Z');
  });

  it('counts accounts of one provider and one store that are due in the same minute', async () => {
    const at = await start(3);
    const lines = [0, 1, 2].flatMap((index) =>
      at.account(index, [`schedule: '${index === 2 ? 5 : 0} 3 * * *'`]),
    );
    await at.configure(lines);
    const { collisions } = await planJson(at, { for: '1d' });
    const want = { at: '2026-03-28T03:00:00.000Z', count: 2, accounts: [name(at, 0), name(at, 1)] };
    expect(collisions).toEqual([
      { of: 'provider', name: 'kronup', ...want },
      { of: 'store', name: 'files', ...want },
    ]);
  });

  it('shows the outage of each rotation', async () => {
    const at = await start(1);
    await at.configure(at.account(0, ["schedule: '0 3 * * *'"]));
    const { text } = await runPlan(at);
    expect(text).toContain(
      `dark window unmeasured, typically the time of one write; then consumers: files:${name(at, 0)}.token 30s`,
    );
  });

  it('says plainly where it lists only the first of many slots', async () => {
    const at = await start(1);
    await at.configure(at.account(0, ["schedule: '* * * * *'"]));
    const { text } = await runPlan(at);
    expect(text).toContain('(and more than 990 more in this period)');
    expect((await planJson(at)).planned[0]).toMatchObject({ more: true });
  });

  it('says plainly where it lists only the first of many accounts', async () => {
    const at = await start(60);
    await at.configure(
      at.kronup.accounts.flatMap((_, index) => at.account(index, ["schedule: '0 3 * * *'"])),
    );
    const { text } = await runPlan(at, { for: '1d' });
    expect(text).toContain('(the first 50 of 60 accounts; name others with --account, or use -o json)');
    expect(text).toContain('60 accounts (');
  });
});

describe('rekeyd plan, compared with what is known', () => {
  it('makes no journal where there is none, and says that all accounts would be new', async () => {
    const at = await start();
    await at.configure([...at.account(0), ...at.account(1, ['rotateOnAdopt: true'])]);
    const { code, text } = await runPlan(at);
    expect(code).toBe(EXIT.ok);
    expect(text).toContain('each account would be seen for the first time');
    expect(text).toContain(`rotates  ${name(at, 1)} at once (adopt)`);
    await expect(stat(join(at.folder, 'journal.db'))).rejects.toThrow('ENOENT');
  });

  it('lists accounts that are added, changed with their fields, and removed', async () => {
    const at = await start(3);
    await at.configure([...at.account(0, ["schedule: '0 3 * * *'"]), ...at.account(1)]);
    await apply(at, '2026-03-27T11:00:00Z');
    const longer = at
      .account(0, ["schedule: '0 4 * * *'", 'minInterval: 1h'])
      .map((line) => line.replace('30s', '5m'));
    await at.configure([...longer, ...at.account(2)]);
    const { comparison } = await planJson(at);
    expect(comparison).toMatchObject({ added: [name(at, 2)], removed: [name(at, 1)], dueAtOnce: [] });
    const wantFields = [`targets: files:${name(at, 0)}.token (consumerLag)`, 'minInterval', 'schedule'];
    expect(comparison.changed.map(({ account }) => account)).toEqual([name(at, 0)]);
    expect(comparison.changed[0]?.fields.toSorted()).toEqual(wantFields.toSorted());
  });

  it('knows an account that was renamed', async () => {
    const at = await start(1);
    await at.configure(at.account(0));
    await apply(at, '2026-03-27T11:00:00Z');
    await at.configure(at.account(0).map((line) => line.replace(`name: ${name(at, 0)}`, 'name: renamed')));
    const { comparison } = await planJson(at);
    expect(comparison).toMatchObject({
      added: [],
      removed: [],
      changed: [{ account: 'renamed', fields: ['name'] }],
    });
  });

  it('leaves the journal as it is', async () => {
    const at = await start(1);
    await at.configure(at.account(0));
    await apply(at, '2026-03-27T11:00:00Z');
    await at.configure([]);
    await runPlan(at);
    expect((await planJson(at)).comparison.removed).toEqual([name(at, 0)]);
  });

  const adopted: NewFact = {
    kind: 'account-adopted',
    evidence: 'none',
    live: 'f1',
    issuedAt: Date.parse('2026-03-01T00:00:00Z'),
  };

  it('tells which accounts missed a slot, and that they would rotate soon', async () => {
    const at = await start(1);
    await at.configure(at.account(0, ["schedule: '0 3 * * *'"]));
    await apply(at, '2026-03-26T12:00:00Z', [adopted]);
    const { comparison } = await planJson(at);
    expect(comparison.dueAtOnce).toMatchObject([
      {
        account: name(at, 0),
        trigger: 'schedule',
        slot: '2026-03-27T03:00:00.000Z',
        missed: true,
        then: 'later',
      },
    ]);
  });

  it('tells that missed slots are skipped where the configuration says so', async () => {
    const at = await start(1);
    await at.configure(at.account(0, ["schedule: '0 3 * * *'", 'missed: skip']));
    await apply(at, '2026-03-26T12:00:00Z', [adopted]);
    expect((await runPlan(at)).text).toContain(
      `skips    ${name(at, 0)} (schedule, slot 2026-03-27 03:00:00Z missed)`,
    );
  });

  it('tells which accounts are too old under a changed maxAge', async () => {
    const at = await start(1);
    await at.configure(at.account(0));
    await apply(at, '2026-03-26T12:00:00Z', [adopted]);
    await at.configure(at.account(0, ['maxAge: 10d']));
    const { comparison, planned } = await planJson(at);
    expect(comparison.dueAtOnce).toMatchObject([{ trigger: 'max-age', then: 'rotates' }]);
    expect(planned[0]?.maxAgeAt).toBe('2026-03-11T00:00:00.000Z');
  });

  it('tells what holds an account that is due', async () => {
    const at = await start(1);
    await at.configure(at.account(0));
    await apply(at, '2026-03-26T12:00:00Z', [adopted]);
    await at.configure(at.account(0, ['maxAge: 10d', 'paused: true']));
    expect((await runPlan(at)).text).toContain(
      `held     ${name(at, 0)} (max-age): paused: paused: true in the configuration`,
    );
  });

  it('tells which provider is frozen, and whom that holds back', async () => {
    const at = await start(3);
    const lines = [...at.account(0, ['maxAge: 10d']), ...at.account(1)];
    await at.configure(lines);
    await apply(at, '2026-03-26T12:00:00Z', [adopted]);
    const clock = new FakeClock(NOW);
    const path = join(at.folder, 'journal.db');
    const since = Date.parse('2026-03-27T11:00:00Z');
    const hold = {
      kind: 'frozen',
      subject: 'kronup',
      since,
      by: 'socket:ada',
      reason: 'they migrate',
    } as const;
    {
      await using journal = await openSqliteJournal({ path, clock, holder: { host: 'test', pid: 1 } });
      await journal.hold(hold);
    }
    await at.configure([...lines, ...at.account(2, ['rotateOnAdopt: true'])]);
    const { text } = await runPlan(at);
    expect(text).toContain(
      'held     kronup (frozen, since 2026-03-27 11:00:00Z by socket:ada): they migrate',
    );
    expect(text).toContain(`held     ${name(at, 0)} (max-age): frozen: they migrate`);
    expect(text).toContain(`held     ${name(at, 2)} (adopt): frozen: they migrate`);
    expect((await planJson(at)).comparison).toMatchObject({
      holds: [{ kind: 'frozen', subject: 'kronup', since: '2026-03-27T11:00:00.000Z' }],
    });
  });

  it('says who holds a journal whose daemon does not answer', async () => {
    const at = await start(1);
    await at.configure(at.account(0));
    const clock = new FakeClock(NOW);
    const path = join(at.folder, 'journal.db');
    await using _held = await openSqliteJournal({ path, clock, holder: { host: 'elsewhere', pid: 77 } });
    const { code, text } = await runPlan(at);
    expect(code).toBe(EXIT.ok);
    expect(text).toContain('is held by process 77 on elsewhere');
  });
});

describe('rekeyd plan, asked wrongly', () => {
  it.each(['x', '7', '0s', '20000d'])('refuses the period %s', async (period) => {
    const at = await start(1);
    await at.configure(at.account(0));
    const host = fakeHost({ arguments: ['plan', '--config', at.config, '--for', period] });
    expect(await runCommand(host)).toBe(EXIT.usage);
    expect(host.complained()).toContain('allowed: a duration such as 36h, 7d or 4w');
  });

  it('names the accounts that there are when one is asked for that is not', async () => {
    const at = await start(1);
    await at.configure(at.account(0));
    const host = fakeHost({ arguments: ['plan', '--config', at.config, '--account', 'nobody'] });
    expect(await runCommand(host)).toBe(EXIT.usage);
    expect(host.complained()).toContain(`has no account "nobody"; it has ${name(at, 0)}`);
  });

  it('plans only the accounts that are asked for', async () => {
    const at = await start(2);
    await at.configure([...at.account(0), ...at.account(1)]);
    const { planned } = await planJson(at, { account: [name(at, 1)] });
    expect(planned.map(({ account }) => account)).toEqual([name(at, 1)]);
  });

  it('shows all problems of a bad configuration', async () => {
    const at = await start(1);
    await at.configure(at.account(0, ['foo: 1']));
    await rm(join(at.folder, 'manager-token'));
    const host = fakeHost({ arguments: ['plan', '--config', at.config] });
    expect(await runCommand(host)).toBe(EXIT.usage);
    expect(host.complained()).toContain(`${at.config}:12:5: accounts[0].foo: unknown key "foo"`);
  });
});

describe('rekeyd plan --url', () => {
  /** A daemon elsewhere that knows one account, and a configuration here that has another. */
  async function elsewhere() {
    const at = await start(1);
    await at.configure(at.account(0, ["schedule: '0 9 * * *'"]));
    const there = await tcpWorld();
    const tokenFile = join(at.folder, 'token');
    const withToken = async (text: string): Promise<Partial<PlanCommandOptions>> => {
      await writeFile(tokenFile, `${text}\n`, { mode: 0o600 });
      return { url: `http://127.0.0.1:${there.port}`, tokenFile };
    };
    return { at, there, withToken, [Symbol.asyncDispose]: () => there[Symbol.asyncDispose]() };
  }

  it('compares the configuration here with what the daemon there knows, for a viewer as well', async () => {
    await using both = await elsewhere();
    // A journal beside the configuration is not what it was asked about.
    await apply(both.at, NOW);
    const options = await both.withToken(VIEWER);
    const { text } = await runPlan(both.at, options);
    expect(text).toContain(`compared with the daemon at ${options.url ?? ''}`);
    expect(text).toContain(`added    ${name(both.at, 0)}`);
    expect(text).toContain('removed  billing');
    expect(both.there.world.calls).toEqual([]);
  });

  it('takes the accounts that the daemon there has found, where a provider cannot be asked', async () => {
    await using both = await elsewhere();
    const { at, there } = both;
    const accounts = [{ id: 'sa-found', name: 'found-there' }];
    await there.world.journal.keepFound({ provider: 'kronup', accounts, at: there.world.clock.now() });
    const template = '{ targets: [{ store: files, address: <name>.token }] }';
    await at.configure(
      [],
      ['accountsFrom:', `  - { provider: kronup, match: 'found-*', template: ${template} }`],
    );
    at.kronup.fault({ kind: 'status', status: 403 });
    expect((await planJson(at, await both.withToken(VIEWER))).comparison.added).toEqual(['found-there']);
  });

  it.each([
    ['a token that is not known there', 'wrong'.repeat(8), EXIT.usage, /this token is not known here/],
    ['an empty token', '', EXIT.usage, /token/],
  ])('plans nothing with %s', async (_what, token, wantExit, want) => {
    await using both = await elsewhere();
    const failed = await runPlan(both.at, await both.withToken(token)).catch((error: unknown) => error);
    expect(failed).toMatchObject({ message: expect.stringMatching(want) as string, exitCode: wantExit });
  });

  it('plans nothing where nobody answers, and reads no journal instead', async () => {
    await using both = await elsewhere();
    await apply(both.at, NOW);
    const options = await both.withToken(VIEWER);
    await both.there.api.close();
    await expect(runPlan(both.at, options)).rejects.toMatchObject({
      message: expect.stringContaining(
        `no daemon answers at ${options.url ?? ''}: nobody listens there`,
      ) as string,
      exitCode: EXIT.unreachable,
    });
  });

  it('is asked for by the command line like that of other commands', async () => {
    await using both = await elsewhere();
    const { url = '', tokenFile = '' } = await both.withToken(VIEWER);
    const given = ['plan', '--config', both.at.config, '--url', url, '--token-file', tokenFile];
    const host = fakeHost({ clock: new FakeClock(NOW), arguments: given });
    expect(await runCommand(host)).toBe(EXIT.ok);
    expect(host.written()).toContain('removed  billing');
  });
});
