/** Mistakes in limits: numbers that decide about an account, far too large or too small. */
import { LIMITS } from '../../../src/domain/limits.ts';
import type { Breakage } from '../breakage.ts';
import type { Invariant } from '../watch/verdicts.ts';
import { onJournal, onPolicies, onProvider, onTable } from './mistake.ts';
import type { Mistake } from './mistake.ts';

const YEAR_MS = 365 * 86_400_000;
const LATE = /holds|nothing was minted|still holds|never got into|nobody was called/;

type Limits = Partial<Record<keyof typeof LIMITS, number>>;

function limits(name: string, changes: Limits, breaks: Invariant, says: RegExp): Mistake {
  const rows = (Object.keys(changes) as (keyof typeof LIMITS)[]).map((key) => `limit ${key}` as const);
  return { name, rows, breaks, says, make: onTable(LIMITS, changes) };
}

/** What a mint rests on may be older, and what is against it comes later. */
const GUARDS: readonly Mistake[] = [
  limits('a look at an account counts for a minute', { accountFreshMs: 60_000 }, 3, /was not seen within/),
  limits('a look at a target counts for ten minutes', { targetFreshMs: 600_000 }, 3, /was not read within/),
  limits('clocks may differ by a year', { clockSkewMs: YEAR_MS }, 3, /held: .*clock-skew/),
  limits('a target is contested after a thousand times', { overwritesMax: 1_000 }, 3, /held: .*contested/),
  limits(
    'only what is written over within a second counts',
    { overwritesWithinMs: 1_000 },
    3,
    /held: .*contested/,
  ),
  limits(
    'all that is written over within a year is once',
    { overwritesApartMs: YEAR_MS },
    3,
    /held: .*contested/,
  ),
  {
    ...limits('a thousand old credentials may wait', { oldWaitingMax: 1_000 }, 3, /held: .*many-old/),
    strategy: 'overlap',
  },
  limits('a contest is over at once', { contestedMs: 0 }, 3, /held: .*contested/),
  {
    ...limits('a refusal counts for a year', { refusedFreshMs: YEAR_MS }, 3, /held: .*not refused lately/),
    rows: ['limit refusedFreshMs', 'need the live credential refused, where that is why'],
  },
];

/** What passed before anybody could see to it is not made up for where it is to be skipped. */
const MISSED = limits(
  'what was missed counts as missed after a year',
  { missedAfterMs: YEAR_MS },
  3,
  /held: .*a missed slot is skipped/,
);

const HOUR_LIMIT = /held: .*refused-limit \(an hour\)/;

/** Refused credentials are no reason for many mints, nor is one refusal for any. */
const REFUSALS: readonly Mistake[] = [
  limits(
    'a refusal counts when it is seen again a second later',
    { refusedApartMs: 1_000 },
    3,
    /not refused twice/,
  ),
  limits('mints because of refusals are counted over a second', { refusedMintsPerMs: 1_000 }, 3, HOUR_LIMIT),
  limits(
    'as many mints may follow from refusals as there are accounts',
    { refusedMintsShare: 1 },
    3,
    HOUR_LIMIT,
  ),
  limits(
    'an account is minted for whenever it is refused',
    { refusedMintEveryMs: 0 },
    3,
    /refused-limit \(a day\)/,
  ),
  {
    name: 'each mint because of a refusal is granted',
    rows: ['hold refused-limit'],
    breaks: 3,
    says: HOUR_LIMIT,
    make: onJournal(() => ({
      grantRefused: ({ now }) => Promise.resolve({ granted: true, lastHour: 0, atMost: 1, until: now }),
    })),
  },
];

/** What is waited for comes too late. */
const PACE: readonly Mistake[] = [
  limits(
    'what became of a mint is looked at after a year',
    { recoverFirstMs: YEAR_MS, recoverMaxMs: YEAR_MS },
    1,
    LATE,
  ),
  limits(
    'what was refused is tried again after a year',
    { refusedTryMs: YEAR_MS, refusedTryMaxMs: YEAR_MS },
    1,
    /nobody was called/,
  ),
  limits(
    'whether a closed account is open again is looked at after a year',
    { recheckMs: YEAR_MS, recheckMaxMs: YEAR_MS },
    1,
    /is held as closed/,
  ),
  limits('what services say of the time is never believed', { clockSeenMs: -1 }, 1, LATE),
  limits('nobody notices that the clock was put back', { clockStepMs: YEAR_MS }, 1, LATE),
  limits('what failed is tried again after a year', { retryFirstMs: YEAR_MS, retryMaxMs: YEAR_MS }, 1, LATE),
  limits(
    'what was verified in vain is verified again after a year',
    { verifyRetryFirstMs: YEAR_MS, verifyRetryMaxMs: YEAR_MS },
    1,
    LATE,
  ),
  {
    ...limits(
      'what could not be retired is looked into again after a year',
      { retireTryMs: YEAR_MS, retireTryMaxMs: YEAR_MS },
      1,
      /was not retired|nothing was minted|works still/,
    ),
    strategy: 'overlap',
  },
];

const CONFIGURED: readonly Mistake[] = [
  {
    name: 'an account is parked after a thousand failures',
    rows: ['limit parkAfter', 'failure not-allowed', 'hold parked'],
    breaks: 3,
    says: /held: .*parked/,
    make: (): Breakage => ({
      parts: (parts) => ({ ...parts, settings: { ...parts.settings, parkAfter: 1_000 } }),
    }),
  },
  {
    name: 'that a mint was declined for what an account has is no failure of its own',
    rows: ['limit parkAfter', 'failure answer-invalid', 'hold parked'],
    breaks: 3,
    says: /held: .*parked/,
    make: onProvider((provider) => ({
      mint: async (account, options) => {
        const answer = await provider.mint(account, options);
        if (answer.ok) return answer;
        const { declined: _, ...failure } = answer.failure;
        return { ok: false, failure };
      },
    })),
  },
  {
    name: 'a provider is frozen after a thousand failures',
    rows: ['limit freeze', 'hold frozen'],
    breaks: 3,
    says: /held: .*frozen/,
    make: onProvider(() => ({ freeze: { failures: 1_000, of: 2_000 } })),
  },
  {
    name: 'nothing is too soon',
    rows: ['limit minInterval', 'hold too-soon'],
    breaks: 3,
    says: /held: .*too-soon/,
    make: onPolicies((policy) => ({ ...policy, minIntervalMs: 0 })),
  },
  {
    name: 'what somebody changed is put right where that is only to be reported',
    rows: ['limit onDrift'],
    breaks: 3,
    says: /wrote to .* held: .*onDrift/,
    make: onPolicies((policy) => ({ ...policy, onDrift: 'deliver' })),
  },
  {
    name: 'what somebody changed is only reported',
    rows: ['limit onDrift'],
    breaks: 1,
    says: /holds/,
    make: onPolicies((policy) => ({ ...policy, onDrift: 'report' })),
  },
];

export const LIMIT_MISTAKES: readonly Mistake[] = [...GUARDS, MISSED, ...REFUSALS, ...PACE, ...CONFIGURED];
