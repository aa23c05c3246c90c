/** Every kind of provider: what its configuration looks like, and how to load it. To add one, add a line. */
import type { ProviderEntry } from './entry.ts';
import { keycard } from './keycard/entry.ts';
import { kronup } from './kronup/entry.ts';

export type { ProviderEntry } from './entry.ts';

export const PROVIDERS: readonly ProviderEntry<never>[] = [
  kronup as ProviderEntry<never>,
  keycard as ProviderEntry<never>,
];

export function providerEntry(kind: string): ProviderEntry<never> | undefined {
  return PROVIDERS.find((entry) => entry.kind === kind);
}
