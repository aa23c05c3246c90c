/** A store of files in a folder, for consumers that read their credential from a file. */
import { resolve } from 'node:path';
import type { Result } from '../../domain/failure.ts';
import { failed, succeeded } from '../../domain/failure.ts';
import type { SecretBytes } from '../../domain/secret.ts';
import type {
  Place,
  PreflightOptions,
  ReadOptions,
  Ready,
  Store,
  Stored,
  WriteOptions,
  Written,
} from '../../ports/store.ts';
import type { OpenStore } from '../entry.ts';
import { attributesFor } from './attributes.ts';
import type { FileConfig, FileOptions } from './entry.ts';
import { failureOf } from './failures.ts';
import { makeFolders } from './folders.ts';
import { inLane } from './lanes.ts';
import { alone, bounded } from './lock.ts';
import { SIZE_MAX, currentVersion, look, readFileAt, tooLarge, versionOf } from './look.ts';
import { resolvePaths } from './paths.ts';
import type { Paths } from './paths.ts';
import { ownPowers } from './powers.ts';
import { refused, replaceProblem, writeDummy } from './preflight.ts';
import { replaceFile, syncFolder } from './replace.ts';

/** How long a dummy that could be written proves that the next file can be: a disk fills up quickly. */
const PROOF_MAX_AGE_MS = 60_000;

export function open(options: OpenStore<FileConfig>): Store {
  const { name, config } = options;
  const call = async <T>(
    doing: string,
    place: Place,
    signal: AbortSignal,
    work: (paths: Paths, signal: AbortSignal) => Promise<Result<T>>,
  ): Promise<Result<T>> => await onFile(options, doing, place, signal, work);
  return {
    name,
    kind: 'file',
    abilities: {
      compareAndSet: false,
      datesWrites: false,
      proofMaxAgeMs: PROOF_MAX_AGE_MS,
      timeLimitMs: config.timeout,
    },
    read: async (place, { signal }: ReadOptions) =>
      await call('read', place, signal, (paths, bound) => read(paths, bound)),
    preflight: async (place, asked: PreflightOptions) =>
      await call('write', place, asked.signal, (paths, signal) =>
        preflight(config, place.options, paths, { ...asked, signal }),
      ),
    write: async (place, bytes, asked: WriteOptions) =>
      await call('write', place, asked.signal, (paths, signal) =>
        write(config, place.options, paths, bytes, { ...asked, signal }),
      ),
    whoAmI: async ({ signal }) => {
      signal.throwIfAborted();
      const { uid, gid } = await ownPowers();
      return succeeded(`user ${uid}, group ${gid}, directory ${config.directory}`);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Does something to one file while nothing else in this process does, with a bound on the time that it takes. */
async function onFile<T>(
  { config, clock }: OpenStore<FileConfig>,
  doing: string,
  place: Place,
  signal: AbortSignal,
  work: (paths: Paths, signal: AbortSignal) => Promise<Result<T>>,
): Promise<Result<T>> {
  const what = `to ${doing} ${place.address} in ${config.directory}`;
  return await bounded(clock, config.timeout, signal, what, (bound, isLate) =>
    inLane(resolve(config.directory), { signal: bound, isLate }, async () => {
      const paths = await resolvePaths(config.directory, place.address);
      if (!paths.ok) return paths;
      return await alone(paths.value.path, async () => {
        bound.throwIfAborted();
        try {
          return await work(paths.value, bound);
        } catch (error) {
          if (bound.aborted) throw error;
          return failureOf(error, doing, paths.value.path);
        }
      });
    }),
  );
}

async function read(paths: Paths, signal: AbortSignal): Promise<Result<Stored>> {
  if (paths.existing !== paths.folder) return succeeded({ state: 'absent' });
  return await readFileAt(paths.path, signal);
}

async function preflight(
  config: FileConfig,
  options: FileOptions,
  paths: Paths,
  { size, signal }: PreflightOptions,
): Promise<Result<Ready>> {
  if (size > SIZE_MAX) return failed('target-refused', tooLarge(paths.path, size));
  const current = await look(paths.path);
  if (!current.ok) return current;
  const attributes = await attributesFor(config, options, paths, current.value);
  if (!attributes.ok) return attributes;
  await makeFolders(paths, attributes.value);
  const problem = await replaceProblem(paths, current.value);
  if (problem !== undefined) return refused(paths, problem);
  const identity = await writeDummy(paths, attributes.value, size, signal);
  return identity.ok ? succeeded({ identity: identity.value, wrote: true }) : identity;
}

async function write(
  config: FileConfig,
  options: FileOptions,
  paths: Paths,
  bytes: SecretBytes,
  { ifVersion, signal }: WriteOptions,
): Promise<Result<Written>> {
  if (bytes.length > SIZE_MAX) return failed('target-refused', tooLarge(paths.path, bytes.length));
  const current = await look(paths.path);
  if (!current.ok) return current;
  if (ifVersion !== undefined && currentVersion(current.value) !== ifVersion) {
    return await settled(paths, bytes, signal);
  }
  const attributes = await attributesFor(config, options, paths, current.value);
  if (!attributes.ok) return attributes;
  await makeFolders(paths, attributes.value);
  const written = await replaceFile({
    ...paths,
    bytes: bytes.reveal(),
    attributes: attributes.value,
    signal,
    mayReplace: async () => {
      const now = await look(paths.path);
      if (!now.ok) return now;
      return succeeded(ifVersion === undefined || currentVersion(now.value) === ifVersion);
    },
  });
  if (!written.ok) return written;
  if (written.value === undefined) return succeeded({ outcome: 'conflict' });
  return succeeded({ outcome: 'written', version: versionOf(written.value) });
}

/** Another version is there than was expected: ours already, where an earlier try of this write had its effect. */
async function settled(paths: Paths, bytes: SecretBytes, signal: AbortSignal): Promise<Result<Written>> {
  const found = await read(paths, signal);
  if (!found.ok) return found;
  if (found.value.state === 'absent' || !found.value.bytes.equals(bytes)) {
    return succeeded({ outcome: 'conflict' });
  }
  await syncFolder(paths.folder);
  return succeeded({ outcome: 'written', version: found.value.version });
}
