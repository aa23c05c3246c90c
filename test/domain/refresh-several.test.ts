import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { LIMITS } from '../../src/domain/limits.ts';
import type { AccountRecord, TargetRecord } from '../../src/domain/record.ts';
import { givenUpNext, joinings, owedRefreshes, waitsFor } from '../../src/domain/refresh.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { wakeOf } from '../../src/domain/wake.ts';
import { account, restart, target } from '../builders/account.ts';
import { CHECKOUT, confirmedWith, HOOK, NEEDED_MS, READ, refreshing, SYNC } from '../builders/refresh.ts';
import { NOW, OPEN, record, situation } from '../builders/situation.ts';

const NEEDED_AT = NOW - NEEDED_MS;
const OTHER = target('files:billing/other', { consumers: [CHECKOUT] });
const STOCK = restart({ address: 'Deployment shop/stock' });
const ONE: TargetRecord = confirmedWith(refreshing(CHECKOUT));
const HELD: TargetRecord = confirmedWith();

/** An account with these targets, of which these things are known. */
function of(
  targets: Account['targets'],
  known: readonly TargetRecord[],
  changes: Partial<AccountRecord> = {},
): Situation {
  const entries = known.map((one, index) => [targets[index]?.id ?? '', one] as const);
  return situation({
    policy: account({ targets }),
    record: record({ targets: Object.fromEntries(entries), ...changes }),
  });
}

describe('a consumer that several targets of an account name', () => {
  const both = [READ, OTHER] as const;

  it('has something coming while any of them does not hold it yet', () => {
    const owed = { ...HELD, owed: { fingerprint: 'live', target: OTHER } };
    expect(joinings(of(both, [ONE, owed]))).toMatchObject([{ consumer: CHECKOUT.id, coming: true }]);
    expect(joinings(of(both, [ONE, HELD]))).toMatchObject([{ coming: false }]);
  });

  it('is behind while it is not through with any of them', () => {
    const through = confirmedWith(refreshing(CHECKOUT, { throughAt: NOW }));
    expect(joinings(of(both, [through, ONE]))).toMatchObject([{ behind: true }]);
    expect(joinings(of(both, [through, through]))).toMatchObject([{ behind: false }]);
  });

  it('is waited for as long as it is configured, at whichever target', () => {
    expect(givenUpNext(of(both, [ONE, HELD]))).toEqual([]);
    const left = NEEDED_AT + LIMITS.togetherMs + CHECKOUT.timeLimitMs;
    expect(givenUpNext({ ...of(both, [ONE, HELD]), configured: false })).toEqual([left]);
  });
});

describe('a rotation that has minted and proved', () => {
  const minted = { rotation: { ...OPEN, minted: { fingerprint: 'live', sentAt: NOW, recovered: false } } };

  it.each<[string, readonly TargetRecord[], boolean]>([
    ['holds it', [HELD], false],
    [
      'holds another one',
      [{ ...HELD, confirmed: { fingerprint: 'older', version: '1', at: NOW - 9 } }],
      true,
    ],
    ['was never confirmed', [{ failures: 0, accepted: false }], true],
    ['is not known', [], true],
  ])('brings something to the consumers of a target that %s: %s', (_name, known, coming) => {
    expect(joinings(of([READ], known, minted))).toMatchObject([{ coming }]);
  });
});

describe('a refresh waits for the other targets of the account', () => {
  const until = NEEDED_AT + LIMITS.togetherMs;
  const waits = (from: Situation) => {
    const [first] = owedRefreshes(from);
    return first && waitsFor(from, first, { coming: false });
  };
  const WAITS = { why: 'waits for the other targets of the account that it reads', until };

  it('that name it among others', () => {
    const other = { ...OTHER, consumers: [HOOK, CHECKOUT] };
    const owed = { ...HELD, owed: { fingerprint: 'live', target: other } };
    expect(waits(of([READ, other], [ONE, owed]))).toEqual(WAITS);
  });

  it('where it has to read anew what is not synchronised yet, and not where another one has to', () => {
    const unsynced = (consumer: typeof CHECKOUT) =>
      waits(
        of(
          [READ, { ...OTHER, consumers: [SYNC, consumer] }],
          [ONE, confirmedWith(refreshing(SYNC), refreshing(consumer))],
        ),
      );
    expect(unsynced(CHECKOUT)).toEqual(WAITS);
    expect(unsynced(STOCK)).toBeUndefined();
  });
});

describe('an account whose consumers are not through is looked at', () => {
  it('when the next of them is to be looked at', () => {
    const known = confirmedWith(
      refreshing(HOOK, { checkAt: NOW + 9 }),
      refreshing(CHECKOUT, { checkAt: NOW + 5 }),
    );
    const read = { ...READ, consumers: [HOOK, CHECKOUT] };
    expect(wakeOf(of([read], [known]))).toEqual({ at: NOW + 5, why: 'consumer' });
  });

  it('once what comes first is through', () => {
    const read = { ...READ, consumers: [SYNC, CHECKOUT] };
    const known = confirmedWith(
      refreshing(SYNC, { checkAt: NOW + 9 }),
      refreshing(CHECKOUT, { checkAt: NOW + 5 }),
    );
    expect(wakeOf(of([read], [known]))).toEqual({ at: NOW + 9, why: 'consumer' });
  });

  it('when they are given up, where the account has left', () => {
    const known = confirmedWith(refreshing(CHECKOUT, { checkAt: NOW + 2_000_000 }));
    const at = NEEDED_AT + LIMITS.togetherMs + CHECKOUT.timeLimitMs;
    expect(wakeOf({ ...of([READ], [known]), configured: false })).toEqual({ at, why: 'consumer' });
  });
});
