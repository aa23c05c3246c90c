/** Chance with a seed: the same seed gives the same throws, whatever the machine. */
import type { Random } from '../../src/ports/random.ts';

export interface Dice extends Random {
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A whole number, both ends included. */
  between(min: number, max: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** Dice of their own, so that throws for one purpose do not move those for another. */
  fork(): Dice;
}

export function diceOf(seed: number): Dice {
  let state = mix(seed ^ 0x9e3779b9);
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return mix(state);
  };
  const fraction = () => next() / 2 ** 32;
  return {
    fraction,
    chance: (probability) => fraction() < probability,
    between: (min, max) => min + Math.floor(fraction() * (max - min + 1)),
    pick: (choices) => choices[Math.floor(fraction() * choices.length)] ?? choices[0],
    fork: () => diceOf(next()),
    bytes: (count) => Uint8Array.from({ length: count }, () => next() % 256),
    id: (now) => `${hex(Math.max(0, Math.floor(now)), 12)}-${hex(next(), 8)}${hex(next(), 8)}`,
  };
}

function mix(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}

function hex(value: number, length: number): string {
  return value.toString(16).padStart(length, '0');
}
