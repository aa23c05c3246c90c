/** What is at a path now: seen without following links, and read whole or not at all. */
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { failed, succeeded } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { SecretBytes } from '../../domain/secret.ts';
import type { Stored } from '../../ports/store.ts';
import { errorCode } from './failures.ts';

/** More than any document of secrets needs; AWS allows 64 KiB. */
export const SIZE_MAX = 1_048_576;

const READ_ATTEMPTS_MAX = 3;

/** The file's state, `undefined` where nothing is; a failure where it is no plain file. */
export async function look(path: string): Promise<Result<BigIntStats | undefined>> {
  try {
    const seen = await lstat(path, { bigint: true });
    const problem = kindProblem(seen);
    return problem === undefined
      ? succeeded(seen)
      : failed('target-refused', `cannot use ${path}: ${problem}`);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return succeeded(undefined);
    throw error;
  }
}

/**
 * Changes whenever the file is written, replaced or touched. Made of what the file system says and of nothing that is
 * in the file: it is written down, and a hash of a document would let its short values be guessed.
 */
export function versionOf(seen: BigIntStats): string {
  return [seen.ino, seen.size, seen.mtimeNs, seen.ctimeNs].map((part) => part.toString(36)).join('-');
}

export function currentVersion(seen: BigIntStats | undefined): string {
  return seen === undefined ? 'absent' : versionOf(seen);
}

/** The bytes with the version that they belong to. */
export async function readFileAt(path: string, signal: AbortSignal): Promise<Result<Stored>> {
  for (let attempt = 1; attempt <= READ_ATTEMPTS_MAX; attempt += 1) {
    signal.throwIfAborted();
    const read = await readOnce(path);
    if (read !== 'changed') return read;
  }
  const why = 'it was being written to each time; see what writes it in place';
  return failed('store-unavailable', `cannot read ${path}: ${why}`);
}

async function readOnce(path: string): Promise<Result<Stored> | 'changed'> {
  const before = await look(path);
  if (!before.ok) return before;
  if (before.value === undefined) return succeeded({ state: 'absent' });
  // Not blocking: something may have put a named pipe there since the look.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  await using handle = await openIfThere(path, flags);
  if (handle === undefined) return 'changed';
  const opened = await handle.stat({ bigint: true });
  if (!opened.isFile()) return 'changed';
  if (opened.size > SIZE_MAX) return failed('target-refused', tooLarge(path, opened.size));
  const bytes = await contentOf(handle, Number(opened.size));
  const after = await handle.stat({ bigint: true });
  if (versionOf(after) !== versionOf(opened) || BigInt(bytes.byteLength) !== after.size) return 'changed';
  // Who wrote it, nothing shows: a file has an owner, and keeps it when it is replaced.
  const lastWrite = { at: Number(after.mtimeMs) };
  return succeeded({ state: 'present', bytes: new SecretBytes(bytes), version: versionOf(after), lastWrite });
}

/** Up to `size` bytes, and one more where there is one, by which the caller sees that the file grew. */
async function contentOf(handle: FileHandle, size: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(size + 1);
  let filled = 0;
  while (filled < buffer.byteLength) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.byteLength - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

async function openIfThere(path: string, flags: number): Promise<FileHandle | undefined> {
  try {
    return await open(path, flags);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function tooLarge(path: string, size: number | bigint): string {
  return `cannot use ${path}: ${size} bytes are more than the ${SIZE_MAX} that a target may have`;
}

function kindProblem(seen: BigIntStats): string | undefined {
  if (seen.isFile()) return undefined;
  if (seen.isSymbolicLink()) {
    return 'it is a symbolic link, which a write would replace by a file; name the file that it leads to';
  }
  if (seen.isDirectory()) return 'it is a folder; name a file in it';
  return 'it is a device, a pipe or a socket; name a plain file';
}
