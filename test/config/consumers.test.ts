// Who reads a target, as the configuration says it: what becomes of it in the policy, and every mistake with its place.

import { describe, expect, it } from 'vitest';
import type { Target } from '../../src/domain/target.ts';
import { BASE, configFolder } from './config-world.ts';

const CLUSTER = '  cluster: { kind: kubernetes }';
const OTHER = '  other: { kind: kubernetes, server: "https://other:6443" }';
const DEPLOYS =
  '  deploys: { kind: webhook, url: "https://deploys.example.com/hook", signingKey: { env: KEY } }';

/** A configuration with these connections, and an account whose target has these consumers. */
function written(connections: readonly string[], consumers: string): string {
  const all = connections.length === 0 ? '' : `consumers:\n${connections.join('\n')}\n`;
  return (
    `${BASE}${all}accounts:\n  - name: a\n    accountId: a1\n    targets:\n` +
    `      - { store: files, address: a, consumerLag: 1m, consumers: ${consumers} }\n`
  );
}

function targetOf(connections: readonly string[], consumers: string): Target | undefined {
  using folder = configFolder({ 'rekeyd.yaml': written(connections, consumers) });
  return folder.accounts()[0]?.targets[0];
}

function problemsOf(connections: readonly string[], consumers: string): string[] {
  using folder = configFolder({ 'rekeyd.yaml': written(connections, consumers) });
  return folder.problems();
}

describe('the consumers of a target', () => {
  it('become its policy, those first that others wait for', () => {
    const words =
      '{ restart: [Deployment shop/checkout], forceSync: [ExternalSecret shop/payments], webhook: [deploys], ' +
      'timeLimit: 2m, onUnhealthy: hold }';
    const more = { timeLimitMs: 120_000, onUnhealthy: 'hold' };
    const payments = 'ExternalSecret shop/payments';
    const checkout = 'Deployment shop/checkout';
    expect(targetOf([CLUSTER, DEPLOYS], words)?.consumers).toEqual([
      {
        id: `cluster forceSync ${payments}`,
        connection: 'cluster',
        does: 'forceSync',
        address: payments,
        ...more,
      },
      {
        id: `cluster restart ${checkout}`,
        connection: 'cluster',
        does: 'restart',
        address: checkout,
        ...more,
      },
      { id: 'deploys webhook', connection: 'deploys', does: 'webhook', address: 'deploys', ...more },
    ]);
  });

  it('have ten minutes and are only reported where nothing else is said', () => {
    const [consumer] = targetOf([CLUSTER], '{ restart: [DaemonSet shop/agent] }')?.consumers ?? [];
    expect(consumer).toMatchObject({ timeLimitMs: 600_000, onUnhealthy: 'report' });
  });

  it('are reached through the connection that is named, where there are several', () => {
    const words = '{ restart: [Deployment shop/checkout], cluster: other }';
    expect(targetOf([CLUSTER, OTHER], words)?.consumers?.[0]?.connection).toBe('other');
  });

  it('are absent from the policy where none is named', () => {
    expect(targetOf([CLUSTER], '{}')).not.toHaveProperty('consumers');
  });
});

describe('a mistake in the consumers of a target', () => {
  it.each([
    [
      [],
      '{ restart: [Deployment shop/checkout] }',
      'nothing among the connections under consumers does restart',
    ],
    [
      [CLUSTER, OTHER],
      '{ restart: [Deployment shop/checkout] }',
      'cluster, other can do restart; say which one by cluster',
    ],
    [[CLUSTER], '{ restart: [Deployment shop/checkout], cluster: clutser }', 'did you mean "cluster"?'],
    [
      [CLUSTER, DEPLOYS],
      '{ restart: [Deployment shop/a], cluster: deploys }',
      'deploys is of kind webhook, which does no restart',
    ],
    [
      [DEPLOYS, CLUSTER],
      '{ webhook: [cluster] }',
      'cluster is of kind kubernetes, which does no webhook; those that do: deploys',
    ],
    [[CLUSTER], '{ restart: [Pod shop/checkout] }', 'Pod is no kind for restart; allowed: one of Deployment'],
    [[CLUSTER], '{ restart: [Deployment shop/a, Deployment shop/a] }', 'it is named twice in this target'],
    [[CLUSTER], '{ restrat: [Deployment shop/a] }', 'did you mean "restart"?'],
    [[CLUSTER], '{ restart: [Deployment shop/a], timeLimit: 0s }', 'a duration of more than 0s'],
  ] as const)('is said with its line: %j %s', (connections, words, want) => {
    const problems = problemsOf(connections, words);
    expect(problems).toEqual([expect.stringContaining(want)]);
    expect(problems[0]).toMatch(/^rekeyd\.yaml:\d+:\d+: accounts\[0\]\.targets\[0\]\.consumers/);
  });
});
