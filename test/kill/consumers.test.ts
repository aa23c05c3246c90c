import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openConsumers, RESTART } from './consumers.ts';
import type { RequestPoint } from './point.ts';
import { startProvider } from './providers.ts';
import type { KillStore } from './stores.ts';

type Deed = 'restart' | 'be through' | 'call';

/**
 * The consumers of a pair of a real emulator, whose targets hold what its second account was given. They do this, and then the
 * first account, whose credential they had, is minted for.
 */
async function findingsAfter(deeds: readonly Deed[]): Promise<readonly string[]> {
  await using undo = new AsyncDisposableStack();
  const provider = undo.use(await startProvider('kronup', { hidden: false, strategy: 'pair' }));
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-consumers-'));
  undo.defer(() => rm(folder, { recursive: true }));
  const state = { token: provider.inUse ?? '', generation: 1, isThrough: true };
  const consumers = undo.use(
    await openConsumers({
      folder,
      provider,
      stores: new Map([['cluster', storeWith(state)]]),
      crossings: {
        put: (_service, upstream) => Promise.resolve(upstream),
        reset: () => undefined,
        quiet: () => Promise.resolve(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
      storeWords: {},
      more: {},
      holdings: () =>
        Promise.resolve(['cluster', 'file'].map((at) => ({ target: `${at}:a`, token: state.token }))),
    }),
  );
  const passes = (service: string, name: string, side: RequestPoint['side']) =>
    consumers.passes({ kind: 'request', service, name, nth: 1, side });

  async function mint(index: number): Promise<void> {
    await passes('kronup', provider.mintName, 'before');
    const url = `${provider.origin}/v1/service-accounts/${provider.ids[index] ?? ''}`;
    const headers = { authorization: `Bearer ${provider.managerToken}` };
    const answer = await fetch(url, { method: 'PUT', headers });
    expect(answer.status).toBe(200);
    await passes('kronup', provider.mintName, 'after');
  }

  await mint(1);
  state.token = await provider.live();
  for (const deed of deeds) {
    if (deed === 'call') await passes('webhook', 'POST', 'after');
    else if (deed === 'be through') state.isThrough = true;
    else {
      Object.assign(state, { generation: 2, isThrough: false });
      await passes('kubernetes', RESTART, 'after');
    }
  }
  await mint(0);
  return (await consumers.judge('')).map(({ what }) => what).filter((what) => what.includes('was ended'));
}

function storeWith(state: { readonly generation: number; readonly isThrough: boolean }): KillStore {
  return {
    kind: 'cluster',
    words: () => ({}),
    targetWords: {},
    addressOf: (name) => name,
    put: () => Promise.resolve(),
    read: () => Promise.resolve(undefined),
    leftIn: () => Promise.resolve([]),
    workload: () =>
      Promise.resolve({
        address: 'deployment/a',
        read: () => Promise.resolve({ ...state }),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  };
}

const ENDED = 'a credential was ended that a consumer had not replaced yet';

it.each<[string, readonly Deed[], readonly string[]]>([
  ['nothing is found where everybody has the newer one', ['call', 'restart', 'be through'], []],
  ['it is found where a restart is not through', ['call', 'restart'], [ENDED]],
  ['it is found where nothing was restarted', ['call'], [ENDED]],
  ['it is found where nobody was called', ['restart', 'be through'], [ENDED]],
])('when a credential is ended %s', async (_name, deeds, found) => {
  expect(await findingsAfter(deeds)).toEqual(found);
});
