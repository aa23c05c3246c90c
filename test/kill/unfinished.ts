/** What outlives this process if nobody ends it: daemons, disks, folders, containers. An interrupted run ends them, newest first. */

export interface Unfinished {
  /** Throws where the run was interrupted: nothing more may be begun. */
  check(): void;
  /** Remembers this until what is answered is disposed of, which ends it, once only, or until it is forgotten. */
  use(thing: AsyncDisposable): AsyncDisposable;
  /** It has ended by itself. */
  forget(used: AsyncDisposable): void;
  /** From now on nothing more is begun. Resolves when all of it is ended; what cannot be ended keeps nothing else from it. */
  endAll(): Promise<void>;
}

export function createUnfinished(): Unfinished {
  const all = new Set<AsyncDisposable>();
  let isOver = false;
  return {
    check() {
      if (isOver) throw new Error('the run was interrupted');
    },
    use(thing) {
      let ended: Promise<void> | undefined;
      const used = {
        // Whoever else is ending it already is waited for.
        [Symbol.asyncDispose]: () => (ended ??= end()),
      };
      async function end(): Promise<void> {
        try {
          await thing[Symbol.asyncDispose]();
        } finally {
          all.delete(used);
        }
      }
      all.add(used);
      return used;
    },
    forget: (used) => void all.delete(used),
    async endAll() {
      isOver = true;
      for (let last = [...all].at(-1); last !== undefined; last = [...all].at(-1)) {
        all.delete(last);
        try {
          await last[Symbol.asyncDispose]();
        } catch {
          // There may be nothing left of it to be ended.
        }
      }
    },
  };
}
