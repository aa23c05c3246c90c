// The form of a file: how long it and its functions are, what it is called, and that it says what it is for.

import { basename } from 'node:path';
import type { Node } from 'oxc-parser';
import { lineAt, nodesOf } from './source.ts';
import type { Problem, Source } from './source.ts';

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;
/** The formatter keeps code to 110; comments and texts, which it cannot break, are held to this. */
const LINE_LENGTH_MAX = 140;

const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench))?\.(ts|mjs)$/;
const KEBAB_CASE_FOLDER = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Names that say nothing about what is inside, so that anything gets put there. */
const DRAWERS = ['common', 'helper', 'helpers', 'lib', 'misc', 'shared', 'type', 'types', 'util', 'utils'];

const MARKERS = /\b(TODO|FIXME|XXX|HACK)\b/;

/** Everything in the form of a source that makes it harder to read than it need be. */
export function formProblems(source: Source): Problem[] {
  return [
    ...nameProblems(source),
    ...lengthProblems(source),
    ...functionProblems(source),
    ...headerProblems(source),
    ...markerProblems(source),
    ...exportProblems(source),
  ];
}

function nameProblems(source: Source): Problem[] {
  const folders = source.path.split('/').slice(0, -1);
  const file = basename(source.path);
  const parts = [...folders, file];
  const messages = parts.flatMap((part) => {
    const pattern = part === file ? KEBAB_CASE : KEBAB_CASE_FOLDER;
    if (!pattern.test(part)) return [`is called ${part}: names of files and folders are in kebab-case`];
    if (!DRAWERS.includes(part.split('.')[0] ?? '')) return [];
    return [
      `stands in a drawer (${part}): name it after what it is about, and put the rest where it is used`,
    ];
  });
  return messages.map((message) => ({ path: source.path, line: 1, message }));
}

function lengthProblems(source: Source): Problem[] {
  const lines = source.text.trimEnd().split('\n');
  const long = lines.flatMap((line, index) =>
    line.length > LINE_LENGTH_MAX
      ? [
          {
            path: source.path,
            line: index + 1,
            message: `has ${line.length} characters: break it before ${LINE_LENGTH_MAX}`,
          },
        ]
      : [],
  );
  if (lines.length <= FILE_LINES_MAX) return long;
  const message = `has ${lines.length} lines, more than ${FILE_LINES_MAX}: split it by what its parts are about`;
  return [...long, { path: source.path, line: lines.length, message }];
}

/** A suite's callback is as long as its tests; every other function fits on a screen. */
function functionProblems(source: Source): Problem[] {
  if (source.path.startsWith('test/') && !source.path.startsWith('test/world/')) return [];
  return [...nodesOf(source)].flatMap(({ node }) => {
    if (!isFunction(node)) return [];
    const line = lineAt(source, node.start);
    const length = lineAt(source, node.end) - line + 1;
    if (length <= FUNCTION_LINES_MAX) return [];
    const message =
      `begins a function of ${length} lines, more than ${FUNCTION_LINES_MAX}: ` +
      'give its steps names of their own';
    return [{ path: source.path, line, message }];
  });
}

function isFunction(node: Node): boolean {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  );
}

/** A test's header is the name of its suite. */
function headerProblems(source: Source): Problem[] {
  if (source.path.endsWith('.test.ts')) return [];
  const start = source.program.hashbang?.end ?? 0;
  const between = source.text.slice(start, source.comments[0]?.start ?? start).trim();
  if (source.comments.length > 0 && between === '') return [];
  const message =
    'begins without a comment: say in one or two sentences what the file is for, and what it must not do';
  return [{ path: source.path, line: 1, message }];
}

function markerProblems(source: Source): Problem[] {
  return source.comments.flatMap(({ value, start }) => {
    const marker = MARKERS.exec(value)?.[0];
    if (marker === undefined) return [];
    const message = `leaves a ${marker}: do it now, or open an issue`;
    return [{ path: source.path, line: lineAt(source, start), message }];
  });
}

function exportProblems(source: Source): Problem[] {
  return source.program.body.flatMap((node) => {
    const isDefault =
      node.type === 'ExportDefaultDeclaration' ||
      (node.type === 'ExportNamedDeclaration' &&
        node.specifiers.some(({ exported }) => 'name' in exported && exported.name === 'default'));
    if (!isDefault) return [];
    const message = 'exports a default: name it, so that it is called the same everywhere';
    return [{ path: source.path, line: lineAt(source, node.start), message }];
  });
}
