/**
 * Where targets are, and when that is another place than before. What is known of a target, that what is there is ours above all,
 * belongs to its place: to the store's own address, and to the part of what is there that the target is.
 */
import type { Account } from './account.ts';
import type { AccountRecord } from './record.ts';
import type { Target, TargetId } from './target.ts';

/** Targets that left and whose consumers are through, of which a record knows. */
const GONE_MAX = 32;

/** The location of each target. */
export type Places = Readonly<Record<TargetId, string>>;

export function placesOf({ targets }: Pick<Account, 'targets'>): Places {
  return Object.fromEntries(targets.map(({ id, location }) => [id, location]));
}

/**
 * The targets of which nothing may be known any more under this policy: they have left it and nothing is owed to them, they were
 * away and are back, their name stands for another place now, or another target has the same place, whole or in part.
 */
export function forgottenTargets({
  policy,
  record,
}: {
  readonly policy: Pick<Account, 'targets'>;
  readonly record: Pick<AccountRecord, 'targets' | 'places'>;
}): readonly TargetId[] {
  return Object.entries(record.targets).flatMap(([id, { owed }]) => {
    const target = policy.targets.find((one) => one.id === id);
    const stays =
      target === undefined
        ? owed !== undefined && !isTaken(owed.target, policy.targets)
        : record.places === undefined || record.places[id] === target.location;
    return stays ? [] : [id];
  });
}

/**
 * The record without anything about these targets, but for what their consumers were to take up: that is waited for, and not asked
 * for twice.
 */
export function withoutTargets(record: AccountRecord, ids: readonly TargetId[] = []): AccountRecord {
  if (ids.length === 0) return record;
  const targets = Object.entries(record.targets).flatMap(([id, known]) => {
    if (!ids.includes(id)) return [[id, known] as const];
    const { refresh } = known;
    return refresh === undefined ? [] : [[id, { failures: 0, accepted: false, refresh }] as const];
  });
  return { ...record, targets: Object.fromEntries(targets) };
}

/**
 * Bounded: of the targets without a place, the newest ones whose consumers are through. Should one that left longer ago come back, they are
 * asked once too often.
 */
export function withoutLongGone(record: AccountRecord, places: Places): AccountRecord {
  const through = Object.entries(record.targets).flatMap(([id, { owed, refresh }]) => {
    if (refresh === undefined || owed !== undefined || Object.hasOwn(places, id)) return [];
    const isThrough = Object.values(refresh.consumers).every(({ throughAt }) => throughAt !== undefined);
    return isThrough ? [{ id, neededAt: refresh.neededAt }] : [];
  });
  const long = through.toSorted((one, other) => other.neededAt - one.neededAt).slice(GONE_MAX);
  const targets = Object.entries(record.targets).filter(([id]) => !long.some((one) => one.id === id));
  return { ...record, targets: Object.fromEntries(targets) };
}

/** Whether one of these targets is at the same place, or one of the two is a part of the other. */
export function isTaken(place: Target, targets: readonly Target[]): boolean {
  const whole = wholeOf(place);
  return targets.some((target) => {
    if (target.location === place.location) return true;
    const other = wholeOf(target);
    return whole === other && (place.location === whole || target.location === other);
  });
}

/** The location without the part: a target's name ends with it as well. */
function wholeOf({ id, store, address, location }: Target): string {
  const part = id.slice(`${store}:${address}`.length);
  return location.slice(0, location.length - part.length);
}
