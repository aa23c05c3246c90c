/** Reads one configuration file whole, within a limit, and says in plain words why it cannot, or may not be trusted. */
import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { trustProblem } from '../system/file-guard.ts';
import { contentOf, UNREADABLE } from './watched.ts';

/** `content` stands for all that was read, for `WatchedFiles`. */
export type FileRead =
  | { readonly ok: true; readonly bytes: Buffer; readonly content: string }
  | { readonly ok: false; readonly message: string; readonly content: string };

const MIB = 1024 * 1024;
/** A YAML file is parsed in one piece, which takes about thirty times its size in memory. */
const YAML_BYTES_MAX = 128 * MIB;
/** JSON Lines are parsed line by line. */
const JSON_LINES_BYTES_MAX = 1_536 * MIB;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'part of its path is not a folder',
  EACCES: 'it may not be read by this user',
  EPERM: 'it may not be read by this user',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links go round in a circle',
};

export function isJsonLines(path: string): boolean {
  return path.endsWith('.jsonl');
}

/** The file's bytes: UTF-8, without a byte order mark. What is read is the very file whose rights were looked at. */
export function readConfigFile(path: string): FileRead {
  let opened: number | undefined;
  try {
    // Not blocking: a pipe would wait for somebody who writes to it.
    opened = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const problem = problemOf(path, opened);
    if (problem !== undefined) return refused(path, problem);
    const bytes = readFileSync(opened);
    const content = contentOf(bytes);
    if (!isUtf8(bytes)) return refused(path, 'it is not UTF-8 text', content);
    return { ok: true, bytes: withoutMark(bytes), content };
  } catch (error) {
    return refused(path, reasonOf(error));
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}

function problemOf(path: string, opened: number): string | undefined {
  const limit = isJsonLines(path) ? JSON_LINES_BYTES_MAX : YAML_BYTES_MAX;
  const status = fstatSync(opened);
  if (status.isDirectory()) return 'it is a folder';
  if (!status.isFile()) return 'it is not a regular file';
  if (status.size <= limit) return trustProblem(path, status);
  const advice = isJsonLines(path) ? 'split it' : 'keep large fleets as JSON Lines (*.jsonl), or split it';
  return `it has more than ${limit / MIB} MiB; ${advice}`;
}

function refused(path: string, why: string, content = UNREADABLE): FileRead {
  return { ok: false, message: `cannot read ${path}: ${why}`, content };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? `the system says ${code === '' ? String(error) : code}`;
}

function withoutMark(bytes: Buffer): Buffer {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked ? bytes.subarray(3) : bytes;
}
