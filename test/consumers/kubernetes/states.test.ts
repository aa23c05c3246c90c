// What every state of a consumer in a cluster means for its refresh, as far as real controllers and those that a test plays go.

import { describe, expect, it } from 'vitest';
import { describeContainers } from '../../world/containers.ts';
import type { KubernetesObject } from '../../world/kubernetes.ts';
import { isRolledOut, useCluster } from './cluster.ts';
import { makerIn, refreshBy, saidBy } from './made-consumer.ts';
import { externalSecretStates, rolloutStates } from './played-states.ts';

describeContainers('a consumer in a cluster', () => {
  const consumerWith = makerIn(useCluster());

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
    rolloutStates(consumerWith);
  });

  describe('that is an ExternalSecret', () => {
    externalSecretStates(consumerWith);
  });
});

function templateOf({ spec }: KubernetesObject): KubernetesObject {
  return spec?.['template'] as KubernetesObject;
}

function inBerlin(at: Date): string {
  const local = new Date(at.getTime() + 3_600_000).toISOString();
  return local.replace(/\.\d+Z/, '+01:00');
}
