/** Knows when nothing is being done any more, so that a test may let time go on. */

/** Turns of the event loop in which nothing is done: an answer that was sent takes some to arrive. */
const QUIET_TURNS = 6;

/** What is being done outside of the program's own turns: calls to the provider, and operations of the journal. */
export interface InFlight {
  /** A call was sent. */
  sent(): void;
  /** The same part, whose operations are known to be under way. */
  counted<T extends object>(part: T): T;
  /** Resolves when nothing is being done, and whatever that caused has been begun. `answered`: how many calls are over. */
  done(answered: () => number): Promise<void>;
}

export function inFlight(): InFlight {
  let [calls, operations] = [0, 0];
  let changed = Promise.withResolvers<void>();
  const change = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  return {
    sent: () => {
      calls += 1;
    },
    counted: <T extends object>(part: T): T =>
      new Proxy(part, {
        get(of, name) {
          const value: unknown = Reflect.get(of, name, of);
          if (typeof value !== 'function') return value;
          return (...given: unknown[]) => {
            const answer: unknown = Reflect.apply(value, of, given);
            if (!(answer instanceof Promise)) return answer;
            operations += 1;
            return answer.finally(() => {
              operations -= 1;
              change();
            });
          };
        },
      }),
    async done(answered: () => number) {
      for (let quiet = 0; quiet < QUIET_TURNS;) {
        await new Promise((resolve) => setImmediate(resolve));
        const isQuiet = operations === 0 && answered() >= calls;
        quiet = isQuiet ? quiet + 1 : 0;
        if (!isQuiet) await Promise.race([changed.promise, new Promise((resolve) => setTimeout(resolve, 1))]);
      }
    },
  };
}
