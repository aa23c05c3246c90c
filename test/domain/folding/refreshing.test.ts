import { describe, expect, it } from 'vitest';
import type { Refreshing } from '../../../src/domain/consumer.ts';
import { withRefreshLook } from '../../../src/domain/folding/refreshing.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import type { AccountRecord, TargetRecord } from '../../../src/domain/record.ts';
import { askFor, owedRefreshes } from '../../../src/domain/refresh.ts';
import { account } from '../../builders/account.ts';
import { fact, folded, next } from '../../builders/fact.ts';
import {
  CHECKOUT,
  confirmedWith,
  HOOK,
  NEEDED_MS,
  needOf,
  READ,
  refreshing,
} from '../../builders/refresh.ts';
import { NOW, record, situation } from '../../builders/situation.ts';

const HOUR_MS = 3_600_000;
const ABOUT = { target: READ.id, consumer: CHECKOUT.id };
const HOOKED = refreshing(HOOK, { lastWhy: 'its own' });

function having(state: Partial<Refreshing> = {}, more: Partial<AccountRecord> = {}): AccountRecord {
  return record({ targets: { [READ.id]: confirmedWith(refreshing(CHECKOUT, state), HOOKED) }, ...more });
}

/** The same record, in which the one consumer is like this. */
function become(before: AccountRecord, state: Refreshing): AccountRecord {
  const known = before.targets[READ.id];
  if (known?.refresh === undefined) throw new Error('nothing is to be taken up');
  const consumers = { ...known.refresh.consumers, [CHECKOUT.id]: state };
  return next(before, { targets: { [READ.id]: { ...known, refresh: { ...known.refresh, consumers } } } });
}

describe('a consumer', () => {
  it('that is asked is so from then on, for all that was needed until then', () => {
    const before = having();
    expect(folded(before, fact('consumer-refreshing', { ...ABOUT, neededAt: NOW - 9 }))).toStrictEqual(
      become(before, refreshing(CHECKOUT, { begunAt: NOW, askedFor: NOW - 9 })),
    );
  });

  it('that is through is well again, and what waits for it is looked into', () => {
    const waits = { times: 1, why: 'it has not taken that up', tryAt: NOW + 9 };
    const old = { why: 'replaced', since: NOW - 9, reference: 'c1' } as const;
    const state = { begunAt: NOW - 9, unhealthySince: NOW - 5, lastWhy: 'late', failures: 3 };
    const before = having(state, { old: [{ ...old, waits }] });
    const through = fact('consumer-through', { ...ABOUT, lagMs: 7 });
    const want = refreshing(CHECKOUT, { begunAt: NOW - 9, throughAt: NOW, lagMs: 7 });
    expect(folded(before, through)).toStrictEqual({ ...become(before, want), old: [old] });
  });

  it('that failed waits for its next try, and says why', () => {
    const before = having();
    const body = { failure: 'consumer-refused', message: 'forbidden', attempt: 2, retryAt: NOW + 5 } as const;
    expect(folded(before, fact('consumer-failed', { ...ABOUT, ...body }))).toStrictEqual(
      become(before, refreshing(CHECKOUT, { failures: 2, lastWhy: 'forbidden', checkAt: NOW + 5 })),
    );
  });

  it('that is unhealthy is so since then', () => {
    const before = having();
    expect(folded(before, fact('consumer-unhealthy', { ...ABOUT, why: 'late' }))).toStrictEqual(
      become(before, refreshing(CHECKOUT, { unhealthySince: NOW, lastWhy: 'late' })),
    );
  });

  it('that was given up is forgotten, and what waits for it is looked into', () => {
    const old = { why: 'replaced', since: NOW - 9, reference: 'c1' } as const;
    const waits = { times: 1, why: 'it has not taken that up', tryAt: NOW + 9 };
    const before = having({}, { old: [{ ...old, waits }] });
    const after = folded(before, fact('consumer-given-up', { ...ABOUT, why: 'left' }));
    expect(after.targets[READ.id]).toStrictEqual(confirmedWith(HOOKED));
    expect(after.old).toEqual([old]);
  });

  it.each([
    ['of a target that has none to wait for', { ...ABOUT, target: 'files:other' }],
    ['that is not waited for', { ...ABOUT, consumer: 'another' }],
  ])('%s changes nothing', (_what, about) => {
    const before = having();
    expect(folded(before, fact('consumer-unhealthy', { ...about, why: 'late' }))).toStrictEqual(
      next(before, {}),
    );
  });

  it('that shows nothing new is looked at again then, and has not failed', () => {
    const before = having({ failures: 2 });
    const look = { at: NOW, checkAt: NOW + 5, why: 'half' };
    expect(withRefreshLook(before, ABOUT, look).targets[READ.id]).toStrictEqual(
      confirmedWith(refreshing(CHECKOUT, { checkAt: NOW + 5, lastWhy: 'half' }), HOOKED),
    );
  });

  it('that has nothing new is looked at when the clock is put back, as after a fact', () => {
    const look = { at: NOW + HOUR_MS, checkAt: NOW + 2 * HOUR_MS, why: 'half' };
    const planned = withRefreshLook(having({}, { notedAt: NOW - 9 }), ABOUT, look);
    const put = folded(planned, fact('account-resumed', {}));
    expect(put.targets[READ.id]?.refresh?.consumers[CHECKOUT.id]?.checkAt).toBe(NOW);
    expect(withRefreshLook(planned, ABOUT, { ...look, at: NOW }).notedAt).toBe(NOW + HOUR_MS);
  });
});

describe('a target that is confirmed', () => {
  const written = { fingerprint: 'new', version: '3', at: NOW - 50 };
  const clean: TargetRecord = { failures: 0, accepted: false };

  function confirmed(target: TargetRecord, named = true): TargetRecord | undefined {
    const body = { target: READ.id, fingerprint: 'new', version: '3' };
    const consumers = named ? { consumers: [CHECKOUT] } : {};
    const before = record({ targets: { [READ.id]: target } });
    const one = fact('target-confirmed', { ...body, ...consumers }, { rotation: 'r9' });
    return folded(before, one).targets[READ.id];
  }

  it('has to be taken up, by whoever reads it, from when it was written', () => {
    expect(confirmed({ ...clean, written })?.refresh).toStrictEqual({
      version: '3',
      fingerprint: 'new',
      neededAt: NOW,
      writtenAt: NOW - 50,
      rotation: 'r9',
      consumers: { [CHECKOUT.id]: refreshing(CHECKOUT) },
    });
  });

  it('takes the place of what was to be taken up before, whoever had', () => {
    const state = refreshing(CHECKOUT, { throughAt: NOW - 5, begunAt: NOW - 9 });
    const before = { ...clean, written, refresh: needOf([state]) };
    expect(confirmed(before)?.refresh?.consumers).toStrictEqual({ [CHECKOUT.id]: refreshing(CHECKOUT) });
  });

  it('keeps for what its consumer was asked before, where a clock that was put back since dated that', () => {
    const kept = (before: Partial<Refreshing>) => {
      const states = [refreshing(HOOK, { askedFor: NOW + 9 }), refreshing(CHECKOUT, before)];
      return confirmed({ ...clean, written, refresh: needOf(states) })?.refresh;
    };
    const keeping = { [CHECKOUT.id]: refreshing(CHECKOUT, { askedAhead: NOW }) };
    expect(kept({ askedFor: NOW })).toMatchObject({ neededAt: NOW, consumers: keeping });
    expect(kept({ askedFor: NOW - 1, askedAhead: NOW })?.consumers).toStrictEqual(keeping);
    expect(kept({ askedFor: NOW, askedAhead: NOW - 1 })?.consumers).toStrictEqual(keeping);
    const clear = { [CHECKOUT.id]: refreshing(CHECKOUT) };
    expect(kept({ askedFor: NOW - 1, askedAhead: NOW - 1 })?.consumers).toStrictEqual(clear);
  });

  it.each([
    ['nothing of ours was written', undefined],
    ['something else was', { ...written, fingerprint: 'other' }],
    ['that lies in the future', { ...written, at: NOW + 50 }],
  ])('counts from now where %s', (_what, last) => {
    const before = last === undefined ? clean : { ...clean, written: last };
    expect(confirmed(before)?.refresh?.writtenAt).toBe(NOW);
  });

  it('leaves its consumers alone where nobody wrote it, and forgets that a delivery was intended', () => {
    const refresh = needOf([refreshing(CHECKOUT)]);
    const after = confirmed({ ...clean, intended: true, refresh }, false);
    expect(after?.refresh).toBe(refresh);
    expect(after).not.toHaveProperty('intended');
  });
});

describe('a delivery that is intended', () => {
  it('is known until the target is confirmed, also where it was not known before', () => {
    const before = record({ targets: {} });
    const after = folded(before, fact('delivery-intended', { target: READ.id }));
    expect(after.targets).toStrictEqual({ [READ.id]: { failures: 0, accepted: false, intended: true } });
    const written = { target: READ.id, fingerprint: 'live', version: '1', acknowledgedAt: NOW };
    expect(folded(after, fact('target-written', written)).targets[READ.id]?.intended).toBe(true);
  });
});

describe('a clock that was put back', () => {
  const AHEAD = NOW + 3_600_000;

  it('delays no look by as much', () => {
    const before = having({ checkAt: AHEAD + 5 }, { notedAt: AHEAD });
    const after = folded(before, fact('account-resumed', {}));
    expect(after.targets[READ.id]?.refresh?.consumers[CHECKOUT.id]?.checkAt).toBe(NOW);
  });

  it('lets no restart that it dated before count for what is confirmed since', () => {
    const shown = NOW + 2 * LIMITS.clockSkewMs;
    const asked = folded(having(), fact('consumer-refreshing', { ...ABOUT, neededAt: shown }));
    const put = folded(asked, fact('clock-put-back', { wasAt: shown, confirmed: true }));
    const body = { target: READ.id, fingerprint: 'new', version: '3', consumers: [CHECKOUT] };
    const confirmed = folded(put, fact('target-confirmed', body));
    const asks = (now: number) => {
      const later = situation({ policy: account({ targets: [READ] }), record: confirmed, now });
      const [owed] = owedRefreshes(later);
      return owed && askFor(later, owed, { coming: false });
    };
    // Nobody believes what is dated so far ahead; a little later it would count.
    expect(asks(shown - LIMITS.clockSkewMs - 1)).toBe(NOW);
    expect(asks(shown - LIMITS.clockSkewMs)).toBe(shown + 1_000);
  });

  it('has all that happened happen now at the latest, once services agree, and keeps what a consumer shows', () => {
    const state = { begunAt: AHEAD, askedFor: AHEAD, throughAt: AHEAD, unhealthySince: AHEAD };
    const need = needOf([refreshing(CHECKOUT, state), HOOKED], { neededAt: AHEAD, writtenAt: AHEAD - 5 });
    const before = record({ targets: { [READ.id]: { ...confirmedWith(), refresh: need } } });
    const put = fact('clock-put-back', { wasAt: AHEAD, confirmed: true });
    expect(folded(before, put).targets[READ.id]?.refresh).toStrictEqual({
      ...need,
      neededAt: NOW,
      writtenAt: NOW,
      consumers: {
        [CHECKOUT.id]: refreshing(CHECKOUT, {
          begunAt: NOW,
          askedFor: NOW,
          askedAhead: AHEAD,
          throughAt: NOW,
          unhealthySince: NOW,
        }),
        [HOOK.id]: HOOKED,
      },
    });
    const again = folded(folded(before, put), put);
    expect(again.targets[READ.id]?.refresh?.consumers[CHECKOUT.id]?.askedAhead).toBe(AHEAD);
    const kept = having({ begunAt: NOW - 5, askedFor: NOW - 6 });
    expect(folded(kept, put).targets[READ.id]?.refresh?.neededAt).toBe(NOW - NEEDED_MS);
    expect(folded(kept, put).targets[READ.id]?.refresh?.consumers[CHECKOUT.id]).toStrictEqual(
      refreshing(CHECKOUT, { begunAt: NOW - 5, askedFor: NOW - 6 }),
    );
  });
});
