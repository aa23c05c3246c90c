/** The targets of a world: where they are, what they hold for a consumer, and what is left in them. */
import type { Scenario, ScenarioTarget } from './scenario.ts';
import type { KillStore, StoreKind } from './stores.ts';

export interface Placed extends ScenarioTarget {
  readonly address: string;
  readonly at: KillStore;
}

export interface Holding {
  readonly target: string;
  /** As a consumer reads it; nothing where there is none. */
  readonly token: string | undefined;
}

/** A store of each kind that the scenario has targets in. */
export async function storesOf(
  { targets }: Scenario,
  stores: ReadonlyMap<string, StoreKind>,
  folder: string,
): Promise<ReadonlyMap<string, KillStore>> {
  const opened = new Map<string, KillStore>();
  for (const { store } of targets) {
    const kind = stores.get(store);
    if (kind === undefined) throw new Error(`the store ${store} was not started`);
    if (!opened.has(store)) opened.set(store, await kind.open(folder));
  }
  return opened;
}

/** The targets, with what they hold before the daemon comes: a credential that is in use, where there has to be one. */
export async function place(
  { targets }: Scenario,
  stores: ReadonlyMap<string, KillStore>,
  inUse: string | undefined,
): Promise<readonly Placed[]> {
  return await Promise.all(
    targets.map(async (target) => {
      const at = stores.get(target.store);
      if (at === undefined) throw new Error(`the store ${target.store} was not opened`);
      const address = at.addressOf(target.shape.kind);
      const { shape } = target;
      const before = inUse === undefined ? shape.before : shape.holding?.(inUse);
      if (before !== undefined) await at.put(address, before);
      return { ...target, at, address };
    }),
  );
}

export async function holdingsOf(placed: readonly Placed[]): Promise<readonly Holding[]> {
  return await Promise.all(
    placed.map(async ({ at, address, shape }) => {
      const text = await at.read(address);
      return { target: `${at.kind}:${address}`, token: text === undefined ? undefined : shape.tokenIn(text) };
    }),
  );
}

export async function leftIn(placed: readonly Placed[]): Promise<readonly string[]> {
  return (await Promise.all(placed.map(({ at, address }) => at.leftIn(address)))).flat();
}
