// Writes facts about accounts into a journal, as if an engine had committed them.

import type { NewFact } from '../../src/domain/decision.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { Fact } from '../../src/domain/fact.ts';
import type { Claim, Commit, Journal } from '../../src/ports/journal.ts';
import { seededRandom } from '../world/fake-random.ts';

/** A fact as it is decided upon, and the rotation that it belongs to. */
export type FactOfRotation = NewFact & { readonly rotation?: string };

export interface CommitOptions {
  /** Of the account that gets the facts; the others stay due. */
  readonly only?: string;
  /** What goes with the facts. */
  readonly more?: Partial<Pick<Commit, 'holds' | 'rotation' | 'requests' | 'dueAt' | 'dueWhy'>>;
}

/** All accounts that are due at `now` get these facts, in order, and are given back. */
export async function commitFacts(
  journal: Journal,
  now: number,
  newFacts: readonly FactOfRotation[],
  { only, more = {} }: CommitOptions = {},
): Promise<void> {
  let taken = 0;
  for (const claim of await journal.claim({ holder: 'test', now, leaseMs: 60_000, limit: 100 })) {
    if (only !== undefined && claim.policy.name !== only) {
      await journal.release({ account: claim.id, fence: claim.fence, dueAt: now, dueWhy: 'new' });
      continue;
    }
    await commitTo(journal, claim, { now, newFacts, more });
    taken += 1;
  }
  if (only !== undefined && taken === 0) throw new Error(`${only} is not due in the test journal`);
}

async function commitTo(
  journal: Journal,
  claim: Claim,
  { now, newFacts, more }: { now: number; newFacts: readonly FactOfRotation[]; more: CommitOptions['more'] },
): Promise<void> {
  const { id: account, fence, version } = claim;
  const random = seededRandom(now + account * 1_000 + fence);
  const facts = newFacts.map((fact): Fact => ({
    ...fact,
    id: random.id(now),
    at: now,
    cause: { actor: 'test' },
  }));
  const record = facts.reduce(evolve, claim.record);
  const outcome = await journal.commit({
    account,
    fence,
    version,
    facts,
    record,
    holds: [],
    release: true,
    ...more,
  });
  if (outcome.outcome !== 'committed') throw new Error('the test journal did not take the facts');
}
