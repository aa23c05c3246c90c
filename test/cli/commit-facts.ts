// Writes facts about every account into a journal, as if an engine had committed them.

import type { NewFact } from '../../src/domain/decision.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { Fact } from '../../src/domain/fact.ts';
import type { Journal } from '../../src/ports/journal.ts';
import { seededRandom } from '../world/fake-random.ts';

/** All accounts that are due at `now` get these facts, in order, and are given back. */
export async function commitFacts(
  journal: Journal,
  now: number,
  newFacts: readonly NewFact[],
): Promise<void> {
  const random = seededRandom(now);
  for (const claim of await journal.claim({ holder: 'test', now, leaseMs: 60_000, limit: 100 })) {
    const facts = newFacts.map((fact): Fact => ({
      ...fact,
      id: random.id(now),
      at: now,
      cause: { actor: 'test' },
    }));
    const record = facts.reduce(evolve, claim.record);
    const { id: account, fence, version } = claim;
    const outcome = await journal.commit({
      account,
      fence,
      version,
      facts,
      record,
      holds: [],
      release: true,
    });
    if (outcome.outcome !== 'committed') throw new Error('the test journal did not take the facts');
  }
}
