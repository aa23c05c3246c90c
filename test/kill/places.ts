/** So many things at once and no more; one that only waits leaves its place to another meanwhile. */

export interface Place {
  /** Gives the place up while `work` goes on, and takes one again after it. */
  leaveFor(work: () => Promise<unknown>): Promise<void>;
}

export interface Places {
  /** Runs this when there is a place for it. */
  take<T>(work: (place: Place) => Promise<T>): Promise<T>;
}

export function createPlaces(count: number): Places {
  let free = count;
  const waiting: (() => void)[] = [];

  async function enter(): Promise<void> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }
  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }

  const place: Place = {
    async leaveFor(work) {
      leave();
      try {
        await work();
      } finally {
        await enter();
      }
    },
  };
  return {
    async take(work) {
      await enter();
      try {
        return await work(place);
      } finally {
        leave();
      }
    },
  };
}
