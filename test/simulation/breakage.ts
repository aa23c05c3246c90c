/** How the engine under test may be broken on purpose: its ports wrapped, as it sees them. None of them is a fault of the world. */
import type { EngineParts } from '../../src/engine/parts.ts';
import type { Journal } from '../../src/ports/journal.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { Store } from '../../src/ports/store.ts';

export interface Breakage {
  readonly journal?: (journal: Journal) => Journal;
  readonly provider?: (provider: Provider) => Provider;
  readonly store?: (store: Store) => Store;
  readonly parts?: (parts: EngineParts) => EngineParts;
}
