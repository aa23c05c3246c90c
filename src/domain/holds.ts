/** Why an account may not be minted for, delivered to or healed now: the holds in force, derived from what is known. */
import type { Account } from './account.ts';
import { contestedUntil, contestReason } from './contest.ts';
import { dueNow, expiryDueAt, maxAgeDueAt } from './due.ts';
import type { Due } from './due.ts';
import { HOLDS } from './hold.ts';
import type { Hold, HoldKind, HoldScope } from './hold.ts';
import { isUndecided } from './pair.ts';
import { refusalOf } from './refusal.ts';
import { isWorthRoom, manyOldHold } from './room.ts';
import type { Situation } from './situation.ts';
import { targetsOf } from './situation.ts';
import type { Target, TargetId } from './target.ts';
import { closedUntil, isAllowed } from './windows.ts';
import type { Windows } from './windows.ts';

export type Known = Pick<Situation, 'policy' | 'record' | 'now' | 'sharedHolds' | 'callsShortUntil'>;

/** All holds in force for this account; time-bound ones (`too-soon`, `deny-window`) only while something is due. */
export function holdsOf(known: Known): readonly Hold[] {
  return [
    ...accountHolds(known),
    ...manyOldHold(known),
    ...targetHolds(known),
    ...sharedHoldsOf(known),
    ...timeHolds(known),
  ];
}

/**
 * The first hold that stops a mint for this reason; `undefined` where it may go on. A store that is down comes last: what is prepared
 * finds out that it is up, and nothing is to be prepared that something else stops.
 */
export function mintHold(known: Known, due: Due): Hold | undefined {
  const stops = ['mint', ...(STOPPING[due.trigger] ?? ['unasked-mint'])];
  const stopping = holdsOf(known).filter(
    (hold) =>
      HOLDS[hold.kind].stops.some((what) => stops.includes(what)) &&
      !passes(known, hold) &&
      !(due.compromised === 'now' && OF_TARGETS.includes(HOLDS[hold.kind].scope)),
  );
  return stopping.find(({ kind }) => kind !== 'store-down') ?? stopping[0];
}

/** Whether it stops the preparing of a mint as well. A store that is down does not: the preflight's real write finds out that it is up. */
export function stopsPreparing(hold: Hold | undefined): hold is Hold {
  return hold !== undefined && hold.kind !== 'store-down';
}

/** What is to be ended now does not wait for where the new one goes. */
const OF_TARGETS: readonly HoldScope[] = ['target', 'store'];

/** What stops a mint with this trigger beside what stops every mint; unasked ones unless said here. */
const STOPPING: { readonly [Trigger in Due['trigger']]?: readonly string[] } = {
  manual: [],
  refused: ['unasked-mint', 'refused-mint'],
};

/** What nobody lifts by waiting: a manual request is refused because of it, instead of being kept. */
export function isStanding(hold: Hold): boolean {
  const standing: readonly HoldKind[] = ['own-account', 'closed', 'foreign', 'mismatched', 'undecided'];
  return standing.includes(hold.kind);
}

/** Whether anything of the account or its targets is held at all: asked before it is asked what that stops. */
export function hasOwnHold(known: Known): boolean {
  return accountHolds(known).length > 0 || targetHolds(known).length > 0;
}

/** Whether what others changed may be put right. */
export function mayHeal(known: Known): boolean {
  return !accountHolds(known).some((hold) =>
    (HOLDS[hold.kind].stops as readonly string[]).includes('healing'),
  );
}

/** Exceptions: what passes a hold, whatever the rotation was opened for. */
function passes(known: Known, hold: Hold): boolean {
  if (hold.kind === 'contested') return !isRequired(known, hold.target);
  if (hold.kind === 'many-old') return isWorthRoom(known);
  if (hold.kind !== 'too-soon' && hold.kind !== 'deny-window') return false;
  // A second mint of the same rotation, whose first value was lost: waiting would only prolong the outage.
  if (known.record.rotation?.lost === true) return true;
  return hold.kind === 'deny-window' && isDeadBy(known, hold.until);
}

function isRequired(known: Known, id: TargetId | undefined): boolean {
  return targetsOf(known).some((target) => target.id === id && target.required);
}

/** Whether the live credential's expiry has fired, and its end comes before the windows let anything happen again. */
function isDeadBy({ policy, record, now }: Known, opensAt: number | undefined): boolean {
  const expiresAt = record.live?.expiresAt;
  const dueAt = expiryDueAt(policy, record);
  if (expiresAt === undefined || dueAt === undefined || dueAt > now) return false;
  return opensAt === undefined || opensAt >= expiresAt;
}

/** The windows that bind now: those of denial do not where the credential is too old and the policy puts that first. */
function bindingWindows({ policy, record, now }: Known): Windows {
  const oldAt = maxAgeDueAt(policy, record);
  const overrides = policy.maxAgeOverridesDeny && oldAt !== undefined && oldAt <= now;
  return overrides ? { allow: policy.allow, deny: [] } : policy;
}

function accountHolds({ policy, record }: Known): Hold[] {
  const holds: Hold[] = [];
  const add = (kind: HoldKind, since: number, by: string, reason: string) =>
    holds.push({ kind, subject: policy.name, since, by, reason });
  for (const kind of ['own-account', 'closed'] as const) {
    const held = record.held[kind];
    if (held !== undefined && !(kind === 'closed' && policy.reopenClosed))
      add(kind, held.since, 'rekeyd', held.why);
  }
  if (isUndecided({ policy, record })) {
    const since = record.liveMissingSince ?? record.adoptedAt ?? 0;
    add('undecided', since, 'rekeyd', undecidedText(policy));
  }
  if (record.mismatched) add('mismatched', record.mismatched.since, 'rekeyd', record.mismatched.why);
  if (record.parked) add('parked', record.parked.since, 'rekeyd', record.parked.why);
  if (record.paused) {
    const { actor, reason } = record.paused.cause;
    add('paused', record.paused.since, actor, reason ?? 'paused by hand');
  } else if (policy.paused)
    add('paused', record.adoptedAt ?? 0, 'config', 'paused: true in the configuration');
  return holds;
}

function undecidedText({ accountIds }: Account): string {
  return (
    `nothing shows which of ${accountIds.join(' and ')} is in use: no target holds a credential of either. ` +
    'A mint for the one that is in use would cut its consumers off'
  );
}

function targetHolds(known: Known): Hold[] {
  return targetsOf(known).flatMap((target) => [
    ...foreignHold(known, target),
    ...contestedHold(known, target),
  ]);
}

function foreignHold({ record }: Known, target: Target): Hold[] {
  const foreign = record.targets[target.id]?.foreign;
  if (foreign === undefined || target.overwrite) return [];
  const holds = foreign.fingerprint === undefined ? 'a value' : `a credential (${foreign.fingerprint})`;
  const reason = `${target.id} holds ${holds} that is not this account's; nothing is written over it`;
  return [
    { kind: 'foreign', subject: target.id, target: target.id, since: foreign.since, by: 'rekeyd', reason },
  ];
}

function contestedHold({ record, now }: Known, target: Target): Hold[] {
  const known = record.targets[target.id];
  const until = contestedUntil(known);
  if (known?.contested === undefined || until === undefined || until <= now) return [];
  const { since } = known.contested;
  const reason = contestReason(target.id, known);
  return [{ kind: 'contested', subject: target.id, target: target.id, since, until, by: 'rekeyd', reason }];
}

/** Holds of the account's provider, of the stores that it needs, of the consumers that it names, and of all. */
export function sharedHoldsOf(known: Known): readonly Hold[] {
  if (known.sharedHolds.length === 0) return [];
  const stores = new Set(
    known.policy.targets.filter((target) => target.required).map((target) => target.store),
  );
  return known.sharedHolds.filter((hold) => {
    const { scope } = HOLDS[hold.kind];
    // It is nothing to those whose credential is accepted.
    if (hold.kind === 'many-refused' && refusalOf(known.record) === undefined) return false;
    if (scope === 'consumer') return waitsWhileUnhealthy(known, hold);
    if (scope === 'provider') return hold.subject === known.policy.provider;
    return scope !== 'store' || stores.has(hold.subject);
  });
}

/** It names the consumer, and says that its next rotations wait while that is not well. */
function waitsWhileUnhealthy({ policy }: Known, { subject }: Hold): boolean {
  return policy.targets.some(({ consumers = [] }) =>
    consumers.some(({ id, onUnhealthy }) => id === subject && onUnhealthy === 'hold'),
  );
}

function timeHolds(known: Known): Hold[] {
  const { policy, record, now } = known;
  const soonest = record.mintedAt === undefined ? 0 : record.mintedAt + policy.minIntervalMs;
  const limited = refusalOf(record)?.limited;
  const windows = bindingWindows(known);
  const isClosed = !isAllowed(windows, now);
  // Asked before what is due is, which takes longer.
  if (soonest <= now && (limited?.until ?? now) <= now && !isClosed) return [];
  const unminted = record.rotation !== undefined && record.rotation.minted === undefined;
  if (!unminted && dueNow(known) === undefined) return [];
  const holds: Hold[] = [];
  if (soonest > now) {
    const reason = 'the last mint is more recent than minInterval';
    holds.push({
      kind: 'too-soon',
      subject: policy.name,
      since: record.mintedAt ?? 0,
      until: soonest,
      by: 'rekeyd',
      reason,
    });
  }
  if (limited !== undefined && limited.until > now) {
    const { since, until, why } = limited;
    holds.push({ kind: 'refused-limit', subject: policy.name, since, until, by: 'rekeyd', reason: why });
  }
  if (isClosed) {
    const until = closedUntil(windows, now);
    const reason = 'now is outside the windows in which this account may be rotated';
    holds.push({
      kind: 'deny-window',
      subject: policy.name,
      since: now,
      by: 'config',
      reason,
      ...(until && { until }),
    });
  }
  return holds;
}
