/** Mistakes with credentials that work beside the live one: which of a pair is minted for, when old ones are retired and swept. */
import { LIMITS } from '../../../src/domain/limits.ts';
import { RETIRE_NEEDS } from '../../../src/domain/retire-needs.ts';
import type { RetireNeed } from '../../../src/domain/retire-needs.ts';
import { overlay } from '../overlay.ts';
import { neverWoken } from './delivering.ts';
import { onClaims, onPolicies, onRecords, onSight, onTable, patched } from './mistake.ts';
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
    rows: ['limit graceMs', 'retiring'],
    breaks: 5,
    says: /before its grace is over/,
    strategy: 'overlap',
    make: onPolicies((policy) => ({ ...policy, graceMs: 0 })),
  },
  {
    name: 'an old credential is kept for a year',
    rows: ['limit graceMs', 'retiring'],
    breaks: 1,
    says: NOT_RETIRED,
    strategy: 'overlap',
    make: onPolicies((policy) => ({ ...policy, graceMs: YEAR_MS })),
  },
  {
    name: 'whoever uses an old credential keeps it for a year',
    rows: ['limit retireHardLimitMs', 'retiring'],
    breaks: 1,
    says: NOT_RETIRED,
    strategy: 'overlap',
    make: onPolicies((policy) => ({ ...policy, retireHardLimitMs: YEAR_MS })),
  },
  {
    name: 'a look never shows when a credential was used',
    rows: ['retiring'],
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

/** Rows of the tables of what must be known before an old credential is retired, and before one that has leaked is ended. */
function retired(need: string, given: Pick<Mistake, 'name' | 'breaks' | 'says'> & Partial<Mistake>): Mistake {
  return { rows: ['retiring'], strategy: 'overlap', make: met(RETIRE_NEEDS, need), ...given };
}

/** The row counts as met, whatever was seen. */
function met(table: readonly RetireNeed[], need: string): Mistake['make'] {
  return () => ({
    patch() {
      const row = table.find((one) => one.need === need);
      if (row === undefined) throw new Error(`there is no need called ${need}`);
      return patched(row, { missing: () => undefined });
    },
  });
}

/** Clocks that are wrong, or set, while something is old. */
const CLOCKS: readonly Mistake[] = [
  retired('what time it is', {
    name: 'an old credential is retired by a clock that is ahead',
    breaks: 5,
    says: /before its grace is over|although it is used/,
  }),
  {
    name: 'a grace begins and ends by whatever clock',
    rows: ['limit clockSkewMs', 'retiring'],
    breaks: 5,
    says: /before its grace is over/,
    strategy: 'overlap',
    // Something is minted unasked by it as well.
    alone: true,
    make: onTable(LIMITS, { clockSkewMs: YEAR_MS }),
  },
  {
    name: "how long ago an old credential was used is counted by this machine's clock",
    rows: ['retiring'],
    breaks: 5,
    says: /although it is used/,
    strategy: 'overlap',
    make: () => ({
      parts: (parts) => ({ ...parts, clocks: overlay(parts.clocks, { ahead: () => undefined }) }),
    }),
  },
];

export const BESIDE_MISTAKES: readonly Mistake[] = [...PAIRS, ...OLD, ...CLOCKS];
