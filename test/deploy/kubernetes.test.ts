// The manifests on a real API server, built and applied by kubectl. Its pods are simulated: they are admitted, and then said to run.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/program.ts';
import { describeContainers } from '../world/containers.ts';
import { fakeHost } from '../world/fake-host.ts';
import { startKubectl } from '../world/kubectl.ts';
import type { Kubectl } from '../world/kubectl.ts';
import { startKubernetes } from '../world/kubernetes.ts';
import type { Kubernetes } from '../world/kubernetes.ts';
import { APPLICABLE, configOf, MANIFESTS, parseManifests, podsOf } from './manifests.ts';
import type { Manifest } from './manifests.ts';

/** What a stop takes beside the daemon's own grace. */
const BEYOND_GRACE_S = 10;

describeContainers('the manifests for Kubernetes', () => {
  let kubernetes: Kubernetes;
  let kubectl: Kubectl;
  const built = new Map<string, readonly Manifest[]>();
  const of = (name: string): readonly Manifest[] => built.get(name) ?? [];

  beforeAll(async () => {
    kubernetes = await startKubernetes();
    kubectl = await startKubectl(kubernetes, { '/k': MANIFESTS });
    for (const name of APPLICABLE)
      built.set(name, parseManifests(await kubectl.must('kustomize', `/k/${name}`)));
  });

  afterAll(async () => {
    await kubectl[Symbol.asyncDispose]();
    await kubernetes[Symbol.asyncDispose]();
  });

  it.each(APPLICABLE)(
    'is admitted as a whole, without a warning, where only restricted pods are, and its pods run: %s',
    async (name) => {
      const namespace = await applied(name);
      for (const { kind, metadata } of of(name)) {
        if (kind !== 'Deployment') continue;
        const rolled = await kubectl.run(
          'rollout',
          'status',
          `deployment/${metadata.name}`,
          '-n',
          namespace,
          '--timeout=90s',
        );
        expect({ ...rolled, seen: rolled.code === 0 ? '' : await seenIn(namespace) }).toMatchObject({
          code: 0,
          seen: '',
        });
      }
      const jobs = of(name).filter(({ kind }) => kind === 'CronJob');
      for (const { metadata } of jobs) {
        const job = `try-${metadata.name}`;
        const made = await kubectl.run(
          'create',
          'job',
          job,
          `--from=cronjob/${metadata.name}`,
          '-n',
          namespace,
        );
        expect(made).toMatchObject({ code: 0, errors: '' });
        const ended = await kubectl.run(
          'wait',
          '--for=condition=complete',
          `job/${job}`,
          '-n',
          namespace,
          '--timeout=90s',
        );
        expect({ ...ended, seen: ended.code === 0 ? '' : await seenIn(namespace) }).toMatchObject({
          code: 0,
          seen: '',
        });
      }
    },
  );

  it('let whoever is on call narrow a Job down to one account, by the words of the handbook', async () => {
    await applied('base', 'rekeyd');
    for (const { words, into } of narrowing()) {
      const output = await kubectl.must(...words);
      if (into !== undefined) await kubectl.put(into, output);
    }
    const job = JSON.parse(await kubectl.must('get', 'job/rotate-2', '-n', 'rekeyd', '-o', 'json')) as Made;
    const [shipped] = podsOf(of('base').filter(({ metadata }) => metadata.name === 'rekeyd-rotate-all'));
    const [container] = job.spec.template.spec.containers;
    expect(container?.args).toEqual(['rotate', 'ACCOUNT', '--reason', 'why', '--wait', '20m']);
    expect(container).toMatchObject({
      image: shipped?.containers[0]?.image,
      env: shipped?.containers[0]?.env,
    });
    const ended = ['wait', '--for=condition=complete', 'job/rotate-2', '-n', 'rekeyd', '--timeout=90s'];
    expect(await kubectl.run(...ended)).toMatchObject({ code: 0 });
  });

  it('keep every pod out that is not restricted', async () => {
    const namespace = await applied('overlays/demo', 'refusing');
    const refused = await kubectl.run('run', 'anybody', '--image=anything', '-n', namespace);
    expect(refused.code).not.toBe(0);
    expect(refused.errors).toContain('violates PodSecurity "restricted');
  });

  it('are looked at by a check that finds a word which the API does not know', async () => {
    const typo = {
      kind: 'ServiceAccount',
      apiVersion: 'v1',
      metadata: { name: 'typo' },
      automountToken: false,
    };
    await kubectl.put('/own/typo.yaml', JSON.stringify(typo));
    const refused = await kubectl.run('apply', '-f', '/own/typo.yaml', '--validate=strict');
    expect(refused.code).not.toBe(0);
    expect(refused.errors).toContain('unknown field "automountToken"');
  });

  it.each(APPLICABLE)('give the pod the time that its daemon takes to stop: %s', (name) => {
    using folder = configOf(of(name));
    const outcome = folder.read();
    const graceMs = outcome.ok ? outcome.config.settings.shutdownGraceMs : Number.POSITIVE_INFINITY;
    const daemons = podsOf(of(name)).filter(({ containers }) =>
      containers.some(({ args }) => args[0] === 'run' || args[0] === 'once'),
    );
    expect(daemons).toHaveLength(1);
    for (const { terminationGracePeriodSeconds } of daemons)
      expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(graceMs / 1_000 + BEYOND_GRACE_S);
  });

  it.each(APPLICABLE)('bring a configuration without a problem: %s', (name) => {
    using folder = configOf(of(name));
    expect(folder.problems()).toEqual([]);
  });

  it.each(APPLICABLE)('ask for memory with a limit, and for CPU without one: %s', (name) => {
    for (const { containers, initContainers } of podsOf(of(name))) {
      for (const { resources } of [...containers, ...initContainers]) {
        expect(Object.keys(resources.requests).toSorted()).toEqual(['cpu', 'memory']);
        expect(Object.keys(resources.limits)).toEqual(['memory']);
      }
    }
  });

  it.each(APPLICABLE)(
    'give a token of the cluster to the daemon that keeps credentials there alone: %s',
    (name) => {
      const mounted = podsOf(of(name)).filter(({ automountServiceAccountToken: token }) => token);
      expect(mounted.flatMap(({ containers }) => containers.flatMap(({ args }) => args))).toEqual(
        name === 'overlays/kubernetes' ? ['run'] : [],
      );
    },
  );

  it('run one daemon at a time, on a volume of its own', () => {
    const found = (name: string, kind: string) => of(name).find((each) => each.kind === kind);
    expect(found('base', 'Deployment')).toMatchObject({
      spec: { replicas: 1, strategy: { type: 'Recreate' } },
    });
    const modes = (name: string) => found(name, 'PersistentVolumeClaim')?.['spec'];
    expect(modes('base')).toMatchObject({ accessModes: ['ReadWriteOncePod'] });
    expect(modes('overlays/read-write-once')).toMatchObject({ accessModes: ['ReadWriteOnce'] });
    expect(modes('overlays/demo')).toBeUndefined();
    expect(modes('overlays/cronjob')).toBeUndefined();
  });

  it('name the image by the version of the program', () => {
    const { version } = JSON.parse(readFileSync(join(MANIFESTS, '../../package.json'), 'utf8')) as {
      version: string;
    };
    for (const name of APPLICABLE) {
      const images = podsOf(of(name)).flatMap(({ containers, initContainers }) =>
        [...containers, ...initContainers].map(({ image }) => image),
      );
      expect(new Set(images)).toEqual(new Set([`rekeyd:${version}`]));
    }
  });

  it('give the rights in the cluster that rekeyd rbac prints, and no other', async () => {
    using folder = configOf(of('overlays/kubernetes'));
    const host = fakeHost({ directory: folder.folder, arguments: ['rbac', '--config', folder.main] });
    expect(await runCommand(host)).toBe(0);
    const kinds = ['Role', 'RoleBinding'];
    const own = of('overlays/kubernetes').filter(({ kind }) => kinds.includes(kind));
    const want = loadAll(host.written()).filter((each) => each !== null);
    expect(own.map(({ data: _, ...rest }) => rest)).toEqual(want);
  });

  /** What the cluster says of a namespace where something did not come about. */
  function seenIn(namespace: string): Promise<string> {
    return kubectl.must('get', 'pods,pvc,events,nodes', '-n', namespace, '-o', 'wide');
  }

  /**
   * Applies a folder into a namespace of its own, as a user's overlay would, with a node for its pods and volumes that its claims
   * may have. The node is new, because one whose kubelet is simulated counts as lost after 50 s.
   */
  async function applied(name: string, namespace = `try-${name.replaceAll('/', '-')}`): Promise<string> {
    await kubernetes.call('POST', '/api/v1/nodes', {
      body: { metadata: { name: `node-${namespace}`, annotations: { 'kwok.x-k8s.io/node': 'fake' } } },
    });
    for (const mode of ['ReadWriteOncePod', 'ReadWriteOnce']) {
      await kubernetes.call('POST', '/api/v1/persistentvolumes', {
        body: {
          metadata: { name: `${namespace}-${mode.toLowerCase()}` },
          spec: { accessModes: [mode], capacity: { storage: '1Gi' }, hostPath: { path: '/volume' } },
        },
      });
    }
    await kubectl.put(
      `/own/${namespace}/kustomization.yaml`,
      JSON.stringify({ namespace, resources: [`../../k/${name}`] }),
    );
    const ran = await kubectl.run('apply', '-k', `/own/${namespace}`, '--validate=strict');
    expect(ran).toMatchObject({ code: 0, errors: '' });
    return namespace;
  }
});

interface Made {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly { readonly args: readonly string[]; readonly image: string }[];
      };
    };
  };
}

/** The words after `kubectl` of each command that narrows a Job down, and the file that its output goes to, as the handbook has them. */
function narrowing(): readonly { readonly words: readonly string[]; readonly into?: string }[] {
  const text = readFileSync(join(MANIFESTS, '..', 'README.md'), 'utf8');
  const from = text.indexOf('For one account, give the Job other words');
  const lines = text
    .slice(from, text.indexOf('Both CronJobs', from))
    .split('\n')
    .filter((line) => line.startsWith('    kubectl '));
  expect(lines).toHaveLength(3);
  return lines.map((line) => {
    const [command = '', into] = (line.split(' && ')[0] ?? '').split(' > ');
    const words = (command.match(/(?:'[^']*'|[^\s'])+/g) ?? []).map((word) => word.replaceAll("'", ''));
    // They are files of the folder that one is in.
    const placed = words.slice(1).map((word) => word.replace(/^--filename=/, '--filename=/own/'));
    return { words: placed, ...(into === undefined ? {} : { into: `/own/${into.trim()}` }) };
  });
}
