import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Strategy } from '../../src/domain/account.ts';
import { firstSeedOf } from './plan.ts';
import { runSeeds } from './seeds.ts';
import { replay } from './replay.ts';

/** Histories with each strategy. In place an account can be without a credential at all, so most are about that. */
const SEEDS: readonly (readonly [Strategy, number])[] = [
  ['in-place', 2_000],
  ['overlap', 400],
  ['pair', 400],
];
const MINUTES_MS = 600_000;

describe.each(SEEDS)('histories of troubles, people, crashes and replicas, %s', (strategy, seeds) => {
  it(`break none of the promises, ${seeds} times`, { timeout: MINUTES_MS }, async () => {
    const from = firstSeedOf(strategy);
    const { failures } = await runSeeds({ ranges: [{ from, seeds }], workers: availableParallelism() });
    const told = failures.map(({ seed, invariant, message }) => `${replay(seed)}: ${invariant}: ${message}`);
    expect(told).toEqual([]);
  });
});
