import { describe, expect, it } from 'vitest';
import {
  failure,
  isWaiting,
  lookFailure,
  retryAt,
  targetFailure,
} from '../../../src/domain/deciding/failing.ts';
import type { Situation } from '../../../src/domain/situation.ts';
import { ALL_SEEN, INTENT, NOW, OPEN, TARGET, record, situation } from '../../builders/situation.ts';
import { FAILURE } from '../../builders/decision.ts';

const SECOND_MS = 1_000;
const MINTED = { fingerprint: 'new', sentAt: NOW, recovered: false };

/** Nothing left to chance: each wait is as long as it may be. */
function longest(changes: Partial<Situation> = {}): Situation {
  return situation({ dice: 1, ...changes });
}

function look(account: Partial<(typeof ALL_SEEN)['account']> & object, superseded: readonly string[] = []) {
  const seen = { ...ALL_SEEN, account: { ...ALL_SEEN.account, ...account } } as Situation['seen'];
  return lookFailure(situation({ seen, record: record({ superseded }) }));
}

describe('what stands against a look', () => {
  it('is nothing where it shows an account, open or for certain not', () => {
    expect(look({})).toBeUndefined();
    expect(look({ certain: false } as object)).toBeUndefined();
    expect(look({ state: 'closed' } as object)).toBeUndefined();
  });

  it('is nothing where none was had', () => {
    expect(lookFailure(situation())).toBeUndefined();
  });

  it('is that it failed', () => {
    const seen = { ...ALL_SEEN, accountFailure: { at: NOW, failure: FAILURE } };
    expect(lookFailure(situation({ seen }))).toEqual(FAILURE);
  });

  it('is that it shows what was replaced already', () => {
    const message = 'the provider shows a credential that was replaced already; looking again';
    expect(look({}, ['live'])).toEqual({ kind: 'answer-invalid', message });
    expect(look({}, ['older'])).toBeUndefined();
  });

  it('is that it is not certain whether the account is closed', () => {
    const message = "the provider's answers do not agree whether the account is closed; looking again";
    expect(look({ state: 'closed', certain: false } as object)).toEqual({ kind: 'answer-invalid', message });
  });
});

describe('an account', () => {
  it('waits until its next attempt', () => {
    const waiting = (at: number): boolean => isWaiting(situation({ record: record({ retryAt: at }) }));
    expect([waiting(NOW + 1), waiting(NOW), isWaiting(situation())]).toEqual([true, false, false]);
  });
});

describe('the next attempt', () => {
  it('is after five seconds at most, and later from try to try up to five minutes', () => {
    const waits = [1, 2, 3, 99].map((attempt) => retryAt(longest(), FAILURE, attempt) - NOW);
    expect(waits).toEqual([5, 10, 20, 300].map((seconds) => seconds * SECOND_MS));
  });

  it.each([
    ['nobody knows whether a mint happened', { intent: INTENT }],
    ['what was minted is not delivered', { minted: MINTED }],
  ])('is after a second, and never later than half a minute, while %s', (_, changes) => {
    const urgent = longest({ record: record({ rotation: { ...OPEN, ...changes } }) });
    const waits = [1, 2, 99].map((attempt) => retryAt(urgent, FAILURE, attempt) - NOW);
    expect(waits).toEqual([1, 2, 30].map((seconds) => seconds * SECOND_MS));
  });

  it('is after a minute, and up to half an hour, where nothing but verifying waits for it', () => {
    const waits = [1, 99].map((attempt) => retryAt(longest(), FAILURE, attempt, true) - NOW);
    expect(waits).toEqual([60 * SECOND_MS, 1_800 * SECOND_MS]);
  });

  it.each([false, true])('is no earlier than the service asked for (calm: %s)', (calm) => {
    const told = { kind: 'rate-limited', message: 'wait', retryAfterMs: 3_600_000 } as const;
    expect(retryAt(longest(), told, 1, calm) - NOW).toBe(3_600_000);
    expect(retryAt(longest(), { ...told, retryAfterMs: 1 }, 1, calm) - NOW).toBeGreaterThan(1);
  });

  it('is put off by a service that failed, and not by more than by itself', () => {
    const told = (retryAfterMs: number) => ({ ...FAILURE, retryAfterMs });
    expect(retryAt(longest(), told(60_000), 1) - NOW).toBe(60_000);
    expect(retryAt(longest(), told(86_400_000), 1) - NOW).toBe(300 * SECOND_MS);
    expect(retryAt(longest(), told(86_400_000), 1, true) - NOW).toBe(1_800 * SECOND_MS);
    const urgent = longest({ record: record({ rotation: { ...OPEN, minted: MINTED } }) });
    expect(retryAt(urgent, told(86_400_000), 1) - NOW).toBe(30 * SECOND_MS);
  });
});

describe('a failure', () => {
  const retries = { retries: 2 };
  const wantBody = { failure: 'no-answer', message: 'silence', attempt: 3, retryAt: NOW + 20 * SECOND_MS };

  it('is that of a look where no rotation is open', () => {
    expect(failure(longest({ record: record(retries) }), FAILURE)).toEqual({
      kind: 'observe-failed',
      ...wantBody,
    });
  });

  it('is that of the open rotation, and does not count towards parking', () => {
    const open = longest({ record: record({ ...retries, rotation: OPEN }) });
    expect(failure(open, FAILURE)).toEqual({ kind: 'rotation-failed', ...wantBody, counts: false });
    expect(failure(open, FAILURE, { calm: true })).toMatchObject({ counts: false });
  });

  it('is tried again in no hurry where nothing but verifying waits for it', () => {
    expect(failure(longest(), FAILURE, { calm: true })).toMatchObject({ retryAt: NOW + 60 * SECOND_MS });
    expect(failure(longest(), FAILURE)).toMatchObject({ retryAt: NOW + 5 * SECOND_MS });
    expect(failure(longest(), FAILURE, { notBefore: NOW + 600 * SECOND_MS })).toMatchObject({
      retryAt: NOW + 600 * SECOND_MS,
    });
  });

  it('of a target has a count and a wait of its own, up to five minutes', () => {
    const failed = (failures: number) =>
      longest({ record: record({ targets: { [TARGET.id]: { failures, accepted: false } } }) });
    expect(targetFailure(failed(1), TARGET.id, FAILURE)).toEqual({
      kind: 'target-failed',
      target: TARGET.id,
      failure: 'no-answer',
      message: 'silence',
      attempt: 2,
      retryAt: NOW + 2 * SECOND_MS,
    });
    expect(targetFailure(failed(98), TARGET.id, FAILURE)).toMatchObject({ retryAt: NOW + 300 * SECOND_MS });
  });

  it('of a target waits as a store asks that limits its calls, for five minutes at most', () => {
    const told = (retryAfterMs: number) => ({ kind: 'rate-limited', message: 'wait', retryAfterMs }) as const;
    const retry = (ms: number) => targetFailure(longest(), TARGET.id, told(ms));
    expect(retry(60_000)).toMatchObject({ retryAt: NOW + 60_000 });
    expect(retry(86_400_000)).toMatchObject({ retryAt: NOW + 300 * SECOND_MS });
  });

  it('of a target waits no longer for a store that failed and named a time', () => {
    const told = { kind: 'store-unavailable', message: 'down', retryAfterMs: 86_400_000 } as const;
    expect(targetFailure(longest(), TARGET.id, told)).toMatchObject({ retryAt: NOW + SECOND_MS });
  });

  it('of a target of which nothing is known is its first', () => {
    const bare = longest({ record: record({ targets: {} }) });
    expect(targetFailure(bare, TARGET.id, FAILURE)).toMatchObject({ attempt: 1, retryAt: NOW + SECOND_MS });
  });
});
