/** A file store in a fresh folder, for tests. */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../../src/domain/target.ts';
import type { Result } from '../../../src/domain/failure.ts';
import { SecretBytes } from '../../../src/domain/secret.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Place, Ready, Store, WriteOptions, Written } from '../../../src/ports/store.ts';
import { storeEntry } from '../../../src/stores/registry.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { systemRandom } from '../../../src/system/random.ts';
import type { StoreWorld } from '../../contract/store-world.ts';
import { secretSource } from '../../../src/system/secret-source.ts';

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
    place: (name) => placeOf(name),
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

/** Opens a store as the configuration would. */
export async function openFileStore(config: JsonObject, clock: Clock = systemClock()): Promise<Store> {
  const entry = storeEntry('file');
  if (entry === undefined) throw new Error('the registry has no file store');
  const loaded = await entry.load();
  return loaded.open({
    name: 'files',
    config: entry.schema.parse(config),
    installation: 'test',
    clock,
    random: systemRandom(),
    environment: {},
    secretOf: (reference) => secretSource(reference, {}),
  });
}

/** A file's place, with what a target says about it. */
export function placeOf(address: string, options: JsonObject = {}): Place {
  return { address, options };
}

export async function write(
  store: Store,
  place: Place,
  text: string,
  more: Partial<WriteOptions> = {},
): Promise<Result<Written>> {
  return await store.write(place, new SecretBytes(text), { signal: endless(), writeToken: 'token', ...more });
}

export async function preflight(store: Store, place: Place, size = 100): Promise<Result<Ready>> {
  return await store.preflight(place, { signal: endless(), size, realWrite: true });
}

/** The text at a place, or why there is none: `absent`, or the failure's message. */
export async function textAt(store: Store, place: Place): Promise<string | undefined> {
  const result = await store.read(place, { signal: endless() });
  if (!result.ok) return result.failure.message;
  return result.value.state === 'present' ? result.value.bytes.revealText() : 'absent';
}

/** `ok`, or the kind of the failure and its message. */
export function outcomeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : `${result.failure.kind}: ${result.failure.message}`;
}

/** Runs a program of the system; whether it ended well. */
export function run(program: string, ...parameters: string[]): boolean {
  return spawnSync(program, parameters).status === 0;
}

/** A signal that nothing aborts. */
export function endless(): AbortSignal {
  return new AbortController().signal;
}
