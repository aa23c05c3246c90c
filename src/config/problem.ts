/** What is wrong with a configuration, and where in its files. Knows nothing of what a configuration says. */
import { mayBeSecret } from '../domain/credential-shapes.ts';

/** A problem makes the configuration unusable; a warning has the same form. */
export interface Problem {
  /** As the person who runs rekeyd would name it: relative to the main file's folder, or absolute. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Where in the document, such as `accounts[3].targets[0].store`; empty for the whole file. */
  readonly path: string;
  /** What was found and what is allowed. */
  readonly message: string;
}

/** Where something stands in a file. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The way from a document's root to a value in it. */
export type Path = readonly (string | number)[];

/** Something wrong with a value, before it is known where in a file the value stands. */
export interface Flaw {
  readonly path: Path;
  /** Whether the key is wrong or what it holds. */
  readonly at: 'key' | 'value';
  readonly message: string;
  /** The value comes from the main file's defaults: the path begins there. */
  readonly inDefaults?: boolean;
}

/** One line for people and for editors that jump to `file:line:column`. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, message } = problem;
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** A path in words, such as `accounts[3].name`. A key that could be a secret is left out. */
export function formatPath(path: Path): string {
  let words = '';
  for (const segment of path) {
    if (typeof segment === 'number') words += `[${segment}]`;
    else if (mayBeSecret(segment)) words += '[…]';
    else if (!/^[\w-]+$/.test(segment)) words += `[${JSON.stringify(segment)}]`;
    else words += words === '' ? segment : `.${segment}`;
  }
  return words;
}
