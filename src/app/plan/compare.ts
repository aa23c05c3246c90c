/** What a configuration would do now: how it differs from what is known, and which accounts would rotate at once. */
import { accountKeys } from '../../domain/account.ts';
import type { Account } from '../../domain/account.ts';
import { dueNow, isMissed, missedRunAt } from '../../domain/due.ts';
import { EMPTY_RECORD } from '../../domain/evolve.ts';
import type { Trigger } from '../../domain/fact.ts';
import type { Hold } from '../../domain/hold.ts';
import { mintHold } from '../../domain/holds.ts';
import type { AccountRecord } from '../../domain/record.ts';
import { withScheduleDated } from '../../domain/scheduled.ts';
import type { AccountRow } from '../../ports/journal.ts';
import { changedFields } from './changed-fields.ts';

/** An account that is due as soon as the configuration is in force. */
export interface DueAtOnce {
  readonly account: string;
  readonly trigger: Trigger;
  /** The slot that has come, ms since the epoch. */
  readonly slot?: number;
  /** Its slot passed while nobody could run it. */
  readonly missed: boolean;
  /** `rotates` now; `later`, at `at`; `skipped`, because of missed: skip; `held`; `goes-on` with an open rotation. */
  readonly then: 'rotates' | 'later' | 'skipped' | 'held' | 'goes-on';
  readonly at?: number;
  readonly hold?: Pick<Hold, 'kind' | 'reason' | 'until'>;
}

export interface Comparison {
  readonly added: readonly string[];
  readonly changed: readonly { readonly account: string; readonly fields: readonly string[] }[];
  readonly removed: readonly string[];
  readonly dueAtOnce: readonly DueAtOnce[];
  /** Holds of providers and stores that are in force. */
  readonly holds: readonly Hold[];
  /** Records of accounts that are known, by configured name. */
  readonly records: ReadonlyMap<string, AccountRecord>;
}

/** Rows that fit none of the accounts have been removed, unless only some accounts are looked at. */
export async function compare(options: {
  readonly accounts: readonly Account[];
  readonly rows: AsyncIterable<readonly AccountRow[]>;
  readonly sharedHolds: readonly Hold[];
  /** Ms since the epoch. */
  readonly now: number;
  /** When the process began to run that works on the accounts; `now` where none does. */
  readonly runningSince: number;
  readonly all: boolean;
}): Promise<Comparison> {
  const { accounts, rows, all } = options;
  const byKey = new Map(accounts.flatMap((account) => keysOf(account).map((key) => [key, account] as const)));
  const records = new Map<string, AccountRecord>();
  const changed: { account: string; fields: string[] }[] = [];
  const removed: string[] = [];
  const dueAtOnce: DueAtOnce[] = [];
  for await (const page of rows) {
    for (const { policy: before, record } of page) {
      const account = keysOf(before)
        .map((key) => byKey.get(key))
        .find((found) => found !== undefined);
      if (account === undefined) {
        if (all) removed.push(before.name);
        continue;
      }
      const fields = changedFields(before, account);
      if (fields.length > 0) changed.push({ account: account.name, fields });
      const after = fields.length > 0 ? withoutPark(record) : record;
      records.set(account.name, after);
      const due = dueAtOnceOf(withScheduleDated(account, before, options.now), after, options);
      if (due !== undefined) dueAtOnce.push(due);
    }
  }
  const fresh = accounts.filter(({ name }) => !records.has(name));
  return {
    added: fresh.map(({ name }) => name),
    changed,
    removed,
    records,
    dueAtOnce: [...dueAtOnce, ...adopted(fresh, options)],
    holds: options.sharedHolds,
  };
}

/** What becomes of accounts that are seen for the first time. */
export function adopted(
  accounts: readonly Account[],
  { sharedHolds, now }: { readonly sharedHolds: readonly Hold[]; readonly now: number },
): DueAtOnce[] {
  return accounts.flatMap((policy): DueAtOnce[] => {
    if (!policy.rotateOnAdopt) return [];
    const due = { trigger: 'adopt', dueAt: now } as const;
    const about = { account: policy.name, trigger: due.trigger, missed: false };
    const hold = mintHold({ policy, record: EMPTY_RECORD, now, sharedHolds }, due);
    return [hold === undefined ? { ...about, then: 'rotates' } : { ...about, ...heldBy(hold) }];
  });
}

function heldBy({ kind, reason, until }: Hold): Pick<DueAtOnce, 'then' | 'hold'> {
  return { then: 'held', hold: { kind, reason, ...(until === undefined ? {} : { until }) } };
}

function dueAtOnceOf(
  policy: Account,
  record: AccountRecord,
  options: { readonly sharedHolds: readonly Hold[]; readonly now: number; readonly runningSince: number },
): DueAtOnce | undefined {
  const { now, sharedHolds, runningSince } = options;
  const known = { policy, record, now, sharedHolds };
  if (record.rotation !== undefined) {
    const { trigger, slot, dueAt, minted, intent } = record.rotation;
    const about = { account: policy.name, trigger, missed: false, ...slotOf(slot) };
    const hold =
      minted === undefined && intent === undefined ? mintHold(known, { trigger, dueAt }) : undefined;
    return hold === undefined ? { ...about, then: 'goes-on' } : { ...about, ...heldBy(hold) };
  }
  const due = dueNow(known);
  if (due === undefined) return undefined;
  const { trigger, slot } = due;
  const missed = slot !== undefined && isMissed({ policy, record, now, runningSince }, slot);
  const about = { account: policy.name, trigger, missed, ...slotOf(slot) };
  if (missed && policy.missed === 'skip') return { ...about, then: 'skipped' };
  const hold = mintHold(known, due);
  if (hold !== undefined) return { ...about, ...heldBy(hold) };
  if (!missed) return { ...about, then: 'rotates' };
  return { ...about, then: 'later', at: missedRunAt(policy, slot, now) };
}

function slotOf(slot: number | undefined): { readonly slot?: number } {
  return slot === undefined ? {} : { slot };
}

/** A changed policy lifts the hold. */
function withoutPark({ parked: _, ...record }: AccountRecord): AccountRecord {
  return record;
}

function keysOf(account: Account): string[] {
  return accountKeys(account).map(({ origin, organisation, accountId }) =>
    [origin, organisation, accountId].join('\0'),
  );
}
