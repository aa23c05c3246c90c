import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createConnectionPool } from '../../src/app/connections.ts';
import { createServiceClocks } from '../../src/engine/service-clocks.ts';
import { createReloader } from '../../src/app/reload.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { FakeClock } from '../world/fake-clock.ts';
import { seededRandom } from '../world/fake-random.ts';

const cleanups: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A reloader over a real journal, with a configuration of one account in force. */
async function world() {
  const clock = new FakeClock();
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-reload-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'secrets'));
  const configPath = join(folder, 'rekeyd.yaml');
  const journal = await openSqliteJournal({
    path: join(folder, 'journal.db'),
    clock,
    holder: { host: 'test', pid: 1 },
  });
  cleanups.push(() => journal[Symbol.asyncDispose]());
  let logged = '';
  const output = { write: (text: string) => void (logged += text) };
  const telemetry = await createTelemetry({ level: 'info', output, clock });
  const connections = createConnectionPool({
    clock,
    random: seededRandom(),
    environment: brokenEnvironment,
    installation: 'test',
    version: '1.2.3',
    calls: { count: () => undefined },
    callsMade: () => Promise.resolve(0),
  });
  cleanups.push(() => connections[Symbol.asyncDispose]());
  const write = (providers: Words, accounts: readonly string[]) =>
    writeFile(configPath, JSON.stringify(configOf(folder, providers, accounts)));
  await write(GOOD, ['one']);
  const loaded = await loadConfig({ path: configPath, clock, appliedFiles: new Map() });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { config } = loaded;
  const reloader = createReloader({
    clocks: createServiceClocks(clock),
    configPath,
    config,
    clock,
    journal,
    connections,
    telemetry,
  });
  await reloader.apply(config);
  const names = async () => {
    const one = await journal.account('one');
    const two = await journal.account('two');
    return [one, two].flatMap((row) => (row === undefined ? [] : [row.policy.name]));
  };
  return { reloader, connections, journal, configPath, write, names, logged: () => logged };
}

type Words = Readonly<Record<string, unknown>>;

/** An environment in which one variable cannot be had: opening a provider that needs it throws. */
const brokenEnvironment = {
  TOKEN: 'not-used',
  get BROKEN(): string {
    throw new Error('no such luck');
  },
};

const GOOD = { kronup: { kind: 'kronup', baseUrl: 'http://127.0.0.1:9/v1', token: { env: 'TOKEN' } } };
const CHANGED = { kronup: { ...GOOD.kronup, rate: 5 } };
const BROKEN = { broken: { ...GOOD.kronup, baseUrl: 'http://127.0.0.1:8/v1', token: { env: 'BROKEN' } } };

function configOf(folder: string, providers: Words, accounts: readonly string[]): Words {
  return {
    journal: { path: join(folder, 'journal.db') },
    providers,
    stores: { files: { kind: 'file', directory: join(folder, 'secrets') } },
    accounts: accounts.map((name, index) => ({
      name,
      provider: 'kronup',
      accountId: `00000000000000000000000${index}`,
      targets: [{ store: 'files', address: name }],
    })),
  };
}

describe('a configuration with a provider that cannot be opened', () => {
  it('is refused in words, and nothing of it takes effect', async () => {
    const { reloader, connections, write, names, logged } = await world();
    const before = connections.current.provider('kronup');
    await write({ ...CHANGED, ...BROKEN }, ['one', 'two']);
    const reloaded = await reloader.reload();
    expect(reloaded).toMatchObject({ ok: false, problems: [{ path: 'providers.broken' }] });
    expect(logged()).toMatch(
      /config-refused.*rekeyd\.yaml.*providers\.broken.*cannot be opened: no such luck/,
    );
    expect(await names()).toEqual(['one']);
    expect(connections.current.providers).toEqual(['kronup']);
    expect(connections.current.provider('kronup')).toBe(before);
  });

  it('takes effect once it is good again', async () => {
    const { reloader, connections, write, names } = await world();
    const before = connections.current.provider('kronup');
    await write({ ...GOOD, ...BROKEN }, ['one']);
    await reloader.reload();
    await write(CHANGED, ['one', 'two']);
    expect((await reloader.reload()).ok).toBe(true);
    expect(await names()).toEqual(['one', 'two']);
    expect(connections.current.provider('kronup')).not.toBe(before);
  });
});

describe('a configuration whose file others may write by now', () => {
  it('is refused, and the last good one stays in force', async () => {
    const { reloader, connections, configPath, write, names, logged } = await world();
    const before = connections.current.provider('kronup');
    await write(CHANGED, ['one', 'two']);
    await chmod(configPath, 0o666);
    const reloaded = await reloader.reload();
    const message = expect.stringContaining(`chmod go-w ${configPath}`) as string;
    expect(reloaded).toMatchObject({ ok: false, problems: [{ message }] });
    expect(logged()).toMatch(/config-refused.*every user of this machine may/);
    expect(await names()).toEqual(['one']);
    expect(connections.current.provider('kronup')).toBe(before);
    expect(reloader.refused()?.problems.join()).toContain(`chmod go-w ${configPath}`);
    await chmod(configPath, 0o644);
    expect((await reloader.reload()).ok).toBe(true);
    expect(reloader.refused()).toBeUndefined();
    expect(await names()).toEqual(['one', 'two']);
  });
});

describe('a configuration that gives a name to another connection', () => {
  it('has no account claimed until it is applied', async () => {
    const { reloader, connections, journal, write } = await world();
    const before = connections.current;
    const apply: typeof journal.apply = journal.apply.bind(journal);
    const meanwhile: unknown[] = [];
    journal.apply = (files, now) => {
      meanwhile.push(connections.current.changing);
      return apply(files, now);
    };
    await write(GOOD, ['one', 'two']);
    await reloader.reload();
    await write(CHANGED, ['one', 'two']);
    await reloader.reload();
    expect(meanwhile).toEqual([false, true]);
    expect(connections.current.changing).toBe(false);
    // Who has those from before goes on with them.
    expect(before.provider('kronup')).not.toBe(connections.current.provider('kronup'));
  });
});

describe('a configuration that the journal does not take', () => {
  it('is refused with the journal’s words, and the connections stay as they were', async () => {
    const { reloader, connections, journal, write, logged } = await world();
    const before = connections.current.provider('kronup');
    await write(CHANGED, ['one', 'two']);
    journal.apply = () => Promise.reject(new Error('the disk is full in this test'));
    expect((await reloader.reload()).ok).toBe(false);
    expect(logged()).toMatch(/config-refused.*the disk is full in this test/);
    expect(connections.current.provider('kronup')).toBe(before);
  });
});

describe('a reload while the daemon stops', () => {
  it('ends before what it needs is closed', async () => {
    const { reloader, write, names } = await world();
    await write(GOOD, ['one', 'two']);
    let over = false;
    void reloader.reload().then(() => (over = true));
    await new Promise((resolve) => setImmediate(resolve));
    await reloader.close();
    expect(over).toBe(true);
    expect(await names()).toEqual(['one', 'two']);
  });

  it('does nothing when it is asked for after that', async () => {
    const { reloader, journal, write, logged } = await world();
    await write(GOOD, ['one', 'two']);
    await reloader.close();
    await journal[Symbol.asyncDispose]();
    expect(await reloader.reload()).toMatchObject({ ok: false });
    expect(logged()).not.toContain('config-refused');
  });
});
