/** Reads referenced secrets from files and environment variables. Keeps them in memory only. */
import { isUtf8 } from 'node:buffer';
import type { BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { failed, succeeded, type Result } from '../domain/failure.ts';
import { Secret } from '../domain/secret.ts';
import type { SecretReference, SecretSource } from '../ports/settings.ts';
import { secretProblem } from './file-guard.ts';
import type { FileRights } from './file-guard.ts';

/** A larger file is something else than a secret. */
const BYTES_MAX = 64 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; create it, or correct the path',
  ENOTDIR: 'part of its path is not a folder; correct the path',
  EISDIR: 'it is a folder; name a file in it',
  EACCES: 'it may not be read by this user; change its owner or mode',
  EPERM: 'it may not be read by this user; change its owner or mode',
  ELOOP: 'its symbolic links go round in a circle; correct them',
};

/** What was read last, with something that changes whenever the file does. */
interface Known {
  readonly signature: string;
  readonly secret: Secret;
}

/** The source of one referenced secret. `environment` is the process's own. */
export function secretSource(
  reference: SecretReference,
  environment: Readonly<Record<string, string | undefined>>,
): SecretSource {
  return 'file' in reference
    ? fromFile(reference.file)
    : fromVariable(reference.env, environment[reference.env]);
}

function fromFile(path: string): SecretSource {
  const description = `file ${path}`;
  let known: Known | undefined;
  return {
    description,
    async read() {
      const read = await readFile(path, known);
      known = 'message' in read ? undefined : read;
      return 'message' in read ? refused(description, read.message) : succeeded(read.secret);
    },
  };
}

/** A variable does not change while the process lives. */
function fromVariable(name: string, value: string | undefined): SecretSource {
  const description = `environment variable ${name}`;
  const secret = value === undefined ? undefined : secretIn(value);
  const missing = value === undefined ? 'it is not set; set it, or correct the name' : 'it is empty; set it';
  return {
    description,
    read: () => Promise.resolve(secret === undefined ? refused(description, missing) : succeeded(secret)),
  };
}

/** Opened anew each time, so that a swapped link is followed; read again only where it changed. */
async function readFile(
  path: string,
  known: Known | undefined,
): Promise<Known | { readonly message: string }> {
  try {
    await using file = await open(path, 'r');
    const status = await file.stat({ bigint: true });
    const { dev, ino, mtimeNs, ctimeNs, size } = status;
    const signature = [dev, ino, mtimeNs, ctimeNs, size].join(' ');
    if (known?.signature === signature) return known;
    if (status.isDirectory()) return { message: 'it is a folder; name a file in it' };
    const problem = status.isFile() ? secretProblem(path, rightsOf(status)) : undefined;
    if (problem !== undefined) return { message: problem };
    const bytes = await firstBytes(file);
    if (bytes.length > BYTES_MAX)
      return { message: `it has more than ${BYTES_MAX} bytes; name the file with the secret` };
    if (!isUtf8(bytes)) return { message: 'it is not UTF-8 text; write the secret as plain text' };
    const secret = secretIn(bytes.toString('utf8'));
    return secret === undefined
      ? { message: 'it is empty; write the secret into it' }
      : { signature, secret };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { message: REASONS[code] ?? `the system says ${code === '' ? String(error) : code}` };
  }
}

function rightsOf({ uid, gid, mode }: BigIntStats): FileRights {
  return { uid: Number(uid), gid: Number(gid), mode: Number(mode) };
}

/** At most one byte more than is allowed. A pipe or device may answer in pieces and has no size. */
async function firstBytes(file: FileHandle): Promise<Buffer> {
  const buffer = Buffer.alloc(BYTES_MAX + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

/** Without the line breaks and the byte order mark that editors add. */
function secretIn(text: string): Secret | undefined {
  const value = text.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
  return value.trim() === '' ? undefined : new Secret(value);
}

function refused(description: string, why: string): Result<never> {
  return failed('credential-refused', `cannot read the secret in ${description}: ${why}`);
}
