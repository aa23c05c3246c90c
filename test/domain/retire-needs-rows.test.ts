import { describe, expect, it } from 'vitest';
import type { Hold } from '../../src/domain/hold.ts';
import { LIMITS } from '../../src/domain/limits.ts';
import type { OldCredential } from '../../src/domain/record.ts';
import {
  graceOf,
  graceUntil,
  isStillUsed,
  lastUsedAt,
  retireLookAt,
  unmetForRetire,
} from '../../src/domain/retire-needs.ts';
import type { Retirable } from '../../src/domain/retire-needs.ts';
import type { AccountSeen, Situation } from '../../src/domain/situation.ts';
import { LIVE_THERE, NOW, situation, TARGET } from '../builders/situation.ts';
import { ACCOUNT, LIVE, OLD, POLICY, known, listed, waits } from '../builders/retire-needs.ts';

const HOUR_MS = 3_600_000;
const SKEW: Hold = { kind: 'clock-skew', subject: 'all', since: NOW, by: 'rekeyd', reason: 'they differ' };

describe('what is against retiring an old credential is said in words', () => {
  const bare: AccountSeen = { requestedAt: NOW, state: 'open', certain: true };
  const at = (requestedAt: number) => ({ targets: { [TARGET.id]: { ...LIVE_THERE, requestedAt } } });
  const held = (holds: Situation['seen']['targets'][string]['holds']) => ({
    targets: { [TARGET.id]: { requestedAt: NOW, holds } },
  });
  const used = (lastUsedAt: number) => ({
    account: { ...ACCOUNT, credentials: [listed('old', { lastUsedAt }), listed('live')] },
  });
  const iso = (instant: number) => new Date(instant).toISOString();

  it.each<[string, Partial<Retirable>, Situation, object | undefined]>([
    ['nothing', {}, known(), undefined],
    [
      'a look a minute ago',
      {},
      known({}, { account: { ...ACCOUNT, requestedAt: NOW - 60_000 } }),
      {
        need: 'the account and its credentials seen',
        by: 'account',
      },
    ],
    [
      'no look less than a minute ago',
      {},
      known({}, { account: { ...ACCOUNT, requestedAt: NOW - 59_999 } }),
      undefined,
    ],
    [
      'a look in the future: the clock was put back',
      {},
      known({}, { account: { ...ACCOUNT, requestedAt: NOW + 1 } }),
      {
        need: 'the account and its credentials seen',
        by: 'account',
      },
    ],
    [
      'a closed account',
      {},
      known({}, { account: { ...ACCOUNT, state: 'closed' } }),
      waits('the account is closed'),
    ],
    [
      'a provider without a list',
      {},
      known({}, { account: bare }),
      waits('the provider does not list its credentials'),
    ],
    [
      'the manager’s own credential',
      { clientId: 'c-manager' },
      known(),
      waits('it is the manager credential itself; give the provider another one'),
    ],
    [
      'the manager’s own credential, as it is listed',
      { clientId: 'c-other' },
      known(
        {},
        { account: { ...ACCOUNT, credentials: [listed('old', { clientId: 'c-manager' }), listed('live')] } },
      ),
      waits('it is the manager credential itself; give the provider another one'),
    ],
    ['no client ids anywhere', {}, known({}, { manager: {} }), undefined],
    [
      'that it is the last one',
      {},
      known({}, { account: { ...ACCOUNT, credentials: [listed('old'), listed('other')] } }),
      waits('the live credential is not seen beside it'),
    ],
    [
      'that it is the live one itself',
      { reference: 'r-live' },
      known(),
      waits('the live credential is not seen beside it'),
    ],
    [
      'a target that was read too long ago',
      {},
      known({}, at(NOW - 60_000)),
      {
        need: 'every target read',
        by: 'targets',
        targets: [TARGET],
      },
    ],
    [
      'a target that cannot be read',
      {},
      known({}, held({ kind: 'unreadable', failure: { kind: 'no-answer', message: '' } })),
      waits('files:billing/token cannot be read, and may hold it'),
    ],
    [
      'a live credential that is not proved',
      {},
      known({ live: { ...LIVE, proved: false } }),
      waits('the live credential is not proved'),
    ],
    [
      'a target that does not hold the newer one for certain',
      {},
      known({ targets: {} }),
      waits('files:billing/token is not known to hold the live credential'),
    ],
    [
      'a target that holds it',
      {},
      known({}, held({ kind: 'credential', fingerprint: 'old' })),
      waits('files:billing/token holds it'),
    ],
    [
      'a target that holds another value of its client id',
      { clientId: 'c-old' },
      known({}, held({ kind: 'credential', fingerprint: 'x', clientId: 'c-old' })),
      waits('files:billing/token holds it'),
    ],
    [
      'a target that holds another value of its client id, as it is listed',
      {},
      known(
        {},
        {
          ...held({ kind: 'credential', fingerprint: 'x', clientId: 'c-old' }),
          account: { ...ACCOUNT, credentials: [listed('old', { clientId: 'c-old' }), listed('live')] },
        },
      ),
      waits('files:billing/token holds it'),
    ],
    [
      'a target that holds something without a client id',
      {},
      known({}, held({ kind: 'credential', fingerprint: 'x' })),
      undefined,
    ],
    ['a target that holds nothing', { fingerprint: 'old' }, known({}, held({ kind: 'nothing' })), undefined],
    ['its grace', { graceFrom: NOW - 2 * HOUR_MS + 1 }, known(), waits('its grace is over', NOW + 1)],
    [
      'that it is used',
      {},
      known({}, used(NOW - HOUR_MS)),
      waits(
        `it is still used (last at ${iso(NOW - HOUR_MS)}); it is retired when it was not for 2h, and at ` +
          `${iso(NOW + 21 * HOUR_MS)} in any case`,
        NOW + HOUR_MS,
      ),
    ],
    [
      'that it was used until nearly long enough ago: it is not looked at every moment',
      {},
      known({}, used(NOW - 2 * HOUR_MS + 5)),
      waits(
        `it is still used (last at ${iso(NOW - 2 * HOUR_MS + 5)}); it is retired when it was not for 2h, and at ` +
          `${iso(NOW + 21 * HOUR_MS)} in any case`,
      ),
    ],
    ['no use that is long enough ago', {}, known({}, used(NOW - 2 * HOUR_MS)), undefined],
    [
      'that a late one was used, though nobody was given it',
      { why: 'late' },
      known({}, used(NOW - 20 * HOUR_MS)),
      waits('it was used, though nobody was given it'),
    ],
    ['nothing of a late one that was never used', { why: 'late' }, known({ targets: {} }), undefined],
    ['nothing of one that nobody ever had', { why: 'unused' }, known({ targets: {} }, used(NOW)), undefined],
  ])('%s', (_name, old, given, want) => {
    expect(unmetForRetire(given, { ...OLD, ...old })).toStrictEqual(want);
  });

  it('without a grace that has begun, after a while', () => {
    const { graceFrom: _, ...ungraced } = OLD;
    expect(unmetForRetire(known(), ungraced)).toStrictEqual(
      waits('its grace is over', NOW + LIMITS.retireTryMaxMs),
    );
  });

  it('more and more rarely', () => {
    const old = { ...OLD, waits: { times: 2, why: 'x', tryAt: NOW } };
    expect(unmetForRetire(known({ targets: {} }), old)).toMatchObject({ tryAt: NOW + 240_000 });
  });
});

describe('by a clock that may be wrong', () => {
  const skewed = { sharedHolds: [SKEW] };
  const unknown = { need: 'what time it is: this machine’s clock may be wrong', by: 'time' };

  it('nothing is retired for how long it has been old, whatever else is seen', () => {
    expect(unmetForRetire(known({}, {}, skewed), OLD)).toStrictEqual(unknown);
    expect(unmetForRetire(known({}, {}, { timeUnknown: true }), OLD)).toStrictEqual(unknown);
    expect(unmetForRetire(known({}, {}, skewed), { ...OLD, why: 'late' })).toStrictEqual(unknown);
    expect(unmetForRetire(situation(skewed), OLD)).toStrictEqual(unknown);
  });

  it('what has leaked is ended, and what nobody ever had', () => {
    expect(unmetForRetire(known({}, {}, skewed), { ...OLD, why: 'unused' })).toBeUndefined();
    expect(unmetForRetire(known({}, {}, skewed), { ...OLD, compromised: true })).toBeUndefined();
  });
});

describe('the grace of an old credential', () => {
  it('is what the policy says, and its hard limit is never sooner', () => {
    expect(graceOf(POLICY)).toStrictEqual({ graceMs: 2 * HOUR_MS, hardLimitMs: 24 * HOUR_MS });
    expect(graceOf({ ...POLICY, retireHardLimitMs: 5 })).toStrictEqual({
      graceMs: 2 * HOUR_MS,
      hardLimitMs: 2 * HOUR_MS,
    });
    const { graceMs: _, retireHardLimitMs: _limit, ...silent } = POLICY;
    expect(graceOf(silent)).toStrictEqual({
      graceMs: LIMITS.graceMs,
      hardLimitMs: LIMITS.retireHardLimitMs,
    });
  });

  it.each<[string, Partial<OldCredential>, number]>([
    ['is over at once where it has leaked', { compromised: true }, OLD.since],
    ['is over at once where nobody ever had it', { why: 'unused' }, OLD.since],
    ['is a day for what turned up late', { why: 'late' }, OLD.since + LIMITS.sweepAfterMs],
    ['counts from when every target held the newer one', {}, NOW - HOUR_MS],
  ])('%s', (_name, old, want) => {
    expect(graceUntil(POLICY, { ...OLD, ...old })).toBe(want);
    expect(retireLookAt(POLICY, { ...OLD, ...old })).toBe(want);
    const waiting = { times: 1, why: 'x', tryAt: want + 7 };
    expect(retireLookAt(POLICY, { ...OLD, ...old, waits: waiting })).toBe(want + 7);
    expect(retireLookAt(POLICY, { ...OLD, ...old, waits: { ...waiting, tryAt: want - 7 } })).toBe(want);
  });
});

describe('the use of an old credential', () => {
  const used = (lastUsedAt: number) =>
    known({}, { account: { ...ACCOUNT, credentials: [listed('live'), listed('old', { lastUsedAt })] } });

  it('is what the provider shows', () => {
    expect(lastUsedAt(used(NOW - 7), OLD)).toBe(NOW - 7);
    expect(lastUsedAt(known(), OLD)).toBeUndefined();
    expect(
      lastUsedAt(known({}, { account: { requestedAt: NOW, state: 'open', certain: true } }), OLD),
    ).toBeUndefined();
    expect(lastUsedAt(situation(), OLD)).toBeUndefined();
  });

  it('counts for as long as the grace', () => {
    expect(isStillUsed(used(NOW - 2 * HOUR_MS + 1), OLD)).toBe(true);
    expect(isStillUsed(used(NOW - 2 * HOUR_MS), OLD)).toBe(false);
    expect(isStillUsed(known(), OLD)).toBe(false);
  });
});
