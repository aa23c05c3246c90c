import { describe, expect, it } from 'vitest';
import { externalSecret } from '../../../src/consumers/kubernetes/external-secret.ts';
import type { Need } from '../../../src/consumers/kubernetes/look.ts';

const NOW = Date.parse('2026-01-05T03:00:00.250Z');
const NEED: Need = { neededAt: NOW - 100, now: NOW, installation: 'test', manager: 'rekeyd/test' };

/** One that its controller has read at this time, and that was told, as the API server keeps it. */
function seen({ refreshTime = '', time = '', told = {} }) {
  return externalSecret.model.parse({
    metadata: {
      resourceVersion: '1',
      annotations: { 'rekeyd/test.told': JSON.stringify(told) },
      managedFields: [
        { manager: 'kubectl', time: '2999-01-01T00:00:00Z' },
        { manager: 'rekeyd/test', subresource: 'status', time: '2999-01-01T00:00:00Z' },
        ...(time === '' ? [] : [{ manager: 'rekeyd/test', time }]),
      ],
    },
    status: { refreshTime, conditions: [{ type: 'Ready', status: 'True' }] },
  });
}

const TOLD = { neededAt: new Date(NEED.neededAt).toISOString(), toldAt: new Date(NOW - 50).toISOString() };

describe('an ExternalSecret', () => {
  it('became through so long after it was told as the cluster says, by our own clock', () => {
    const object = seen({ refreshTime: '2026-01-05T07:00:05Z', time: '2026-01-05T07:00:01Z', told: TOLD });
    const later = { ...NEED, now: NOW + 60_000 };
    expect(externalSecret.look(object, later)).toEqual({ state: 'through', at: NOW - 50 + 4_000 + 999 });
  });

  it('is told again where nothing shows when it was told: somebody has wiped that', () => {
    const object = seen({ refreshTime: '2026-01-05T07:00:05Z', told: TOLD });
    expect(externalSecret.look(object, NEED)).toMatchObject({ state: 'to-begin' });
  });

  it('is told in an annotation that a cluster takes, however long the name of the installation is', () => {
    const need = { ...NEED, installation: 'a'.repeat(63) };
    const looked = externalSecret.look(seen({}), need);
    if (looked.state !== 'to-begin') throw new Error(looked.state);
    const names = Object.keys((looked.fields['metadata'] as { annotations: object }).annotations);
    expect(names).toEqual(['force-sync', `rekeyd/${'a'.repeat(58)}.told`]);
  });
});
