import { describe, expect, it } from 'vitest';
import { createFaultBook } from '../../src/emulators/faults.ts';
import type { Arrival, FaultMatch } from '../../src/emulators/faults.ts';

const ARRIVAL: Arrival = {
  operation: 'regenerate',
  method: 'PUT',
  path: '/v1/service-accounts/aa',
  accountId: 'aa',
  caller: 'manager',
  credentialId: 'token-1',
};

function bookOf(...rules: readonly FaultMatch[]) {
  const book = createFaultBook<FaultMatch>(
    () => 0.5,
    (rule) => rule.operation === 'regenerate',
  );
  return { book, made: rules.map((rule) => book.add(rule)) };
}

describe('a fault', () => {
  it('strikes every request until it is lifted where nothing else is said', () => {
    const { book, made } = bookOf({});
    expect(book.strike(ARRIVAL)).toHaveLength(1);
    expect(book.strike({ ...ARRIVAL, method: 'GET' })).toHaveLength(1);
    made[0]?.lift();
    expect(book.strike(ARRIVAL)).toHaveLength(0);
    expect(made[0]?.hits).toBe(2);
  });

  it('strikes so many times and no more', () => {
    const { book, made } = bookOf({ times: 2 });
    const struck = [1, 2, 3].map(() => book.strike(ARRIVAL).length);
    expect(struck).toEqual([1, 1, 0]);
    expect(made[0]?.hits).toBe(2);
    expect(book.list()).toEqual([]);
  });

  const fitting: readonly FaultMatch[] = [
    { operation: 'regenerate' },
    { method: 'put' },
    { path: '/v1/service-accounts/*' },
    { path: '*' },
    { accountId: 'aa', caller: 'manager', credentialId: 'token-1' },
  ];
  for (const match of fitting) {
    it(`strikes a request that fits ${JSON.stringify(match)}`, () => {
      expect(bookOf(match).book.strike(ARRIVAL)).toHaveLength(1);
    });
  }

  const others: readonly FaultMatch[] = [
    { operation: 'read' },
    { method: 'GET' },
    { path: '/v1/service-accounts' },
    { path: '/v1/service-accounts/.*' },
    { accountId: 'bb' },
    { caller: 'other' },
    { credentialId: 'token-2' },
    { method: 'PUT', accountId: 'bb' },
  ];
  for (const match of others) {
    it(`leaves alone a request that does not fit ${JSON.stringify(match)}`, () => {
      expect(bookOf(match).book.strike(ARRIVAL)).toHaveLength(0);
    });
  }

  it('strikes a share of the requests as the dice fall', () => {
    const { book, made } = bookOf({ share: 0.5 }, { share: 0.6 });
    expect(book.strike(ARRIVAL)).toHaveLength(1);
    expect(made.map(({ hits }) => hits)).toEqual([0, 1]);
  });

  it('that settles what becomes of a request keeps later ones from striking it', () => {
    const { book, made } = bookOf({ caller: 'manager' }, { operation: 'regenerate', times: 1 }, { times: 1 });
    expect(book.strike(ARRIVAL)).toHaveLength(2);
    expect(made.map(({ hits }) => hits)).toEqual([1, 1, 0]);
    expect(book.strike(ARRIVAL)).toHaveLength(2);
    expect(made.map(({ hits }) => hits)).toEqual([2, 1, 1]);
  });

  it('tells when it strikes first, and when that request is over', async () => {
    const { book, made } = bookOf({ times: 1 });
    const told: string[] = [];
    const hit = made[0]?.hit.then(() => told.push('hit'));
    const done = made[0]?.done.then(() => told.push('done'));
    const [struck] = book.strike(ARRIVAL);
    await hit;
    expect(told).toEqual(['hit']);
    struck?.over();
    await done;
    expect(told).toEqual(['hit', 'done']);
  });

  it('is lifted when it goes out of scope', () => {
    const { book } = bookOf();
    {
      using fault = book.add({});
      expect(book.list().map(({ id }) => id)).toEqual([fault.id]);
    }
    expect(book.list()).toEqual([]);
  });

  it('is lifted by its id, once', () => {
    const { book, made } = bookOf({}, {});
    expect(book.lift(made[0]?.id ?? '')).toBe(true);
    expect(book.lift(made[0]?.id ?? '')).toBe(false);
    expect(book.strike(ARRIVAL)).toHaveLength(1);
    book.liftAll();
    expect(book.strike(ARRIVAL)).toHaveLength(0);
  });
});
