/** What the configuration may say of a store of Kubernetes Secrets. What speaks HTTP is loaded when one is opened. */
import { z } from 'zod';
import { duration, secretReference } from '../../ports/settings.ts';
import type { StoreEntry } from '../entry.ts';
import { addressOf, problemOf } from './address.ts';

const text = z.string().min(1);
const words = z.record(text.max(317), z.string());

/** The connection. */
const schema = z
  .strictObject({
    kubeconfig: text.optional().meta({
      description: 'A kubeconfig file. Without it and without server: the cluster that rekeyd runs in.',
    }),
    context: text.optional().meta({ description: 'The context of the kubeconfig. Absent: its current one.' }),
    server: z
      .url({ protocol: /^https?$/, error: 'the address of an API server, such as https://host:6443' })
      .optional()
      .meta({ description: 'The address of the API server, in place of a kubeconfig.' }),
    ca: text.optional().meta({
      description: 'With server: a PEM file with the certificate authorities to trust, and no others.',
    }),
    token: secretReference.optional().meta({
      description: 'With server: the token of a service account, by reference; read again when it changes.',
    }),
    insecure: z.boolean().default(false).meta({
      description: 'Allow plain http to other machines: credentials then travel in the clear.',
    }),
    impersonate: text.optional().meta({
      description: 'Act as this user, such as system:serviceaccount:NAMESPACE:NAME, as kubectl --as does.',
    }),
    timeout: duration.default(10_000).meta({
      description: 'The longest that one read, write or preflight may take, all its calls together.',
    }),
  })
  .refine(({ kubeconfig, server }) => kubeconfig === undefined || server === undefined, {
    error: 'kubeconfig stands beside server; give one of the two, or none inside a cluster',
  })
  .refine(({ kubeconfig, context }) => context === undefined || kubeconfig !== undefined, {
    error: 'context is of a kubeconfig; give that as well',
  })
  .refine(({ server, ca, token }) => server !== undefined || (ca === undefined && token === undefined), {
    error: 'ca and token go with server; a kubeconfig and a cluster have their own',
  })
  .refine(({ server, insecure }) => server === undefined || insecure || !isPlainAndFar(server), {
    error:
      'server is plain http on another machine: credentials would travel in the clear; use https, or insecure: true',
  })
  .meta({ description: 'Kubernetes Secrets.' });

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

export type KubernetesConfig = z.output<typeof schema>;
export type KubernetesOptions = z.output<typeof targetSchema>;

export const kubernetesSecret: StoreEntry<KubernetesConfig> = {
  kind: 'kubernetes-secret',
  schema,
  // What zod leaves out is absent in JSON as well: an optional word is never there as `undefined`.
  targetSchema: targetSchema as unknown as StoreEntry['targetSchema'],
  locate: (config, address) => `kubernetes:${clusterOf(config)}/${address}`,
  within: (config, address) => {
    const { namespace, name, key } = addressOf(address);
    return {
      place: `kubernetes:${clusterOf(config)}/${namespace}/${name}`,
      ...(key !== undefined && { key }),
    };
  },
  addressProblem: (_, address) => problemOf(address),
  formatProblem,
  load: async () => await import('./store.ts'),
};

/** Which cluster it is, as far as the configuration says that. */
function clusterOf({ server, kubeconfig, context }: KubernetesConfig): string {
  if (server !== undefined) return new URL(server).host;
  return kubeconfig === undefined ? 'in-cluster' : `${kubeconfig}#${context ?? ''}`;
}

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

function isPlainAndFar(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  return protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
