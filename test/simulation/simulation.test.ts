import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { runSeeds } from './seeds.ts';
import { replay } from './replay.ts';

const SEEDS = 2_000;
const MINUTES_MS = 600_000;

describe(`${SEEDS} histories of troubles, people, crashes and replicas`, () => {
  it('break none of the promises', { timeout: MINUTES_MS }, async () => {
    const { failures } = await runSeeds({ from: 1, seeds: SEEDS, workers: availableParallelism() });
    const told = failures.map(({ seed, invariant, message }) => `${replay(seed)}: ${invariant}: ${message}`);
    expect(told).toEqual([]);
  });
});
