import { describe, expect, it } from 'vitest';
import { MISTAKES } from './breakages.ts';
import type { Mistake } from './breakages.ts';
import { runHistory } from './history.ts';

const MINUTES_MS = 300_000;

/** The first history in which it is found for what it is; otherwise what came of those that were looked at. */
async function seedThatFinds({ make, seeds, breaks, says }: Mistake): Promise<number | readonly string[]> {
  const others: string[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations } = await runHistory(seed, { breakage: make() });
    const [first] = violations;
    if (first?.invariant === breaks && says.test(first.message)) return seed;
    if (first !== undefined) others.push(`seed ${seed}: ${first.invariant}: ${first.message}`);
  }
  return others;
}

describe('the simulation finds it when', () => {
  it.each(MISTAKES)('$name ($breaks)', { timeout: MINUTES_MS }, async (mistake) => {
    expect(await seedThatFinds(mistake)).toBeTypeOf('number');
  });
});
