/** Warns of files that a pod would write into its own layer, where no other container sees them. */
import { resolve } from 'node:path';
import type { Connection } from '../config/connections.ts';
import type { Account } from '../domain/account.ts';
import { volumeWarning } from '../stores/file/mounts.ts';
import { findingsOf } from './check/finding.ts';
import type { Finding } from './check/finding.ts';

/** Kubernetes puts it into every container. */
const IN_A_POD = 'KUBERNETES_SERVICE_HOST';

/** One warning for each folder of files that is on no volume; none outside of pods. */
export async function checkVolumes(options: {
  readonly accounts: readonly Account[];
  readonly stores: readonly Connection[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The warning for a path; asks this machine's table of mounts by default. */
  readonly warningOf?: (path: string) => Promise<string | undefined>;
}): Promise<Finding[]> {
  const { accounts, stores, environment, warningOf = volumeWarning } = options;
  if (environment[IN_A_POD] === undefined) return [];
  const directories = new Map(
    stores
      .filter(({ kind }) => kind === 'file')
      .map(({ name, config }) => [name, (config as { readonly directory: string }).directory]),
  );
  const findings: Finding[] = [];
  for (const { name, targets } of accounts) {
    for (const { id, store, address } of targets) {
      const directory = directories.get(store);
      const warned = directory === undefined ? undefined : await warningOf(resolve(directory, address));
      const { warning } = findingsOf({ scope: 'target', subject: name, target: id });
      if (warned !== undefined) findings.push(warning('volume', warned));
    }
  }
  return findings;
}
