/** What must be known before a mint is sent, or a credential is ended, looked up in what really happened. */
import type { Account } from '../../../src/domain/account.ts';
import type { Host } from '../host.ts';
import type { World } from '../world.ts';
import { placeKey } from './knowledge.ts';
import type { Knowledge, Learnt, Mind } from './knowledge.ts';

const ACCOUNT_FRESH_MS = 10_000;
const TARGET_FRESH_MS = 60_000;
const ENDING_FRESH_MS = 60_000;
/** Clocks run a little fast or slow, and count whole ms. */
const TOLERANCE = 1.002;

export interface Sending {
  readonly world: World;
  readonly host: Host;
  readonly policy: Account;
  readonly id: string;
  readonly knowledge: Knowledge;
  /** What has leaked ends now: that waits for no target. */
  readonly endsNow: boolean;
}

/** The rows of the table of needs of a mint that are not met, in words. */
export function unmetNeeds(sending: Sending): string[] {
  const mind = sending.knowledge.of(sending.host);
  return [...accountNeeds(sending, mind), ...(sending.endsNow ? [] : targetNeeds(sending, mind))];
}

/** What must be known before a credential of this account is ended, whyever that is done, and is not, in words. */
export function unmetForEnding(ending: Omit<Sending, 'endsNow'>): string[] {
  const { id, policy, knowledge, host } = ending;
  const { accounts, effects, manager } = knowledge.of(host);
  const unmet: string[] = [];
  const seen = accounts.get(id);
  const effectAt = Math.max(...policy.accountIds.map((one) => effects.get(one) ?? 0));
  if (!isYoung(ending, seen, ENDING_FRESH_MS)) unmet.push('the account was not seen within 60 s');
  else if (seen.asked < effectAt && !host.clock.wasSetSince(seen.asked))
    unmet.push('the account was not seen since the last effect');
  if (manager === undefined) unmet.push('whose the manager credential is was not asked');
  // Of several credentials of one account, only one is the manager's own.
  if (manager === id && policy.strategy === 'pair') unmet.push("it is the manager's own account");
  return unmet;
}

/** The targets that this process has not read lately, in words: each may hold what is to be ended. */
export function unreadTargets(reading: Omit<Sending, 'endsNow' | 'id'>): string[] {
  const { reads } = reading.knowledge.of(reading.host);
  return reading.policy.targets.flatMap(({ id, store, address }) =>
    isYoung(reading, reads.get(placeKey(store, address)), TARGET_FRESH_MS)
      ? []
      : [`${id} was not read within 60 s`],
  );
}

/** Somebody set the clock after the request: then the process cannot know better. */
function isYoung(
  { world, host }: Pick<Sending, 'world' | 'host'>,
  learnt: Learnt<unknown> | undefined,
  freshMs: number,
): learnt is Learnt<unknown> {
  if (learnt === undefined) return false;
  const age = world.timeline.now - learnt.asked;
  return age <= freshMs * TOLERANCE + 1 || host.clock.wasSetSince(learnt.asked);
}

function accountNeeds(sending: Sending, mind: Mind): string[] {
  const { policy, id, world } = sending;
  const unmet: string[] = [];
  const seen = mind.accounts.get(id);
  if (!isYoung(sending, seen, ACCOUNT_FRESH_MS)) return ['the account was not seen within 10 s'];
  if (seen.asked < (mind.effects.get(id) ?? 0)) unmet.push('the account was not seen since the last effect');
  const { state, live } = seen.what;
  if (state !== 'open' && !(state === 'closed' && policy.reopenClosed))
    unmet.push(`the account was seen ${state}`);
  if (state === 'open' && world.showsLive && live === undefined) unmet.push('the pre-image was not seen');
  if (mind.manager === undefined) unmet.push('whose the manager credential is was not asked');
  if (mind.manager === id) unmet.push("it is the manager's own account");
  return unmet;
}

function targetNeeds(sending: Sending, mind: Mind): string[] {
  return sending.policy.targets.flatMap(({ id, store, address, required }) => {
    const key = placeKey(store, address);
    const unmet: string[] = [];
    const read = mind.reads.get(key);
    if (!isYoung(sending, read, TARGET_FRESH_MS)) unmet.push(`${id} was not read within 60 s`);
    else if (read.asked < (mind.writes.get(key) ?? 0)) unmet.push(`${id} was not read since the last write`);
    return required ? [...unmet, ...requiredNeeds(sending, mind, { id, store, key })] : unmet;
  });
}

function requiredNeeds(
  sending: Sending,
  mind: Mind,
  { id, store, key }: { readonly id: string; readonly store: string; readonly key: string },
): string[] {
  const { world, knowledge, host } = sending;
  const preflight = mind.preflights.get(key);
  if (!isYoung(sending, preflight, TARGET_FRESH_MS)) return [`no preflight of ${id} within 60 s`];
  const wroteAt = knowledge.realWrites.get(`${key} ${preflight.what}`);
  const maxAgeMs = world.shelf(store).kind.abilities.proofMaxAgeMs;
  if (wroteAt === undefined) return [`no real write to ${id} by this identity`];
  const isFresh = world.timeline.now - wroteAt <= maxAgeMs * TOLERANCE + 1 || host.clock.wasSetSince(wroteAt);
  return isFresh ? [] : [`no real write to ${id} by this identity within ${maxAgeMs} ms`];
}
