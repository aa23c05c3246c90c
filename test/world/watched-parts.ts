/** Parts of a world that a test steps into, or counts: a provider around whose mints something happens, a journal whose claims show. */
import type { SqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { Provider } from '../../src/ports/provider.ts';

/** What happens once, around the next mint. */
export interface MintHooks {
  /** When the provider has it and has not sent it. */
  before?: (() => Promise<void> | void) | undefined;
  /** When it has been answered and nobody has been told. */
  after?: (() => Promise<void> | void) | undefined;
}

export function aroundMints(provider: Provider, hooks: MintHooks): Provider {
  return {
    ...provider,
    mint: async (ref, given) => {
      const waiting = hooks.before;
      hooks.before = undefined;
      await waiting?.();
      const result = await provider.mint(ref, given);
      const act = hooks.after;
      hooks.after = undefined;
      await act?.();
      return result;
    },
  };
}

/** Tells of each time at which accounts were claimed. */
export function countingClaims(journal: SqliteJournal, onClaim: () => void): SqliteJournal {
  return new Proxy(journal, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        const answer: unknown = Reflect.apply(value, target, given);
        if (name === 'claim' && answer instanceof Promise) {
          return answer.then((found: readonly unknown[]) => {
            if (found.length > 0) onClaim();
            return found;
          });
        }
        return answer;
      };
    },
  });
}
