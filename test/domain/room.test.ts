import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { EMPTY_RECORD, evolve } from '../../src/domain/evolve.ts';
import { liftedBy } from '../../src/domain/hold.ts';
import { holdsOf, mintHold } from '../../src/domain/holds.ts';
import { LIMITS } from '../../src/domain/limits.ts';
import type { AccountRecord, OldCredential } from '../../src/domain/record.ts';
import { OLD_MAX } from '../../src/domain/room.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { wakeOf } from '../../src/domain/wake.ts';
import { account } from '../builders/account.ts';
import { due, known, stopping, UNASKED } from '../builders/held.ts';
import { NOW, OPEN, ready, record, REFUSED, TARGET } from '../builders/situation.ts';

const HOUR_MS = 3_600_000;
const GRACE_MS = 72 * HOUR_MS;
const FULL = LIMITS.oldWaitingMax;
const POLICY = { strategy: 'overlap', graceMs: GRACE_MS } as const;

/** One an hour was replaced, the newest just now. */
function old(count: number, more: Partial<OldCredential> = {}): readonly OldCredential[] {
  return Array.from({ length: count }, (_, index) => {
    const since = NOW - (count - 1 - index) * HOUR_MS;
    return { why: 'replaced', since, graceFrom: since, reference: `r${index}`, ...more };
  });
}

function crowded(count: number, changes: Partial<AccountRecord> = {}) {
  return { policy: POLICY, record: { old: old(count), ...changes } };
}

function reasonOf(more: Partial<OldCredential>): string | undefined {
  return holdsOf(known(crowded(FULL, { old: old(FULL, more) })))[0]?.reason;
}

/** All that a mint needs is there. */
function overlapping(changes: Partial<AccountRecord>, more: Partial<Situation> = {}): Situation {
  return ready({
    policy: account({ ...POLICY, targets: [TARGET] }),
    record: record({ rotation: OPEN, ...changes }),
    ...more,
  });
}

describe('while nearly as many old credentials as a record keeps wait to be retired', () => {
  it('nothing is minted unasked, and what it waits for is said', () => {
    expect(FULL).toBeLessThan(OLD_MAX);
    for (const trigger of UNASKED) {
      expect(stopping(trigger, crowded(FULL - 1))).toBeUndefined();
      expect(stopping(trigger, crowded(FULL))).toBe('many-old');
    }
    const [hold] = holdsOf(known(crowded(FULL)));
    const oldestAt = new Date(NOW - (FULL - 1) * HOUR_MS).toISOString();
    expect(hold).toEqual({
      kind: 'many-old',
      subject: 'billing',
      since: NOW,
      by: 'rekeyd',
      reason:
        `${FULL} old credentials of billing wait to be retired, and no more than ${OLD_MAX} are known; ` +
        `the oldest since ${oldestAt}: its grace goes on since ${oldestAt}. ` +
        'See to that, shorten grace, or rotate less often',
    });
    expect(hold && liftedBy(hold)).toContain('rekeyd status billing says');
  });

  it.each<readonly [string, Partial<OldCredential>]>([
    ['files:x cannot be read', { waits: { times: 1, why: 'files:x cannot be read', tryAt: NOW } }],
    ['its time has not come', { why: 'late' }],
    ['its time has not come', { compromised: true }],
  ])('the oldest waits because: %s', (why, more) => {
    expect(reasonOf(more)).toContain(`: ${why}. See`);
  });

  it('the oldest waits for the targets and their readers before its grace begins', () => {
    const all = old(FULL).map(({ graceFrom: _, ...one }) => one);
    expect(holdsOf(known(crowded(FULL, { old: all })))[0]?.reason).toContain('not every target is known to');
  });

  it('the hold is as old as there are so many', () => {
    expect(holdsOf(known(crowded(FULL + 2)))[0]?.since).toBe(NOW - 2 * HOUR_MS);
  });

  it('a person may ask, also for what has leaked', () => {
    expect(stopping('manual', crowded(OLD_MAX))).toBeUndefined();
    const leaked = { ...due('manual'), compromised: 'after-delivery' as const };
    expect(mintHold(known(crowded(OLD_MAX)), leaked)).toBeUndefined();
  });

  it.each<readonly [string, Partial<AccountRecord>]>([
    [
      'dies',
      { live: { fingerprint: 'live', ownMint: true, proved: true, expiresAt: NOW + 1 }, lifetimeMs: HOUR_MS },
    ],
    ['is refused', { refused: REFUSED }],
  ])('what is live and %s is replaced while there is room at all', (_, changes) => {
    expect(stopping('schedule', crowded(OLD_MAX - 1, changes))).toBeUndefined();
    expect(stopping('schedule', crowded(OLD_MAX, changes))).toBe('many-old');
  });

  it('what was never or once refused, or lives for a while, is not', () => {
    const { countedAt: _, ...once } = REFUSED;
    expect(stopping('schedule', crowded(FULL, { refused: once }))).toBe('many-old');
    const live = { fingerprint: 'live', ownMint: true, proved: true, expiresAt: NOW + HOUR_MS };
    expect(stopping('schedule', crowded(FULL, { live, lifetimeMs: HOUR_MS }))).toBe('many-old');
  });

  it('where nothing is live, there is one made', () => {
    const { live: _, ...dark } = record({ rotation: OPEN, old: old(FULL) });
    expect(mintHold({ ...known({ policy: POLICY }), record: dark }, due('adopt'))).toBeUndefined();
  });

  it.each(['in-place', 'pair'] as const)('a rotation %s leaves none and goes on', (strategy) => {
    const policy = { strategy, accountIds: ['a1', 'b1'] as const };
    const live = { fingerprint: 'live', ownMint: true, proved: true, accountId: 'a1' };
    expect(stopping('schedule', { policy, record: { live, old: old(FULL) } })).toBeUndefined();
  });

  it('a rotation that is open waits, counts no failure, and goes on as soon as one was retired', () => {
    const waiting = overlapping({ old: old(FULL) });
    expect(decide(waiting)).toEqual({
      do: 'rest',
      wake: { at: NOW - (FULL - 1) * HOUR_MS + GRACE_MS, why: 'grace' },
    });
    const [first] = old(FULL);
    const retired = evolve(waiting.record, {
      id: 'f1',
      at: NOW,
      cause: { actor: 'rekeyd' },
      kind: 'credential-retired',
      reference: first?.reference ?? '',
    });
    expect(decide({ ...waiting, record: { ...retired, effectEndedAt: NOW - 1 } })).toEqual({ do: 'mint' });
  });

  it('a slot is held, and not missed', () => {
    const policy = account({ ...POLICY, targets: [TARGET], schedule: { pattern: '0 * * * *', zone: 'UTC' } });
    const { rotation: _, ...idle } = record({ slot: NOW - HOUR_MS, old: old(FULL) });
    expect(decide(overlapping({}, { policy, record: idle }))).toMatchObject({
      do: 'note',
      facts: [{ kind: 'slot-held', slot: NOW, hold: 'many-old' }],
    });
  });

  it('no look is planned for its sake', () => {
    const none = overlapping({ old: old(FULL).map(({ graceFrom: _, ...one }) => one) });
    expect(wakeOf(none)).toBeUndefined();
  });
});

describe('a record', () => {
  it('keeps the newest where there is no room', () => {
    expect(EMPTY_RECORD.old ?? []).toEqual([]);
    const full = record({ old: old(OLD_MAX) });
    const late = evolve(full, {
      id: 'f1',
      at: NOW,
      cause: { actor: 'rekeyd' },
      kind: 'credential-found-late',
      reference: 'late',
      name: 'late',
      createdAt: NOW,
    });
    expect(late.old).toHaveLength(OLD_MAX);
    expect(late.old?.at(0)?.reference).toBe('r1');
    expect(late.old?.at(-1)?.reference).toBe('late');
  });
});
