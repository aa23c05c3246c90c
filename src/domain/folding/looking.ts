/** Facts about the account as it was seen, and about what holds it. */
import type { FactOf } from '../fact.ts';
import type { AccountRecord } from '../record.ts';
import type { Folds } from './folds.ts';
import { withoutLongGone, withoutTargets } from '../places.ts';
import { leakInUse, leakOf } from './leaks.ts';
import { aside, endingOf, foundLive, promoted, whichOf, withoutOld } from './overlapping.ts';
import {
  seenLive,
  lifetimeOf,
  supersede,
  backOff,
  forgetBackOff,
  without,
  withoutKeys,
  withoutSuperseded,
} from './parts.ts';

export const LOOKING = {
  'account-adopted': (record, fact) => ({
    ...record,
    adoptedAt: fact.at,
    ageFrom: ageFrom(fact.issuedAt ?? fact.slotFrom, fact.at),
    ...(fact.slotFrom === undefined ? {} : { slot: fact.slotFrom }),
    ...(fact.evidence === 'store' ? { knownBefore: true as const } : {}),
    ...(fact.places === undefined ? {} : { places: fact.places }),
    ...(fact.live === undefined ? {} : { live: seenLive(fact.live, fact), ...lifetimeOf(fact) }),
  }),
  'policy-changed': (record, fact) => ({
    ...forgetBackOff(tryAgain(without(stillKnown(record, fact), 'parked'), fact.at)),
    ...(fact.places === undefined ? {} : { places: fact.places }),
  }),
  'observe-failed': (record, fact) => ({ ...backOff(record, fact), retries: fact.attempt }),
  looked: (record, fact) => ({
    // While a rotation is open, what is tried again is its own; what waits for its time stays.
    ...(record.rotation === undefined && (record.retryAt ?? 0) <= fact.at
      ? { ...without(record, 'retryAt', 'lastFailure'), retries: 0 }
      : record),
    reobserveAt: record.reobserveAt.filter((at) => at > fact.requestedAt),
  }),
  'live-found': (record, fact) => ({
    ...without(found(record, fact.fingerprint), 'liveMissingSince', 'refused', 'standby'),
    live: {
      ...seenLive(fact.fingerprint, fact),
      ...whichOf(fact),
      ...leakInUse(record, fact.fingerprint),
      ...endingOf(record, fact.fingerprint),
      proved: true,
    },
    ...(fact.issuedAt === undefined ? {} : { ageFrom: ageFrom(fact.issuedAt, fact.at) }),
    ...lifetimeOf(fact),
  }),
  'live-missing': (record, fact) => ({ ...record, liveMissingSince: fact.at }),
  'live-changed': (record, fact) => ({
    ...without(changed(foundLive(record, fact.fingerprint), fact), 'liveMissingSince'),
    // One that its account has since the last look may be what a person made because the one before has leaked.
    live: {
      ...seenLive(fact.fingerprint, fact),
      ...whichOf(fact),
      ...(isOfOther(record, fact) ? leakInUse(record, fact.fingerprint) : leakOf(record, fact.fingerprint)),
      ...endingOf(record, fact.fingerprint),
    },
    ageFrom: ageFrom(fact.issuedAt, fact.at),
    ...lifetimeOf(fact),
  }),
  'credential-proved': (record, fact) =>
    record.rotation?.minted?.unproved !== undefined && record.rotation.minted.fingerprint === fact.fingerprint
      ? promoted(record, fact.at)
      : record.live?.fingerprint === fact.fingerprint
        ? { ...without(record, 'refused'), live: { ...withoutKeys(record.live, 'doubted'), proved: true } }
        : record,
  'live-tried': (record, fact) => tried(record, fact),
  // How often it was refused meanwhile says nothing of how soon it is worth another try.
  'others-accepted': (record, { at, fingerprint }) =>
    record.refused?.fingerprint === fingerprint
      ? {
          ...without(record, 'retryAt'),
          refused: { ...withoutKeys(record.refused, 'othersRefused'), times: 0, tryAt: at },
        }
      : record,
  'mint-limited': (record, { at, until, why }) =>
    record.refused === undefined
      ? record
      : { ...record, refused: { ...record.refused, limited: { since: at, until, why } } },
  'account-held': (record, fact) => ({
    ...(fact.hold === 'closed' ? without(record, 'refused') : record),
    held: {
      ...record.held,
      [fact.hold]: { since: record.held[fact.hold]?.since ?? fact.at, why: fact.why },
    },
  }),
  'hold-lifted': (record, fact) => ({ ...record, held: withoutKeys(record.held, fact.hold) }),
  'account-parked': (record, fact) => ({ ...record, parked: { since: fact.at, why: fact.why } }),
  'account-unparked': (record) => forgetBackOff(without(record, 'parked', 'refused')),
  'account-paused': (record, fact) => ({ ...record, paused: { since: fact.at, cause: fact.cause } }),
  'account-resumed': (record) => without(record, 'paused'),
  // Others may have its targets from now on: when it comes back, they are seen for the first time.
  'account-left': (record, fact) => ({
    ...without(record, 'waiting', 'missed'),
    places: {},
    leftAt: fact.at,
  }),
} satisfies Partial<Folds>;

/** It was accepted: it is none of the old ones, and a mint that seemed to have ended it did not. */
function found(record: AccountRecord, fingerprint: string): AccountRecord {
  return withoutSuperseded(withoutOld(foundLive(record, fingerprint), fingerprint), fingerprint);
}

/** What is known of targets under the new policy. */
function stillKnown(record: AccountRecord, { places, forgotten }: FactOf<'policy-changed'>): AccountRecord {
  const rest = withoutTargets(record, forgotten);
  return places === undefined ? rest : withoutLongGone(rest, places);
}

/** Another account of the pair is live from now on: what the one before has, works still. Otherwise it is replaced. */
function changed(record: AccountRecord, fact: FactOf<'live-changed'>): AccountRecord {
  if (!isOfOther(record, fact)) return supersede(withoutSuperseded(record, fact.fingerprint), fact.was);
  return aside(withoutOld(without(record, 'lifetimeMs', 'refused'), fact.fingerprint), fact.at);
}

function isOfOther({ live }: AccountRecord, { accountId }: FactOf<'live-changed'>): boolean {
  return accountId !== undefined && live?.accountId !== undefined && live.accountId !== accountId;
}

/** Evidence of when the live credential came to be, else the time at which it was first seen. */
function ageFrom(evidence: number | undefined, seenAt: number): NonNullable<AccountRecord['ageFrom']> {
  return { at: evidence ?? seenAt, atLeast: evidence === undefined };
}

function tried(record: AccountRecord, fact: FactOf<'live-tried'>): AccountRecord {
  const { live, refused } = record;
  if (live?.fingerprint !== fact.fingerprint) return record;
  const { triedAt, tryAt = fact.at, why } = fact;
  const known = refused?.fingerprint === fact.fingerprint ? refused : undefined;
  const latest = { triedAt, tryAt, ...(why === undefined ? {} : { why }) };
  switch (fact.outcome) {
    case 'accepted':
      return { ...without(record, 'refused'), live: { ...live, proved: true } };
    case 'inconclusive':
      return known === undefined
        ? record
        : { ...record, refused: { ...withoutKeys(known, 'countedAt', 'why'), ...latest } };
    case 'refused':
      return {
        ...record,
        refused: {
          ...(known && withoutKeys(known, 'countedAt', 'why', 'othersRefused')),
          fingerprint: fact.fingerprint,
          since: Math.min(known?.since ?? triedAt, triedAt),
          lastAt: triedAt,
          times: (known?.times ?? 0) + 1,
          ...latest,
          ...(fact.refusedAs === undefined ? {} : { id: fact.refusedAs }),
          ...(fact.othersRefused === true ? { othersRefused: true } : {}),
          ...(fact.counts ? { countedAt: known?.countedAt ?? fact.at } : {}),
        },
      };
  }
}

/** What follows from a refused credential, now that the policy or the clock is another one, follows from a try of its own. */
export function tryAgain(record: AccountRecord, at: number): AccountRecord {
  const { refused } = record;
  if (refused === undefined) return record;
  return { ...record, refused: { ...withoutKeys(refused, 'countedAt', 'limited'), tryAt: at } };
}
