// What every state of a consumer in a cluster means for its refresh, as far as real controllers and those that a test plays go.

import { describe, expect, it } from 'vitest';
import type { Result } from '../../../src/domain/failure.ts';
import type { ConsumerConnection, Progress } from '../../../src/ports/consumer.ts';
import { describeContainers } from '../../world/containers.ts';
import type { KubernetesObject } from '../../world/kubernetes.ts';
import { endless, openConsumers } from '../open.ts';
import { isRolledOut, until, useCluster } from './cluster.ts';
import type { Consumer, ConsumerKind } from './cluster.ts';

describeContainers('a consumer in a cluster', () => {
  const cluster = useCluster();

  /** One of them, and what comes of asking for it to be refreshed. */
  async function consumerWith(kind: ConsumerKind, spec: object = {}) {
    const { kubernetes, namespace, make } = await cluster();
    const consumer = await make(kind, spec);
    const connection = await openConsumers({
      kind: 'kubernetes',
      config: { server: kubernetes.url, insecure: true },
    });
    const step = {
      does: kind === 'ExternalSecret' ? 'forceSync' : 'restart',
      address: consumer.address,
    } as const;
    const refresh = (neededAt: number) => refreshBy(connection, step, neededAt);
    return {
      ...consumer,
      kubernetes,
      namespace,
      connection,
      refresh,
      /** What it says when it is through, or says something that matches. */
      come: (neededAt: number, wanted: RegExp = /^through/): Promise<string> =>
        until(
          async () => saidBy(await refresh(neededAt)),
          (said) => wanted.test(said),
        ),
      check: async () => {
        const said = await connection.preflight(step, { signal: endless() });
        return said.ok ? said.value : `${said.failure.kind}: ${said.failure.message}`;
      },
    };
  }

  describe('that is a Deployment', () => {
    it('is marked as kubectl rollout restart does it, and keeps what its owner wrote', async () => {
      const { read, until, refresh } = await consumerWith('Deployment');
      await until(isRolledOut);
      const before = templateOf(await read());
      const neededAt = Date.now();
      expect(saidBy(await refresh(neededAt))).toMatch(/^under-way: its restart was asked for/);
      const now = await read();
      const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date(neededAt).toISOString() };
      expect(templateOf(now)).toEqual({ ...before, metadata: { ...before.metadata, annotations } });
      const { metadata } = now;
      expect(metadata.managedFields?.map(({ manager }) => manager)).toContain('rekeyd/test');
    });

    it.each([
      ['by kubectl, in whole seconds and another time zone', 2_000, (at: Date) => inBerlin(at), 0],
      ['for a later need', 1, (at: Date) => at.toISOString(), 0],
      ['for an earlier need', -1, (at: Date) => at.toISOString(), 1],
      ['by a clock that is an hour ahead', 3_600_000, (at: Date) => at.toISOString(), 1],
      ['at no known instant', 0, () => 'yesterday', 1],
    ])('that was restarted %s', async (_, offset, text, wantRestarts) => {
      const { change, refresh, read } = await consumerWith('Deployment');
      const neededAt = Date.now();
      const annotations = { 'kubectl.kubernetes.io/restartedAt': text(new Date(neededAt + offset)) };
      const { metadata } = await change({ spec: { template: { metadata: { annotations } } } });
      expect((await refresh(neededAt)).ok).toBe(true);
      expect((await read()).metadata.generation).toBe((metadata.generation ?? 0) + wantRestarts);
    });

    it('without pods is through at once, and is not touched', async () => {
      const { until, refresh, read } = await consumerWith('Deployment', { replicas: 0 });
      const { metadata } = await until(({ status }) => status?.['observedGeneration'] === 1);
      expect(saidBy(await refresh(Date.now()))).toBe('through');
      expect((await read()).metadata.generation).toBe(metadata.generation);
    });

    it('that is paused is not restarted, with the reason, until it is resumed', async () => {
      const { refresh, change, come, read, check } = await consumerWith('Deployment', { paused: true });
      const neededAt = Date.now();
      expect(saidBy(await refresh(neededAt))).toMatch(
        /^consumer-refused: .*it is paused.*kubectl rollout resume/,
      );
      expect(await check()).toMatch(/^consumer-refused: .*it is paused/);
      expect((await read()).metadata.generation).toBe(1);
      await change({ spec: { paused: false } });
      expect(await come(neededAt)).toBe('through');
    });

    it('that is paused in the middle is unhealthy, and goes on when it is resumed', async () => {
      const { until, refresh, change, come } = await consumerWith('Deployment', {
        replicas: 4,
        minReadySeconds: 2,
      });
      await until(isRolledOut);
      const neededAt = Date.now();
      await refresh(neededAt);
      await change({ spec: { paused: true } });
      expect(await come(neededAt, /^unhealthy/)).toMatch(/of \d.*; it is paused/);
      await change({ spec: { paused: false } });
      expect(await come(neededAt)).toBe('through');
    });

    it('whose new pods do not become available is unhealthy when its own deadline has passed', async () => {
      const { until, refresh, change, come } = await consumerWith('Deployment', {
        progressDeadlineSeconds: 3,
      });
      await until(isRolledOut);
      await change({
        spec: { template: { spec: { nodeSelector: { disk: 'none-such' } } } },
      });
      const neededAt = Date.now();
      await refresh(neededAt);
      expect(await come(neededAt, /^unhealthy/)).toMatch(
        /do not become available \(ProgressDeadlineExceeded: .*\); see kubectl rollout status/,
      );
      await change({ spec: { template: { spec: { nodeSelector: null } } } });
      expect(await come(neededAt)).toBe('through');
    });

    it('says meanwhile how far it is', async () => {
      const { until, refresh, come } = await consumerWith('Deployment', { replicas: 4, minReadySeconds: 1 });
      await until(isRolledOut);
      const neededAt = Date.now();
      await refresh(neededAt);
      expect(await come(neededAt, /^under-way: \d of/)).toMatch(
        /\d of 4 (pods are updated|updated pods are available)/,
      );
      expect(await come(neededAt)).toBe('through');
    });

    it('is changed upon what was seen of it, however busy its controllers and owners are', async () => {
      const { until, refresh, change, read } = await consumerWith('Deployment');
      await until(isRolledOut);
      const neededAt = Date.now();
      let isDone = false;
      const busy = (async () => {
        for (let count = 0; !isDone; count++)
          await change({ metadata: { labels: { count: String(count) } } });
      })();
      const results = await Promise.all(Array.from({ length: 4 }, () => refresh(neededAt)));
      isDone = true;
      await busy;
      expect(results.map((result) => saidBy(result).split(':')[0])).toSatisfy((states: string[]) =>
        states.every((state) => ['under-way', 'through', 'consumer-unavailable'].includes(state)),
      );
      const generations = (await read()).metadata.generation ?? 0;
      expect(generations).toBeLessThanOrEqual(2);
    });

    it('that is being deleted is left alone', async () => {
      const { kubernetes, namespace, name, change, connection, address } = await consumerWith('Deployment');
      await change({ metadata: { finalizers: ['example.com/hold'] } });
      await kubernetes.call('DELETE', `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
      const said = saidBy(await refreshBy(connection, { does: 'restart', address }, Date.now()));
      expect(said).toMatch(/^consumer-refused: .*it is being deleted/);
    });
  });

  describe('that is a StatefulSet', () => {
    it('is through only when pods below its partition are new as well', async () => {
      const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } };
      const { until, refresh, change, come, check } = await consumerWith('StatefulSet', { updateStrategy });
      await until(isRolledOut);
      expect(await check()).toMatch(/2 replicas; its partition keeps the first 1/);
      const neededAt = Date.now();
      await refresh(neededAt);
      expect(await come(neededAt, /: 1 of 2/)).toMatch(/1 of 2 pods are updated; its partition .*lower it/);
      await change({ spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
      expect(await come(neededAt)).toBe('through');
    });

    it('with OnDelete says that somebody has to delete its pods, and is through when that was done', async () => {
      const updateStrategy = { type: 'OnDelete' };
      const { kubernetes, namespace, until, refresh, come, name, check } = await consumerWith('StatefulSet', {
        updateStrategy,
      });
      await until(({ status }) => status?.['readyReplicas'] === 2);
      expect(await check()).toMatch(/OnDelete/);
      const neededAt = Date.now();
      await refresh(neededAt);
      expect(await come(neededAt, /: 0 of 2/)).toMatch(/OnDelete, so that somebody has to delete/);
      for (const pod of [`${name}-0`, `${name}-1`]) {
        await kubernetes.call('DELETE', `/api/v1/namespaces/${namespace}/pods/${pod}`);
      }
      expect(await come(neededAt)).toBe('through');
    });

    it('without pods is through at once', async () => {
      const { until, refresh } = await consumerWith('StatefulSet', { replicas: 0 });
      await until(({ status }) => status?.['observedGeneration'] === 1);
      expect(saidBy(await refresh(Date.now()))).toBe('through');
    });
  });

  describe('that is a DaemonSet', () => {
    it('that fits on no node is through as soon as its controller has seen the restart', async () => {
      const { until, come, change } = await consumerWith('DaemonSet');
      const { metadata } = await change({
        spec: { template: { spec: { nodeSelector: { disk: 'none-such' } } } },
      });
      await until(
        ({ status }) =>
          status?.['observedGeneration'] === metadata.generation && status?.['currentNumberScheduled'] === 0,
      );
      expect(await come(Date.now())).toBe('through');
    });

    it('with OnDelete says that somebody has to delete its pods', async () => {
      const { until, refresh, come, check } = await consumerWith('DaemonSet', {
        updateStrategy: { type: 'OnDelete' },
      });
      await until(({ status }) => status?.['numberAvailable'] === 1);
      expect(await check()).toMatch(/1 pods; .*OnDelete/);
      const neededAt = Date.now();
      await refresh(neededAt);
      expect(await come(neededAt, /: 0 of 1/)).toMatch(/OnDelete/);
    });
  });

  describe('that is a Rollout', () => {
    const NEEDED_AT = Date.parse('2026-01-05T03:00:00.250Z');

    it('is restarted at the next whole second, because Argo keeps no other', async () => {
      const { refresh, read } = await consumerWith('Rollout');
      await refresh(NEEDED_AT);
      expect((await read()).spec?.['restartAt']).toBe('2026-01-05T03:00:01Z');
      await refresh(NEEDED_AT);
      expect((await read()).metadata.generation).toBe(2);
    });

    it.each<[what: string, status: Readonly<Record<string, unknown>>, want: RegExp]>([
      ['was not seen by Argo yet', { observedGeneration: '1' }, /^under-way: its controller has not seen/],
      [
        'is being restarted',
        { phase: 'Progressing', message: 'rollout is restarting' },
        /^under-way: not all pods.*rollout is restarting/,
      ],
      [
        'has its new pods not available yet',
        { restartedAt: '2026-01-05T03:00:01Z', availableReplicas: 1, phase: 'Progressing' },
        /^under-way: 1 of 2/,
      ],
      [
        'is Healthy',
        { restartedAt: '2026-01-05T03:00:01Z', availableReplicas: 2, phase: 'Healthy' },
        /^through/,
      ],
      [
        'is paused in an update, with new pods',
        { restartedAt: '2026-01-05T03:00:01Z', availableReplicas: 2, phase: 'Paused' },
        /^through/,
      ],
      [
        'was restarted for something earlier',
        { restartedAt: '2026-01-05T02:00:00Z', availableReplicas: 2, phase: 'Healthy' },
        /^under-way: not all pods are replaced/,
      ],
      [
        'is Degraded',
        { phase: 'Degraded', message: 'ProgressDeadlineExceeded: x' },
        /^unhealthy: it is Degraded \(ProgressDeadlineExceeded: x\)/,
      ],
    ])('says how far it is when it %s', async (_, status, want) => {
      const { refresh, say } = await consumerWith('Rollout');
      await refresh(NEEDED_AT);
      await say({ observedGeneration: '2', replicas: 2, ...status });
      expect(saidBy(await refresh(NEEDED_AT))).toMatch(want);
    });

    it('without pods is through at once', async () => {
      const { refresh, say } = await consumerWith('Rollout', { replicas: 0 });
      await say({ observedGeneration: '1', phase: 'Healthy' });
      expect(saidBy(await refresh(NEEDED_AT))).toBe('through');
    });

    it('that somebody restarts later on is waited for until then', async () => {
      const restartAt = '2999-01-01T00:00:00Z';
      const { refresh, say } = await consumerWith('Rollout', { restartAt });
      await say({ observedGeneration: '1', phase: 'Progressing', replicas: 2 });
      expect(saidBy(await refresh(NEEDED_AT))).toBe(`under-way: it is to be restarted at ${restartAt}`);
    });
  });

  describe('that is an ExternalSecret', () => {
    const NEEDED_AT = Date.parse('2026-01-05T03:00:00.250Z');
    const ready = (refreshTime: string) => ({ refreshTime, conditions: [{ type: 'Ready', status: 'True' }] });
    const forcedOf = async ({ read }: Pick<Consumer, 'read'>) =>
      (await read()).metadata.annotations?.['force-sync'];

    /** When the API server took in what it was told last. */
    const takenIn = async ({ read }: Pick<Consumer, 'read'>) => {
      const fields = (await read()).metadata.managedFields ?? [];
      return Date.parse(fields.find(({ manager }) => manager === 'rekeyd/test')?.time ?? '');
    };
    const secondsOf = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z');

    it.each([
      ['as ours', 0],
      ['an hour behind ours', 3_600_000],
      ['an hour ahead of ours', -3_600_000],
    ])(
      'is through when it read after it was told, by a clock of the cluster that is %s',
      async (_, aheadMs) => {
        const consumer = await consumerWith('ExternalSecret');
        const neededAt = Date.now() + aheadMs;
        await consumer.say(ready(secondsOf(Math.floor(Date.now() / 1_000) * 1_000)));
        expect(saidBy(await consumer.refresh(neededAt))).toMatch(/^under-way: it was told/);
        const told = await takenIn(consumer);
        await consumer.say(ready(secondsOf(told - 1_000)));
        const before = await forcedOf(consumer);
        expect(saidBy(await consumer.refresh(neededAt))).toMatch(/^under-way: .* not after it was told/);
        expect(await forcedOf(consumer)).toBe(before);
        await consumer.say(ready(secondsOf(told + 1_000)));
        expect(saidBy(await consumer.refresh(neededAt))).toBe('through');
        expect(await forcedOf(consumer)).toBe(before);
      },
    );

    it('is told once more where it read in the very second in which it was told', async () => {
      const consumer = await consumerWith('ExternalSecret');
      await consumer.refresh(NEEDED_AT);
      const told = await takenIn(consumer);
      await consumer.say(ready(secondsOf(told)));
      await until(consumer.read, () => Date.now() >= told + 1_000);
      expect(saidBy(await consumer.refresh(NEEDED_AT))).toMatch(/^under-way: it was told/);
      const again = await forcedOf(consumer);
      expect(saidBy(await consumer.refresh(NEEDED_AT))).toMatch(/^under-way: .* not after it was told/);
      expect(await forcedOf(consumer)).toBe(again);
      await consumer.say(ready(secondsOf(await takenIn(consumer))));
      expect(saidBy(await consumer.refresh(NEEDED_AT))).toBe('through');
    });

    it('is told for a later need, and not for an earlier one, whatever somebody else told it', async () => {
      const consumer = await consumerWith('ExternalSecret');
      await consumer.change({ metadata: { annotations: { 'force-sync': '2999-01-01T00:00:00Z' } } });
      await consumer.refresh(NEEDED_AT);
      const first = await forcedOf(consumer);
      expect(first).not.toBe('2999-01-01T00:00:00Z');
      await consumer.refresh(NEEDED_AT - 1);
      expect(await forcedOf(consumer)).toBe(first);
      await consumer.refresh(NEEDED_AT + 1);
      expect(await forcedOf(consumer)).not.toBe(first);
    });

    it.each(['no JSON', '{}', toldAt('2999-01-01T00:00:00.000Z')])(
      'is told where what is kept of that is of no use: %s',
      async (text) => {
        const consumer = await consumerWith('ExternalSecret');
        await consumer.change({ metadata: { annotations: { 'rekeyd/test.told': text } } });
        expect(saidBy(await consumer.refresh(NEEDED_AT))).toMatch(/^under-way: it was told/);
      },
    );

    it('that cannot read its source is unhealthy, in its controller’s words and without credentials', async () => {
      const consumer = await consumerWith('ExternalSecret');
      await consumer.refresh(NEEDED_AT);
      expect(saidBy(await consumer.refresh(NEEDED_AT))).toMatch(/^under-way: its controller has not read/);
      const message = 'could not get secret: denied for Bearer abcdefghijklmnopqrstuvwxyz';
      await consumer.say({
        conditions: [{ type: 'Ready', status: 'False', reason: 'SecretSyncedError', message }],
      });
      expect(saidBy(await consumer.refresh(NEEDED_AT))).toBe(
        'unhealthy: it is not Ready (SecretSyncedError: could not get secret: denied for Bearer [secret])',
      );
    });

    it.each([
      [{ refreshPolicy: 'CreatedOnce' }, /its refreshPolicy is CreatedOnce, by which it never reads again/],
      [{ refreshInterval: '0' }, /its refreshInterval is 0, by which it never reads again/],
      [{ refreshInterval: '0s', refreshPolicy: 'Periodic' }, /its refreshInterval is 0s/],
    ])('with %j is refused, because it never reads again', async (spec, want) => {
      const consumer = await consumerWith('ExternalSecret', spec);
      expect(saidBy(await consumer.refresh(NEEDED_AT))).toMatch(want);
      expect(await consumer.check()).toMatch(/^consumer-refused/);
    });

    it('with OnChange and no interval is told', async () => {
      const spec = { refreshInterval: '0', refreshPolicy: 'OnChange' };
      const consumer = await consumerWith('ExternalSecret', spec);
      expect(saidBy(await consumer.refresh(NEEDED_AT))).toMatch(/^under-way: it was told/);
    });
  });
});

function toldAt(at: string): string {
  return JSON.stringify({ neededAt: at, toldAt: at });
}

function templateOf({ spec }: KubernetesObject): KubernetesObject {
  return spec?.['template'] as KubernetesObject;
}

async function refreshBy(
  connection: ConsumerConnection,
  step: { readonly does: 'restart' | 'forceSync'; readonly address: string },
  neededAt: number,
): Promise<Result<Progress>> {
  const about = { account: 'billing', target: 's:a#b', fingerprint: '0123456789abcdef', token: 'token' };
  return await connection.refresh({ ...step, ...about, neededAt }, { signal: endless() });
}

function saidBy(result: Result<Progress>): string {
  if (!result.ok) return `${result.failure.kind}: ${result.failure.message}`;
  return result.value.state === 'through' ? 'through' : `${result.value.state}: ${result.value.why}`;
}

function inBerlin(at: Date): string {
  const local = new Date(at.getTime() + 3_600_000).toISOString();
  return local.replace(/\.\d+Z/, '+01:00');
}
