/** Old credentials of an account that pile up, counted in what the provider has. */
import type { Account } from '../../../src/domain/account.ts';
import { MINUTE_MS } from '../plan.ts';
import type { Token } from '../service.ts';
import type { World } from '../world.ts';

/** So many may wait to be retired before another one is made. */
const OLD_WAITING_MAX = 48;
/** So long after its grace an old credential is retired. */
const RETIRED_MS = 3 * MINUTE_MS;

/** Beside so many of its own that wait to be retired nothing may be minted unasked. */
export function isCrowded({ watch, service }: World, { strategy, accountIds: [id] }: Account): boolean {
  if (strategy !== 'overlap') return false;
  const ours = new Set(
    watch.mints.ofThisJournal.flatMap(({ outcome, isWrong, token }) =>
      outcome === 'minted' && !isWrong && token !== undefined ? [token] : [],
    ),
  );
  return beside((service.stateOf(id)?.valid ?? []).filter((token) => ours.has(token))) >= OLD_WAITING_MAX;
}

/**
 * So many wait rightly: their grace has not begun, or is not over. Among them is what others made and was replaced; and what others
 * ended meanwhile, because that is found out when it would be retired.
 */
export function isRightlyCrowded(
  { watch, service, timeline }: World,
  { strategy, accountIds: [id], graceMs = 0 }: Account,
): boolean {
  if (strategy !== 'overlap') return false;
  const ever = new Set((service.accounts.get(id)?.states ?? []).flatMap(({ valid }) => valid));
  const waiting = [...ever].filter(({ reference = '' }) => {
    const begun = watch.book.graceAt.get(reference)?.at;
    return begun === undefined || begun + graceMs + RETIRED_MS > timeline.now;
  });
  return beside(waiting) >= OLD_WAITING_MAX;
}

/** One of them is live. */
function beside(tokens: readonly Token[]): number {
  return tokens.length - 1;
}
