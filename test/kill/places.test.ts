import { describe, expect, it } from 'vitest';
import { createPlaces } from './places.ts';

/** Lets everything go on that does not wait for a timer. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('places', () => {
  it('are as many as there may be at work at once', async () => {
    const places = createPlaces(2);
    const begun: number[] = [];
    const works = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const all = works.map(({ promise }, index) =>
      places.take(async () => {
        begun.push(index);
        await promise;
      }),
    );
    await settle();
    expect(begun).toEqual([0, 1]);
    works[1]?.resolve();
    await settle();
    expect(begun).toEqual([0, 1, 2]);
    works.forEach(({ resolve }) => resolve());
    await Promise.all(all);
  });

  it('are given to one that comes back before those that have not begun', async () => {
    const places = createPlaces(1);
    const order: string[] = [];
    const wait = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const first = places.take(async (place) => {
      await place.leaveFor(() => wait.promise);
      order.push('first again');
    });
    const others = [
      places.take(async () => {
        order.push('second');
        await second.promise;
      }),
      places.take(() => Promise.resolve(order.push('third'))),
    ];
    await settle();
    wait.resolve();
    await settle();
    second.resolve();
    await Promise.all([first, ...others]);
    expect(order).toEqual(['second', 'first again', 'third']);
  });

  it('go to one that wants to come back when another gives way, and to nobody new', async () => {
    const places = createPlaces(1);
    const order: string[] = [];
    const wait = Promise.withResolvers<void>();
    const first = places.take(async (place) => {
      await place.leaveFor(() => wait.promise);
      order.push('first again');
    });
    const second = places.take(async (place) => {
      await place.giveWay();
      order.push('second, nobody there');
      wait.resolve();
      await settle();
      await place.giveWay();
      order.push('second, after the first');
    });
    const third = places.take(() => Promise.resolve(order.push('third')));
    await Promise.all([first, second, third]);
    expect(order).toEqual(['second, nobody there', 'first again', 'second, after the first', 'third']);
  });
});
