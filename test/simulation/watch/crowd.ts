/** Old credentials of an account that pile up, counted in what works at the provider and this journal knows to have been minted. */
import type { Account } from '../../../src/domain/account.ts';
import { MINUTE_MS } from '../plan.ts';
import type { Token } from '../service.ts';
import type { World } from '../world.ts';

/** So many may wait to be retired before another one is made. */
const OLD_WAITING_MAX = 48;
/** So long after its grace an old credential is retired. */
const RETIRED_MS = 3 * MINUTE_MS;

/** Beside so many that wait to be retired nothing may be minted unasked. */
export function isCrowded(world: World, policy: Account): boolean {
  return beside(working(world, policy)) >= OLD_WAITING_MAX;
}

/** So many wait rightly: their grace has not begun, or is not over. */
export function isRightlyCrowded(world: World, policy: Account): boolean {
  const { graceMs = 0 } = policy;
  const waiting = working(world, policy).filter(({ reference = '' }) => {
    const begun = world.watch.book.graceAt.get(reference)?.at;
    return begun === undefined || begun + graceMs + RETIRED_MS > world.timeline.now;
  });
  return beside(waiting) >= OLD_WAITING_MAX;
}

/** One of them is live. */
function beside(tokens: readonly Token[]): number {
  return tokens.length - 1;
}

function working({ watch, service }: World, { strategy, accountIds: [id] }: Account): readonly Token[] {
  if (strategy !== 'overlap') return [];
  const ours = new Set(
    watch.mints.ofThisJournal.flatMap(({ outcome, isWrong, token }) =>
      outcome === 'minted' && !isWrong && token !== undefined ? [token] : [],
    ),
  );
  return service.stateOf(id)?.valid.filter((token) => ours.has(token)) ?? [];
}
