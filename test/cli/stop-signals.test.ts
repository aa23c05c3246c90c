import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCommand } from '../../src/cli/program.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { EXIT } from '../../src/ports/host.ts';
import { fakeHost } from '../world/fake-host.ts';

interface Place {
  readonly kronup: KronupEmulator;
  /** Runs a command; with `signal`, that comes while its configuration is applied: the provider is opened then. */
  readonly run: (
    command: string,
    signal?: 'SIGTERM',
  ) => Promise<{ readonly code: number; readonly errors: string }>;
}

/** With one account that is rotated as soon as it is seen. */
async function place(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'rk-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { clock, random } = fakeHost();
  const kronup = await startKronupEmulator({ clock, random, accounts: 1 });
  onTestFinished(() => kronup[Symbol.asyncDispose]());
  await mkdir(join(folder, 'secrets'), { mode: 0o700 });
  const targets = [{ store: 'files', address: 'token', consumerLag: '0s' }];
  const config = {
    log: { level: 'error' },
    journal: { path: join(folder, 'journal.db') },
    socket: { path: join(folder, 'rekeyd.sock') },
    probes: { address: '127.0.0.1:0' },
    providers: { kronup: { kind: 'kronup', baseUrl: kronup.url, token: { env: 'MANAGER' } } },
    stores: { files: { kind: 'file', directory: join(folder, 'secrets') } },
    accounts: [
      { name: 'a', provider: 'kronup', accountId: kronup.accounts[0]?.id, rotateOnAdopt: true, targets },
    ],
  };
  await writeFile(join(folder, 'rekeyd.yaml'), JSON.stringify(config));
  return {
    kronup,
    async run(command, signal) {
      const environment = {
        get MANAGER() {
          if (signal !== undefined) host.signal(signal);
          return kronup.manager.token.reveal();
        },
      };
      const host = fakeHost({
        directory: folder,
        environment,
        arguments: [command, '--config', 'rekeyd.yaml'],
      });
      const code = await runCommand(host);
      return { code, errors: host.complained() };
    },
  };
}

describe('run', () => {
  it('does nothing and ends with code 0 when SIGTERM comes while it applies its configuration', async () => {
    const { kronup, run } = await place();
    expect(await run('run', 'SIGTERM')).toEqual({ code: EXIT.ok, errors: '' });
    expect(kronup.calls()).toBe(0);
  });
});

describe('once', () => {
  it('does nothing and says so when SIGTERM comes while it applies its configuration', async () => {
    const { kronup, run } = await place();
    const { code, errors } = await run('once', 'SIGTERM');
    expect(code).toBe(EXIT.timeout);
    expect(errors).toContain('SIGTERM came before anything was begun');
    expect(kronup.calls()).toBe(0);
    expect(await run('once')).toMatchObject({ code: EXIT.ok });
    expect(kronup.mints()).toBe(1);
  });
});
