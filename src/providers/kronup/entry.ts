/** Kronup's place in the registry. What speaks HTTP is loaded when a provider is opened. */
import type { ProviderEntry } from '../registry.ts';
import { kronupSchema, originOf, type KronupConfig } from './schema.ts';

export const kronup: ProviderEntry<KronupConfig> = {
  kind: 'kronup',
  schema: kronupSchema,
  strategies: ['in-place'],
  originOf,
  load: async () => await import('./provider.ts'),
};
