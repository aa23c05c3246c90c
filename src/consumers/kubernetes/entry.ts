/** What the configuration may say of a cluster whose workloads are refreshed. What speaks HTTP is loaded when one is opened. */
import { clusterSchema } from '../../kubernetes/cluster-config.ts';
import type { ClusterConfig } from '../../kubernetes/cluster-config.ts';
import type { ConsumerEntry } from '../entry.ts';
import { problemOf } from './address.ts';

const schema = clusterSchema.meta({
  description: 'A cluster: restarts its workloads and makes its ExternalSecrets read anew.',
});

export const kubernetes: ConsumerEntry<ClusterConfig> = {
  kind: 'kubernetes',
  schema,
  actions: ['restart', 'forceSync'],
  addressProblem: problemOf,
  load: async () => await import('./connection.ts'),
};
