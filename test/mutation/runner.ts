// Stryker's plug-in `domain`: tries each mutant on the tests of the domain in one process, without starting Vitest for each.
// The modules are loaded anew for each mutant and each test file, so that every one starts from the same state.

import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CollectedTest } from './collector.ts';
import { collect } from './collector.ts';
import { modulesIn } from './modules.ts';

/** How long each test file took in the first run, for the processes that try mutants. */
const TIMES_FILE = 'test-times.json';

/** What the changed code reads and writes: which mutant is active, and what each test reached. */
interface Namespace {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: unknown;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
}

export interface MutantRun {
  readonly activeMutant: { readonly id: string };
  /** `static`: it is active while modules are loaded too, and all tests are run. */
  readonly mutantActivation: 'runtime' | 'static';
  readonly sandboxFileName: string;
  readonly testFilter?: readonly string[];
  readonly hitLimit?: number;
}

interface TestResult {
  readonly id: string;
  readonly name: string;
  readonly fileName: string;
  readonly timeSpentMs: number;
  /** 0: passed. 1: failed. */
  readonly status: 0 | 1;
  readonly failureMessage?: string;
}

export interface DryRunResult {
  readonly status: 'complete';
  readonly tests: readonly TestResult[];
  readonly mutantCoverage: unknown;
}

export type MutantRunResult =
  | {
      readonly status: 'killed';
      readonly killedBy: readonly string[];
      readonly failureMessage: string;
      readonly nrOfTests: number;
    }
  | { readonly status: 'survived'; readonly nrOfTests: number }
  | { readonly status: 'timeout'; readonly reason: string };

/** What Stryker asks of a runner of tests. */
export interface TestRunner {
  capabilities(): { readonly reloadEnvironment: boolean };
  dryRun(): Promise<DryRunResult>;
  mutantRun(run: MutantRun): Promise<MutantRunResult>;
}

/** The tests of one folder, and what tells the changed code there which mutant is active. */
interface Tested {
  readonly namespace: Namespace;
  readonly files: readonly string[];
  readonly testsOf: (file: string) => Promise<readonly CollectedTest[]>;
  /** Whether a test file imports this one, itself or through others. */
  readonly reaches: (file: string, path: string) => boolean;
}

/** Stryker starts one in each of its processes, in the folder that holds the changed code. */
export function domainRunner(): TestRunner {
  const folder = process.cwd();
  const modules = modulesIn(folder);
  const tested: Tested = {
    namespace: ((globalThis as { __stryker__?: Namespace })['__stryker__'] ??= {}),
    files: globSync('test/domain/**/*.test.ts', { cwd: folder }).toSorted(),
    testsOf: async (file) => collect(file, async () => modules.load(join(folder, file))),
    reaches: (file, path) => modules.reaches(join(folder, file), path),
  };
  return {
    capabilities: () => ({ reloadEnvironment: true }),
    dryRun: async () => dryRun(tested),
    mutantRun: async (run) => mutantRun(tested, run),
  };
}

async function dryRun({ namespace, files, testsOf }: Tested): Promise<DryRunResult> {
  namespace.activeMutant = undefined;
  namespace.mutantCoverage = { static: {}, perTest: {} };
  const tests: TestResult[] = [];
  const times: Record<string, number> = {};
  for (const fileName of files) {
    const beganAt = performance.now();
    namespace.currentTestId = undefined;
    for (const { id, run } of await testsOf(fileName)) {
      const startedAt = performance.now();
      namespace.currentTestId = id;
      const failureMessage = await failureOf(run);
      const result = { id, name: id, fileName, timeSpentMs: performance.now() - startedAt };
      tests.push(
        failureMessage === undefined ? { ...result, status: 0 } : { ...result, status: 1, failureMessage },
      );
    }
    times[fileName] = performance.now() - beganAt;
  }
  namespace.currentTestId = undefined;
  writeFileSync(TIMES_FILE, JSON.stringify(times));
  return { status: 'complete', tests, mutantCoverage: namespace.mutantCoverage };
}

async function mutantRun(tested: Tested, run: MutantRun): Promise<MutantRunResult> {
  const { activeMutant, mutantActivation, sandboxFileName, testFilter, hitLimit } = run;
  const { namespace, files, testsOf, reaches } = tested;
  namespace.mutantCoverage = undefined;
  namespace.hitCount = hitLimit === undefined ? undefined : 0;
  namespace.hitLimit = hitLimit;
  const wanted = testFilter === undefined ? undefined : new Set(testFilter);
  let nrOfTests = 0;
  for (const file of mostTellingFirst(files, sandboxFileName)) {
    if (testFilter?.some((id) => id.startsWith(`${file} > `)) === false) continue;
    namespace.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined;
    let tests: readonly CollectedTest[] = [];
    const broken = await failureOf(async () => (tests = await testsOf(file)));
    if (broken !== undefined) return killed(`${file} > is loaded`, broken, nrOfTests);
    if (!reaches(file, sandboxFileName)) continue;
    namespace.activeMutant = activeMutant.id;
    for (const { id, run: runTest } of tests) {
      if (wanted?.has(id) === false) continue;
      nrOfTests += 1;
      const failure = await failureOf(runTest);
      if (hitLimit !== undefined && (namespace.hitCount ?? 0) > hitLimit)
        return { status: 'timeout', reason: `reached more than ${hitLimit} times: a loop without an end` };
      if (failure !== undefined) return killed(id, failure, nrOfTests);
    }
  }
  return { status: 'survived', nrOfTests };
}

function killed(id: string, failureMessage: string, nrOfTests: number): MutantRunResult {
  return { status: 'killed', killedBy: [id], failureMessage, nrOfTests };
}

async function failureOf(run: () => unknown): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The test files named like the changed one, then the quickest. */
function mostTellingFirst(files: readonly string[], changed: string): readonly string[] {
  const times = JSON.parse(readFileSync(TIMES_FILE, 'utf8')) as Record<string, number>;
  const name = basename(changed, '.ts');
  const cost = (file: string) => (basename(file).startsWith(name) ? 0 : (times[file] ?? 0));
  return files.toSorted((one, other) => cost(one) - cost(other));
}
