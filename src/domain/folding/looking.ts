/** Facts about the account as it was seen, and about what holds it. */
import type { Folds } from './folds.ts';
import { seenLive, lifetimeOf, supersede, backOff, forgetBackOff, without, withoutKeys } from './parts.ts';

export const LOOKING = {
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
  looked: (record, fact) => ({
    // While a rotation is open, what is tried again is its own; what waits for its time stays.
    ...(record.rotation === undefined && (record.retryAt ?? 0) <= fact.at
      ? { ...without(record, 'retryAt'), retries: 0 }
      : record),
    reobserveAt: record.reobserveAt.filter((at) => at > fact.requestedAt),
  }),
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
