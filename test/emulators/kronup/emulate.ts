/** An emulator on a clock that stands still and with dice that repeat. */
import { startKronupEmulator } from '../../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator, KronupEmulatorOptions } from '../../../src/emulators/kronup/emulator.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { seededRandom } from '../../world/fake-random.ts';

export type TestEmulator = KronupEmulator & { readonly clock: FakeClock };

export async function emulate(options: Partial<KronupEmulatorOptions> = {}): Promise<TestEmulator> {
  const clock = new FakeClock();
  const emulator = await startKronupEmulator({ clock, random: seededRandom(), ...options });
  return Object.assign(emulator, { clock });
}
