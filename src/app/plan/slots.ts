/** The next slots of one account: when each comes, when it runs after its jitter, and where windows move it. Pure. */
import type { Account, Schedule } from '../../domain/account.ts';
import { dstOddities } from '../../domain/dst.ts';
import type { DstOddity } from '../../domain/dst.ts';
import { expiryDueAt, maxAgeDueAt, runAt } from '../../domain/due.ts';
import { EMPTY_RECORD } from '../../domain/evolve.ts';
import type { AccountRecord } from '../../domain/record.ts';
import { shortestGap, slotsBetween } from '../../domain/schedule.ts';
import { closedUntil } from '../../domain/windows.ts';
import { outageOf } from '../outage.ts';
import type { Outage } from '../outage.ts';

/** All instants are ms since the epoch. */
export interface PlannedSlot {
  readonly slot: number;
  /** The slot with its jitter, which is the same each time. */
  readonly dueAt: number;
  /** When it runs because windows do not allow it when it is due; `never`: not within a year. */
  readonly insteadAt?: number | 'never';
  /** A newer slot comes before this one may run, and takes its place. */
  readonly replaced: boolean;
}

export interface PlannedAccount {
  readonly account: string;
  readonly provider: string;
  readonly stores: readonly string[];
  /** Absent: rotated by age, expiry or hand only. */
  readonly schedule?: { readonly pattern: string; readonly zone: string };
  /** The longest that a slot may be put off at random, in ms. */
  readonly jitterMs: number;
  readonly paused: boolean;
  readonly slots: readonly PlannedSlot[];
  /** There are more in the period than those listed. */
  readonly more: boolean;
  readonly dst: readonly DstOddity[];
  /** When the live credential becomes too old; absent where there is no maxAge, or its age is not known. */
  readonly maxAgeAt?: number;
  /** When it is replaced because it will expire. */
  readonly expiryAt?: number;
  readonly outage?: Outage;
}

export interface Period {
  /** Not included. */
  readonly from: number;
  /** Included. */
  readonly to: number;
}

/** What a schedule brings in a period, whichever account has it. */
export interface ScheduleAhead {
  readonly slots: readonly number[];
  /** There are more in the period. */
  readonly more: boolean;
  readonly dst: readonly DstOddity[];
}

/** Looks at schedules, each once however many accounts share it; at most `slotsMax` slots of each. */
export function lookAhead(
  { from, to }: Period,
  slotsMax: number,
): (schedule: Schedule | undefined) => ScheduleAhead {
  const known = new Map<string, ScheduleAhead>();
  return (schedule) => {
    if (schedule === undefined) return { slots: [], more: false, dst: [] };
    const key = `${schedule.zone}\0${schedule.pattern}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const slots = slotsBetween(schedule, from, to, slotsMax + 1);
    const more = slots.length > slotsMax;
    const ahead = { slots: slots.slice(0, slotsMax), more, dst: dstOddities(schedule, from, to) };
    known.set(key, ahead);
    return ahead;
  };
}

export function planAccount(
  policy: Account,
  { slots, more, dst }: ScheduleAhead,
  record: AccountRecord = EMPTY_RECORD,
): PlannedAccount {
  const { schedule, jitterMs } = policy;
  const maxAgeAt = maxAgeDueAt(policy, record);
  const expiryAt = expiryDueAt(policy, record);
  const outage = outageOf(policy, record);
  return {
    account: policy.name,
    provider: policy.provider,
    stores: [...new Set(policy.targets.map(({ store }) => store))],
    jitterMs: schedule === undefined ? 0 : Math.min(jitterMs, shortestGap(schedule)),
    paused: policy.paused || record.paused !== undefined,
    slots: plannedSlots(policy, record, slots),
    more,
    dst,
    ...(schedule === undefined ? {} : { schedule }),
    ...(maxAgeAt === undefined ? {} : { maxAgeAt }),
    ...(expiryAt === undefined ? {} : { expiryAt }),
    ...(outage === undefined ? {} : { outage }),
  };
}

function plannedSlots(policy: Account, record: AccountRecord, slots: readonly number[]): PlannedSlot[] {
  const due = slots.map((slot) => runAt(policy, record, slot));
  return slots.map((slot, index) => {
    const dueAt = due[index] ?? slot;
    const open = closedUntil(policy, dueAt);
    if (open === dueAt) return { slot, dueAt, replaced: false };
    const next = due[index + 1];
    const replaced = next !== undefined && (open === undefined || next <= open);
    return { slot, dueAt, insteadAt: open ?? 'never', replaced };
  });
}
