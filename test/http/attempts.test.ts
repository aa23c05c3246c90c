import { describe, expect, it } from 'vitest';
import { createAttempts } from '../../src/http/attempts.ts';

function attemptsAt(clock: { now: number }, addressesMax = 10) {
  return createAttempts(() => clock.now, { failuresMax: 2, periodMs: 100, addressesMax });
}

describe('attempts', () => {
  it('block an address from the last allowed one until the period of the first is over', () => {
    const clock = { now: 0 };
    const attempts = attemptsAt(clock);
    attempts.failed('10.0.0.1');
    expect(attempts.blockedFor('10.0.0.1')).toBeUndefined();
    clock.now = 40;
    attempts.failed('10.0.0.1');
    expect(attempts.blockedFor('10.0.0.1')).toBe(60);
    expect(attempts.blockedFor('10.0.0.2')).toBeUndefined();
    clock.now = 100;
    expect(attempts.blockedFor('10.0.0.1')).toBeUndefined();
  });

  it('count one by one where they are further apart than the period', () => {
    const clock = { now: 0 };
    const attempts = attemptsAt(clock);
    for (clock.now = 0; clock.now < 1_000; clock.now += 100) attempts.failed('10.0.0.1');
    expect(attempts.blockedFor('10.0.0.1')).toBeUndefined();
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', 50],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', undefined],
    ['::1', '::2', 50],
    ['2001:db8::1', '2001:db8:0:0:5::', 50],
  ])('take an IPv6 network for one: %s, %s', (first, second, want) => {
    const clock = { now: 0 };
    const attempts = attemptsAt(clock);
    attempts.failed(first);
    attempts.failed(first);
    clock.now = 50;
    expect(attempts.blockedFor(second)).toBe(want);
  });

  it('remember so many addresses, and forget the oldest', () => {
    const attempts = attemptsAt({ now: 0 }, 2);
    for (const address of ['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.2', '10.0.0.3'])
      attempts.failed(address);
    expect(attempts.blockedFor('10.0.0.1')).toBeUndefined();
    expect(attempts.blockedFor('10.0.0.2')).toBe(100);
  });
});
