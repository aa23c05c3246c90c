/** The manifests as kustomize builds them, with what tests look at. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { z } from 'zod';
import { configFolder } from '../config/config-world.ts';
import type { ConfigFolder } from '../config/config-world.ts';

export const MANIFESTS = join(import.meta.dirname, '..', '..', 'deploy', 'kubernetes');

/** All that somebody may apply, such as `overlays/demo`. */
export const APPLICABLE: readonly string[] = [
  'base',
  ...readdirSync(join(MANIFESTS, 'overlays')).map((name) => `overlays/${name}`),
];

const containerModel = z.object({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()).default([]),
  env: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  resources: z.object({
    requests: z.record(z.string(), z.string()),
    limits: z.record(z.string(), z.string()),
  }),
});

const podModel = z.object({
  automountServiceAccountToken: z.boolean(),
  terminationGracePeriodSeconds: z.number().default(30),
  containers: z.array(containerModel),
  initContainers: z.array(containerModel).default([]),
});

export type Pod = z.output<typeof podModel>;

const objectModel = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  data: z.record(z.string(), z.string()).default({}),
});

export type Manifest = z.output<typeof objectModel>;

export function parseManifests(text: string): readonly Manifest[] {
  return loadAll(text).map((each) => objectModel.parse(each));
}

const templateModel = z.object({ spec: podModel });
const workloadModel = z.union([
  z.object({ spec: z.object({ template: templateModel }) }),
  z.object({ spec: z.object({ jobTemplate: z.object({ spec: z.object({ template: templateModel }) }) }) }),
]);

/** Of each Deployment and CronJob. */
export function podsOf(manifests: readonly Manifest[]): readonly Pod[] {
  return manifests
    .filter(({ kind }) => ['Deployment', 'CronJob'].includes(kind))
    .map((each) => {
      const { spec } = workloadModel.parse(each);
      return 'template' in spec ? spec.template.spec : spec.jobTemplate.spec.template.spec;
    });
}

/** The configuration that the daemon finds in its ConfigMap, in a folder. */
export function configOf(manifests: readonly Manifest[]): ConfigFolder {
  const found = manifests.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'rekeyd-config',
  );
  return configFolder(found?.data ?? {});
}
