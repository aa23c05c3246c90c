import { describe, expect, it } from 'vitest';
import { rateBudget } from '../../../src/stores/aws-secrets-manager/budget.ts';
import type { Budget, Urgency } from '../../../src/stores/aws-secrets-manager/budget.ts';
import { FakeClock, settle } from '../../world/fake-clock.ts';
import { endless } from './open.ts';

describe('the budget of writes', () => {
  it('lets a second’s worth through at once', async () => {
    const { take, order } = waiting(rateBudget(new FakeClock(), 4));
    take('delivery', 4);
    await settle();
    expect(order).toHaveLength(4);
  });

  it('lets the next one through when there is room again', async () => {
    const clock = new FakeClock();
    const { take, order } = waiting(rateBudget(clock, 4));
    take('delivery', 6);
    await clock.advance(249);
    expect(order).toHaveLength(4);
    await clock.advance(1);
    expect(order).toHaveLength(5);
    await clock.advance(250);
    expect(order).toHaveLength(6);
  });

  it('lets deliveries through before preflights that came earlier', async () => {
    const clock = new FakeClock();
    const { take, order } = waiting(rateBudget(clock, 2));
    take('delivery', 2);
    take('preflight', 1);
    take('delivery', 2);
    await clock.advance(2_000);
    expect(order).toEqual(['delivery', 'delivery', 'delivery', 'delivery', 'preflight']);
  });

  it('keeps half of it from preflights, for the deliveries that follow them', async () => {
    const clock = new FakeClock();
    const { take, order } = waiting(rateBudget(clock, 4));
    take('preflight', 4);
    take('delivery', 2);
    await settle();
    expect(order).toEqual(['preflight', 'preflight', 'delivery', 'delivery']);
  });

  it('lets all preflights through in the end', async () => {
    const clock = new FakeClock();
    const { take, order } = waiting(rateBudget(clock, 1));
    take('preflight', 5);
    await clock.advance(5_000);
    expect(order).toHaveLength(5);
  });

  it('gives the turn of one that gave up to the next', async () => {
    const clock = new FakeClock();
    const budget = rateBudget(clock, 1);
    const { take, order } = waiting(budget);
    take('delivery', 1);
    const controller = new AbortController();
    const givenUp = budget.take('delivery', controller.signal);
    take('delivery', 1);
    const wantReason = new Error('stopped');
    controller.abort(wantReason);
    await expect(givenUp).rejects.toBe(wantReason);
    await clock.advance(1_000);
    expect(order).toHaveLength(2);
  });

  it('leaves no timer behind when nobody waits', async () => {
    const clock = new FakeClock();
    const { take } = waiting(rateBudget(clock, 2));
    take('delivery', 3);
    await clock.advance(2_000);
    expect(clock.sleeping).toBe(0);
  });
});

/** Takes turns, and lists who got one. */
function waiting(budget: Budget): { take: (urgency: Urgency, count: number) => void; order: Urgency[] } {
  const order: Urgency[] = [];
  return {
    order,
    take: (urgency, count) => {
      for (let turn = 0; turn < count; turn++) {
        void budget.take(urgency, endless()).then(() => order.push(urgency));
      }
    },
  };
}
