/** Kronup's place in the registry. What speaks HTTP is loaded when a provider is opened. */
import type { ProviderEntry } from '../entry.ts';
import { administrationWords } from './administration-words.ts';
import { canaryWords } from './canary-words.ts';
import { kronupSchema, originOf, type KronupConfig } from './schema.ts';

/** Facts of Kronup: owners and admins write to other accounts, members only read them. */
const MINTING_ROLES: readonly string[] = ['owner', 'admin'];

export const kronup: ProviderEntry<KronupConfig> = {
  kind: 'kronup',
  schema: kronupSchema,
  mints: 'token',
  strategies: ['in-place', 'pair'],
  originOf,
  roleProblem: (role) =>
    MINTING_ROLES.includes(role)
      ? undefined
      : `a ${role} may not regenerate other accounts' tokens; give this account the role admin at Kronup, or use the ` +
        'token of a service account that has it',
  load: async () => await import('./provider.ts'),
  administration: { ...administrationWords, load: async () => await import('./administer.ts') },
  canary: { ...canaryWords, load: async () => await import('./canary.ts') },
};
