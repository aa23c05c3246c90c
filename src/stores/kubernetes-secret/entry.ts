/** What the configuration may say of a store of Kubernetes Secrets. What speaks HTTP is loaded when one is opened. */
import { z } from 'zod';
import { clusterOf, clusterSchema } from '../../kubernetes/cluster-config.ts';
import type { ClusterConfig } from '../../kubernetes/cluster-config.ts';
import type { StoreEntry } from '../entry.ts';
import { addressOf, problemOf } from './address.ts';

const text = z.string().min(1);
const words = z.record(text.max(317), z.string());

const schema = clusterSchema.meta({ description: 'Kubernetes Secrets.' });

const targetSchema = z
  .strictObject({
    create: z.boolean().optional().meta({ description: 'Make the Secret if it is missing. Default: false.' }),
    type: text.optional().meta({ description: 'The type of a Secret that is made here. Default: Opaque.' }),
    labels: words.optional().meta({ description: 'The labels of a Secret that is made here.' }),
    annotations: words.optional().meta({ description: 'The annotations of a Secret that is made here.' }),
    takeOver: z.boolean().optional().meta({
      description: 'Write keys also where somebody else owns them, such as kubectl or Helm. Default: false.',
    }),
  })
  .meta({ description: 'How the Secret is made if it is missing, and whose keys may be taken over.' });

export type KubernetesOptions = z.output<typeof targetSchema>;

export const kubernetesSecret: StoreEntry<ClusterConfig> = {
  kind: 'kubernetes-secret',
  schema,
  // What zod leaves out is absent in JSON as well: an optional word is never there as `undefined`.
  targetSchema: targetSchema as unknown as StoreEntry['targetSchema'],
  locate: (config, address) => `${placeOf(config)}/${address}`,
  leadsTo: placeOf,
  within: (config, address) => {
    const { namespace, name, key } = addressOf(address);
    return {
      place: `${placeOf(config)}/${namespace}/${name}`,
      ...(key !== undefined && { key }),
    };
  },
  addressProblem: (_, address) => problemOf(address),
  formatProblem,
  load: async () => await import('./store.ts'),
};

/** Keys of a Secret are texts beside one another: no other format writes those. */
function formatProblem(
  address: string,
  format: { readonly kind: string; readonly paths?: readonly (readonly string[])[] | undefined },
): string | undefined {
  if (addressOf(address).key !== undefined) return undefined;
  const example = 'such as format: { kind: key, clientIdKey: client-id, clientSecretKey: client-secret }';
  if (format.kind !== 'key' && format.kind !== 'json') {
    return `an address without a key is all keys of a Secret, which take format key or json, ${example}; or add /KEY to the address`;
  }
  const odd = (format.paths ?? []).find(
    ([first = '', ...deeper]) => deeper.length > 0 || problemOf(`a/a/${first}`) !== undefined,
  );
  return (
    odd && `${odd.join(', ')} is no key of a Secret: one name of letters, digits, -, _ and ., ${example}`
  );
}

function placeOf(config: ClusterConfig): string {
  return `kubernetes:${clusterOf(config)}`;
}
