import { describe, expect, it } from 'vitest';
import { callCounter } from '../../../src/providers/kronup/calls.ts';
import { FakeClock } from '../../world/fake-clock.ts';

function counter(more: { readonly callsMade?: number } = {}) {
  const clock = new FakeClock('2026-01-05T22:00:00Z');
  return { clock, calls: callCounter({ clock, dailyLimit: 10, callsMade: more.callsMade ?? 0 }) };
}

describe('the calls that are left today', () => {
  it('are the limit less those that were sent', () => {
    const { calls } = counter();
    expect(calls.left()).toBe(10);
    calls.sent();
    calls.sent();
    expect(calls.left()).toBe(8);
  });

  it('count those that were made before the start', () => {
    expect(counter({ callsMade: 7 }).calls.left()).toBe(3);
    expect(counter({ callsMade: 70 }).calls.left()).toBe(0);
  });

  it('follow the service where it has counted more, because others use the credential too', () => {
    const { calls } = counter();
    calls.sent();
    calls.told('m', { '2026-01-04': 9, '2026-01-05': 6 });
    expect(calls.left()).toBe(4);
    calls.told('m', { '2026-01-05': 2 });
    expect(calls.left()).toBe(4);
  });

  it('are those of the account that the credential belongs to, when it is exchanged for that of another one', () => {
    const { calls } = counter({ callsMade: 7 });
    calls.told('m', {});
    expect(calls.left()).toBe(3);
    calls.told('other', { '2026-01-05': 2 });
    expect(calls.left()).toBe(8);
  });

  it('are all there again on the next day, counted in UTC', async () => {
    const { clock, calls } = counter({ callsMade: 10 });
    calls.limited();
    expect(calls.renewedAt()).toBe(Date.parse('2026-01-06T00:00:00Z'));
    await clock.advance(7_199_999);
    expect(calls.left()).toBe(0);
    await clock.advance(1);
    expect(calls.left()).toBe(10);
  });

  it('are those of a day that was counted before, when the clock is put back to it', async () => {
    const { clock, calls } = counter({ callsMade: 6 });
    await clock.advance(7_200_000);
    calls.sent();
    expect(calls.left()).toBe(9);
    clock.jump(-7_200_000);
    expect(calls.left()).toBe(4);
  });

  it('are none for just as long as the service says, where it says how long', async () => {
    const { clock, calls } = counter();
    calls.limited(2_000);
    expect(calls.renewedAt()).toBe(clock.now() + 2_000);
    expect(calls.left()).toBe(0);
    await clock.advance(2_000);
    expect(calls.left()).toBe(10);
    expect(calls.renewedAt()).toBe(Date.parse('2026-01-06T00:00:00Z'));
  });

  it('are none from the moment that the service says so, until it accepts a call again', () => {
    const { calls } = counter();
    calls.limited();
    expect(calls.left()).toBe(0);
    calls.accepted();
    expect(calls.left()).toBe(10);
  });
});
