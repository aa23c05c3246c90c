/** Keycard's place in the registry. What speaks HTTP is loaded when a provider is opened. */
import type { ProviderEntry } from '../entry.ts';
import { originOf } from '../http/settings.ts';
import { administrationWords } from './administration-words.ts';
import { canaryWords } from './canary-words.ts';
import { keycardSchema, type KeycardConfig } from './schema.ts';

export const keycard: ProviderEntry<KeycardConfig> = {
  kind: 'keycard',
  schema: keycardSchema,
  mints: 'client',
  strategies: ['overlap'],
  originOf,
  load: async () => await import('./provider.ts'),
  administration: { ...administrationWords, load: async () => await import('./administer.ts') },
  canary: { ...canaryWords, load: async () => await import('./canary.ts') },
};
