/** A store in memory, called `files`: it takes whatever is written, and a test sees it at once. */
import { succeeded } from '../../src/domain/failure.ts';
import type { SecretBytes } from '../../src/domain/secret.ts';
import type { Store } from '../../src/ports/store.ts';

/** What each address holds. */
export type Stored = Map<string, { readonly bytes: SecretBytes; readonly version: string }>;

export function memoryStore(stored: Stored): Store {
  let writes = 0;
  return {
    name: 'files',
    kind: 'memory',
    abilities: { compareAndSet: false, datesWrites: false, proofMaxAgeMs: 60_000, timeLimitMs: 1_000 },
    read({ address }) {
      const found = stored.get(address);
      return Promise.resolve(
        succeeded(found === undefined ? { state: 'absent' } : { state: 'present', ...found }),
      );
    },
    preflight: (_place, { realWrite }) => Promise.resolve(succeeded({ identity: 'me', wrote: realWrite })),
    write({ address }, bytes) {
      writes += 1;
      const version = String(writes);
      stored.set(address, { bytes, version });
      return Promise.resolve(succeeded({ outcome: 'written', version }));
    },
    whoAmI: () => Promise.resolve(succeeded('me')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
