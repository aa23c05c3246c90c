/** Every kind of connection to consumers: what its configuration looks like, and how to load it. To add one, add a line. */
import type { ConsumerEntry } from './entry.ts';
import { kubernetes } from './kubernetes/entry.ts';
import { webhook } from './webhook/entry.ts';

export type { ConsumerEntry } from './entry.ts';

export const CONSUMERS: readonly ConsumerEntry<never>[] = [
  kubernetes as ConsumerEntry<never>,
  webhook as ConsumerEntry<never>,
];

export function consumerEntry(kind: string): ConsumerEntry<never> | undefined {
  return CONSUMERS.find((entry) => entry.kind === kind);
}
