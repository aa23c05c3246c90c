// The one home of everything that makes a program hard to test: the clock, timers, chance, threads, the process and
// its console.

import type { MemberExpression, Node } from 'oxc-parser';
import { lineAt, nodesOf } from './source.ts';
import type { Problem, Source } from './source.ts';

interface Home {
  /** Globals (`process`), members of them (`Math.random`) and what Node exports (`node:crypto randomUUID`). */
  readonly names: readonly string[];
  readonly path: string;
  readonly instead: string;
}

const HOMES: readonly Home[] = [
  {
    names: ['Date.now', 'Date()', 'Temporal.Now', 'performance', 'node:perf_hooks performance'],
    path: 'src/system/clock.ts',
    instead: 'take `now` as an argument, or the Clock port',
  },
  {
    names: ['setTimeout', 'setInterval', 'AbortSignal.timeout', 'AbortSignal.any'],
    path: 'src/system/clock.ts',
    instead: "take the Clock port: `sleep` and `deadline`. Node's own signals hold memory after the call",
  },
  {
    names: [
      'Math.random',
      'crypto.randomUUID',
      'crypto.getRandomValues',
      'node:crypto randomBytes',
      'node:crypto randomFill',
      'node:crypto randomFillSync',
      'node:crypto randomInt',
      'node:crypto randomUUID',
      'node:crypto webcrypto',
    ],
    path: 'src/system/random.ts',
    instead: 'take the Random port',
  },
  {
    names: ['node:worker_threads Worker', 'node:v8 setFlagsFromString'],
    path: 'src/system/thread.ts',
    instead: 'start threads by its `startThread`, which keeps them from ending the process',
  },
  {
    names: ['process', 'console'],
    path: 'src/main.ts',
    instead: 'take the Host port, or what you need of it (environment, output, signals) as an argument',
  },
];

/** Uses in src/ of what has its one home elsewhere. */
export function homeProblems(source: Source): Problem[] {
  if (!source.path.startsWith('src/')) return [];
  const homeOf = new Map(HOMES.flatMap((home) => home.names.map((name) => [name, home] as const)));
  return usesIn(source).flatMap(({ name, offset }) => {
    const home = homeOf.get(name);
    if (home === undefined || home.path === source.path) return [];
    const message = `uses ${name}, whose one home is ${home.path}: ${home.instead}`;
    return [{ path: source.path, line: lineAt(source, offset), message }];
  });
}

interface Use {
  readonly name: string;
  readonly offset: number;
}

/** Every global, member of a global, and import from Node that a source uses, by the names of the table. */
export function usesIn(source: Source): Use[] {
  const imported = source.imports.flatMap(({ specifier, names, offset }) =>
    names.map((name) => ({ name: `${specifier} ${name}`, offset })),
  );
  const used = [...nodesOf(source)].flatMap(({ node, around }) =>
    node.type === 'Identifier' && isReference(node, around.at(-1))
      ? namesOf(node, around).map((name) => ({ name, offset: node.start }))
      : [],
  );
  return [...imported, ...used];
}

const NAMES_ONLY = new Set<string>([
  'ExportSpecifier',
  'ImportSpecifier',
  'LabeledStatement',
  'TSMethodSignature',
  'TSPropertySignature',
  'TSQualifiedName',
  'TSTypeReference',
]);

/** Whether this identifier stands for a value, and is not the name of a property, a type or an import. */
function isReference(node: Node, parent: Node | undefined): boolean {
  if (parent?.type === 'MemberExpression') return parent.object === node || parent.computed;
  if (parent !== undefined && 'key' in parent && parent.key === node) {
    return 'computed' in parent && parent.computed;
  }
  return !NAMES_ONLY.has(parent?.type ?? '');
}

/**
 * `process.env.HOME` uses `process` and `process.env`; `new Date()` uses `Date` and `Date()`. Behind `globalThis` they
 * are the same.
 */
function namesOf(identifier: Node & { name: string }, around: readonly Node[]): string[] {
  const path = [identifier.name];
  let whole: Node = identifier;
  const outward = around.toReversed();
  for (const node of outward) {
    if (node.type !== 'MemberExpression' || node.object !== whole) break;
    path.push(memberOf(node));
    whole = node;
  }
  const caller = outward[path.length - 1];
  const [first = '', second] = path[0] === 'globalThis' ? path.slice(1) : path;
  if (second !== undefined) return [first, `${first}.${second}`];
  return tellsTime(caller, whole) ? [first, `${first}()`] : [first];
}

function memberOf({ computed, property }: MemberExpression): string {
  if (property.type === 'Literal') return String(property.value);
  return !computed && 'name' in property ? property.name : '?';
}

/** `new Date()` and `Date()` tell the time; `new Date(0)` calculates. */
function tellsTime(caller: Node | undefined, callee: Node): boolean {
  if (caller?.type === 'CallExpression') return caller.callee === callee;
  return caller?.type === 'NewExpression' && caller.callee === callee && caller.arguments.length === 0;
}
