import { describe, expect, it } from 'vitest';
import { consumerEntry } from '../../../src/consumers/registry.ts';

const entry = consumerEntry('kubernetes');

describe('the address of a consumer in a cluster', () => {
  it.each([
    ['restart', 'Deployment shop/checkout'],
    ['restart', 'StatefulSet shop/worker-1'],
    ['restart', 'DaemonSet kube-system/agent.v2'],
    ['restart', 'Rollout shop/web'],
    ['forceSync', 'ExternalSecret shop/payments'],
  ] as const)('of %s may be %s', (does, address) => {
    expect(entry?.addressProblem(does, address)).toBeUndefined();
  });

  it.each([
    ['restart', 'shop/checkout', /KIND NAMESPACE\/NAME/],
    ['restart', 'Deployment  shop/checkout', /KIND NAMESPACE\/NAME/],
    ['restart', 'Deployment shop', /KIND NAMESPACE\/NAME/],
    ['restart', 'Deployment shop/a/b', /KIND NAMESPACE\/NAME/],
    ['restart', 'deployment shop/checkout', /one of Deployment, StatefulSet, DaemonSet, Rollout/],
    ['restart', 'Pod shop/checkout', /Pod is no kind for restart/],
    ['restart', 'ExternalSecret shop/a', /no kind for restart/],
    ['forceSync', 'Deployment shop/a', /allowed: ExternalSecret/],
    ['restart', 'Deployment Shop/a', /namespace/],
    ['restart', 'Deployment shop/A', /the name of its Deployment/],
    ['restart', 'Deployment shop/', /the name of its Deployment/],
    ['webhook', 'deploys', /nothing that is done in a cluster/],
  ] as const)('of %s is not %s', (does, address, wantWhy) => {
    expect(entry?.addressProblem(does, address)).toMatch(wantWhy);
  });
});
