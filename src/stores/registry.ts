/** Every kind of store: what its configuration looks like, and how to load it. To add one, add a line. */
import type { StoreEntry } from './entry.ts';
import { awsSecretsManager } from './aws-secrets-manager/entry.ts';
import { file } from './file/entry.ts';
import { kubernetesSecret } from './kubernetes-secret/entry.ts';

export type { StoreEntry } from './entry.ts';

export const STORES: readonly StoreEntry<never>[] = [
  file as StoreEntry<never>,
  awsSecretsManager as StoreEntry<never>,
  kubernetesSecret as StoreEntry<never>,
];

export function storeEntry(kind: string): StoreEntry<never> | undefined {
  return STORES.find((entry) => entry.kind === kind);
}
