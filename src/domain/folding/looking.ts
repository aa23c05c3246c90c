/** Facts about the account as it was seen, and about what holds it. */
import type { AccountRecord } from '../record.ts';
import type { Folds } from './folds.ts';
import { seenLive, lifetimeOf, supersede, backOff, forgetBackOff, without, withoutKeys } from './parts.ts';

export const LOOKING = {
  'account-adopted': (record, fact) => ({
    ...record,
    adoptedAt: fact.at,
    ageFrom: ageFrom(fact.issuedAt ?? fact.slotFrom, fact.at),
    ...(fact.slotFrom === undefined ? {} : { slot: fact.slotFrom }),
    ...(fact.evidence === 'store' ? { knownBefore: true as const } : {}),
    ...(fact.live === undefined ? {} : { live: seenLive(fact.live, fact), ...lifetimeOf(fact) }),
  }),
  'policy-changed': (record) => forgetBackOff(without(record, 'parked')),
  'observe-failed': (record, fact) => ({ ...backOff(record, fact), retries: fact.attempt }),
  looked: (record, fact) => ({
    // While a rotation is open, what is tried again is its own; what waits for its time stays.
    ...(record.rotation === undefined && (record.retryAt ?? 0) <= fact.at
      ? { ...without(record, 'retryAt'), retries: 0 }
      : record),
    reobserveAt: record.reobserveAt.filter((at) => at > fact.requestedAt),
  }),
  'live-found': (record, fact) => ({
    ...without(record, 'liveMissingSince'),
    live: { ...seenLive(fact.fingerprint, fact), proved: true },
    ...(fact.issuedAt === undefined ? {} : { ageFrom: ageFrom(fact.issuedAt, fact.at) }),
    ...lifetimeOf(fact),
  }),
  'live-missing': (record, fact) => ({ ...record, liveMissingSince: fact.at }),
  'live-changed': (record, fact) => ({
    ...without(supersede(record, fact.was), 'liveMissingSince'),
    live: seenLive(fact.fingerprint, fact),
    ageFrom: ageFrom(fact.issuedAt, fact.at),
    ...lifetimeOf(fact),
  }),
  'credential-proved': (record, fact) =>
    record.live?.fingerprint === fact.fingerprint
      ? { ...record, live: { ...record.live, proved: true } }
      : record,
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
  'account-left': (record, fact) => ({ ...without(record, 'waiting', 'missed'), leftAt: fact.at }),
} satisfies Partial<Folds>;

/** Evidence of when the live credential came to be, else the time at which it was first seen. */
function ageFrom(evidence: number | undefined, seenAt: number): NonNullable<AccountRecord['ageFrom']> {
  return { at: evidence ?? seenAt, atLeast: evidence === undefined };
}
