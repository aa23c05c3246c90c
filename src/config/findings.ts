/** Collects the problems and warnings of one loading, without repeating them and within bounds. */
import type { Problem } from './problem.ts';

/** More are counted, not kept. */
const PROBLEMS_MAX = 500;
/** Of warnings of one kind, which a large fleet has by the thousand. */
const WARNINGS_MAX = 5;

export interface Findings {
  problem(problem: Problem): void;
  /** `kind` groups warnings that say the same of many accounts. */
  warning(kind: string, warning: Problem): void;
  /** Whether there is a problem so far. */
  readonly failed: boolean;
  problems(): Problem[];
  warnings(): Problem[];
}

export function collectFindings(): Findings {
  const problems = boundedList(PROBLEMS_MAX, 'problem');
  const warnings = new Map<string, BoundedList>();
  return {
    problem: (problem) => problems.add(problem),
    warning(kind, warning) {
      let list = warnings.get(kind);
      if (list === undefined) warnings.set(kind, (list = boundedList(WARNINGS_MAX, 'warning')));
      list.add(warning);
    },
    get failed() {
      return problems.size > 0;
    },
    problems: () => problems.all(),
    warnings: () => [...warnings.values()].flatMap((list) => list.all()),
  };
}

interface BoundedList {
  readonly size: number;
  add(problem: Problem): void;
  all(): Problem[];
}

function boundedList(limit: number, word: string): BoundedList {
  const kept = new Map<string, Problem>();
  let left = 0;
  return {
    get size() {
      return kept.size;
    },
    add(problem) {
      const key = `${problem.file}\0${problem.line}\0${problem.column}\0${problem.path}\0${problem.message}`;
      if (kept.has(key)) return;
      if (kept.size < limit) kept.set(key, problem);
      else left += 1;
    },
    all() {
      const all = inOrder([...kept.values()]);
      const last = all.at(-1);
      if (left === 0 || last === undefined) return all;
      return [
        ...all,
        { ...last, path: '', message: `… and ${left} more ${word}${left > 1 ? 's' : ''} of this kind` },
      ];
    },
  };
}

/** File by file as they were come upon, each from its start to its end. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map(({ file }) => file))];
  return problems.toSorted(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}
