import { describe, expect, it } from 'vitest';
import { contestedUntil } from '../../src/domain/contest.ts';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { Fact } from '../../src/domain/fact.ts';
import type { Hold } from '../../src/domain/hold.ts';
import { unmetForMint } from '../../src/domain/needs.ts';
import type { AccountRecord, Intent } from '../../src/domain/record.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { account } from '../builders/account.ts';
import { ALL_SEEN, LIVE_THERE, NOW, OPEN, ready, record, situation, TARGET } from '../builders/situation.ts';

const HOUR_MS = 3_600_000;
const AHEAD = NOW + HOUR_MS;
const SKEW: Hold = { kind: 'clock-skew', subject: 'all', since: NOW, by: 'rekeyd', reason: 'a test' };
const POLICY = account({ targets: [TARGET], schedule: { pattern: '0 * * * *', zone: 'UTC' } });
const DUE = { policy: POLICY, record: record({ slot: NOW - HOUR_MS }) };

function fact(body: Partial<Fact> & Pick<Fact, 'kind'>, at = NOW): Fact {
  return { id: 'f', at, cause: { actor: 'rekeyd' }, ...body } as Fact;
}

/** What is noted, if something is. */
function noted(given: Partial<Situation>): string[] {
  const decision = decide(situation(given));
  return decision.do === 'note' ? decision.facts.map(({ kind }) => kind) : [decision.do];
}

describe('a slot that has come', () => {
  it('opens no rotation before a service has told the time', () => {
    expect(noted({ ...DUE, timeUnknown: true })).toEqual(['ask-time']);
  });

  it('waits where nobody could be asked, and is not used up', () => {
    const timeFailure = { at: NOW, failure: { kind: 'not-connected', message: 'down' } } as const;
    const seen = { targets: {}, preflights: {}, tried: {}, timeFailure };
    expect(noted({ ...DUE, timeUnknown: true, seen })).toEqual(['observe-failed']);
  });

  for (const missed of ['run', 'skip'] as const) {
    it(`is not used up while the clock is wrong: missed ${missed}`, () => {
      const policy = { ...POLICY, missed };
      const given = { ...DUE, policy, sharedHolds: [SKEW], runningSince: NOW };
      expect(noted(given)).toEqual(['rest']);
    });
  }

  it('is not used up by what a person asks for while the clock is wrong', () => {
    const waiting = { requests: ['r'], cause: { actor: 'person' }, at: NOW };
    const decision = decide(situation({ ...DUE, sharedHolds: [SKEW], record: { ...DUE.record, waiting } }));
    expect(decision).toMatchObject({ do: 'note', facts: [{ kind: 'rotation-opened', trigger: 'manual' }] });
    expect(JSON.stringify(decision)).not.toContain('slot');
  });

  it('does not join an open rotation while the clock is wrong', () => {
    const rotation = { ...OPEN, trigger: 'manual' as const };
    const given = { ...DUE, record: { ...DUE.record, rotation }, sharedHolds: [SKEW] };
    expect(noted(given)).not.toContain('rotation-joined');
  });
});

describe('a record that was noted by a clock that has been put back since', () => {
  const planned = {
    notedAt: AHEAD,
    retryAt: AHEAD + 5_000,
    reobserveAt: [AHEAD],
    missed: { slot: AHEAD, runAt: AHEAD },
    waiting: { requests: ['r'], cause: { actor: 'person' }, at: AHEAD },
    targets: { [TARGET.id]: { failures: 1, accepted: false, retryAt: AHEAD + 5_000 } },
  } satisfies Partial<AccountRecord>;

  it('is noted first of all', () => {
    expect(noted({ record: record(planned), timeUnknown: true })).toEqual(['clock-put-back']);
  });

  it('plans nothing for later any more, whatever is noted next', () => {
    const next = evolve(record(planned), fact({ kind: 'target-accepted', target: 'files:other' }));
    expect(next).not.toHaveProperty('retryAt');
    expect(next).not.toHaveProperty('missed');
    expect(next.reobserveAt).toEqual([NOW]);
    expect(next.waiting?.at).toBe(NOW);
    expect(next.targets[TARGET.id]).not.toHaveProperty('retryAt');
    expect(next.notedAt).toBe(NOW);
  });

  it('tries what was refused again at once, and asks again whether a mint may follow', () => {
    const sighted = { fingerprint: 'live', since: AHEAD, lastAt: AHEAD, times: 2, triedAt: AHEAD };
    const limited = { since: AHEAD, until: AHEAD + HOUR_MS, why: 'too many' };
    const refused = { ...sighted, countedAt: AHEAD, tryAt: AHEAD + HOUR_MS, limited };
    const before = record({ notedAt: AHEAD, refused });
    expect(evolve(before, fact({ kind: 'account-resumed' })).refused).toStrictEqual({
      ...sighted,
      tryAt: NOW,
    });
    const inOrder = record({ notedAt: NOW, refused });
    expect(evolve(inOrder, fact({ kind: 'account-resumed' })).refused).toStrictEqual(refused);
  });

  it('keeps its plans where the clock only goes on, or was put right by a little', () => {
    const next = evolve(record({ ...planned, notedAt: NOW + 60_000 }), fact({ kind: 'account-resumed' }));
    expect(next.retryAt).toBe(AHEAD + 5_000);
  });

  const intent: Intent = {
    attempt: 1,
    at: AHEAD,
    sentAt: AHEAD,
    targets: [],
    unknown: true,
    sightings: 1,
    preImage: 'live',
  };
  const happened = {
    mintedAt: AHEAD,
    adoptedAt: AHEAD,
    ageFrom: { at: AHEAD, atLeast: false },
    slot: AHEAD,
    heldSlot: AHEAD,
    pausedSlot: AHEAD,
    rotation: { ...OPEN, dueAt: AHEAD, intent },
    targets: { [TARGET.id]: { failures: 0, accepted: false, realWrite: { at: AHEAD, identity: 'me' } } },
  } satisfies Partial<AccountRecord>;

  it('is dated anew only once services agree that the clock is right', () => {
    expect(noted({ record: record(happened), timeUnknown: true })).toEqual(['ask-time']);
    expect(noted({ record: record(happened), sharedHolds: [SKEW] })).not.toContain('clock-put-back');
    expect(decide(situation({ record: record(happened) }))).toMatchObject({
      facts: [{ kind: 'clock-put-back', confirmed: true }],
    });
  });

  it('then says of all that has happened that it did so now at the latest, and is not noted again', () => {
    const next = evolve(record(happened), fact({ kind: 'clock-put-back', wasAt: AHEAD, confirmed: true }));
    expect([next.mintedAt, next.adoptedAt, next.ageFrom?.at]).toEqual([NOW, NOW, NOW]);
    expect([next.rotation?.dueAt, next.rotation?.intent?.sentAt]).toEqual([NOW, NOW]);
    expect(next.targets[TARGET.id]?.realWrite?.at).toBe(NOW);
    expect(next).not.toHaveProperty('heldSlot');
    expect(next).not.toHaveProperty('pausedSlot');
    expect(noted({ record: next })).not.toContain('clock-put-back');
  });

  it('leaves a contested target alone for a day from now at the longest', () => {
    const confirmed = fact({ kind: 'clock-put-back', wasAt: AHEAD, confirmed: true });
    const target = {
      failures: 0,
      accepted: false,
      written: { fingerprint: 'live', version: '1', at: AHEAD },
      overwritten: [NOW - 5, AHEAD - 5, AHEAD],
      contested: { since: AHEAD },
    };
    const next = evolve(record({ targets: { [TARGET.id]: target } }), confirmed).targets[TARGET.id];
    expect(next).toStrictEqual({
      ...target,
      written: { fingerprint: 'live', version: '1', at: NOW },
      overwritten: [NOW - 5, NOW, NOW],
      contested: { since: NOW },
    });
    expect(contestedUntil(next)).toBe(NOW + 24 * HOUR_MS);
  });

  it('may mint because of a refusal again a day from now at the latest', () => {
    const confirmed = fact({ kind: 'clock-put-back', wasAt: AHEAD, confirmed: true });
    expect(evolve(record({ refusedMintAt: AHEAD }), confirmed).refusedMintAt).toBe(NOW);
    expect(evolve(record({ refusedMintAt: NOW - 5 }), confirmed).refusedMintAt).toBe(NOW - 5);
  });

  it('keeps the newest slot that was dealt with: it is not minted for a second time when it comes again', () => {
    const confirmed = fact({ kind: 'clock-put-back', wasAt: AHEAD, confirmed: true });
    expect(evolve(record(happened), confirmed).slot).toBe(AHEAD);
  });

  it('says nothing new of what has happened where services do not agree', () => {
    const unconfirmed = fact({ kind: 'clock-put-back', wasAt: AHEAD, confirmed: false });
    expect(evolve(record(happened), unconfirmed)).toMatchObject(happened);
  });
});

describe('what was seen by a clock that has been put back since', () => {
  const later = NOW + 1;

  it('is of no use for a mint', () => {
    const account = { ...ALL_SEEN.account, requestedAt: later };
    const targets = { [TARGET.id]: { ...LIVE_THERE, requestedAt: later } };
    const preflights = { [TARGET.id]: { at: later, identity: 'me' } };
    expect(unmetForMint(ready({ seen: { ...ALL_SEEN, account } }))).toHaveLength(1);
    expect(unmetForMint(ready({ seen: { ...ALL_SEEN, targets } }))).toHaveLength(1);
    expect(unmetForMint(ready({ seen: { ...ALL_SEEN, preflights } }))).toHaveLength(1);
  });
});

describe('a mint of unknown outcome', () => {
  const intent: Intent = {
    attempt: 1,
    at: NOW - HOUR_MS,
    sentAt: NOW - HOUR_MS,
    targets: [],
    unknown: true,
    sightings: 5,
    sightedAt: NOW - 30_000,
    preImage: 'live',
  };
  const given = { record: record({ rotation: { ...OPEN, intent } }), seen: ALL_SEEN };

  it('has settled two minutes after it was sent', () => {
    expect(noted(given)).toEqual(['mint-settled']);
  });

  it('has not settled where the clock was set ahead just now: nobody knows how long ago it was sent', () => {
    expect(noted({ ...given, clockSteadySince: NOW - 119_000 })).toEqual(['pre-image-seen']);
    expect(noted({ ...given, clockSteadySince: NOW - 120_000 })).toEqual(['mint-settled']);
  });
});
