/** When to look at an account next: one instant, the earliest of all that could matter, with its reason. */
import { isContested } from './contest.ts';
import { dueNext, dueNow, dueOf } from './due.ts';
import { HOLDS } from './hold.ts';
import type { Hold, HoldKind } from './hold.ts';
import { holdsOf, mayHeal, mintHold } from './holds.ts';
import { backOffMs, LIMITS } from './limits.ts';
import { isDeliverable, isLeftAsItIs, undelivered } from './live.ts';
import type { AccountRecord } from './record.ts';
import { othersAcceptedTryAt, refusalOf } from './refusal.ts';
import { givenUpNext, owedRefreshes, refreshLookAt } from './refresh.ts';
import { isReplaced, isTimeless, retirables, retireLookAt } from './retire-needs.ts';
import type { Situation } from './situation.ts';
import { verifyAt, verifyHold } from './verify.ts';

export type WakeWhy =
  | 'slot'
  | 'missed'
  | 'expiry'
  | 'max-age'
  | 'retry'
  | 'settle'
  | 're-observe'
  | 'recheck'
  | 'verify'
  | 'refused'
  | 'grace'
  | 'consumer'
  | 'hold-ends'
  | 'now';

export interface Wake {
  readonly at: number;
  readonly why: WakeWhy;
}

type Waking = Pick<
  Situation,
  'policy' | 'record' | 'now' | 'sharedHolds' | 'configured' | 'dice' | 'callsShortUntil' | 'inHand'
>;

/**
 * The earliest of all reasons to look again, always after `now`; `undefined` where nothing is left to come. For an account
 * that rests: what has come already was tried in vain, and is tried again after a while.
 */
export function wakeOf(waking: Waking): Wake | undefined {
  const again = waking.now + LIMITS.againMs;
  return [
    ...recovery(waking),
    ...retries(waking),
    ...waking.record.reobserveAt.map((at): Wake => ({ at, why: 're-observe' })),
    ...plans(waking),
    ...rechecks(waking),
    ...verifies(waking),
    ...tries(waking),
    ...graces(waking),
    ...consumers(waking),
  ]
    .map((wake) => (wake.at > waking.now ? wake : { ...wake, at: again }))
    .toSorted((one, other) => one.at - other.at)[0];
}

/**
 * When to look whether a mint of unknown outcome happened: soon and often at first, until it has settled. Nothing is left
 * to chance in it: who wakes then must find that it is time.
 */
export function recoverLookAt(record: AccountRecord, now: number): number | undefined {
  const intent = record.rotation?.intent;
  if (intent === undefined) return undefined;
  const last = intent.sightedAt ?? intent.sentAt;
  // The clock was put back since.
  if (last > now) return now;
  const next = last + backOffMs(intent.sightings, LIMITS.recoverFirstMs, LIMITS.recoverMaxMs, 1);
  const settled = intent.sentAt + LIMITS.settleMs;
  return intent.sightings > 0 && last < settled ? Math.min(next, settled) : next;
}

function recovery(waking: Waking): Wake[] {
  const { record, now } = waking;
  const at = recoverLookAt(record, now);
  if (at === undefined) return [];
  const closed = record.held['closed'];
  if (closed !== undefined && isLookedInVain(record)) return [recheck(waking, closed)];
  return [{ at: Math.max(at, record.retryAt ?? 0), why: 'settle' }];
}

/** The newest look told nothing of the mint: its account is closed or gone, and until somebody opens it, no look will. */
function isLookedInVain({ rotation, lookedAt = 0 }: AccountRecord): boolean {
  const { sentAt = 0, sightedAt = sentAt } = rotation?.intent ?? {};
  return lookedAt > sightedAt;
}

function retries(waking: Waking): Wake[] {
  const { policy, record, configured, now } = waking;
  const wakes: Wake[] = [];
  if (record.retryAt !== undefined && record.retryAt > now) wakes.push({ at: record.retryAt, why: 'retry' });
  const isClosed = record.held['closed'] !== undefined;
  // Where the value is gone, a look has to bring it, and of a closed account brings none: a recheck finds out that it is open again.
  if (isClosed && !waking.inHand.has(record.live?.fingerprint ?? '')) return wakes;
  // What is live in a closed account opens nothing: only what was minted goes on.
  const heals = configured && !isClosed && mayHeal(waking);
  // What is not proved yet is delivered to nobody before its next try.
  const provedFrom = record.live === undefined || isDeliverable(record.live) ? 0 : (record.retryAt ?? 0);
  for (const target of undelivered({ policy, record })) {
    const known = record.targets[target.id];
    const isLeft = isLeftAsItIs(waking, target.id);
    if (known?.foreign !== undefined || isLeft || record.mismatched !== undefined) continue;
    if (!heals && known?.owed === undefined) continue;
    if (known?.owed === undefined && isContested(known, now)) continue;
    if (known?.retryAt !== undefined) wakes.push({ at: Math.max(known.retryAt, provedFrom), why: 'retry' });
  }
  return wakes;
}

function plans(waking: Waking): Wake[] {
  const next = waking.configured ? dueNext(waking) : undefined;
  if (next === undefined) return [];
  const { trigger, slot, dueAt: at } = next;
  if (trigger === 'expiry' || trigger === 'max-age') return [{ at, why: trigger }];
  return [{ at, why: slot === waking.record.missed?.slot ? 'missed' : 'slot' }];
}

/** A credential that was refused is tried again. */
function tries({ policy, record, configured, sharedHolds }: Waking): Wake[] {
  const refusal = refusalOf(record);
  if (refusal === undefined || !configured || record.held['closed'] || record.mismatched) return [];
  const again = record.rotation?.intent
    ? undefined
    : othersAcceptedTryAt(refusal, policy.provider, sharedHolds);
  const at = Math.max(refusal.tryAt, record.retryAt ?? 0);
  return [{ at: Math.min(at, again ?? at), why: 'refused' }];
}

/** What awaits retirement is looked into. */
function graces({ policy, record, configured, now, sharedHolds }: Waking): Wake[] {
  if (record.mismatched !== undefined || record.rotation?.intent !== undefined) return [];
  if (record.leftAt !== undefined) return [];
  return retirables({ policy, record }).flatMap((old): Wake[] => {
    // Deliveries come first, and each of them is looked at.
    if (old.compromised === true && !isReplaced({ policy, record, configured })) return [];
    const at = retireLookAt(policy, old);
    if (at === undefined) return [];
    const isInDoubt = !isTimeless(old) && sharedHolds.some(({ kind }) => kind === 'clock-skew');
    // Whichever clock agrees wakes everybody.
    return [{ at: isInDoubt ? Math.max(at, now + LIMITS.recheckMaxMs) : at, why: 'grace' }];
  });
}

/** Consumers are looked at until they are through, or nobody waits for them any more. */
function consumers(waking: Waking): Wake[] {
  const looks = owedRefreshes(waking).flatMap((owed) => refreshLookAt(waking, owed) ?? []);
  return [...looks, ...givenUpNext(waking)].map((at) => ({ at, why: 'consumer' }));
}

/** What holds something back: looked at when it ends, or again after a while. */
function rechecks(waking: Waking): Wake[] {
  const { record, configured, now } = waking;
  if (!configured) return [];
  const wakes = holdsOf(waking).flatMap((hold): Wake[] => {
    if (hold.kind === 'contested' && hold.until !== undefined) return [{ at: hold.until, why: 'hold-ends' }];
    return liftedByLooking.includes(hold.kind) ? [recheck(waking, hold)] : [];
  });
  wakes.push(...reopenings(waking));
  const due = dueNow(waking) ?? unminted(record);
  const hold = due && mintHold(waking, due);
  if (hold === undefined || liftedByHand.includes(hold.kind)) return wakes;
  // What they wait for wakes the account, and a look at it alone retires none.
  if (hold.kind === 'many-old') return wakes;
  if (hold.until !== undefined) return [...wakes, { at: hold.until, why: 'hold-ends' }];
  // A look at the account tells no more than any other answer does; whichever agrees wakes everybody.
  if (hold.kind === 'clock-skew') return [...wakes, { at: now + LIMITS.recheckMaxMs, why: 'hold-ends' }];
  if (HOLDS[hold.kind].scope === 'store') return [...wakes, storeRetry(waking)];
  return [...wakes, recheck(waking, hold)];
}

/** A hold without an end wakes the account when it is lifted; recovering a mint takes looks of its own. */
function verifies(waking: Waking): Wake[] {
  const { policy, record, configured, now, callsShortUntil = 0 } = waking;
  const at = configured ? verifyAt(policy, record, now) : undefined;
  if (at === undefined || record.rotation?.intent !== undefined) return [];
  const hold = verifyHold(waking);
  if (hold === undefined) return [{ at: Math.max(at, record.retryAt ?? 0, callsShortUntil), why: 'verify' }];
  return hold.until === undefined ? [] : [{ at: Math.max(at, hold.until), why: 'verify' }];
}

/** Holds that end without anybody telling us: a look shows it. */
const liftedByLooking: readonly HoldKind[] = ['closed', 'own-account', 'foreign'];

/** Holds that somebody lifts by a request or a changed policy, which wakes the account. */
const liftedByHand: readonly HoldKind[] = ['parked', 'paused', 'frozen'];

/** What `reopenClosed` lets the next mint pass holds up what was minted before it: that is proved once a look shows the account open. */
function reopenings(waking: Waking): Wake[] {
  const { held, rotation } = waking.record;
  const closed = waking.policy.reopenClosed ? held['closed'] : undefined;
  return closed === undefined || rotation?.minted === undefined ? [] : [recheck(waking, closed)];
}

/** Rarer the longer it stands, because each look costs calls; and not while these are short. */
function recheck({ now, dice, callsShortUntil = 0 }: Waking, { since }: Pick<Hold, 'since'>): Wake {
  const waitMs = Math.min(Math.max((now - since) / 4, LIMITS.recheckMs), LIMITS.recheckMaxMs);
  return { at: Math.max(now + Math.round(waitMs * (1 + dice / 4)), callsShortUntil), why: 'recheck' };
}

/** Preparing again makes a real write, which is what shows that the store is up. */
function storeRetry({ record, now, dice }: Waking): Wake {
  const waitMs = backOffMs(record.retries + 1, LIMITS.retryFirstMs, LIMITS.retryMaxMs, dice);
  return { at: now + waitMs, why: 'retry' };
}

function unminted({ rotation }: AccountRecord) {
  if (rotation === undefined || rotation.minted !== undefined) return undefined;
  return dueOf(rotation);
}
