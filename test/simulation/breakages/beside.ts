/** Mistakes with credentials that work beside the live one: which of a pair is minted for, for how long old ones are kept. */
import { LIMITS } from '../../../src/domain/limits.ts';
import { neverWoken } from './delivering.ts';
import { onClaims, onPolicies, onRecords, onSight, onTable } from './mistake.ts';
import type { Mistake } from './mistake.ts';
import { unasked } from './needs.ts';

const YEAR_MS = 365 * 86_400_000;
const NOT_RETIRED = /was not retired/;

const PAIRS: readonly Mistake[] = [
  {
    name: 'a mint for one of a pair ends what a target holds',
    rows: ["need a pair's standby held by no target"],
    breaks: 5,
    says: /which ends .* holds it/,
    strategy: 'pair',
    make: unasked("a pair's standby held by no target"),
  },
  {
    name: 'where nothing shows which of a pair is in use, it is not the first',
    rows: ['hold undecided'],
    breaks: 3,
    says: /held: .*undecided/,
    strategy: 'pair',
    make: onClaims((claim) => {
      const { live, standby } = claim.record;
      const [accountId] = claim.policy.accountIds;
      if (live !== undefined || standby !== undefined) return claim;
      return { ...claim, record: { ...claim.record, standby: { accountId, since: 0 } } };
    }),
  },
];

const OLD: readonly Mistake[] = [
  { ...neverWoken('grace', /was not retired|nothing was minted|holds/), strategy: 'overlap' },
  {
    name: 'an old credential has no grace',
    rows: ['limit graceMs', 'retire quiet, or the hard limit passed'],
    breaks: 5,
    says: /before its grace is over/,
    strategy: 'overlap',
    make: onPolicies((policy) => ({ ...policy, graceMs: 0 })),
  },
  {
    name: 'an old credential is kept for a year',
    rows: ['limit graceMs', 'retire quiet, or the hard limit passed'],
    breaks: 1,
    says: NOT_RETIRED,
    strategy: 'overlap',
    make: onPolicies((policy) => ({ ...policy, graceMs: YEAR_MS })),
  },
  {
    name: 'whoever uses an old credential keeps it for a year',
    rows: ['limit retireHardLimitMs', 'retire quiet, or the hard limit passed'],
    breaks: 1,
    says: NOT_RETIRED,
    strategy: 'overlap',
    make: onPolicies((policy) => ({ ...policy, retireHardLimitMs: YEAR_MS })),
  },
  {
    name: 'a look never shows when a credential was used',
    rows: ['retire quiet, or the hard limit passed'],
    breaks: 5,
    says: /although it is used/,
    strategy: 'overlap',
    make: onSight(({ credentials, ...seen }) => ({
      ...seen,
      ...(credentials && { credentials: credentials.map(({ lastUsedAt: _, ...one }) => one) }),
    })),
  },
  {
    name: 'what turned up late is swept after a minute',
    rows: ['limit sweepAfterMs', 'sweeping'],
    breaks: 5,
    says: /before it is a day old/,
    strategy: 'overlap',
    make: onTable(LIMITS, { sweepAfterMs: 60_000 }),
  },
  {
    name: 'what turned up late is kept for a year',
    rows: ['limit sweepAfterMs', 'sweeping'],
    breaks: 1,
    says: /was not swept/,
    strategy: 'overlap',
    make: onTable(LIMITS, { sweepAfterMs: YEAR_MS }),
  },
  {
    name: 'what nobody knows counts as what turned up late',
    rows: ['sweeping'],
    breaks: 5,
    says: /none of its own/,
    strategy: 'overlap',
    make: onRecords(({ unknown = [], old = [], ...record }) => ({
      ...record,
      old: [...old, ...unknown.map(({ reference, since }) => ({ why: 'late' as const, reference, since }))],
    })),
  },
];

export const BESIDE_MISTAKES: readonly Mistake[] = [...PAIRS, ...OLD];
