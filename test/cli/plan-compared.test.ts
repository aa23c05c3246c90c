import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
import { NOW, name, planJson, runPlan } from './plan-world.ts';

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

describe('rekeyd plan, compared with what is known', () => {
  it('makes no journal where there is none, and says that all accounts would be new', async () => {
    await using at = await checkWorld({ accounts: 2 });
    await at.configure([...at.account(0), ...at.account(1, ['rotateOnAdopt: true'])]);
    const { code, text } = await runPlan(at);
    expect(code).toBe(EXIT.ok);
    expect(text).toContain('each account would be seen for the first time');
    expect(text).toContain(`rotates  ${name(at, 1)} at once (adopt)`);
    await expect(stat(join(at.folder, 'journal.db'))).rejects.toThrow('ENOENT');
  });

  it('lists accounts that are added, changed with their fields, and removed', async () => {
    await using at = await checkWorld({ accounts: 3 });
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
    await using at = await checkWorld({ accounts: 1 });
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
    await using at = await checkWorld({ accounts: 1 });
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
    await using at = await checkWorld({ accounts: 1 });
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

  it('takes no slot of a schedule for missed that came before it is configured', async () => {
    await using at = await checkWorld({ accounts: 1 });
    await at.configure(at.account(0, ["schedule: '0 3 * * *'"]));
    await apply(at, '2026-03-26T12:00:00Z', [adopted]);
    await at.configure(at.account(0, ["schedule: '0 4 * * *'"]));
    const { comparison } = await planJson(at);
    expect(comparison.dueAtOnce).toEqual([]);
    expect(comparison.changed).toMatchObject([{ fields: ['schedule'] }]);
    await apply(at, '2026-03-27T11:00:00Z');
    expect((await planJson(at)).comparison).toMatchObject({ changed: [], dueAtOnce: [] });
  });

  it('tells that missed slots are skipped where the configuration says so', async () => {
    await using at = await checkWorld({ accounts: 1 });
    await at.configure(at.account(0, ["schedule: '0 3 * * *'", 'missed: skip']));
    await apply(at, '2026-03-26T12:00:00Z', [adopted]);
    expect((await runPlan(at)).text).toContain(
      `skips    ${name(at, 0)} (schedule, slot 2026-03-27 03:00:00Z missed)`,
    );
  });

  it('tells which accounts are too old under a changed maxAge', async () => {
    await using at = await checkWorld({ accounts: 1 });
    await at.configure(at.account(0));
    await apply(at, '2026-03-26T12:00:00Z', [adopted]);
    await at.configure(at.account(0, ['maxAge: 10d']));
    const { comparison, planned } = await planJson(at);
    expect(comparison.dueAtOnce).toMatchObject([{ trigger: 'max-age', then: 'rotates' }]);
    expect(planned[0]?.maxAgeAt).toBe('2026-03-11T00:00:00.000Z');
  });

  it('tells what holds an account that is due', async () => {
    await using at = await checkWorld({ accounts: 1 });
    await at.configure(at.account(0));
    await apply(at, '2026-03-26T12:00:00Z', [adopted]);
    await at.configure(at.account(0, ['maxAge: 10d', 'paused: true']));
    expect((await runPlan(at)).text).toContain(
      `held     ${name(at, 0)} (max-age): paused: paused: true in the configuration`,
    );
  });

  it('tells which provider is frozen, and whom that holds back', async () => {
    await using at = await checkWorld({ accounts: 3 });
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
    await using at = await checkWorld({ accounts: 1 });
    await at.configure(at.account(0));
    const clock = new FakeClock(NOW);
    const path = join(at.folder, 'journal.db');
    await using _held = await openSqliteJournal({ path, clock, holder: { host: 'elsewhere', pid: 77 } });
    const { code, text } = await runPlan(at);
    expect(code).toBe(EXIT.ok);
    expect(text).toContain('is held by process 77 on elsewhere');
  });
});

describe('rekeyd plan --url', () => {
  /** A daemon elsewhere that knows one account, and a configuration here that has another. */
  async function elsewhere() {
    await using parts = new AsyncDisposableStack();
    const at = parts.use(await checkWorld({ accounts: 1 }));
    await at.configure(at.account(0, ["schedule: '0 9 * * *'"]));
    const there = parts.use(await tcpWorld());
    const tokenFile = join(at.folder, 'token');
    const withToken = async (text: string): Promise<Partial<PlanCommandOptions>> => {
      await writeFile(tokenFile, `${text}\n`, { mode: 0o600 });
      return { url: `http://127.0.0.1:${there.port}`, tokenFile };
    };
    const kept = parts.move();
    return { at, there, withToken, [Symbol.asyncDispose]: () => kept.disposeAsync() };
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
