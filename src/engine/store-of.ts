/** The store that a target is in, as long as its name leads to where it led when the target was configured. */
import { failed, succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import type { Target } from '../domain/target.ts';
import type { Store } from '../ports/store.ts';
import type { Connections } from './parts.ts';

/**
 * What has left the configuration keeps the words of its last policy, and a store's name may stand for another folder, region or
 * cluster since. What others keep there is not looked at, let alone written over, by whoever was to use the place before.
 */
export function storeOf(
  connections: Connections,
  { id, store: name, leadsTo: before }: Target,
): Result<Store> {
  const store = connections.store(name);
  if (store === undefined) {
    const message = `the configuration has no store ${name}, which ${id} is in; add it again`;
    return failed('store-unavailable', message);
  }
  const now = connections.leadsTo?.(name);
  if (before === undefined || now === undefined || before === now) return succeeded(store);
  // Nothing is wrong with the store: those whose targets are there now must not wait for it.
  const message =
    `the store ${name} led to ${before} when ${id} was configured, and leads to ${now} now, where nothing is read or written for it; ` +
    'let it lead there again until this is done, or configure the account and its target anew, which gives the place before up';
  return failed('target-refused', message);
}
