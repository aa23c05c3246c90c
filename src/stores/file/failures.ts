/** What the system's error numbers mean for a file: whose failure it is, and what a person can do about it. */
import { failed } from '../../domain/failure.ts';
import type { Failure, FailureKind } from '../../domain/failure.ts';

type Failed = { readonly ok: false; readonly failure: Failure };

const MEANINGS: Readonly<Record<string, { kind: FailureKind; why: string; next: string }>> = {
  EACCES: {
    kind: 'target-refused',
    why: 'permission denied',
    next: 'let the daemon’s user write and search its folder, and read the file itself',
  },
  EPERM: {
    kind: 'target-refused',
    why: 'the operation is not permitted',
    next: 'see whether the file or its folder is immutable (lsattr), or whether its owner can be set by root only',
  },
  EROFS: {
    kind: 'target-refused',
    why: 'its file system is mounted read-only',
    next: 'mount it writable, or choose a directory that is',
  },
  EBUSY: {
    kind: 'target-refused',
    why: 'it is a mount point, which cannot be replaced',
    next: 'mount the folder that it is in instead of the single file',
  },
  EISDIR: { kind: 'target-refused', why: 'it is a folder', next: 'choose the path of a file' },
  ENOTDIR: {
    kind: 'target-refused',
    why: 'a part of its path is a file, not a folder',
    next: 'choose another path, or move that file away',
  },
  ELOOP: {
    kind: 'target-refused',
    why: 'it is a symbolic link, or its path has too many of them',
    next: 'name the file that the link leads to',
  },
  ENXIO: { kind: 'target-refused', why: 'it is a socket or a device', next: 'choose the path of a file' },
  ENAMETOOLONG: { kind: 'target-refused', why: 'its path is too long', next: 'choose a shorter one' },
  EFBIG: { kind: 'target-refused', why: 'it is larger than allowed here', next: 'raise the limit' },
  ENOSPC: {
    kind: 'store-unavailable',
    why: 'no space (or no inode) is left on its file system',
    next: 'free some space there',
  },
  EDQUOT: { kind: 'store-unavailable', why: 'the disk quota is used up', next: 'free some space there' },
  ENOENT: {
    kind: 'store-unavailable',
    why: 'it, or the folder that it is in, went away meanwhile',
    next: 'see whether somebody else works in that folder; it is tried again',
  },
  EEXIST: {
    kind: 'store-unavailable',
    why: 'another process writes it at the same time',
    next: 'see whether a second daemon has the same target; it is tried again',
  },
  ESTALE: { kind: 'store-unavailable', why: 'its network file system is gone', next: 'mount it again' },
  EIO: {
    kind: 'store-unavailable',
    why: 'the device has an input/output error',
    next: 'see the kernel’s log',
  },
};

/**
 * The failure for an error that a call on files threw; anything that is no system error is thrown on.
 * `doing` says what was tried, such as `write` or `read`, and `path` where.
 */
export function failureOf(error: unknown, doing: string, path: string): Failed {
  const code = errorCode(error);
  if (code === undefined) throw error;
  const meaning = MEANINGS[code] ?? {
    kind: 'store-unavailable' as const,
    why: 'the system call failed',
    next: 'see the kernel’s log; it is tried again',
  };
  const where = pathOf(error) ?? path;
  const at = where === path ? '' : `, at ${where}`;
  return failed(meaning.kind, `cannot ${doing} ${path}: ${meaning.why} (${code}${at}); ${meaning.next}`, {
    id: code,
  });
}

/** The name of a system error, such as `ENOENT`; `undefined` where it is none. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The path that the failed call was about. */
function pathOf(error: unknown): string | undefined {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined;
}
