import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import type { Refreshing } from '../../src/domain/consumer.ts';
import { LIMITS } from '../../src/domain/limits.ts';
import {
  askFor,
  givenUp,
  givenUpNext,
  joinings,
  nextLookAt,
  owedRefreshes,
  refreshLookAt,
  targetsBehind,
  waitsFor,
} from '../../src/domain/refresh.ts';
import type { Owed } from '../../src/domain/refresh.ts';
import type { AccountRecord, TargetRecord } from '../../src/domain/record.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { account, restart, target } from '../builders/account.ts';
import {
  CHECKOUT,
  confirmedWith,
  HOOK,
  needOf,
  NEEDED_MS,
  READ,
  readBy,
  refreshing,
  SYNC,
} from '../builders/refresh.ts';
import { NOW, OPEN, record, situation } from '../builders/situation.ts';

const NEEDED_AT = NOW - NEEDED_MS;
const HOURLY = { pattern: '0 * * * *', zone: 'UTC' };
/** The target that is read has left. */
const LEFT = [target('files:billing/elsewhere')] as const;
const OTHER = target('files:billing/other', { consumers: [CHECKOUT] });

interface Given {
  readonly targets?: Account['targets'];
  readonly known?: Readonly<Record<string, TargetRecord>>;
  readonly record?: Partial<AccountRecord>;
  readonly more?: Partial<Situation>;
}

/** One account with one target, whose one consumer has not been asked yet. */
function given({ targets = [READ], known, record: changes = {}, more = {} }: Given = {}): Situation {
  const first = { [READ.id]: confirmedWith(refreshing(CHECKOUT)) };
  return situation({
    policy: account({ targets }),
    record: record({ targets: known ?? first, ...changes }),
    ...more,
  });
}

function owed(from: Situation): Owed {
  const [first] = owedRefreshes(from);
  if (first === undefined) throw new Error('nothing is owed');
  return first;
}

describe('what consumers have yet to take up', () => {
  it('is what was confirmed and they are not through with, in the order in which they are named', () => {
    const through = refreshing(SYNC, { throughAt: NOW });
    const known = { [READ.id]: confirmedWith(refreshing(HOOK), through, refreshing(CHECKOUT)) };
    const all = given({ targets: [readBy(HOOK, SYNC, CHECKOUT)], known });
    expect(owedRefreshes(all).map(({ consumer }) => consumer)).toEqual([HOOK, CHECKOUT]);
    expect(targetsBehind(all)).toEqual([READ.id]);
  });

  it.each<[string, Given]>([
    ['no target was confirmed since', { known: {} }],
    ['all are through', { known: { [READ.id]: confirmedWith(refreshing(CHECKOUT, { throughAt: NOW })) } }],
    ['the configuration names the consumer no longer', { targets: [readBy(HOOK)] }],
  ])('is nothing where %s', (_what, changes) => {
    expect(owedRefreshes(given(changes))).toEqual([]);
    expect(targetsBehind(given(changes))).toEqual([]);
  });

  it('is asked for as it is configured now; of a target that has left, as it was', () => {
    const now = restart({ timeLimitMs: 1 });
    expect(owed(given({ targets: [readBy(now)] })).consumer).toBe(now);
    expect(owed(given({ targets: LEFT })).consumer).toBe(CHECKOUT);
  });
});

describe('a consumer that nobody waits for any more', () => {
  it('is one that the configuration names no longer, at once', () => {
    expect(givenUp(given({ targets: [readBy()] }))).toEqual([
      { target: READ.id, consumer: CHECKOUT.id, why: 'it is no longer configured' },
    ]);
  });

  it.each<[string, Given, number]>([
    ['its target has left, once its time limit is over', { targets: LEFT }, 0],
    ['the account has left, counted from when it was asked', { more: { configured: false } }, NOW - 60_000],
  ])('is one where %s', (_what, changes, begunAt) => {
    const state = refreshing(CHECKOUT, begunAt === 0 ? {} : { begunAt });
    const known = { [READ.id]: confirmedWith(state) };
    const from = begunAt === 0 ? NEEDED_AT + LIMITS.togetherMs : begunAt;
    const over = from + CHECKOUT.timeLimitMs;
    const at = (now: number) => given({ ...changes, known, more: { ...changes.more, now } });
    expect(givenUpNext(at(NOW))).toEqual([over]);
    expect(givenUp(at(over - 1))).toEqual([]);
    expect(givenUp(at(over))).toMatchObject([
      { consumer: CHECKOUT.id, why: expect.stringContaining('has left') as string },
    ]);
  });

  it('is none that is configured, however late it is, and none that is through', () => {
    const late = given({ more: { now: NOW + 100 * CHECKOUT.timeLimitMs } });
    expect([givenUp(late), givenUpNext(late)]).toEqual([[], []]);
    const known = { [READ.id]: confirmedWith(refreshing(CHECKOUT, { throughAt: NOW })) };
    expect(givenUp(given({ targets: [readBy()], known }))).toEqual([]);
  });
});

describe('the next look at a consumer', () => {
  it('comes when it is planned', () => {
    const known = { [READ.id]: confirmedWith(refreshing(CHECKOUT, { checkAt: NOW + 7 })) };
    expect(refreshLookAt(given({ known }), owed(given({ known })))).toBe(NOW + 7);
  });

  it('of what is restarted comes after what it reads was synchronised, in the same target alone', () => {
    const both = [readBy(SYNC, CHECKOUT)] as const;
    const states = [refreshing(SYNC), refreshing(CHECKOUT)] as const;
    const waiting = given({ targets: both, known: { [READ.id]: confirmedWith(...states) } });
    const [sync, restarted] = owedRefreshes(waiting);
    expect(sync && refreshLookAt(waiting, sync)).toBe(NOW);
    expect(restarted && refreshLookAt(waiting, restarted)).toBeUndefined();
    const through = confirmedWith(refreshing(SYNC, { throughAt: NOW - 1 }), refreshing(CHECKOUT));
    const ready = given({ targets: both, known: { [READ.id]: through } });
    expect(refreshLookAt(ready, owed(ready))).toBe(NOW);
    const elsewhere = given({
      targets: [READ, { ...OTHER, consumers: [SYNC] }],
      known: { [READ.id]: confirmedWith(refreshing(CHECKOUT)), [OTHER.id]: confirmedWith(refreshing(SYNC)) },
    });
    expect(refreshLookAt(elsewhere, owed(elsewhere))).toBe(NOW);
  });

  it.each([
    [0, LIMITS.refreshLookMs],
    [4 * LIMITS.refreshLookMs + 400, LIMITS.refreshLookMs + 100],
    [3_600_000, LIMITS.refreshLookMaxMs],
    [-5, LIMITS.refreshLookMs],
  ])('of what has been going on for %d ms comes %d ms later', (goneMs, wantMs) => {
    expect(nextLookAt(NOW - goneMs, NOW)).toBe(NOW + wantMs);
  });
});

describe('what an account tells the others of a consumer', () => {
  const tells = (changes: Given = {}) => joinings(given(changes));

  it('is nothing where its targets name none', () => {
    expect(tells({ targets: [target(READ.id)] })).toEqual([]);
  });

  it('is its newest need while the consumer is not through with it, and afterwards too', () => {
    const one = { consumer: CHECKOUT.id, coming: false, neededAt: NEEDED_AT };
    expect(tells()).toEqual([{ ...one, behind: true }]);
    const known = { [READ.id]: confirmedWith(refreshing(CHECKOUT, { throughAt: NOW })) };
    expect(tells({ known })).toEqual([{ ...one, behind: false }]);
  });

  it('is the newest of the needs of all its targets', () => {
    const later = { ...confirmedWith(), refresh: needOf([refreshing(CHECKOUT)], { neededAt: NOW - 1 }) };
    const known = { [READ.id]: confirmedWith(refreshing(CHECKOUT)), [OTHER.id]: later };
    expect(tells({ targets: [READ, OTHER], known })).toMatchObject([{ neededAt: NOW - 1 }]);
  });

  it('is what that is asked for, or will be, where it may show a later one', () => {
    const shows = (changes: Partial<Refreshing>) =>
      tells({ known: { [READ.id]: confirmedWith(refreshing(CHECKOUT, { askedAhead: NOW, ...changes })) } });
    expect(shows({})).toMatchObject([{ neededAt: NOW + 1_000 }]);
    expect(shows({ askedFor: NEEDED_AT + 1 })).toMatchObject([{ neededAt: NEEDED_AT + 1 }]);
  });

  it('is that a value comes while one is owed, a rotation is open, or something is to be synchronised first', () => {
    const coming = [{ consumer: CHECKOUT.id, coming: true }];
    const confirmed = confirmedWith(refreshing(CHECKOUT));
    const owing = { ...confirmed, owed: { fingerprint: 'live', target: READ } };
    expect(tells({ known: { [READ.id]: owing } })).toMatchObject(coming);
    expect(tells({ record: { rotation: OPEN } })).toMatchObject(coming);
    const minted = { fingerprint: 'live', sentAt: NOW, recovered: false };
    const unproved = { ...minted, unproved: { targets: [] } };
    expect(tells({ record: { rotation: { ...OPEN, minted: unproved } } })).toMatchObject(coming);
    expect(tells({ record: { rotation: { ...OPEN, minted } } })).toMatchObject([{ coming: false }]);
    const synced = confirmedWith(refreshing(SYNC), refreshing(CHECKOUT));
    const both = tells({ targets: [readBy(SYNC, CHECKOUT)], known: { [READ.id]: synced } });
    expect(both.find(({ consumer }) => consumer === CHECKOUT.id)).toEqual({ ...coming[0], behind: true });
  });

  it('is when its next rotation begins, unless that is held, under way or not configured', () => {
    const policy = account({ targets: [READ], schedule: HOURLY });
    const at = (more: Partial<Situation>, changes: Partial<AccountRecord> = {}) =>
      joinings(given({ record: changes, more: { policy, ...more } }))[0]?.dueAt;
    expect(at({})).toBe(NOW);
    expect(at({ now: NOW + 1, record: record({ slot: NOW }) })).toBe(NOW + 3_600_000);
    expect(at({}, { parked: { since: NOW, why: 'failed' } })).toBeUndefined();
    expect(at({}, { rotation: OPEN })).toBeUndefined();
    expect(at({ configured: false })).toBeUndefined();
  });
});

describe('a refresh that is not begun yet', () => {
  const ALONE = { coming: false };
  const until = NEEDED_AT + LIMITS.togetherMs;

  it('waits for other accounts that rotate now, for five minutes at most', () => {
    const from = given();
    const why = 'waits for other accounts that rotate now';
    expect(waitsFor(from, owed(from), { coming: true })).toEqual({ why, until });
    expect(waitsFor({ ...from, now: until - 1 }, owed(from), { coming: true })).toEqual({ why, until });
    expect(waitsFor({ ...from, now: until }, owed(from), { coming: true })).toBeUndefined();
    expect(waitsFor(from, owed(from), ALONE)).toBeUndefined();
  });

  it('waits for the other targets of its own account that it reads, and for no others', () => {
    const other = { ...confirmedWith(), owed: { fingerprint: 'live', target: OTHER } };
    const known = { [READ.id]: confirmedWith(refreshing(CHECKOUT)), [OTHER.id]: other };
    const from = given({ targets: [READ, OTHER], known });
    const why = 'waits for the other targets of the account that it reads';
    expect(waitsFor(from, owed(from), ALONE)).toEqual({ why, until });
    const unread = given({ targets: [READ, { ...OTHER, consumers: [HOOK] }], known });
    expect(waitsFor(unread, owed(unread), ALONE)).toBeUndefined();
  });

  it.each([SYNC, HOOK])('waits for nobody where it costs nothing: $does', (consumer) => {
    const from = given({
      targets: [readBy(consumer)],
      known: { [READ.id]: confirmedWith(refreshing(consumer)) },
    });
    expect(waitsFor(from, owed(from), { coming: true })).toBeUndefined();
  });
});

describe('what a consumer is asked for', () => {
  it('is its own need, or the newest of all accounts where it is restarted', () => {
    const from = given();
    expect(askFor(from, owed(from), { coming: false })).toBe(NEEDED_AT);
    expect(askFor(from, owed(from), { coming: false, neededAt: NOW - 1 })).toBe(NOW - 1);
    expect(askFor(from, owed(from), { coming: false, neededAt: NEEDED_AT - 1 })).toBe(NEEDED_AT);
    const hooked = given({ targets: [readBy(HOOK)], known: { [READ.id]: confirmedWith(refreshing(HOOK)) } });
    expect(askFor(hooked, owed(hooked), { coming: false, neededAt: NOW - 1 })).toBe(NEEDED_AT);
  });

  it('is nothing that another account dated by a clock that was put back since', () => {
    const from = given();
    const ahead = NOW + LIMITS.clockSkewMs;
    expect(askFor(from, owed(from), { coming: false, neededAt: ahead })).toBe(ahead);
    expect(askFor(from, owed(from), { coming: false, neededAt: ahead + 1 })).toBe(NEEDED_AT);
  });

  it('is later than what it may show still by a clock that was put back since, as far as anybody believes that', () => {
    const asks = (askedAhead: number, neededAt = 0) => {
      const from = given({ known: { [READ.id]: confirmedWith(refreshing(CHECKOUT, { askedAhead })) } });
      return askFor(from, owed(from), { coming: false, neededAt });
    };
    const ahead = NOW + LIMITS.clockSkewMs;
    expect(asks(NEEDED_AT - 1)).toBe(NEEDED_AT);
    expect(asks(NEEDED_AT)).toBe(NEEDED_AT + 1_000);
    expect(asks(ahead)).toBe(ahead + 1_000);
    expect(asks(ahead + 1)).toBe(NEEDED_AT);
    expect(asks(NOW, NOW)).toBe(NOW + 1_000);
    expect(asks(NOW, NOW + 2_000)).toBe(NOW + 2_000);
  });

  it('is what was synchronised last, where that comes first', () => {
    const states = [refreshing(SYNC, { throughAt: NOW - 2 }), refreshing(CHECKOUT)] as const;
    const from = given({
      targets: [readBy(SYNC, CHECKOUT)],
      known: { [READ.id]: confirmedWith(...states) },
    });
    expect(askFor(from, owed(from), { coming: false })).toBe(NOW - 2);
    const shown = [states[0], refreshing(CHECKOUT, { askedAhead: NOW - 2 })] as const;
    const later = given({ targets: [readBy(SYNC, CHECKOUT)], known: { [READ.id]: confirmedWith(...shown) } });
    expect(askFor(later, owed(later), { coming: false })).toBe(NOW + 998);
  });
});
