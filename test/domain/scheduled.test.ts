import { describe, expect, it } from 'vitest';
import type { Account, Schedule } from '../../src/domain/account.ts';
import { dueNext } from '../../src/domain/due.ts';
import { slotsFrom, withScheduleDated } from '../../src/domain/scheduled.ts';
import { at, due, HOURLY, policyOf } from '../builders/due.ts';
import { NOW, record } from '../builders/situation.ts';

const BEFORE = at('10:30');

describe('the date of a schedule', () => {
  function dated(schedule: Schedule | undefined, before: Partial<Account> | undefined): number | undefined {
    const policy = policyOf(schedule === undefined ? {} : { schedule });
    return withScheduleDated(policy, before && policyOf(before), NOW).scheduledAt;
  }

  it('is now where it is another one than before', () => {
    expect(dated(HOURLY, {})).toBe(NOW);
    expect(dated({ ...HOURLY, pattern: '1 * * * *' }, { schedule: HOURLY, scheduledAt: BEFORE })).toBe(NOW);
    expect(dated({ ...HOURLY, zone: 'Asia/Kolkata' }, { schedule: HOURLY, scheduledAt: BEFORE })).toBe(NOW);
  });

  it('is now where the account had left, whatever schedule it had', () => {
    expect(dated(HOURLY, undefined)).toBe(NOW);
  });

  it('stays, or stays unknown, where it is the same one, written in whatever way', () => {
    const known = { schedule: HOURLY, scheduledAt: BEFORE };
    expect(dated(HOURLY, known)).toBe(BEFORE);
    expect(dated({ pattern: ' 0  * * *  * ', zone: 'utc' }, known)).toBe(BEFORE);
    expect(dated(HOURLY, { schedule: HOURLY })).toBeUndefined();
  });

  it('goes with it', () => {
    expect(dated(undefined, { schedule: HOURLY, scheduledAt: BEFORE })).toBeUndefined();
    expect(dated(undefined, undefined)).toBeUndefined();
  });

  it('changes nothing else of the policy', () => {
    const policy = policyOf({ schedule: HOURLY, priority: 3 });
    expect(withScheduleDated(policy, policyOf({ priority: 1 }), NOW)).toEqual({
      ...policy,
      scheduledAt: NOW,
    });
    expect(withScheduleDated(policy, policy, NOW)).toBe(policy);
  });
});

describe('slots of a schedule', () => {
  const known = { slot: at('08:00') };

  it('that came before it was configured are not due, and those after it are', () => {
    expect(due({ schedule: HOURLY, scheduledAt: at('12:00:01') }, known, at('12:30'))).toBeUndefined();
    expect(due({ schedule: HOURLY, scheduledAt: NOW }, known)).toBeUndefined();
    expect(due({ schedule: HOURLY, scheduledAt: NOW - 1 }, known)).toMatchObject({ slot: NOW });
  });

  it('are not due a second time because it was configured before they were done', () => {
    expect(due({ schedule: HOURLY, scheduledAt: BEFORE }, { slot: NOW })).toBeUndefined();
    expect(due({ schedule: HOURLY, scheduledAt: BEFORE }, { adoptedAt: NOW })).toBeUndefined();
  });

  it('do not wait out their jitter where they came before it', () => {
    const policy = policyOf({ schedule: HOURLY, scheduledAt: at('12:00:01'), jitterMs: 1_800_000 });
    const next = dueNext({ policy, record: record(known), now: at('12:00:02') });
    expect(next).toMatchObject({ slot: at('13:00') });
  });

  it('do not wait for an instant at which a clock dated it that was wrong', () => {
    const hours = (scheduledAt: number) => slotsFrom({ policy: { scheduledAt }, record: known, now: NOW });
    expect(hours(NOW + 300_000)).toBe(NOW + 300_000);
    expect(hours(NOW + 300_001)).toBe(known.slot);
  });

  it('count from no instant where the account was not seen yet', () => {
    expect(slotsFrom({ policy: { scheduledAt: BEFORE }, record: {}, now: NOW })).toBeUndefined();
  });
});
