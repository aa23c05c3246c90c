import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { withLook } from '../../src/domain/deciding/looking.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { account } from '../builders/account.ts';
import { ALL_SEEN, NOW, OPEN, record, situation, TARGET } from '../builders/situation.ts';

const BECAUSE = { since: NOW - 1, why: 'because' };
const CLOSED = { reobserveAt: [], held: { closed: BECAUSE } };
const FROZEN: Hold = { kind: 'frozen', subject: 'kronup', since: NOW, by: 'socket:0', reason: 'x' };
const ASKED = { requests: ['q1'], cause: { actor: 'socket:0' }, at: NOW };
const NOWHERE = { do: 'rest', wake: undefined };
const AGAIN = { do: 'rest', wake: { at: NOW + 60_000, why: 'retry' } };

/** A rotation that minted, whose required target is confirmed, and whose account is closed: nothing to do but wait. */
function waiting(changes: Partial<AccountRecord> = {}, more: Partial<Situation> = {}) {
  const minted = { fingerprint: 'live', sentAt: NOW - 9, recovered: false };
  const rotation = { ...OPEN, minted, oldTried: true };
  const live = { fingerprint: 'live', ownMint: true, proved: true };
  return decide(situation({ record: record({ rotation, live, ...changes }), seen: ALL_SEEN, ...more }));
}

describe('an account with nothing to do', () => {
  it('rests until its next look, if any', () => {
    expect(decide(situation())).toEqual(NOWHERE);
    const reobserveAt = [NOW + 5];
    expect(decide(situation({ record: record({ reobserveAt }) }))).toEqual({
      do: 'rest',
      wake: { at: NOW + 5, why: 're-observe' },
    });
  });

  it('is looked at as soon as the daemon runs again, where it is not done', () => {
    const wantWake = { do: 'rest', wake: { at: NOW, why: 'now' } };
    const stopping = { stopping: true };
    expect(decide(situation({ ...stopping, record: record({ rotation: OPEN }) }))).toEqual(wantWake);
    expect(decide(situation({ ...stopping, record: record({ waiting: ASKED }) }))).toEqual(wantWake);
    expect(decide(situation(stopping))).toEqual(NOWHERE);
  });
});

describe('a rotation that cannot go on', () => {
  const policy = account({ targets: [TARGET] });
  const { live: _live, ...NONE_LIVE } = record();
  /** Nothing is live, and no stage has an answer: the target cannot be delivered to. */
  function stuck(changes: Partial<AccountRecord> = {}, more: Partial<Situation> = {}) {
    const minted = { fingerprint: 'live', sentAt: NOW - 9, recovered: false };
    const lost = { ...NONE_LIVE, rotation: { ...OPEN, minted }, liveMissingSince: NOW - 1, ...changes };
    return decide(situation({ policy, record: lost, ...more }));
  }

  it('is looked at again after a while', () => {
    expect(stuck()).toEqual(AGAIN);
    expect(waiting()).toMatchObject({ do: 'note', facts: [{ kind: 'rotation-succeeded' }] });
  });

  it('has its own time where there is one', () => {
    expect(stuck({ retryAt: NOW + 7 })).toEqual({ do: 'rest', wake: { at: NOW + 7, why: 'retry' } });
  });

  it.each<readonly [string, Partial<AccountRecord>, Partial<Situation>]>([
    ['it is parked', { parked: BECAUSE }, {}],
    ['it is paused', { paused: { since: NOW, cause: { actor: 'socket:0' } } }, {}],
    ['the configuration pauses it', {}, { policy: { ...policy, paused: true } }],
    ['its provider is frozen', {}, { sharedHolds: [FROZEN] }],
    ['it left', {}, { configured: false }],
  ])('waits for a person where %s', (_, changes, more) => {
    expect(stuck(changes, more)).toEqual(NOWHERE);
  });

  it('waits for nobody where another provider is frozen, or somebody asked for it', () => {
    expect(stuck({}, { sharedHolds: [{ ...FROZEN, subject: 'keycard' }] })).toEqual(AGAIN);
    expect(stuck({}, { sharedHolds: [{ ...FROZEN, kind: 'manager-refused' }] })).toMatchObject({
      do: 'rest',
    });
    const minted = { fingerprint: 'live', sentAt: NOW - 9, recovered: false };
    const manual = { rotation: { ...OPEN, minted, trigger: 'manual' as const } };
    expect(stuck(manual, { sharedHolds: [FROZEN] })).toEqual(AGAIN);
    expect(stuck({ waiting: ASKED }, { sharedHolds: [FROZEN] })).toEqual(AGAIN);
  });
});

describe('the record with the look in it', () => {
  it('is dated by the request of a look that showed how the account is', () => {
    const seen = { ...ALL_SEEN, account: { ...ALL_SEEN.account, requestedAt: NOW - 5 } };
    expect(withLook(situation({ seen })).lookedAt).toBe(NOW - 5);
  });

  it('is the same where there was none, it was noted, or it was not certain', () => {
    const closed = { ...ALL_SEEN.account, state: 'closed', certain: false } as const;
    const noted = record({ lookedAt: NOW });
    for (const given of [
      situation(),
      situation({ seen: ALL_SEEN, record: noted }),
      situation({ seen: { ...ALL_SEEN, account: closed }, record: record(CLOSED) }),
    ]) {
      expect(withLook(given)).toBe(given.record);
    }
  });
});
