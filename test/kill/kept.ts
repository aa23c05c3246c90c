/** What is known of the points so far, kept in a file as it becomes known, so that a run can go on where an earlier one ended. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import type { Clean } from './clean.ts';
import { idOf } from './point.ts';
import type { Point } from './point.ts';
import type { RunResult, Unreached } from './run.ts';
import type { Struck } from './struck.ts';

const LOCK_FILE = join(import.meta.dirname, '../../package-lock.json');

export interface Kept {
  /** Of all runs that went into it. */
  readonly result: RunResult;
  /** The undisturbed life from which the points of this scenario come: two of them are never quite the same. */
  cleanOf(scenario: string): Clean | undefined;
  knows(by: string, scenario: string, point: Point): boolean;
  keep(what: Line): void;
  /** From now on nothing is kept any more: it is the work of an interruption. */
  close(): void;
}

/** One line of the file, after the first. */
export type Line =
  | { readonly kind: 'clean'; readonly scenario: string; readonly clean: Clean }
  | { readonly kind: 'struck'; readonly struck: Struck }
  | { readonly kind: 'unreached'; readonly unreached: Unreached };

/** The first line: of which program all others are. */
interface Head {
  readonly kind: 'program';
  readonly hash: string;
}

/** Kept in memory alone. */
export function keptInMemory(): Kept {
  return keptOf([], () => undefined);
}

/** Goes on with the file where it is of this compiled program. Where it is of another, it is moved away, and that is said. */
export async function openKept(path: string, main: string, say: (line: string) => void): Promise<Kept> {
  const hash = await hashOf(main);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const [head, ...lines] = linesOf(text);
  const append = (line: Head | Line) => appendFileSync(path, `${JSON.stringify(line)}\n`);
  if (head?.kind === 'program' && head.hash === hash) {
    // What an interruption cut off in the middle stays a line of its own.
    if (!text.endsWith('\n')) appendFileSync(path, '\n');
    const kept = keptOf(lines as readonly Line[], append);
    say(`${path} has ${kept.result.struck.length} points of this program: going on`);
    return kept;
  }
  if (text !== '') {
    renameSync(path, `${path}.before`);
    say(`${path} is not of this program: beginning anew; what it had is in ${path}.before`);
  }
  append({ kind: 'program', hash });
  return keptOf([], append);
}

function keptOf(lines: readonly Line[], append: (line: Line) => void): Kept {
  const known = new Set<string>();
  const cleans = new Map<string, Clean>();
  const struck: Struck[] = [];
  const unreached = new Map<string, Unreached>();
  let isClosed = false;

  function learn(line: Line): void {
    switch (line.kind) {
      case 'clean':
        cleans.set(line.scenario, line.clean);
        break;
      case 'struck':
        known.add(keyOf(line.struck));
        unreached.delete(keyOf(line.struck));
        struck.push(line.struck);
        break;
      case 'unreached':
        // Not known: another life may come to it.
        unreached.set(keyOf(line.unreached), line.unreached);
        break;
      default:
        line satisfies never;
    }
  }
  lines.forEach(learn);
  return {
    get result() {
      return { struck, unreached: [...unreached.values()] };
    },
    cleanOf: (scenario) => cleans.get(scenario),
    knows: (by, scenario, point) => known.has(keyOf({ by, scenario, point })),
    keep(line) {
      if (isClosed) return;
      append(line);
      learn(line);
    },
    close() {
      isClosed = true;
    },
  };
}

function keyOf({ by, scenario, point }: Unreached): string {
  return `${by}|${scenario}|${point.phase}|${idOf(point)}`;
}

/** A line that was cut off in the middle is none. */
function linesOf(text: string): readonly (Head | Line)[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Head | Line];
    } catch {
      return [];
    }
  });
}

/** Of the compiled program, of the packages that it runs with, and of the Node that it runs by. */
async function hashOf(main: string): Promise<string> {
  const folder = dirname(main);
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'));
  const hash = createHash('sha256')
    .update(process.version)
    .update(await readFile(LOCK_FILE));
  for (const name of names.toSorted()) hash.update(name).update(await readFile(join(folder, name)));
  return hash.digest('hex');
}
