/** An emulator on a clock that stands still and with dice that repeat. */
import { startKronupEmulator } from '../../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator, KronupEmulatorOptions } from '../../../src/emulators/kronup/emulator.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { seededRandom } from '../../world/fake-random.ts';

/** What the clock of `emulate` shows. */
export const START = Date.parse('2026-01-05T00:00:00Z');

export type TestEmulator = KronupEmulator & { readonly clock: FakeClock };

export async function emulate(options: Partial<KronupEmulatorOptions> = {}): Promise<TestEmulator> {
  const clock = new FakeClock(START);
  const emulator = await startKronupEmulator({ clock, random: seededRandom(), ...options });
  return Object.assign(emulator, { clock });
}

/** The id of the seeded account with this index. */
export function idOf(emulator: KronupEmulator, index = 0): string {
  const account = emulator.accounts[index];
  if (account === undefined) throw new Error(`there is no account ${index}`);
  return account.id;
}
