/** A file store in a fresh folder, for tests. */
import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../../src/domain/target.ts';
import type { Place, Store } from '../../../src/ports/store.ts';
import { storeEntry } from '../../../src/stores/registry.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { systemRandom } from '../../../src/system/random.ts';
import type { StoreWorld } from '../../contract/store-contract.ts';

export interface FileWorld extends StoreWorld {
  readonly directory: string;
}

/** `config` is added to the store's configuration. */
export async function makeFileWorld(config: JsonObject = {}): Promise<FileWorld> {
  const base = await mkdtemp(join(tmpdir(), 'rekeyd-file-'));
  const directory = join(base, 'store');
  await mkdir(directory);
  const store = await openFileStore({ directory, ...config });
  return {
    store,
    directory,
    place: (name): Place => ({ address: name, options: {} }),
    breaks: {
      unavailable: async () => await rename(directory, join(base, 'gone')),
      denied: async ({ address }) => {
        await rename(join(directory, address), join(base, 'elsewhere'));
        await symlink(join(base, 'elsewhere'), join(directory, address));
      },
    },
    cleanup: async () => {
      await store[Symbol.asyncDispose]();
      await rm(base, { recursive: true, force: true });
    },
  };
}

export async function openFileStore(config: JsonObject): Promise<Store> {
  const entry = storeEntry('file');
  if (entry === undefined) throw new Error('the registry has no file store');
  const loaded = await entry.load();
  return loaded.open({
    name: 'files',
    config: entry.schema.parse(config),
    installation: 'test',
    clock: systemClock(),
    random: systemRandom(),
    environment: {},
  });
}
