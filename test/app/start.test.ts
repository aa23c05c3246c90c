import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startDaemon } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { fakeHost } from '../world/fake-host.ts';

/** A port of this machine that somebody listens on until the test is finished. */
async function takenPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('a daemon that cannot have the port of its probes', () => {
  it('refuses to start before it claims any account', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rekeyd-start-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const host = fakeHost({ directory: folder });
    const { clock, random } = host;
    await using kronup = await startKronupEmulator({ clock, random, accounts: 1 });
    await mkdir(join(folder, 'secrets'));
    await writeFile(join(folder, 'manager'), kronup.manager.token.reveal(), { mode: 0o600 });
    const path = join(folder, 'journal.db');
    const configPath = join(folder, 'rekeyd.yaml');
    const token = { file: join(folder, 'manager') };
    const targets = [{ store: 'files', address: 'token', consumerLag: '0s' }];
    const config = {
      journal: { path },
      probes: { address: `127.0.0.1:${await takenPort()}` },
      providers: { kronup: { kind: 'kronup', baseUrl: kronup.url, token } },
      stores: { files: { kind: 'file', directory: join(folder, 'secrets') } },
      accounts: [
        { name: 'a', provider: 'kronup', accountId: kronup.accounts[0]?.id, rotateOnAdopt: true, targets },
      ],
    };
    await writeFile(configPath, JSON.stringify(config));
    const loaded = await loadConfig({ path: configPath, clock, appliedFiles: new Map() });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const telemetry = await createTelemetry({ level: 'error', output: { write: () => undefined }, clock });

    const starting = startDaemon({ host, telemetry, configPath, config: loaded.config });

    await expect(starting).rejects.toThrow('change probes.address');
    expect(kronup.calls()).toBe(0);
    await using journal = await openSqliteJournal({ path, clock, holder: { host: 'test', pid: 1 } });
    const claims = await journal.claim({ holder: 'another', now: clock.now(), leaseMs: 1_000, limit: 1 });
    expect(claims.map(({ policy, fence }) => [policy.name, fence])).toEqual([['a', 1]]);
  });
});
