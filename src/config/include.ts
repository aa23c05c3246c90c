/** Finds the files that the main file includes. Watching uses the same search, so that new files are seen. */
import { globSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';

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

/** `main` is the path of the main file, which is never taken for an included one. Blocks: for worker threads. */
export function findIncluded(main: string, patterns: readonly string[]): Inclusion {
  const cwd = dirname(main);
  return included(
    main,
    patterns.map((pattern) => ({
      pattern,
      found: isWildcard(pattern) ? globSync(pattern, { cwd }) : [pattern],
    })),
  );
}

/** The same without blocking. */
export async function searchIncluded(main: string, patterns: readonly string[]): Promise<Inclusion> {
  const cwd = dirname(main);
  const searched: Searched[] = [];
  for (const pattern of patterns) {
    const found = isWildcard(pattern) ? await Array.fromAsync(glob(pattern, { cwd })) : [pattern];
    searched.push({ pattern, found });
  }
  return included(main, searched);
}

/** Whether accounts can be read from a file of that name. */
export function isAccountsFile(path: string): boolean {
  return KINDS.includes(extname(path));
}

interface Searched {
  readonly pattern: string;
  readonly found: readonly string[];
}

function included(main: string, searched: readonly Searched[]): Inclusion {
  const folder = dirname(main);
  const files = new Map<string, IncludedFile>();
  const empty: string[] = [];
  for (const { pattern, found } of searched) {
    const matches = isWildcard(pattern) ? found.filter(isAccountsFile) : found;
    if (matches.length === 0) empty.push(pattern);
    for (const match of matches) {
      const path = isAbsolute(match) ? match : join(folder, match);
      const key = keyOf(folder, path);
      if (key !== basename(main)) files.set(key, { path, key });
    }
  }
  return { files: [...files.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)), empty };
}

/** A pattern without wildcards names a file that must be there. */
function isWildcard(pattern: string): boolean {
  return WILDCARD.test(pattern);
}

function keyOf(folder: string, path: string): string {
  const inside = relative(resolve(folder), resolve(path));
  return inside.startsWith('..') ? resolve(path) : inside;
}
