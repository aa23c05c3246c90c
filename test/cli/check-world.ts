// An emulated Kronup, a folder of files and a configuration on the disk, for commands that look at all three.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator, KronupEmulatorOptions } from '../../src/emulators/kronup/emulator.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';

export interface CheckWorld extends AsyncDisposable {
  readonly folder: string;
  readonly kronup: KronupEmulator;
  /** Of the configuration. */
  readonly config: string;
  /** Writes the configuration: these lines as `accounts`, and these before them. */
  configure(accounts: readonly string[], more?: readonly string[]): Promise<void>;
  /** The lines of the emulator's account with this index, with a file as its target. */
  account(index: number, more?: readonly string[]): string[];
  /** Writes what a file target holds. */
  put(address: string, text: string): Promise<void>;
  /** What a file target holds. */
  file(address: string): Promise<string | undefined>;
}

export async function checkWorld(emulator: Partial<KronupEmulatorOptions> = {}): Promise<CheckWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-check-'));
  const kronup = await startKronupEmulator({ clock: systemClock(), random: systemRandom(), ...emulator });
  const config = join(folder, 'rekeyd.yaml');
  const secrets = join(folder, 'secrets');
  await mkdir(secrets, { mode: 0o700 });
  await writeFile(join(folder, 'manager-token'), kronup.manager.token.reveal(), { mode: 0o600 });
  return {
    folder,
    kronup,
    config,
    account(index, more = []) {
      const emulated = kronup.accounts[index];
      if (emulated === undefined) throw new Error(`the emulator has no account ${index}`);
      return [
        `  - name: ${emulated.name}`,
        '    provider: kronup',
        `    accountId: ${emulated.id}`,
        ...more.map((line) => `    ${line}`),
        '    targets:',
        `      - { store: files, address: ${emulated.name}.token, consumerLag: 30s }`,
      ];
    },
    async configure(accounts, more = []) {
      const lines = [
        'installation: test',
        `journal: { path: ${join(folder, 'journal.db')} }`,
        `socket: { path: ${join(folder, 'rekeyd.sock')} }`,
        'providers:',
        `  kronup: { kind: kronup, baseUrl: ${kronup.url}, token: { file: ${join(folder, 'manager-token')} } }`,
        'stores:',
        `  files: { kind: file, directory: ${secrets} }`,
        ...more,
        'accounts:',
        ...accounts,
      ];
      await writeFile(config, `${lines.join('\n')}\n`);
    },
    put: (address, text) => writeFile(join(secrets, address), text, { mode: 0o600 }),
    file: (address) => readFile(join(secrets, address), 'utf8').catch(() => undefined),
    async [Symbol.asyncDispose]() {
      await kronup[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
