/** Dice with a seed: the same seed gives the same throws. */
import type { Random } from '../../src/ports/random.ts';
import { uuid7 } from '../../src/system/random.ts';

export function seededRandom(seed = 1): Random {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const bytes = (length: number) => Uint8Array.from({ length }, () => Math.floor(fraction() * 256));
  return { fraction, id: (now) => uuid7(now, bytes(10)), bytes };
}
