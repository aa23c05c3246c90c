/** Finds the files that the main file includes. Watching uses the same search, so that new files are seen. */
import { globSync } from 'node:fs';
import { basename, extname, isAbsolute, join, relative, resolve } from 'node:path';

export interface IncludedFile {
  /** To open it. */
  readonly path: string;
  /** Identifies it in the journal: relative to the main file's folder, or absolute where it lies elsewhere. */
  readonly key: string;
}

export interface Inclusion {
  /** Ordered by key. */
  readonly files: readonly IncludedFile[];
  /** Patterns that match nothing. */
  readonly empty: readonly string[];
}

const WILDCARD = /[*?[\]{}]/;
const KINDS = ['.yaml', '.yml', '.jsonl'];

/** `main` is the path of the main file, which is never taken for an included one. */
export function findIncluded(main: string, patterns: readonly string[]): Inclusion {
  const { folder, name } = { folder: join(main, '..'), name: basename(main) };
  const files = new Map<string, IncludedFile>();
  const empty: string[] = [];
  for (const pattern of patterns) {
    const found = isWildcard(pattern) ? globSync(pattern, { cwd: folder }) : [pattern];
    const matches = found.filter((path) => !isWildcard(pattern) || KINDS.includes(extname(path)));
    if (matches.length === 0) empty.push(pattern);
    for (const match of matches) {
      const path = isAbsolute(match) ? match : join(folder, match);
      const key = keyOf(folder, path);
      if (key !== name) files.set(key, { path, key });
    }
  }
  return { files: [...files.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)), empty };
}

/** Whether a pattern may match any number of files; one that may not names a file that must be there. */
export function isWildcard(pattern: string): boolean {
  return WILDCARD.test(pattern);
}

/** Whether accounts can be read from a file of that name. */
export function isAccountsFile(path: string): boolean {
  return KINDS.includes(extname(path));
}

function keyOf(folder: string, path: string): string {
  const inside = relative(resolve(folder), resolve(path));
  return inside.startsWith('..') ? resolve(path) : inside;
}
