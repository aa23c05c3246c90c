import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/decide.ts';
import { afterRefresh, giveUpConsumers, refreshConsumers } from '../../../src/domain/deciding/refreshing.ts';
import type { Refreshing } from '../../../src/domain/consumer.ts';
import type { FailureKind } from '../../../src/domain/failure.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import { owedRefreshes } from '../../../src/domain/refresh.ts';
import type { Situation } from '../../../src/domain/situation.ts';
import { account, target } from '../../builders/account.ts';
import {
  CHECKOUT,
  confirmedWith,
  HOOK,
  NEEDED_MS,
  READ,
  readBy,
  refreshing,
  WRITTEN_MS,
} from '../../builders/refresh.ts';
import { ALL_SEEN, NOW, record, situation } from '../../builders/situation.ts';

const ABOUT = { target: READ.id, consumer: CHECKOUT.id };

/** An account whose target these have to take up, all of them configured. */
function given(states: readonly Refreshing[], changes: Partial<Situation> = {}): Situation {
  return situation({
    policy: account({ targets: [readBy(...states.map(({ consumer }) => consumer))] }),
    record: record({ targets: { [READ.id]: confirmedWith(...states) } }),
    ...changes,
  });
}

describe('the consumers of an account', () => {
  it('are asked one after the other, whose time has come', () => {
    const later = refreshing(HOOK, { checkAt: NOW + 1 });
    expect(refreshConsumers(given([later, refreshing(CHECKOUT)]))).toEqual({ do: 'refresh', ...ABOUT });
    expect(refreshConsumers(given([refreshing(HOOK), refreshing(CHECKOUT)]))).toMatchObject({
      consumer: HOOK.id,
    });
  });

  it.each([
    ['while they wait for their time', [refreshing(CHECKOUT, { checkAt: NOW + 1 })], {}],
    ['once they are through', [refreshing(CHECKOUT, { throughAt: NOW - 1 })], {}],
    ['by a daemon that stops', [refreshing(CHECKOUT)], { stopping: true }],
  ] as const)('are left alone %s', (_when, states, changes) => {
    expect(refreshConsumers(given(states, changes))).toBeUndefined();
  });

  it('are given up all at once where the configuration names them no longer', () => {
    const targets = [readBy(), target('files:other', { consumers: [HOOK] })] as const;
    const known = {
      [READ.id]: confirmedWith(refreshing(CHECKOUT), refreshing(HOOK)),
      'files:other': confirmedWith(refreshing(HOOK)),
    };
    const decision = giveUpConsumers(
      situation({ policy: account({ targets }), record: record({ targets: known }) }),
    );
    const why = 'it is no longer configured';
    expect(decision).toEqual({
      do: 'note',
      facts: [CHECKOUT, HOOK].map(({ id }) => ({
        kind: 'consumer-given-up',
        target: READ.id,
        consumer: id,
        why,
      })),
    });
  });
});

describe('a consumer that the configuration names no longer', () => {
  it('is given up before its target is confirmed with a newer value, which other consumers are to take up', () => {
    const known = confirmedWith(refreshing(CHECKOUT, { unhealthySince: NOW - 9 }));
    const confirmed = { fingerprint: 'older', version: 'v1', at: NOW - 9 };
    const holds = { kind: 'credential', fingerprint: 'live' } as const;
    const decision = decide(
      situation({
        policy: account({ targets: [readBy(HOOK)] }),
        record: record({ targets: { [READ.id]: { ...known, confirmed } } }),
        seen: { ...ALL_SEEN, targets: { [READ.id]: { requestedAt: NOW, holds } } },
      }),
    );
    expect(decision).toMatchObject({ facts: [{ kind: 'consumer-given-up', consumer: CHECKOUT.id }] });
  });
});

/** What follows from an answer, of one that was first asked so long ago. */
function after(
  result: Parameters<typeof afterRefresh>[2],
  { begunMs = 1_000, ...state }: Partial<Refreshing> & { readonly begunMs?: number } = {},
) {
  const from = given([refreshing(CHECKOUT, { begunAt: NOW - begunMs, ...state })]);
  const [owed] = owedRefreshes(from);
  if (owed === undefined) throw new Error('nothing is owed');
  return afterRefresh({ now: NOW, dice: 1 }, owed, result);
}

function says(state: 'under-way' | 'unhealthy', why = '1 of 2 pods is updated') {
  return { ok: true, value: { state, why } } as const;
}

const { timeLimitMs } = CHECKOUT;

describe('a consumer that is through', () => {
  it.each([
    ['since then', NOW - 4_000, NEEDED_MS + WRITTEN_MS - 4_000],
    ['and dates that in the future: now', NOW + 60_000, NEEDED_MS + WRITTEN_MS],
    ['and dates that before the write: no lag at all', NOW - 3_600_000, 0],
  ])('has a lag from the store’s acknowledgement on, %s', (_what, at, lagMs) => {
    expect(after({ ok: true, value: { state: 'through', at } })).toEqual({
      facts: [{ kind: 'consumer-through', ...ABOUT, lagMs }],
    });
  });
});

describe('a consumer that is under way', () => {
  it('leaves no fact, and is looked at again: soon at first, then more and more rarely', () => {
    const why = '1 of 2 pods is updated';
    expect(after(says('under-way'))).toEqual({
      facts: [],
      next: { checkAt: NOW + LIMITS.refreshLookMs, why },
    });
    expect(after(says('under-way'), { begunMs: 40_000 }).next?.checkAt).toBe(NOW + 10_000);
    expect(after(says('under-way'), { begunMs: 590_000 }).next?.checkAt).toBe(NOW + timeLimitMs - 590_000);
  });

  it('counts as unhealthy when its time limit is over, once, and is still looked at', () => {
    const overdue = after(says('under-way'), { begunMs: timeLimitMs });
    expect(overdue.facts).toEqual([
      {
        kind: 'consumer-unhealthy',
        ...ABOUT,
        why: 'not through within 10m: 1 of 2 pods is updated',
      },
    ]);
    expect(overdue.next?.checkAt).toBe(NOW + LIMITS.refreshLookMs);
    expect(after(says('under-way'), { begunMs: timeLimitMs - 1 }).facts).toEqual([]);
    const known = { begunMs: 2 * timeLimitMs, unhealthySince: NOW - 40_000 };
    expect(after(says('under-way'), known)).toMatchObject({ facts: [], next: { checkAt: NOW + 10_000 } });
  });

  it('has its whole time limit before it where a clock that was put back since dated its beginning', () => {
    expect(after(says('under-way'), { begunMs: -3_600_000 })).toMatchObject({
      facts: [],
      next: { checkAt: NOW + LIMITS.refreshLookMs },
    });
  });
});

describe('a consumer that says that it is unhealthy', () => {
  it('is so from then on, once, and is looked at more and more rarely', () => {
    const why = 'ProgressDeadlineExceeded';
    expect(after(says('unhealthy', why)).facts).toEqual([{ kind: 'consumer-unhealthy', ...ABOUT, why }]);
    const again = after(says('unhealthy', why), { unhealthySince: NOW - 3_600_000 });
    expect(again).toEqual({ facts: [], next: { checkAt: NOW + LIMITS.retryMaxMs, why } });
  });
});

describe('a consumer that cannot be asked', () => {
  const failed = (retryAfterMs?: number, kind: FailureKind = 'consumer-refused') =>
    ({
      ok: false,
      failure: {
        kind,
        message: 'forbidden',
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      },
    }) as const;

  it('is asked again, after ever longer', () => {
    const fact = { kind: 'consumer-failed', ...ABOUT, failure: 'consumer-refused', message: 'forbidden' };
    expect(after(failed()).facts).toEqual([{ ...fact, attempt: 1, retryAt: NOW + LIMITS.retryFirstMs }]);
    expect(after(failed(), { failures: 2 }).facts).toEqual([
      { ...fact, attempt: 3, retryAt: NOW + 4 * LIMITS.retryFirstMs },
    ]);
  });

  it('is asked again when it says, if it limits its calls, after five minutes at the latest', () => {
    expect(after(failed(60_000, 'rate-limited')).facts).toMatchObject([{ retryAt: NOW + 60_000 }]);
    expect(after(failed(86_400_000, 'rate-limited')).facts).toMatchObject([{ retryAt: NOW + 300_000 }]);
    expect(after(failed(86_400_000)).facts).toMatchObject([{ retryAt: NOW + LIMITS.retryFirstMs }]);
  });

  it('is unhealthy when its time limit is over', () => {
    expect(after(failed(), { begunMs: timeLimitMs }).facts.map(({ kind }) => kind)).toEqual([
      'consumer-failed',
      'consumer-unhealthy',
    ]);
  });
});
