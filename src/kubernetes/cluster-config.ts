/** What the configuration may say of a connection to a cluster, whatever it is for. What speaks HTTP is loaded when one is opened. */
import { z } from 'zod';
import { isPlainToOthers } from '../domain/loopback.ts';
import type { Clock, ToldTime } from '../ports/clock.ts';
import { duration, secretReference } from '../ports/settings.ts';
import type { SecretReference, SecretSource } from '../ports/settings.ts';

const text = z.string().min(1);

/** Where a cluster is and as whom it is called. Each kind of connection says in a description what it is for. */
export const clusterSchema = z
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
      description:
        'The longest that one piece of work there may take, such as a write, all its calls together.',
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
  .refine(({ server, insecure }) => server === undefined || insecure || !isPlainToOthers(server), {
    error:
      'server is plain http on another machine: credentials would travel in the clear; use https, or insecure: true',
  });

export type ClusterConfig = z.output<typeof clusterSchema>;

/** What a connection to a cluster is made with. */
export interface OpenCluster {
  readonly config: ClusterConfig;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly secretOf: (reference: SecretReference) => SecretSource;
  /** Called for each answer of the API server itself that says what time it is there. */
  readonly onTime?: (told: ToldTime) => void;
}

/** Which cluster it is, as far as the configuration says that. */
export function clusterOf({ server, kubeconfig, context }: ClusterConfig): string {
  if (server !== undefined) return new URL(server).host;
  return kubeconfig === undefined ? 'in-cluster' : `${kubeconfig}#${context ?? ''}`;
}
