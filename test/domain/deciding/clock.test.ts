import { describe, expect, it } from 'vitest';
import type { Refreshing } from '../../../src/domain/consumer.ts';
import { askTime, noteClock } from '../../../src/domain/deciding/clock.ts';
import type { AccountRecord, OldCredential, TargetRecord } from '../../../src/domain/record.ts';
import type { Situation } from '../../../src/domain/situation.ts';
import { NOTHING_SEEN } from '../../../src/domain/situation.ts';
import { NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';
import { FAILURE } from '../../builders/decision.ts';
import { CHECKOUT, confirmedWith, needOf, READ, refreshing } from '../../builders/refresh.ts';

const MINUTE_MS = 60_000;
const SKEW_MS = 5 * MINUTE_MS;
const AHEAD = NOW + SKEW_MS + 1;

function clock(changes: Partial<AccountRecord>, more: Partial<Situation> = {}) {
  return noteClock(situation({ record: record(changes), ...more }));
}

const HELD = { fingerprint: 'live', version: '2' };
const OLD: OldCredential = { why: 'replaced', since: NOW - 9, reference: 'c1' };

function putBack(wasAt: number, confirmed: boolean) {
  return { do: 'note', facts: [{ kind: 'clock-put-back', wasAt, confirmed }] };
}

function confirmedAt(neededAt: number): TargetRecord {
  return { ...confirmedWith(), refresh: needOf([refreshing(CHECKOUT)], { neededAt }) };
}

function asked(state: Partial<Refreshing>): TargetRecord {
  return confirmedWith(refreshing(CHECKOUT, state));
}

describe('a clock that was put back', () => {
  it.each<readonly [string, Partial<AccountRecord>]>([
    ['a mint', { mintedAt: AHEAD }],
    ['first sight', { adoptedAt: AHEAD }],
    ['the beginning of the credential’s age', { ageFrom: { at: AHEAD, atLeast: false } }],
    [
      'a mint that was sent',
      {
        rotation: {
          ...OPEN,
          intent: { attempt: 1, at: NOW, sentAt: AHEAD, targets: [], unknown: true, sightings: 0 },
        },
      },
    ],
    [
      'a real write',
      {
        targets: { [TARGET.id]: { failures: 0, accepted: false, realWrite: { at: AHEAD, identity: 'me' } } },
      },
    ],
    ['a mint because of a refusal', { refusedMintAt: AHEAD }],
    ['a delivery', { targets: { [READ.id]: { ...confirmedWith(), written: { ...HELD, at: AHEAD } } } }],
    [
      'an overwritten delivery',
      { targets: { [READ.id]: { ...confirmedWith(), overwritten: [NOW, AHEAD] } } },
    ],
    [
      'since when a target is contested',
      { targets: { [READ.id]: { ...confirmedWith(), contested: { since: AHEAD } } } },
    ],
    ['since when a credential is old', { old: [{ ...OLD, since: AHEAD }] }],
    ['the beginning of its grace', { old: [{ ...OLD, graceFrom: AHEAD }] }],
    ['what a consumer has to take up', { targets: { [READ.id]: confirmedAt(AHEAD) } }],
    ['what a consumer is asked for', { targets: { [READ.id]: asked({ askedFor: AHEAD }) } }],
    ['when a consumer was asked', { targets: { [READ.id]: asked({ begunAt: AHEAD }) } }],
    ['when a consumer was through', { targets: { [READ.id]: asked({ throughAt: AHEAD }) } }],
    ['since when a consumer is unhealthy', { targets: { [READ.id]: asked({ unhealthySince: AHEAD }) } }],
  ])('is noted where %s lies in the future, as services confirm', (_, changes) => {
    expect(clock(changes)).toEqual(putBack(AHEAD, true));
  });

  it('is noted by more than services may differ', () => {
    expect(clock({ mintedAt: AHEAD - 1 })).toBeUndefined();
  });

  it('is noted where the last note lies more than a minute in the future', () => {
    expect(clock({ notedAt: NOW + MINUTE_MS + 1 })).toEqual(putBack(NOW + MINUTE_MS + 1, false));
    expect(clock({ notedAt: NOW + MINUTE_MS })).toBeUndefined();
    expect(clock({ notedAt: NOW + 2 * MINUTE_MS, mintedAt: NOW - 5 })).toEqual(
      putBack(NOW + 2 * MINUTE_MS, false),
    );
  });

  it('was at least as far ahead as the newest instant that is known', () => {
    expect(clock({ notedAt: NOW - 5, mintedAt: AHEAD })).toEqual(putBack(AHEAD, true));
    expect(clock({ notedAt: AHEAD + 7, mintedAt: AHEAD })).toEqual(putBack(AHEAD + 7, true));
  });

  it('is asked about before anything is dated anew', () => {
    expect(clock({ mintedAt: AHEAD }, { timeUnknown: true })).toEqual({ do: 'ask-time' });
    expect(clock({}, { timeUnknown: true })).toBeUndefined();
  });

  it('may be this clock that is wrong: nothing is asked or dated anew while services differ', () => {
    const sharedHolds = [
      { kind: 'clock-skew', subject: 'all', since: NOW, by: 'rekeyd', reason: 'x' } as const,
    ];
    expect(clock({ mintedAt: AHEAD }, { sharedHolds })).toBeUndefined();
  });

  it('is not noted where nothing dates the record', () => {
    const { adoptedAt: _, ...undated } = record({ targets: {} });
    expect(noteClock(situation({ record: undated }))).toBeUndefined();
  });
});

describe('the time', () => {
  it('is asked for', () => {
    expect(askTime(situation())).toEqual({ do: 'ask-time' });
  });

  it('is asked for again later where nobody told it', () => {
    const seen = { ...NOTHING_SEEN, timeFailure: { at: NOW, failure: FAILURE } };
    expect(askTime(situation({ seen }))).toMatchObject({
      facts: [{ kind: 'observe-failed', failure: 'no-answer', message: 'silence' }],
    });
  });

  it('is not asked for before the next attempt', () => {
    expect(askTime(situation({ record: record({ retryAt: NOW + 1 }) }))).toBeUndefined();
  });
});
