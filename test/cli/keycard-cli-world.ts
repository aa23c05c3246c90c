/** An emulated Keycard with a configuration that uses it, and the program in this process. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runCommand } from '../../src/cli/program.ts';
import { startKeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import type { KeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';
import { fakeHost } from '../world/fake-host.ts';

export interface KeycardCliWorld {
  readonly keycard: KeycardEmulator;
  readonly folder: string;
  /** Id of the emulator's account with this index. */
  id(index: number): string;
  configure(accounts: readonly string[]): Promise<void>;
  run(
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly output: string; readonly errors: string }>;
}

/** With two accounts, none of them configured. To be called in a test. */
export async function keycardCliWorld(): Promise<KeycardCliWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-keycard-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const keycard = await startKeycardEmulator({ clock: systemClock(), random: systemRandom(), accounts: 2 });
  onTestFinished(() => keycard[Symbol.asyncDispose]());
  const { manager, url } = keycard;
  await mkdir(join(folder, 'secrets'), { mode: 0o700 });
  await writeFile(join(folder, 'secret'), manager.clientSecret.reveal(), { mode: 0o600 });
  const config = join(folder, 'rekeyd.yaml');
  const world: KeycardCliWorld = {
    keycard,
    folder,
    id: (index) => keycard.accounts[index]?.id ?? '',
    configure: (accounts) =>
      writeFile(
        config,
        [
          `journal: { path: ${join(folder, 'journal.db')} }`,
          'providers:',
          `  keycard: { kind: keycard, baseUrl: ${url}, clientId: ${manager.clientId}, clientSecret: { file: ${join(folder, 'secret')} } }`,
          `stores: { files: { kind: file, directory: ${join(folder, 'secrets')} } }`,
          'accounts:',
          ...accounts,
          '',
        ].join('\n'),
      ),
    async run(...args) {
      const host = fakeHost({ directory: folder, arguments: [...args, '-c', config] });
      const code = await runCommand(host);
      return { code, output: host.written(), errors: host.complained() };
    },
  };
  await world.configure([]);
  return world;
}
