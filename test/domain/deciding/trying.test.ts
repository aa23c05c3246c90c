import { describe, expect, it } from 'vitest';
import { giveUp } from '../../../src/domain/deciding/finishing.ts';
import { judgeTry, missingForRefused } from '../../../src/domain/deciding/refusing.ts';
import { tryLive } from '../../../src/domain/deciding/trying-live.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import type { Situation, Tried } from '../../../src/domain/situation.ts';
import { CONTESTED } from '../../builders/held.ts';
import { STORE_DOWN } from '../../builders/opening.ts';
import { ALL_SEEN, INTENT, NOW, OPEN, REFUSED, TARGET, record, situation } from '../../builders/situation.ts';
import { FAILURE, noted } from '../../builders/decision.ts';

const TRY = { do: 'try', fingerprint: 'live' };
const MINTED = { fingerprint: 'live', sentAt: NOW - 5, recovered: false };
const SINCE = { since: NOW - 1, why: 'because' };
const LIVE = { fingerprint: 'live', ownMint: true, proved: true };
const { live: _live, ...NONE_LIVE } = record();
const NOTHING = { targets: {}, preflights: {}, tried: {} };
/** Refused a while ago, and to be tried again now. */
const DUE = { ...REFUSED, triedAt: NOW - 600_000, lastAt: NOW - 600_000, tryAt: NOW };
const { countedAt: _countedAt, ...UNCERTAIN } = DUE;

/** An account that was looked at to verify it, and whose live credential can be had. */
function given(known: Partial<AccountRecord> = {}, more: Partial<Situation> = {}): Situation {
  return situation({
    record: record(known),
    seen: ALL_SEEN,
    inHand: new Set(['live']),
    dueWhy: 'verify',
    ...more,
  });
}

describe('the live credential', () => {
  it.each(['verify', 'retry', 'recheck'])('is tried after a look because of %s', (dueWhy) => {
    expect(tryLive(given({}, { dueWhy }))).toStrictEqual(TRY);
  });

  const tried = { live: { at: NOW, outcome: { kind: 'accepted', accountId: 'a1' } } } as const;
  it.each<[string, Situation]>([
    ['the look was for something else', given({}, { dueWhy: 'slot' })],
    ['nobody said what the look was for', situation({ seen: ALL_SEEN, inHand: new Set(['live']) })],
    ['the account has left the configuration', given({}, { configured: false })],
    ['the account is closed', given({ held: { closed: SINCE } })],
    ['a mint was of another account', given({ mismatched: SINCE })],
    ['nobody knows whether a mint happened', given({ rotation: { ...OPEN, intent: INTENT } })],
    ['a rotation is open, which proves what it mints', given({ rotation: OPEN })],
    ['nothing is live', given({}, { record: NONE_LIVE })],
    ['it was tried just now', given({}, { seen: { ...ALL_SEEN, tried } })],
    ['nobody looked', given({}, { seen: NOTHING })],
    ['its value cannot be had', given({}, { inHand: new Set() })],
    ['the next attempt has not come', given({ retryAt: NOW + 1 })],
    [
      'the account is shown as closed',
      given({}, { seen: { ...ALL_SEEN, account: { ...ALL_SEEN.account, state: 'closed' } } }),
    ],
    ['the look failed', given({}, { seen: { ...ALL_SEEN, accountFailure: { at: NOW, failure: FAILURE } } })],
  ])('is not tried where %s', (_name, known) => {
    expect(tryLive(known)).toBeUndefined();
  });

  it('is tried although a rotation is open, where that has proved it: something has to be ended before it ends', () => {
    const minted = { fingerprint: 'live', sentAt: NOW, recovered: false, provedFirst: true } as const;
    const rotation = { ...OPEN, minted };
    expect(tryLive(given({ rotation }))).toStrictEqual(TRY);
    expect(tryLive(given({ rotation, live: { ...LIVE, proved: false } }))).toBeUndefined();
  });

  it('is tried although a rotation is open that something holds: nobody knows for how long nothing will be minted', () => {
    const targets = { [TARGET.id]: CONTESTED };
    const held = given({ rotation: OPEN, targets });
    expect(tryLive(held)).toStrictEqual(TRY);
    expect(tryLive({ ...held, dueWhy: 'slot' })).toBeUndefined();
    // Preparing finds out that a store is up again, and then it is minted.
    expect(tryLive({ ...given({ rotation: OPEN }), sharedHolds: [STORE_DOWN] })).toBeUndefined();
  });

  it('is tried although something else is held, or nobody proved it yet', () => {
    expect(tryLive(given({ live: { ...LIVE, ownMint: false, proved: false } }))).toStrictEqual(TRY);
    expect(tryLive(given({ held: { 'own-account': SINCE } }))).toStrictEqual(TRY);
  });
});

describe('a live credential that was refused', () => {
  const slot = { dueWhy: 'slot' };

  it('is tried again when it is time, whatever the look was for, and although a rotation is open', () => {
    expect(tryLive(given({ refused: DUE }, slot))).toStrictEqual(TRY);
    expect(tryLive(given({ refused: { ...DUE, tryAt: NOW + 1 } }, slot))).toBeUndefined();
    expect(tryLive(given({ refused: DUE, rotation: OPEN }, slot))).toStrictEqual(TRY);
  });

  it.each<[string, Partial<AccountRecord>, Partial<Situation>]>([
    ['the account has left the configuration', {}, { configured: false }],
    ['the account is closed', { held: { closed: SINCE } }, {}],
    ['a mint was of another account', { mismatched: SINCE }, {}],
    ['nobody knows whether a mint happened', { rotation: { ...OPEN, intent: INTENT } }, {}],
    [
      'the account is shown as closed',
      {},
      { seen: { ...ALL_SEEN, account: { ...ALL_SEEN.account, state: 'closed' } } },
    ],
  ])('is not tried again where %s', (_name, known, more) => {
    expect(tryLive(given({ refused: DUE, ...known }, { ...slot, ...more }))).toBeUndefined();
  });

  it('is looked at before it is tried, and later again where that fails', () => {
    const look = { do: 'observe', account: true, manager: false, targets: [] };
    expect(tryLive(given({ refused: DUE }, { seen: NOTHING }))).toStrictEqual(look);
    const seen = { ...NOTHING, accountFailure: { at: NOW, failure: FAILURE } };
    expect(tryLive(given({ refused: DUE }, { seen }))).toMatchObject(
      noted({ kind: 'observe-failed', failure: 'no-answer' }),
    );
  });

  it('that cannot be had is said to be so when it is time', () => {
    const gone = { inHand: new Set<string>() };
    expect(tryLive(given({ refused: DUE }, gone))).toMatchObject(
      noted({ kind: 'live-tried', outcome: 'inconclusive', why: 'the provider does not show it' }),
    );
    expect(tryLive(given({ refused: { ...DUE, tryAt: NOW + 1 } }, gone))).toBeUndefined();
  });
});

describe('a try of the live credential', () => {
  function judged(outcome: Tried['outcome'], known: Partial<AccountRecord> = {}, at = NOW) {
    return judgeTry(given(known, { seen: { ...ALL_SEEN, tried: { live: { at, outcome } } } }));
  }
  const ACCEPTED = { kind: 'accepted', accountId: 'a1' } as const;
  const ODD = { kind: 'refused', id: 'too-large' } as const;
  const INCONCLUSIVE = { kind: 'live-tried', outcome: 'inconclusive', counts: false };

  it('that is accepted ends its refusal, and says nothing where there is none', () => {
    const want = {
      kind: 'live-tried',
      fingerprint: 'live',
      outcome: 'accepted',
      triedAt: NOW,
      counts: false,
    };
    expect(judged(ACCEPTED, { refused: DUE })).toStrictEqual(noted(want));
    expect(judged(ACCEPTED)).toBeUndefined();
  });

  it('that is accepted as another account is held, unless a rotation is open, which finds out itself', () => {
    const theirs = { kind: 'accepted', accountId: 'b2' } as const;
    const why = 'the credential live, shown as live, belongs to the account b2';
    expect(judged(theirs)).toStrictEqual(noted({ kind: 'account-mismatched', why, mintedAt: NOW }));
    expect(judged(theirs, { rotation: OPEN })).toBeUndefined();
  });

  it('that is known to be of an account that was one of a pair with this one, is accepted as that', () => {
    const theirs = { kind: 'accepted', accountId: 'b2' } as const;
    const live = { ...LIVE, accountId: 'b2' };
    expect(judged(theirs, { live })).toBeUndefined();
    expect(judged(theirs, { live, refused: DUE })).toMatchObject({ facts: [{ outcome: 'accepted' }] });
  });

  it('that is accepted proves what nobody had proved yet, unless a rotation is open, which does so itself', () => {
    const live = { ...LIVE, ownMint: false, proved: false };
    expect(judged(ACCEPTED, { live })).toStrictEqual(
      noted({ kind: 'credential-proved', fingerprint: 'live' }),
    );
    expect(judged(ACCEPTED, { live, rotation: OPEN })).toBeUndefined();
  });

  it('that is refused for another reason says nothing for certain', () => {
    const why = 'it was refused for another reason (too-large)';
    expect(judged(ODD, { refused: DUE })).toMatchObject(noted({ ...INCONCLUSIVE, why }));
    const nameless = 'it was refused for another reason (without a name)';
    expect(judged({ kind: 'refused' }, { refused: DUE })).toMatchObject(
      noted({ ...INCONCLUSIVE, why: nameless }),
    );
    expect(judged(ODD)).toBeUndefined();
  });

  it('of which nobody knows what came says nothing for certain', () => {
    const unknown = { kind: 'unknown', failure: FAILURE } as const;
    expect(judged(unknown, { refused: DUE })).toMatchObject(noted({ ...INCONCLUSIVE, why: 'silence' }));
  });

  it('made sooner than was planned changes what counts, and nothing else', () => {
    const later = { ...DUE, tryAt: NOW + 1 };
    expect(judged(ODD, { refused: later })).toMatchObject(noted(INCONCLUSIVE));
    expect(judged(ODD, { refused: { ...UNCERTAIN, tryAt: NOW + 1 } })).toBeUndefined();
    expect(judged(ODD, { refused: UNCERTAIN })).toMatchObject(noted(INCONCLUSIVE));
  });

  it.each<[string, Partial<AccountRecord>, number]>([
    ['is known already', { refused: { ...DUE, triedAt: NOW } }, NOW],
    ['lies in the future: the clock was put back since', { refused: DUE }, NOW + 1],
    ['came while a mint’s outcome is unknown', { refused: DUE, rotation: { ...OPEN, intent: INTENT } }, NOW],
    ['came while a mint was of another account', { refused: DUE, mismatched: SINCE }, NOW],
  ])('says nothing where it %s', (_name, known, at) => {
    expect(judged(ACCEPTED, known, at)).toBeUndefined();
  });

  it('says something where the one before lies in the future: the clock was put back since', () => {
    expect(judged(ACCEPTED, { refused: { ...DUE, triedAt: NOW + 9 } })).toMatchObject(
      noted({ kind: 'live-tried', outcome: 'accepted' }),
    );
  });

  it('is none where none was made, or nothing is live', () => {
    expect(judgeTry(given({ refused: DUE }))).toBeUndefined();
    const seen = { ...ALL_SEEN, tried: { live: { at: NOW, outcome: ACCEPTED } } };
    expect(judgeTry(given({}, { record: NONE_LIVE, seen }))).toBeUndefined();
  });
});

describe('a rotation because of a refusal', () => {
  const grant = { granted: true, lastHour: 0, atMost: 1, until: NOW };

  it('needs a refusal that is fresh, and to be granted', () => {
    expect(missingForRefused(given())).toBe('wait');
    expect(missingForRefused(given({ refused: DUE }))).toBe('wait');
    expect(missingForRefused(given({ refused: REFUSED }))).toStrictEqual({ do: 'grant' });
    expect(missingForRefused(given({ refused: REFUSED }, { seen: { ...ALL_SEEN, grant } }))).toBeUndefined();
  });

  it('is granted anew where it may be by the time that this is decided, as after a process stood still', () => {
    const past = { ...grant, granted: false, lastHour: 1, until: NOW };
    const later = given({ refused: REFUSED }, { seen: { ...ALL_SEEN, grant: past } });
    expect(missingForRefused(later)).toStrictEqual({ do: 'grant' });
    const soon = { ...ALL_SEEN, grant: { ...past, until: NOW + 1 } };
    expect(missingForRefused(given({ refused: REFUSED }, { seen: soon }))).toMatchObject({ do: 'note' });
  });

  it('that is not granted waits, and says how many there were', () => {
    const denied = { ...grant, granted: false, lastHour: 3, atMost: 2, until: NOW + 7 };
    expect(
      missingForRefused(given({ refused: REFUSED }, { seen: { ...ALL_SEEN, grant: denied } })),
    ).toStrictEqual(
      noted({
        kind: 'mint-limited',
        why:
          'kronup refuses the live credential live (auth-api-expired), seen 2 times from 2026-01-05T11:50:00.000Z to ' +
          '2026-01-05T12:00:00.000Z. It is not rotated yet: 3 rotations because of refused credentials were begun in the ' +
          'last hour, of at most 2 at this provider',
        until: NOW + 7,
      }),
    );
  });
});

describe('a rotation whose new credential is refused', () => {
  const why = 'the provider refuses the credential live that it has just minted';
  const GIVEN_UP = noted({ kind: 'rotation-abandoned', why });
  const rotation = { ...OPEN, minted: MINTED };
  const lastFailure = { failure: 'credential-refused', message: 'no', at: NOW - 4 } as const;
  const waiting = { requests: ['q1'], cause: { actor: 'socket:0' }, at: NOW };

  it.each<[string, Partial<AccountRecord>]>([
    ['a person asked for another one', { refused: REFUSED, waiting }],
    ['a person asked for another one, and it was seen refused since its mint', { lastFailure, waiting }],
    ['its account is parked for it', { refused: REFUSED, parked: SINCE }],
  ])('is given up where %s', (_name, known) => {
    expect(giveUp(given({ rotation, ...known }), 'live')).toStrictEqual(GIVEN_UP);
  });

  it.each<[string, Partial<AccountRecord>]>([
    ['nothing is known of that', { waiting }],
    ['it was refused before its mint', { waiting, lastFailure: { ...lastFailure, at: NOW - 5 } }],
    ['something else failed', { waiting, lastFailure: { ...lastFailure, failure: 'no-answer' } }],
    ['nothing is to follow', { refused: REFUSED }],
    ['the refusal is not certain, although its account is parked', { refused: UNCERTAIN, parked: SINCE }],
  ])('goes on where %s', (_name, known) => {
    expect(giveUp(given({ rotation, ...known }), 'live')).toBeUndefined();
  });
});
