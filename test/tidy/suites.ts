// The form of tests: none sleeps, none has the name of another, and each name is a sentence about behaviour.

import type { CallExpression, Node } from 'oxc-parser';
import { usesIn } from './homes.ts';
import { lineAt, nodesOf } from './source.ts';
import type { Problem, Source } from './source.ts';

const SLEEPS = ['setTimeout', 'setInterval', 'node:timers/promises setTimeout', 'node:timers setTimeout'];

const TESTS = ['it', 'test'];
const SUITES = ['describe', 'describeContainers'];

/** What is wrong with the tests in a source; nothing where it is not a test. */
export function suiteProblems(source: Source): Problem[] {
  if (!source.path.endsWith('.test.ts')) return [];
  return [...sleepProblems(source), ...nameProblems(source)];
}

function sleepProblems(source: Source): Problem[] {
  return usesIn(source)
    .filter(({ name }) => SLEEPS.includes(name))
    .map(({ name, offset }) => ({
      path: source.path,
      line: lineAt(source, offset),
      message: `uses ${name}: a test advances the fake clock or awaits an event`,
    }));
}

function nameProblems(source: Source): Problem[] {
  const seen = new Set<string>();
  return [...nodesOf(source)].flatMap(({ node, around }) => {
    const title = titleOf(node, TESTS);
    if (title === undefined) return [];
    const name = [...around.flatMap((each) => titleOf(each, SUITES) ?? []), title].join(' > ');
    const problems = [
      ...(seen.has(name) ? [`has the name of another test: ${name}`] : []),
      ...(/^should\b/i.test(title) ? ['begins with "should": say what it does, in the present tense'] : []),
    ];
    seen.add(name);
    return problems.map((message) => ({ path: source.path, line: lineAt(source, node.start), message }));
  });
}

/** The first argument of `it('…')`, `it.each(…)('…')` and the like, where it is plain text. */
function titleOf(node: Node, functions: readonly string[]): string | undefined {
  if (node.type !== 'CallExpression') return undefined;
  const [title] = node.arguments;
  if (title?.type !== 'Literal' || typeof title.value !== 'string') return undefined;
  return functions.includes(calledName(node)) ? title.value : undefined;
}

function calledName({ callee }: CallExpression): string {
  let inner: Node = callee;
  while (inner.type === 'MemberExpression' || inner.type === 'CallExpression') {
    inner = inner.type === 'MemberExpression' ? inner.object : inner.callee;
  }
  return inner.type === 'Identifier' ? inner.name : '';
}
