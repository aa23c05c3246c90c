/** The next slots of one account: when each comes, when it runs after its jitter, and where windows move it. Pure. */
import type { Account } from '../../domain/account.ts';
import { dstOddities } from '../../domain/dst.ts';
import type { DstOddity } from '../../domain/dst.ts';
import { expiryDueAt, runAt } from '../../domain/due.ts';
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

export function planAccount(
  policy: Account,
  period: Period & { readonly slotsMax: number },
  record: AccountRecord = EMPTY_RECORD,
): PlannedAccount {
  const { schedule, jitterMs, maxAgeMs } = policy;
  const slots =
    schedule === undefined ? [] : slotsBetween(schedule, period.from, period.to, period.slotsMax + 1);
  const expiryAt = expiryDueAt(policy, record);
  const outage = outageOf(policy, record);
  return {
    account: policy.name,
    provider: policy.provider,
    stores: [...new Set(policy.targets.map(({ store }) => store))],
    jitterMs: schedule === undefined ? 0 : Math.min(jitterMs, shortestGap(schedule)),
    paused: policy.paused || record.paused !== undefined,
    slots: plannedSlots(policy, record, slots).slice(0, period.slotsMax),
    more: slots.length > period.slotsMax,
    dst: schedule === undefined ? [] : dstOddities(schedule, period.from, period.to),
    ...(schedule === undefined ? {} : { schedule }),
    ...(maxAgeMs === undefined || record.ageFrom === undefined
      ? {}
      : { maxAgeAt: record.ageFrom.at + maxAgeMs }),
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
