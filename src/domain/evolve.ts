/**
 * `record' = evolve(record, fact)`: the fold of an account's facts. Pure, total, and the only place where a
 * record changes.
 */
import type { Fact, FactKind, FactOf } from './fact.ts';
import type { AccountRecord, KnownCredential, OpenRotation, TargetRecord } from './record.ts';
import type { TargetId } from './target.ts';

/** Superseded fingerprints that a record remembers. */
const SUPERSEDED_MAX = 32;

/** After a mint of unknown outcome the account is looked at again this long after, in case the effect came late. */
const LATE_EFFECT_LOOKS_MS = [60_000, 300_000, 900_000] as const;

export const EMPTY_RECORD: AccountRecord = {
  version: 0,
  superseded: [],
  targets: {},
  failures: 0,
  retries: 0,
  reobserveAt: [],
  held: {},
};

const EMPTY_TARGET: TargetRecord = { failures: 0, accepted: false };

/** The record with this fact folded in. */
export function evolve(record: AccountRecord, fact: Fact): AccountRecord {
  const fold = FOLDS[fact.kind] as (record: AccountRecord, fact: Fact) => AccountRecord;
  return { ...fold(record, fact), version: record.version + 1 };
}

type Folds = { readonly [Kind in FactKind]: (record: AccountRecord, fact: FactOf<Kind>) => AccountRecord };

const FOLDS: Folds = {
  'account-adopted': (record, fact) => ({
    ...record,
    adoptedAt: fact.at,
    ageFrom: { at: fact.issuedAt ?? fact.at, atLeast: fact.issuedAt === undefined },
    ...(fact.slotFrom === undefined ? {} : { slot: fact.slotFrom }),
    ...(fact.evidence === 'store' ? { knownBefore: true as const } : {}),
    ...(fact.live === undefined ? {} : { live: seenLive(fact.live, fact), ...lifetimeOf(fact) }),
  }),
  'policy-changed': (record) => forgetBackOff(without(record, 'parked')),
  'observe-failed': (record, fact) => ({ ...backOff(record, fact), retries: fact.attempt }),
  'slot-skipped': (record, fact) => without({ ...record, slot: fact.slot }, 'missed', 'heldSlot'),
  'slot-missed': (record, fact) => ({ ...record, missed: { slot: fact.slot, runAt: fact.runAt } }),
  'slot-held': (record, fact) => ({ ...record, heldSlot: fact.slot }),
  'request-taken': (record, fact) => takeRequest(record, fact),
  'request-refused': (record) => record,
  'rotation-opened': (record, fact) => openRotation(record, fact),
  'rotation-joined': (record, fact) => joinRotation(record, fact),
  'mint-intended': (record, fact) =>
    inRotation(record, (rotation) => ({
      ...rotation,
      attempts: fact.attempt,
      intent: {
        attempt: fact.attempt,
        at: fact.at,
        ...(fact.preImage === undefined ? {} : { preImage: fact.preImage }),
        sentAt: fact.at,
        unknown: false,
        sightings: 0,
      },
    })),
  'credential-minted': (record, fact) => minted(record, fact),
  'mint-refused': (record, fact) => ({
    ...backOff(
      inRotation(record, ({ intent: _, ...rotation }) => rotation),
      fact,
    ),
    retries: record.retries + 1,
    failures: record.failures + (fact.counts ? 1 : 0),
    effectEndedAt: fact.at,
  }),
  'mint-unknown': (record, fact) => ({
    ...inRotation(record, (rotation) => ({
      ...rotation,
      ...(rotation.intent && { intent: { ...rotation.intent, sentAt: fact.sentAt, unknown: true } }),
    })),
    lastFailure: { failure: fact.failure, message: fact.message, at: fact.at },
    effectEndedAt: fact.at,
    failures: record.failures + (fact.counts ? 1 : 0),
    reobserveAt: LATE_EFFECT_LOOKS_MS.map((ms) => fact.sentAt + ms),
  }),
  'pre-image-seen': (record, fact) =>
    inRotation(record, (rotation) => ({
      ...rotation,
      ...(rotation.intent && {
        intent: {
          ...rotation.intent,
          sightings: rotation.intent.sightings + 1,
          sightedAt: fact.requestedAt,
        },
      }),
    })),
  'mint-settled': (record) => inRotation(record, ({ intent: _, ...rotation }) => rotation),
  'credential-lost': (record, fact) => ({
    ...without(
      supersede(
        inRotation(record, ({ intent: _i, minted: _m, ...rotation }) => ({ ...rotation, lost: true })),
        fact.preImage,
      ),
      'live',
    ),
    mintedAt: fact.mintedAt,
  }),
  'account-mismatched': (record, fact) => ({
    ...inRotation(record, ({ intent: _, ...rotation }) => rotation),
    mismatched: { since: fact.at, why: fact.why },
    mintedAt: fact.mintedAt,
    effectEndedAt: fact.at,
  }),
  'mismatch-cleared': (record) => without(record, 'mismatched', 'rotation'),
  'live-found': (record, fact) => ({
    ...record,
    live: { fingerprint: fact.fingerprint, ownMint: false, proved: true },
  }),
  'live-changed': (record, fact) => ({
    ...supersede(record, fact.was),
    live: seenLive(fact.fingerprint, fact),
    ageFrom: { at: fact.issuedAt ?? fact.at, atLeast: fact.issuedAt === undefined },
    ...lifetimeOf(fact),
  }),
  'credential-proved': (record, fact) =>
    record.live?.fingerprint === fact.fingerprint
      ? { ...record, live: { ...record.live, proved: true } }
      : record,
  'old-credential-tried': (record) => inRotation(record, (rotation) => ({ ...rotation, oldTried: true })),
  'target-written': (record, fact) => ({
    ...inTarget(record, fact.target, (target) => ({
      ...withoutKeys(target, 'retryAt', 'lastFailure', 'foreign', 'drifted', 'confirmed'),
      written: { fingerprint: fact.fingerprint, version: fact.version, at: fact.acknowledgedAt },
      failures: 0,
      ...(fact.identity === undefined
        ? {}
        : { realWrite: { at: fact.acknowledgedAt, identity: fact.identity } }),
    })),
    effectEndedAt: Math.max(record.effectEndedAt ?? 0, fact.acknowledgedAt),
  }),
  'target-confirmed': (record, fact) =>
    inTarget(record, fact.target, (target) => ({
      ...withoutKeys(target, 'retryAt', 'lastFailure', 'foreign', 'drifted', 'owed'),
      confirmed: { fingerprint: fact.fingerprint, version: fact.version, at: fact.at },
      failures: 0,
    })),
  'target-failed': (record, fact) =>
    inTarget(record, fact.target, (target) => ({
      ...target,
      failures: fact.attempt,
      retryAt: fact.retryAt,
      lastFailure: { failure: fact.failure, message: fact.message },
    })),
  'target-foreign': (record, fact) =>
    inTarget(record, fact.target, (target) => ({
      ...withoutKeys(target, 'confirmed'),
      foreign: {
        since: target.foreign?.since ?? fact.at,
        ...(fact.fingerprint === undefined ? {} : { fingerprint: fact.fingerprint }),
      },
    })),
  'target-accepted': (record, fact) =>
    inTarget(record, fact.target, (target) => ({
      ...withoutKeys(target, 'foreign', 'retryAt'),
      accepted: true,
    })),
  'target-cleared': (record, fact) =>
    inTarget(record, fact.target, (target) => withoutKeys(target, 'foreign')),
  'target-drifted': (record, fact) =>
    inTarget(record, fact.target, (target) => ({
      ...withoutKeys(target, 'confirmed'),
      drifted: {
        since: fact.at,
        ...(fact.fingerprint === undefined ? {} : { fingerprint: fact.fingerprint }),
      },
    })),
  'write-proved': (record, fact) =>
    inTarget(record, fact.target, (target) => ({
      ...target,
      realWrite: { at: fact.at, identity: fact.identity },
    })),
  'rotation-succeeded': (record, fact) => ({
    ...without(record, 'rotation', 'parked', 'retryAt', 'lastFailure'),
    failures: 0,
    retries: 0,
    lastRotation: {
      id: record.rotation?.id ?? '',
      at: fact.at,
      estimated: fact.estimated,
      ...(fact.darkWindowMs === undefined ? {} : { darkWindowMs: fact.darkWindowMs }),
    },
  }),
  'rotation-failed': (record, fact) => ({
    ...backOff(record, fact),
    retries: fact.attempt,
    failures: record.failures + (fact.counts ? 1 : 0),
  }),
  'rotation-abandoned': (record) => without(record, 'rotation', 'retryAt'),
  'account-held': (record, fact) => ({
    ...record,
    held: {
      ...record.held,
      [fact.hold]: { since: record.held[fact.hold]?.since ?? fact.at, why: fact.why },
    },
  }),
  'hold-lifted': (record, fact) => ({ ...record, held: withoutKeys(record.held, fact.hold) }),
  'account-parked': (record, fact) => ({ ...record, parked: { since: fact.at, why: fact.why } }),
  'account-unparked': (record) => forgetBackOff(without(record, 'parked')),
  'account-paused': (record, fact) => ({ ...record, paused: { since: fact.at, cause: fact.cause } }),
  'account-resumed': (record) => without(record, 'paused'),
  'account-left': (record, fact) => ({ ...record, leftAt: fact.at }),
  looked: (record, fact) => ({
    ...without(record, 'retryAt'),
    retries: 0,
    reobserveAt: record.reobserveAt.filter((at) => at > fact.requestedAt),
  }),
};

function takeRequest(record: AccountRecord, fact: FactOf<'request-taken'>): AccountRecord {
  if (fact.does === 'reconcile') return { ...forgetBackOff(record), reobserveAt: [fact.at] };
  if (fact.does !== 'rotate') return record;
  const waiting = record.waiting ?? { requests: [], cause: fact.cause, at: fact.at };
  return { ...record, waiting: { ...waiting, requests: [...waiting.requests, fact.request] } };
}

function openRotation(record: AccountRecord, fact: FactOf<'rotation-opened'>): AccountRecord {
  const rotation: OpenRotation = {
    id: fact.rotation ?? fact.id,
    trigger: fact.trigger,
    cause: fact.cause,
    dueAt: fact.dueAt,
    openedAt: fact.at,
    requests: fact.trigger === 'manual' ? (record.waiting?.requests ?? []) : [],
    attempts: 0,
    lost: false,
    oldTried: false,
    ...(fact.slot === undefined ? {} : { slot: fact.slot }),
  };
  const base = without(
    record,
    'missed',
    'heldSlot',
    'retryAt',
    ...(fact.trigger === 'manual' ? ['waiting' as const] : []),
  );
  return { ...base, rotation, retries: 0, ...(fact.slot === undefined ? {} : { slot: fact.slot }) };
}

function joinRotation(record: AccountRecord, fact: FactOf<'rotation-joined'>): AccountRecord {
  const joined = inRotation(record, (rotation) => ({
    ...rotation,
    ...(fact.slot === undefined ? {} : { slot: fact.slot }),
    ...(fact.requests.length === 0
      ? {}
      : {
          requests: [...rotation.requests, ...fact.requests],
          trigger: 'manual' as const,
          cause: fact.cause,
        }),
  }));
  const base = fact.requests.length === 0 ? joined : without(joined, 'waiting', 'retryAt');
  return { ...base, ...(fact.slot === undefined ? {} : { slot: fact.slot }) };
}

function minted(record: AccountRecord, fact: FactOf<'credential-minted'>): AccountRecord {
  let next = supersede(record, fact.preImage);
  next = inRotation(next, ({ intent: _, ...rotation }) => ({
    ...rotation,
    minted: {
      fingerprint: fact.fingerprint,
      sentAt: fact.sentAt,
      recovered: fact.recovered,
      ...(fact.preImage === undefined ? {} : { preImage: fact.preImage }),
    },
  }));
  for (const target of fact.targets) {
    next = inTarget(next, target.id, (known) => ({
      ...withoutKeys(known, 'retryAt', 'confirmed', 'drifted'),
      owed: { fingerprint: fact.fingerprint, target },
    }));
  }
  return {
    ...without(next, 'retryAt'),
    retries: 0,
    live: {
      fingerprint: fact.fingerprint,
      mintedAt: fact.sentAt,
      ownMint: !fact.recovered,
      proved: false,
      ...lifetimeFields(fact),
    },
    mintedAt: fact.sentAt,
    ageFrom: { at: fact.sentAt, atLeast: false },
    ...lifetimeOf(fact),
    effectEndedAt: fact.at,
  };
}

/** A credential that was seen to be live and did not come with our own mint's answer. */
function seenLive(fingerprint: string, life: Life): KnownCredential {
  return { fingerprint, ownMint: false, proved: false, ...lifetimeFields(life) };
}

interface Life {
  readonly at: number;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
}

function lifetimeFields(life: Life): { readonly issuedAt?: number; readonly expiresAt?: number } {
  return {
    ...(life.issuedAt === undefined ? {} : { issuedAt: life.issuedAt }),
    ...(life.expiresAt === undefined ? {} : { expiresAt: life.expiresAt }),
  };
}

function lifetimeOf(life: Life): { readonly lifetimeMs?: number } {
  if (life.expiresAt === undefined) return {};
  return { lifetimeMs: Math.max(0, life.expiresAt - (life.issuedAt ?? life.at)) };
}

/** What was live until now is never live again. */
function supersede(record: AccountRecord, fingerprint: string | undefined): AccountRecord {
  const base = without(record, 'lifetimeMs');
  const old = [fingerprint, record.live?.fingerprint].filter((one) => one !== undefined);
  const superseded = [...new Set([...record.superseded, ...old])].slice(-SUPERSEDED_MAX);
  return { ...base, superseded };
}

function backOff(
  record: AccountRecord,
  fact: { readonly at: number; readonly retryAt?: number } & NonNullable<
    Pick<FactOf<'rotation-failed'>, 'failure' | 'message'>
  >,
): AccountRecord {
  return {
    ...record,
    lastFailure: { failure: fact.failure, message: fact.message, at: fact.at },
    ...(fact.retryAt === undefined ? {} : { retryAt: fact.retryAt }),
  };
}

function forgetBackOff(record: AccountRecord): AccountRecord {
  const targets = Object.fromEntries(
    Object.entries(record.targets).map(([id, target]) => [id, withoutKeys(target, 'retryAt')]),
  );
  return { ...without(record, 'retryAt'), targets, failures: 0, retries: 0 };
}

function inRotation(record: AccountRecord, change: (rotation: OpenRotation) => OpenRotation): AccountRecord {
  return record.rotation === undefined ? record : { ...record, rotation: change(record.rotation) };
}

function inTarget(
  record: AccountRecord,
  id: TargetId,
  change: (target: TargetRecord) => TargetRecord,
): AccountRecord {
  return { ...record, targets: { ...record.targets, [id]: change(record.targets[id] ?? EMPTY_TARGET) } };
}

type Removable =
  | 'live'
  | 'slot'
  | 'missed'
  | 'heldSlot'
  | 'rotation'
  | 'waiting'
  | 'lifetimeMs'
  | 'lastFailure'
  | 'retryAt'
  | 'parked'
  | 'paused'
  | 'mismatched';

function without(record: AccountRecord, ...keys: Removable[]): AccountRecord {
  return withoutKeys(record, ...keys);
}

function withoutKeys<T extends object, Key extends keyof T>(value: T, ...keys: Key[]): Omit<T, Key> & T {
  const copy = { ...value };
  for (const key of keys) Reflect.deleteProperty(copy, key);
  return copy;
}
