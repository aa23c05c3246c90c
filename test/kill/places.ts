/** So many things at once and no more; one that only waits leaves its place to another meanwhile. */

export interface Place {
  /** Gives the place up while `work` goes on, and takes one again after it, before all who never had one. */
  leaveFor(work: () => Promise<unknown>): Promise<void>;
  /** Lets those go on first who have left theirs and want one again: what they have begun holds a daemon. */
  giveWay(): Promise<void>;
}

export interface Places {
  /** Runs this when there is a place for it. */
  take<T>(work: (place: Place) => Promise<T>): Promise<T>;
}

type Queue = (() => void)[];

export function createPlaces(count: number): Places {
  let free = count;
  const returning: Queue = [];
  const waiting: Queue = [];

  async function enter(queue: Queue): Promise<void> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
  }
  function leave(): void {
    const next = returning.shift() ?? waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }

  const place: Place = {
    async leaveFor(work) {
      leave();
      try {
        await work();
      } finally {
        await enter(returning);
      }
    },
    async giveWay() {
      if (returning.length === 0) return;
      leave();
      await enter(returning);
    },
  };
  return {
    async take(work) {
      await enter(waiting);
      try {
        return await work(place);
      } finally {
        leave();
      }
    },
  };
}
