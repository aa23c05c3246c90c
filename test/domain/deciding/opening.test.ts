import { describe, expect, it } from 'vitest';
import { open, park } from '../../../src/domain/deciding/rotating.ts';
import { missedRunAt } from '../../../src/domain/due.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import type { Situation } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';
import { ASKED, HOURLY, REFUSED, STORE_DOWN } from '../../builders/opening.ts';
import { noted } from '../../builders/decision.ts';

const HOUR_MS = 3_600_000;

const SINCE = { since: NOW - 1, why: 'because' };

describe('parking', () => {
  function parked(changes: Partial<AccountRecord>, more: Partial<Situation> = {}) {
    return park(situation({ record: record(changes), ...more }));
  }

  it('comes after as many failures of its own as are allowed, with the last one’s words', () => {
    const lastFailure = { failure: 'not-allowed', message: 'forbidden', at: NOW } as const;
    expect(parked({ failures: 5, lastFailure })).toEqual(
      noted({ kind: 'account-parked', why: '5 failures of its own in a row; the last: forbidden' }),
    );
    expect(parked({ failures: 6 })).toEqual(
      noted({ kind: 'account-parked', why: '6 failures of its own in a row; the last: unknown' }),
    );
    expect(parked({ failures: 4, lastFailure })).toBeUndefined();
  });

  it('is not noted twice', () => {
    expect(parked({ failures: 5, parked: SINCE })).toBeUndefined();
  });

  const minted = (lifetimeMs: number, mintedAt: number | undefined = NOW): Partial<AccountRecord> => ({
    lifetimeMs,
    live: {
      fingerprint: 'live',
      ownMint: true,
      proved: true,
      expiresAt: NOW + lifetimeMs,
      ...(mintedAt !== undefined && { mintedAt }),
    },
  });

  it('comes where a new credential would expire sooner than another may be minted', () => {
    expect(parked(minted(900_000 - 3))).toEqual(
      noted({
        kind: 'account-parked',
        why: 'the new credential would have to be replaced after 10m, sooner than minInterval (10m) allows',
      }),
    );
    expect(parked(minted(300_000))).toMatchObject({
      facts: [
        {
          why: 'the new credential would have to be replaced after 3m20s, sooner than minInterval (10m) allows',
        },
      ],
    });
    expect(parked(minted(900_000))).toBeUndefined();
  });

  it('says nothing of a time below nothing', () => {
    expect(parked(minted(0, NOW + 60_000))).toMatchObject({
      facts: [
        {
          why: 'the new credential would have to be replaced after 0s, sooner than minInterval (10m) allows',
        },
      ],
    });
  });

  it('does not come because this clock was hours ahead when it was minted', () => {
    const { live, ...more } = minted(3_600_000, NOW + 7 * 3_600_000);
    expect(parked({ ...more, ...(live && { live: { ...live, issuedAt: NOW } }) })).toBeUndefined();
  });

  it('does not come because of what we did not mint', () => {
    const { live } = minted(300_000);
    const { mintedAt: _, ...theirs } = live ?? { fingerprint: 'x', ownMint: false, proved: false };
    expect(parked({ lifetimeMs: 300_000, live: theirs })).toBeUndefined();
  });
});

describe('a rotation', () => {
  function opened(changes: Partial<AccountRecord> = {}, more: Partial<Situation> = {}) {
    return open(situation({ record: record({ waiting: ASKED, ...changes }), ...more }));
  }
  const MANUAL = { kind: 'rotation-opened', trigger: 'manual', dueAt: NOW - 5 };
  /** A slot that has come this minute, of an account with an hourly schedule. */
  function slotted(changes: Partial<AccountRecord> = {}, more: Partial<Situation> = {}) {
    return open(situation({ policy: account(HOURLY), record: record(changes), ...more }));
  }

  it('is opened where one is due', () => {
    expect(opened()).toStrictEqual(noted(MANUAL));
  });

  it('for a slot names it, and when it was due', () => {
    expect(slotted()).toStrictEqual(
      noted({ kind: 'rotation-opened', trigger: 'schedule', dueAt: NOW, slot: NOW }),
    );
  });

  it('for another reason takes with it the slot that has come', () => {
    const policy = account(HOURLY);
    expect(opened({}, { policy })).toStrictEqual(noted({ ...MANUAL, slot: NOW }));
    expect(opened({ slot: NOW }, { policy })).toStrictEqual(noted(MANUAL));
    expect(opened({ slot: NOW - HOUR_MS }, { policy })).toStrictEqual(noted({ ...MANUAL, slot: NOW }));
    expect(opened({ adoptedAt: NOW }, { policy })).toStrictEqual(noted(MANUAL));
    expect(opened({}, { policy: { ...policy, scheduledAt: NOW } })).toStrictEqual(noted(MANUAL));
  });

  it('is opened although a store is down: preparing it shows when the store is up', () => {
    expect(opened({}, { sharedHolds: [STORE_DOWN] })).toEqual(noted(MANUAL));
  });

  it.each<readonly [string, Partial<AccountRecord>, Partial<Situation>]>([
    ['one is open', { rotation: OPEN }, {}],
    ['the account left', {}, { configured: false }],
    ['the daemon stops', {}, { stopping: true }],
    ['something holds it', {}, { sharedHolds: [REFUSED] }],
  ])('is not opened where %s', (_, changes, more) => {
    expect(opened(changes, more)).toBeUndefined();
  });

  it('is not opened where nothing is due, or the account is not adopted', () => {
    expect(open(situation())).toBeUndefined();
    const { adoptedAt: _, ...unknown } = record({ waiting: ASKED });
    expect(open(situation({ record: unknown }))).toBeUndefined();
  });

  it('that is held keeps its slot, which is noted once', () => {
    const held = { sharedHolds: [REFUSED] };
    const wantFact = { kind: 'slot-held', slot: NOW, hold: 'manager-refused' };
    expect(slotted({}, held)).toEqual(noted(wantFact));
    expect(slotted({ heldSlot: NOW - HOUR_MS }, held)).toEqual(noted(wantFact));
    expect(slotted({ heldSlot: NOW }, held)).toBeUndefined();
  });

  it('that is not for a slot is held without a note', () => {
    const policy = account({ targets: [TARGET], maxAgeMs: 1 });
    const ageFrom = { at: NOW - 5, atLeast: false };
    const old = { policy, record: record({ ageFrom, heldSlot: NOW - HOUR_MS }), sharedHolds: [REFUSED] };
    expect(open(situation(old))).toBeUndefined();
  });

  it('that is paused notes its slot as such, once, or skips it where that is asked for', () => {
    const paused = { since: NOW - 1, cause: { actor: 'socket:0' } };
    expect(slotted({ paused })).toEqual(noted({ kind: 'slot-held', slot: NOW, hold: 'paused' }));
    expect(slotted({ paused, heldSlot: NOW })).toEqual(
      noted({ kind: 'slot-held', slot: NOW, hold: 'paused' }),
    );
    expect(slotted({ paused, pausedSlot: NOW })).toBeUndefined();
    const skipping = { policy: account({ ...HOURLY, missed: 'skip' }) };
    expect(slotted({ paused }, skipping)).toEqual(noted({ kind: 'slot-skipped', slot: NOW }));
    expect(slotted({}, { ...skipping, sharedHolds: [REFUSED] })).toEqual(
      noted({ kind: 'slot-held', slot: NOW, hold: 'manager-refused' }),
    );
  });

  it('whose slot passed while nobody ran runs at a time of its own, or is skipped where that is asked for', () => {
    const started = { now: NOW + 120_000, runningSince: NOW + 119_000 };
    const policy = account(HOURLY);
    expect(slotted({}, started)).toEqual(
      noted({ kind: 'slot-missed', slot: NOW, runAt: missedRunAt(policy, NOW, NOW + 120_000) }),
    );
    expect(slotted({}, { ...started, policy: account({ ...HOURLY, missed: 'skip' }) })).toEqual(
      noted({ kind: 'slot-skipped', slot: NOW }),
    );
  });
});
