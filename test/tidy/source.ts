// Reads the project's own files and parses them, for the rules in this folder. It judges nothing.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, visitorKeys } from 'oxc-parser';
import type { Comment, Node, Program } from 'oxc-parser';

/** One file of the project, parsed. */
export interface Source {
  /** From the project's root, with forward slashes: `src/domain/decide.ts`. */
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  readonly comments: readonly Comment[];
  readonly imports: readonly Import[];
}

/** An `import`, an `export … from` or an `import()`; those of types count as well. */
export interface Import {
  /** As written: `./clock.ts`, `node:fs`, `@aws-sdk/client-sts`. */
  readonly specifier: string;
  /** What is taken, by the names that the other side gives it; empty for `import()` and `import *`. */
  readonly names: readonly string[];
  readonly offset: number;
}

/** Something that a rule does not allow, and what to do instead. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS = ['src', 'test', 'toolchain'];
const EXTENSION = /\.(ts|mjs)$/;

/** Every source file of the project. */
export function readSources(): Source[] {
  return FOLDERS.flatMap((folder) => {
    const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && EXTENSION.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
      .filter((path) => !path.includes('node_modules/'))
      .map((path) => parseSource(path, readFileSync(join(ROOT, path), 'utf8')));
  });
}

/** Parses `text` as the file `path`. Throws where it is not TypeScript. */
export function parseSource(path: string, text: string): Source {
  const { program, comments, module, errors } = parseSync(path, text);
  const error = errors[0];
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`);
  const written: Import[] = [
    ...module.staticImports.map((each) => ({
      specifier: each.moduleRequest.value,
      names: each.entries.flatMap(({ importName }) => importName.name ?? []),
      offset: each.start,
    })),
    ...module.staticExports.flatMap((each) =>
      each.entries.flatMap(({ moduleRequest, importName }) =>
        moduleRequest === null
          ? []
          : { specifier: moduleRequest.value, names: [importName.name ?? []].flat(), offset: each.start },
      ),
    ),
    ...module.dynamicImports.map(({ moduleRequest, start }) => ({
      specifier: text.slice(moduleRequest.start + 1, moduleRequest.end - 1),
      names: [],
      offset: start,
    })),
  ];
  return { path, text, program, comments, imports: written };
}

/** Every node of a source with the nodes around it, the innermost last. */
export function* nodesOf(source: Source): Generator<{ node: Node; around: readonly Node[] }> {
  yield* walk(source.program, []);
}

function* walk(node: Node, around: readonly Node[]): Generator<{ node: Node; around: readonly Node[] }> {
  yield { node, around };
  const inside = [...around, node];
  for (const key of visitorKeys[node.type] ?? []) {
    const value = (node as unknown as Record<string, unknown>)[key];
    for (const child of [value].flat()) if (isNode(child)) yield* walk(child, inside);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** The line, counted from 1, on which the character at `offset` stands. */
export function lineAt(source: Source, offset: number): number {
  return source.text.slice(0, offset).split('\n').length;
}

/** The folder and the file's name of a relative import, resolved from the root; a package's specifier as it is. */
export function resolve(source: Source, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return join(source.path, '..', specifier);
}

/** Problems as a person reads them, one a line; empty where there is none. */
export function report(problems: readonly Problem[]): string[] {
  return problems.map(({ path, line, message }) => `${path}:${line} ${message}`);
}
