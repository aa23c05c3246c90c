/** The right that a consumer in a cluster needs so that it can be refreshed, and no right more. */
import type { Right } from '../../kubernetes/rbac.ts';
import { addressOf, CONSUMER_KINDS } from './address.ts';

export function rightFor(address: string): Right {
  const { kind, namespace, name } = addressOf(address);
  const { group, resource } = CONSUMER_KINDS[kind];
  return { namespace, group, resource, name, verbs: ['get', 'patch'] };
}
