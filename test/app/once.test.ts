import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startDaemon } from '../../src/app.ts';
import type { Daemon } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { SqliteJournal } from '../../src/journal/sqlite/open.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { fakeHost } from '../world/fake-host.ts';
import { startGate } from '../world/gate.ts';
import type { Gate } from '../world/gate.ts';

interface Place {
  readonly kronup: KronupEmulator;
  /** What calls to Kronup pass through. */
  readonly gate: Gate;
  /** How many sleep on the daemon's clock. */
  readonly asleep: () => number;
  /** Starts one round over these accounts, with a journal that `change` may change. */
  readonly start: (
    accounts: object,
    change: (journal: SqliteJournal) => Partial<SqliteJournal>,
  ) => Promise<Daemon>;
}

async function place(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-once-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { clock: real, random } = fakeHost();
  let asleep = 0;
  const clock = {
    ...real,
    async sleep(...given: Parameters<typeof real.sleep>) {
      asleep += 1;
      await real.sleep(...given).finally(() => (asleep -= 1));
    },
  };
  const host = fakeHost({ directory: folder, clock });
  const kronup = await startKronupEmulator({ clock: real, random, accounts: 1 });
  onTestFinished(() => kronup[Symbol.asyncDispose]());
  const gate = await startGate(kronup.origin);
  onTestFinished(() => gate[Symbol.asyncDispose]());
  await mkdir(join(folder, 'secrets'));
  await writeFile(join(folder, 'manager'), kronup.manager.token.reveal(), { mode: 0o600 });
  const journalPath = join(folder, 'journal.db');
  const configPath = join(folder, 'rekeyd.yaml');
  return {
    kronup,
    gate,
    asleep: () => asleep,
    async start(accounts, change) {
      const token = { file: join(folder, 'manager') };
      const config = {
        journal: { path: journalPath },
        providers: { kronup: { kind: 'kronup', baseUrl: `${gate.origin}/v1`, token } },
        stores: { files: { kind: 'file', directory: join(folder, 'secrets') } },
        ...accounts,
      };
      await writeFile(configPath, JSON.stringify(config));
      const loaded = await loadConfig({ path: configPath, clock, appliedFiles: new Map() });
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
      const telemetry = await createTelemetry({
        level: 'error',
        output: { write: () => undefined },
        clock,
      });
      const opened = await openSqliteJournal({ path: journalPath, clock, holder: { host: 'test', pid: 1 } });
      const journal = { ...opened, ...change(opened) };
      const daemon = await startDaemon({
        host,
        telemetry,
        configPath,
        config: loaded.config,
        once: true,
        journal,
      });
      onTestFinished(() => daemon.stop('the test is over'));
      return daemon;
    },
  };
}

describe('one round', () => {
  it('sends no mint after SIGTERM while it makes its report', async () => {
    const { kronup, gate, start } = await place();
    const reporting = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const look = gate.hold(({ method, path }) => method === 'GET' && path.includes('service-accounts'));
    const mint = gate.holdAnswers(({ method }) => method === 'PUT');
    const accountId = kronup.accounts[0]?.id;
    const targets = [{ store: 'files', address: 'token', consumerLag: '0s' }];
    const account = { name: 'a', provider: 'kronup', accountId, rotateOnAdopt: true, targets };
    const daemon = await start({ accounts: [account] }, (journal) => ({
      async accounts(filter) {
        reporting.resolve();
        await goOn.promise;
        return await journal.accounts(filter);
      },
    }));
    const told = new AbortController();
    const due = daemon.doDue({ until: Number.MAX_SAFE_INTEGER, signal: told.signal });
    await look.arrived;
    told.abort(new Error('SIGTERM'));
    await reporting.promise;
    look.release();
    await Promise.race([daemon.engine.ended, mint.arrived]);
    goOn.resolve();
    mint.release();
    expect(await due).toMatchObject({ accounts: 1, rotated: [], unfinishedCount: { waiting: 1 } });
    expect(kronup.mints()).toBe(0);
  });

  it('leaves nothing behind that goes on where the accounts it takes by their names cannot be kept', async () => {
    const { asleep, start } = await place();
    const template = { targets: [{ store: 'files', address: '<name>', consumerLag: '0s' }] };
    const accountsFrom = [{ provider: 'kronup', match: '*', template }];
    const starting = start({ accountsFrom }, () => ({
      keepFound: () => Promise.reject(new Error('the disk is full')),
    }));
    await expect(starting).rejects.toThrow('the disk is full');
    expect(asleep()).toBe(0);
  });
});
