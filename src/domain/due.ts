/** Why an account should rotate, now or next. Whether it may is another question (`holds`). */
import type { Account, Schedule } from './account.ts';
import type { Trigger } from './fact.ts';
import { LIMITS } from './limits.ts';
import type { AccountRecord, OpenRotation } from './record.ts';
import { refusedDueAt } from './refusal.ts';
import type { Compromise } from './request.ts';
import { nextSlot, previousSlot, shortestGap, slotJitter } from './schedule.ts';
import { slotsFrom } from './scheduled.ts';
import type { Situation } from './situation.ts';
import { allowedUntil, closedUntil } from './windows.ts';

export interface Due {
  readonly trigger: Trigger;
  readonly slot?: number;
  /** When it became due, or will. */
  readonly dueAt: number;
  readonly compromised?: Compromise;
}

/** Why this rotation was opened. */
export function dueOf({ trigger, dueAt, compromised }: OpenRotation): Due {
  return { trigger, dueAt, ...(compromised && { compromised }) };
}

/** What is due, the most urgent first: each line is one reason to rotate. */
const REASONS: readonly ((policy: Account, record: AccountRecord, now: number) => Due | undefined)[] = [
  /* somebody asked           */ askedFor,
  /* the credential will die  */ expiring,
  /* the credential is old    */ tooOld,
  /* a slot has come          */ slotCome,
  /* nothing is live, or new  */ firstSight,
  /* it is refused; last, because there is a limit to such mints, and none to the others */ refused,
];

/** The most urgent reason that holds at `now`; `undefined` where there is none. */
export function dueNow({
  policy,
  record,
  now,
}: Pick<Situation, 'policy' | 'record' | 'now'>): Due | undefined {
  for (const reason of REASONS) {
    const due = reason(policy, record, now);
    if (due !== undefined && due.dueAt <= now) return due;
  }
  return undefined;
}

/** The earliest reason to come after `now`; `undefined` where nothing is planned. */
export function dueNext({
  policy,
  record,
  now,
}: Pick<Situation, 'policy' | 'record' | 'now'>): Due | undefined {
  const plans = [expiring(policy, record), tooOld(policy, record), nextScheduled(policy, record, now)];
  return plans
    .filter((due) => due !== undefined)
    .filter((due) => due.dueAt > now)
    .toSorted((one, other) => one.dueAt - other.dueAt)[0];
}

function askedFor(_policy: Account, { waiting }: AccountRecord): Due | undefined {
  if (waiting === undefined) return undefined;
  const { at, compromised } = waiting;
  return { trigger: 'manual', dueAt: at, ...(compromised && { compromised }) };
}

/** When expiry fires: before the end by what the policy says, but never before two thirds of the lifetime. */
export function expiryDueAt(policy: Account, record: AccountRecord): number | undefined {
  const expiresAt = record.live?.expiresAt;
  if (expiresAt === undefined) return undefined;
  const third = (record.lifetimeMs ?? 0) / 3;
  return Math.floor(expiresAt - Math.min(policy.rotateBeforeExpiryMs ?? third, third));
}

function expiring(policy: Account, record: AccountRecord): Due | undefined {
  const dueAt = expiryDueAt(policy, record);
  return dueAt === undefined ? undefined : { trigger: 'expiry', dueAt };
}

/** When the live credential reaches the maximal age; `undefined` where there is none, or nothing dates the credential. */
export function maxAgeDueAt(policy: Account, record: AccountRecord): number | undefined {
  if (policy.maxAgeMs === undefined || record.ageFrom === undefined) return undefined;
  return record.ageFrom.at + policy.maxAgeMs;
}

function tooOld(policy: Account, record: AccountRecord): Due | undefined {
  const dueAt = maxAgeDueAt(policy, record);
  return dueAt === undefined ? undefined : { trigger: 'max-age', dueAt };
}

function refused(policy: Account, record: AccountRecord): Due | undefined {
  const dueAt = refusedDueAt(policy, record);
  return dueAt === undefined ? undefined : { trigger: 'refused', dueAt };
}

function slotCome(policy: Account, record: AccountRecord, now: number): Due | undefined {
  const { schedule } = policy;
  const done = slotsFrom({ policy, record, now });
  if (schedule === undefined || done === undefined) return undefined;
  let slot = previousSlot(schedule, now);
  // The newest slot may still wait out its jitter, which is shorter than any gap: the one before it has come.
  while (slot !== undefined && slot > done) {
    const dueAt = runAt(policy, record, slot);
    if (dueAt <= now) return { trigger: 'schedule', slot, dueAt };
    // A missed slot that waits for its time stands for all before it.
    if (slot === record.missed?.slot) return undefined;
    slot = previousSlot(schedule, slot - 1);
  }
  return undefined;
}

function nextScheduled(policy: Account, record: AccountRecord, now: number): Due | undefined {
  const { schedule } = policy;
  const done = slotsFrom({ policy, record, now });
  if (schedule === undefined || done === undefined) return undefined;
  const slots = [previousSlot(schedule, now), nextSlot(schedule, Math.max(done, now))];
  for (const slot of slots) {
    if (slot === undefined || slot <= done) continue;
    const dueAt = runAt(policy, record, slot);
    if (dueAt > now) return { trigger: 'schedule', slot, dueAt };
  }
  return undefined;
}

function firstSight(policy: Account, record: AccountRecord): Due | undefined {
  if (record.adoptedAt === undefined) return undefined;
  const isNew = record.mintedAt === undefined && record.knownBefore !== true;
  if (record.liveMissingSince !== undefined || (isNew && policy.rotateOnAdopt)) {
    return { trigger: 'adopt', dueAt: record.adoptedAt };
  }
  return undefined;
}

/** The slot's own instant with its jitter, which ends with the window that the slot lies in. */
export function runAt(policy: Account, record: AccountRecord, slot: number): number {
  if (record.missed?.slot === slot) return record.missed.runAt;
  return slot + delayOf(policy, slot, slot, policy.jitterMs);
}

/** When a missed slot runs: spread from now on, inside the window that is open now or opens next. */
export function missedRunAt(policy: Account, slot: number, now: number): number {
  const from = closedUntil(policy, now) ?? now;
  return from + delayOf(policy, slot, from, Math.max(policy.jitterMs, spreadOf(policy.schedule)));
}

function spreadOf(schedule: Schedule | undefined): number {
  const gap = schedule === undefined ? 0 : shortestGap(schedule);
  return Math.min(LIMITS.missedSpreadMs, gap / 4);
}

function delayOf(policy: Account, slot: number, from: number, jitterMs: number): number {
  if (jitterMs <= 0 || policy.schedule === undefined) return 0;
  const end = allowedUntil(policy, from) ?? Number.POSITIVE_INFINITY;
  const room = end > from ? end - from : Number.POSITIVE_INFINITY;
  const account = `${policy.origin} ${policy.organisation} ${policy.accountIds[0]}`;
  const gapMs = Math.min(shortestGap(policy.schedule), room);
  return slotJitter({ account, slot, jitterMs, gapMs });
}

/** Whether the slot passed while nobody could run it: before this process ran, or while a person had to lift a hold. */
export function isMissed(
  { policy, record, now, runningSince }: Pick<Situation, 'policy' | 'record' | 'now' | 'runningSince'>,
  slot: number,
): boolean {
  if (record.missed?.slot === slot || record.heldSlot === slot) return false;
  if (record.pausedSlot === slot) return true;
  const planned = runAt(policy, record, slot);
  return planned < runningSince && now - planned > LIMITS.missedAfterMs;
}
