/** What was read of a configuration's files, to be compared with what is in them later. */
import { createHash } from 'node:crypto';
import type { Findings } from './findings.ts';

export interface WatchedFiles {
  /** Of the main file. */
  readonly path: string;
  /** Patterns, relative to the main file's folder. */
  readonly include: readonly string[];
  /** By path: the SHA-256 of what was read, or `UNREADABLE`. */
  readonly contents: ReadonlyMap<string, string>;
}

/** Stands for the contents of a file that could not be read, or may not be trusted. */
export const UNREADABLE = 'unreadable';

export function contentOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Where a reading writes down what it finds. */
export interface Notes {
  readonly findings: Findings;
  /** By path: what was read, for `WatchedFiles`. */
  readonly contents: Map<string, string>;
}
