/**
 * How the engine under test may be broken on purpose: its ports wrapped, as it sees them, or the domain's tables changed while a
 * history runs. None of them is a fault of the world.
 */
import type { EngineParts } from '../../src/engine/parts.ts';
import type { ConsumerConnection } from '../../src/ports/consumer.ts';
import type { Journal } from '../../src/ports/journal.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { Store } from '../../src/ports/store.ts';

export interface Breakage {
  readonly journal?: (journal: Journal) => Journal;
  readonly provider?: (provider: Provider) => Provider;
  readonly store?: (store: Store) => Store;
  readonly consumers?: (consumers: ConsumerConnection) => ConsumerConnection;
  readonly parts?: (parts: EngineParts) => EngineParts;
  /** Changes a table of the domain, until it is disposed of. */
  readonly patch?: () => Disposable;
}
