/** What is struck: every strategy, store and format that there is, with tokens that the provider shows and that it hides. */
import { providerStarts } from './providers.ts';
import { shapesFor } from './shapes.ts';
import type { Shape } from './shapes.ts';
import { storeKinds } from './stores.ts';

/** How the rotation comes about. */
export type Trigger = 'manual' | 'schedule';

export interface ScenarioTarget {
  readonly store: string;
  readonly shape: Shape;
}

export interface Scenario {
  readonly name: string;
  readonly provider: string;
  readonly strategy: string;
  readonly hidden: boolean;
  readonly trigger: Trigger;
  readonly targets: readonly ScenarioTarget[];
  /** Somebody reads the targets, and is made to take up what is new. */
  readonly hasConsumers: boolean;
}

/** All of them, from the registries. */
export function scenarios(): readonly Scenario[] {
  const stores = storeKinds();
  return providerStarts().flatMap(({ kind: provider, strategies, mints }) =>
    strategies.flatMap((strategy) => {
      const [plain, ...documents] = shapesFor(mints);
      if (plain === undefined) throw new Error('there is no format');
      // What is shown once, at its mint, is hidden ever after.
      const hides = mints === 'token' ? [false, true] : [true];
      const of = (name: string, more: Pick<Scenario, 'hidden' | 'trigger' | 'targets'>): Scenario => ({
        name: `${provider}, ${strategy}: ${name}`,
        provider,
        strategy,
        hasConsumers: false,
        ...more,
      });
      const each = stores.flatMap((store) => [
        ...hides.map((hidden) =>
          of(`${store}, tokens ${hidden ? 'hidden' : 'shown'}`, {
            hidden,
            trigger: 'manual',
            targets: [{ store, shape: plain }],
          }),
        ),
        of(`${store}, documents`, {
          hidden: mints === 'client',
          trigger: 'manual',
          targets: documents.map((shape) => ({ store, shape })),
        }),
      ]);
      const together = of('all stores, on schedule, with consumers', {
        hidden: mints === 'client',
        trigger: 'schedule',
        targets: stores.map((store) => ({ store, shape: plain })),
      });
      return [...each, { ...together, hasConsumers: true }];
    }),
  );
}
