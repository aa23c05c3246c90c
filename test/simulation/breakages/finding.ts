/** Looks for the history that shows a mistake for what it is. */
import { runHistory } from '../history.ts';
import { firstSeedOf } from '../plan.ts';
import type { Mistake } from './mistake.ts';

/** A mistake has to be found within so many histories. */
export const SEEDS_MAX = 2_000;

export interface Finding {
  /** The seed that finds it; absent: none does. */
  readonly seed?: number;
  /** What came of histories in which something else was found, a few of them. */
  readonly others: readonly string[];
}

const OTHERS_MAX = 5;

/** Looks at this history first, where one is known that found it before; then at all, from the first on. */
export async function find(
  mistake: Mistake,
  { hint, seeds = SEEDS_MAX }: { readonly hint?: number | undefined; readonly seeds?: number } = {},
): Promise<Finding> {
  const others: string[] = [];
  if (hint !== undefined && (await isFound(mistake, hint, others))) return { seed: hint, others };
  const first = firstSeedOf(mistake.strategy ?? 'in-place');
  for (let seed = first; seed < first + seeds; seed++) {
    if (seed !== hint && (await isFound(mistake, seed, others))) return { seed, others };
  }
  return { others };
}

async function isFound(mistake: Mistake, seed: number, others: string[]): Promise<boolean> {
  const { make, breaks, says, alone } = mistake;
  const heeds = alone === true ? breaks : undefined;
  const { violations } = await runHistory(seed, { breakage: make(), heeds });
  const [first] = violations;
  if (first !== undefined && others.length < OTHERS_MAX)
    others.push(`seed ${seed}: ${first.invariant}: ${first.message}`);
  return first?.invariant === breaks && says.test(first.message);
}
