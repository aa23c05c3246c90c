/** What the folds are made of: changes of one part of a record, all else left as it is. */
import type { FactOf } from '../fact.ts';
import type { AccountRecord, KnownCredential, OpenRotation, TargetRecord } from '../record.ts';
import type { TargetId } from '../target.ts';

/** Superseded fingerprints that a record remembers. */
export const SUPERSEDED_MAX = 32;

const EMPTY_TARGET: TargetRecord = { failures: 0, accepted: false };

/** A credential that was seen to be live and did not come with our own mint's answer. */
export function seenLive(fingerprint: string, life: Life): KnownCredential {
  return { fingerprint, ownMint: false, proved: false, ...lifetimeFields(life) };
}

interface Life {
  readonly at: number;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
}

export function lifetimeFields(life: Life): { readonly issuedAt?: number; readonly expiresAt?: number } {
  return {
    ...(life.issuedAt === undefined ? {} : { issuedAt: life.issuedAt }),
    ...(life.expiresAt === undefined ? {} : { expiresAt: life.expiresAt }),
  };
}

export function lifetimeOf(life: Life): { readonly lifetimeMs?: number } {
  if (life.expiresAt === undefined) return {};
  return { lifetimeMs: Math.max(0, life.expiresAt - (life.issuedAt ?? life.at)) };
}

/** What was live until now is never live again. */
export function supersede(record: AccountRecord, fingerprint: string | undefined): AccountRecord {
  const base = without(record, 'lifetimeMs', 'refused');
  const old = [fingerprint, record.live?.fingerprint].filter((one) => one !== undefined);
  const superseded = [...new Set([...record.superseded, ...old])].slice(-SUPERSEDED_MAX);
  return { ...base, superseded };
}

/** What was seen to be live after all. */
export function withoutSuperseded(record: AccountRecord, fingerprint: string): AccountRecord {
  return { ...record, superseded: record.superseded.filter((one) => one !== fingerprint) };
}

export function backOff(
  record: AccountRecord,
  fact: Pick<FactOf<'rotation-failed'>, 'at' | 'failure' | 'message' | 'retryAt'>,
): AccountRecord {
  return {
    ...record,
    lastFailure: { failure: fact.failure, message: fact.message, at: fact.at },
    retryAt: fact.retryAt,
  };
}

export function forgetBackOff(record: AccountRecord): AccountRecord {
  const targets = Object.fromEntries(
    Object.entries(record.targets).map(([id, target]) => [id, withoutKeys(target, 'retryAt')]),
  );
  return { ...withoutFailures(without(record, 'retryAt')), targets, retries: 0 };
}

/** Nor is a mint that was declined before held against the account once it has settled. */
function withoutFailures(record: AccountRecord): AccountRecord {
  const known = inRotation(record, (rotation) => ({
    ...rotation,
    ...(rotation.intent && { intent: withoutKeys(rotation.intent, 'counts') }),
  }));
  return { ...known, failures: 0 };
}

export function lookAgain(record: AccountRecord, at: number): AccountRecord {
  return { ...record, reobserveAt: [...record.reobserveAt, at] };
}

export function inRotation(
  record: AccountRecord,
  change: (rotation: OpenRotation) => OpenRotation,
): AccountRecord {
  return record.rotation === undefined ? record : { ...record, rotation: change(record.rotation) };
}

export function inTarget(
  record: AccountRecord,
  id: TargetId,
  change: (target: TargetRecord) => TargetRecord,
): AccountRecord {
  return { ...record, targets: { ...record.targets, [id]: change(record.targets[id] ?? EMPTY_TARGET) } };
}

type Removable =
  | 'live'
  | 'refused'
  | 'liveMissingSince'
  | 'slot'
  | 'missed'
  | 'heldSlot'
  | 'pausedSlot'
  | 'leftAt'
  | 'rotation'
  | 'waiting'
  | 'lifetimeMs'
  | 'lastFailure'
  | 'retryAt'
  | 'parked'
  | 'paused'
  | 'mismatched'
  | 'standby'
  | 'rolesDiffer';

export function without(record: AccountRecord, ...keys: Removable[]): AccountRecord {
  return withoutKeys(record, ...keys);
}

export function withoutKeys<T extends object, Key extends keyof T>(
  value: T,
  ...keys: Key[]
): Omit<T, Key> & T {
  const isRemoved = (key: PropertyKey) => (keys as readonly PropertyKey[]).includes(key);
  if (!keys.some((key) => Object.hasOwn(value, key))) return value;
  // Not a copy from which they are deleted: all that is done with such an object is slow.
  return Object.fromEntries(Object.entries(value).filter(([key]) => !isRemoved(key))) as Omit<T, Key> & T;
}

/** The part with these instants at `at` (ms since the epoch) where they lie after it; one that it lacks stays away. */
export function upTo<T extends object>(part: T, at: number, ...keys: InstantKey<T>[]): T {
  const ahead = keys.filter((key) => Number(part[key]) > at);
  return { ...part, ...Object.fromEntries(ahead.map((key) => [key, at])) };
}

type InstantKey<T> = { [Key in keyof T]-?: T[Key] extends number | undefined ? Key : never }[keyof T];
