// What clusters answer that lack a version of an API, or all of it.

import { beforeAll, afterAll, expect, it } from 'vitest';
import { describeContainers } from '../../world/containers.ts';
import { startKubernetes } from '../../world/kubernetes.ts';
import type { Kubernetes } from '../../world/kubernetes.ts';
import { endless, openConsumers } from '../open.ts';
import { define } from './cluster.ts';

const ABOUT = { account: 'billing', target: 's:a#b', fingerprint: '0123456789abcdef', token: 'token' };
const NEEDED_AT = Date.parse('2026-01-05T03:00:00Z');

describeContainers('a cluster', () => {
  let kubernetes: Kubernetes;
  beforeAll(async () => {
    kubernetes = await startKubernetes();
  });
  afterAll(async () => await kubernetes[Symbol.asyncDispose]());

  const opened = () =>
    openConsumers({ kind: 'kubernetes', config: { server: kubernetes.url, insecure: true } });

  it.each([
    ['restart', 'Rollout shop/web', /has no Rollout of argoproj.io \(v1alpha1\); install/],
    [
      'forceSync',
      'ExternalSecret shop/payments',
      /has no ExternalSecret of external-secrets.io \(v1, v1beta1\)/,
    ],
  ] as const)('without what serves it refuses %s of %s in words', async (does, address, want) => {
    await using connection = await opened();
    const step = { does, address };
    const refreshed = await connection.refresh(
      { ...step, ...ABOUT, neededAt: NEEDED_AT },
      { signal: endless() },
    );
    const tried = await connection.preflight(step, { signal: endless() });
    for (const result of [refreshed, tried]) {
      expect(result).toMatchObject({ failure: { kind: 'consumer-refused', status: 404 } });
      expect(result.ok ? '' : result.failure.message).toMatch(want);
    }
  });

  it('with external-secrets.io/v1beta1 alone is spoken to in that', async () => {
    const namespace = await kubernetes.namespace();
    await define(kubernetes, { group: 'external-secrets.io', kind: 'ExternalSecret', versions: ['v1beta1'] });
    const path = `/apis/external-secrets.io/v1beta1/namespaces/${namespace}/externalsecrets`;
    const body = {
      apiVersion: 'external-secrets.io/v1beta1',
      kind: 'ExternalSecret',
      metadata: { name: 'one' },
    };
    await kubernetes.call('POST', path, { body });
    await using connection = await opened();
    const step = { does: 'forceSync', address: `ExternalSecret ${namespace}/one` } as const;
    const refreshed = await connection.refresh(
      { ...step, ...ABOUT, neededAt: NEEDED_AT },
      { signal: endless() },
    );
    expect(refreshed).toMatchObject({ value: { state: 'under-way' } });
    const { metadata } = (await kubernetes.call('GET', `${path}/one`)).body;
    expect(Object.keys(metadata.annotations ?? {})).toEqual(['force-sync', 'rekeyd/test.told']);
    const other = { ...step, address: `ExternalSecret ${namespace}/other` };
    expect(await connection.preflight(other, { signal: endless() })).toMatchObject({
      failure: { message: expect.stringContaining('there is no ExternalSecret') as string },
    });
  });
});
