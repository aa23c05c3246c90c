import { describe, expect, it } from 'vitest';
import type { OldCredential } from '../../src/domain/record.ts';
import { isStillUsed, unmetForRetire } from '../../src/domain/retire-needs.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { account } from '../builders/account.ts';
import { ALL_SEEN, NOW, record, situation, TARGET } from '../builders/situation.ts';

const MINUTE_MS = 60_000;
const GRACE_MS = 3 * MINUTE_MS;
const OLD = {
  why: 'replaced',
  since: NOW - 10 * MINUTE_MS,
  graceFrom: NOW - 10 * MINUTE_MS,
  fingerprint: 'old',
  reference: 'r-old',
} as const satisfies OldCredential;

/** An old credential whose grace is over, and which the provider says was used then, by its own clock. */
function usedAt(lastUsedAt: number, changes: Partial<Situation> = {}): Situation {
  const made = { name: 'made', createdAt: NOW - 60 * MINUTE_MS };
  const credentials = [
    { ...made, reference: 'r-old', lastUsedAt },
    { ...made, reference: 'r-live' },
  ];
  return situation({
    policy: account({
      strategy: 'overlap',
      targets: [TARGET],
      graceMs: GRACE_MS,
      retireHardLimitMs: 60 * MINUTE_MS,
    }),
    record: record({
      live: { fingerprint: 'live', ownMint: true, proved: true, reference: 'r-live' },
      old: [OLD],
    }),
    seen: { ...ALL_SEEN, account: { requestedAt: NOW, state: 'open', certain: true, credentials } },
    ...changes,
  });
}

describe('how long ago an old credential was used', () => {
  it("is counted by the provider's clock, where ours is ahead of it", () => {
    const used = usedAt(NOW - 4 * MINUTE_MS, { providerAheadMs: -3 * MINUTE_MS });
    expect(isStillUsed(used, OLD)).toBe(true);
    expect(unmetForRetire(used, OLD)).toMatchObject({ by: 'waiting', tryAt: NOW + 2 * MINUTE_MS });
    expect(unmetForRetire(used, OLD)?.need).toContain('last at 2026-01-05T11:56:00.000Z');
  });

  it("is counted by the provider's clock, where ours is behind it", () => {
    const used = usedAt(NOW, { providerAheadMs: 3 * MINUTE_MS });
    expect(isStillUsed(used, OLD)).toBe(false);
    expect(unmetForRetire(used, OLD)).toBeUndefined();
  });

  it('is counted by ours where the provider has not told the time', () => {
    expect(isStillUsed(usedAt(NOW - GRACE_MS + 1), OLD)).toBe(true);
    expect(isStillUsed(usedAt(NOW - GRACE_MS), OLD)).toBe(false);
  });
});
