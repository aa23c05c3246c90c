import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** As Stryker changes code: each mutant is there beside what was, and counts how often it is reached. */
const CHANGED_CODE = `
function isActive(id: string) {
  const stryker = globalThis.__stryker__;
  if (stryker.hitCount !== undefined && ++stryker.hitCount > stryker.hitLimit) throw new Error('without an end');
  return stryker.activeMutant === id;
}
function cover(id: string) {
  const { mutantCoverage, currentTestId } = globalThis.__stryker__;
  if (mutantCoverage === undefined) return;
  const { static: atLoad, perTest } = mutantCoverage;
  const counts = currentTestId === undefined ? atLoad : (perTest[currentTestId] ??= {});
  counts[id] = (counts[id] ?? 0) + 1;
}
cover('static');
export const STEP: number = isActive('static') ? 2 : 1;
let cached: number | undefined;
export function add(one: number, other: number): number {
  cover('noticed');
  while (isActive('endless'));
  cached ??= isActive('noticed') ? -1 : 1;
  if (isActive('unnoticed')) console.assert(true);
  return one + cached * other;
}
`;
const TESTS = `
import { describe, expect, it } from 'vitest';
import { add, STEP } from '../../src/domain/add.ts';
describe('a sum', () => {
  it.each([[1, 1, 2], [1, STEP, 2]])('of %d and %d is %d', (one, other, want) => {
    expect(add(one, other)).toBe(want);
  });
});
`;

describe('the runner of mutants', () => {
  let folder = '';
  let said: { dryRun: unknown; results: readonly unknown[] };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rekeyd-mutants-'));
    const files = { 'src/domain/add.ts': CHANGED_CODE, 'test/domain/add.test.ts': TESTS };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const program = fileURLToPath(new URL('runner-process.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: folder });
    said = JSON.parse(stdout) as typeof said;
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const first = 'test/domain/add.test.ts > a sum > of %d and %d is %d (0)';
  const second = 'test/domain/add.test.ts > a sum > of %d and %d is %d (1)';

  it('tells of each test whether it passes, and what it reaches', () => {
    expect(said.dryRun).toMatchObject({
      status: 'complete',
      tests: [
        { id: first, status: 0 },
        { id: second, status: 0 },
      ],
      mutantCoverage: {
        static: { static: 1 },
        perTest: { [first]: { noticed: 1 }, [second]: { noticed: 1 } },
      },
    });
  });

  it('has a mutant killed by the first test that notices it', () => {
    expect(said.results[0]).toMatchObject({ status: 'killed', killedBy: [first] });
  });

  it('lets one survive that no test notices, whatever the one before left in a cache', () => {
    expect(said.results[1]).toEqual({ status: 'survived', nrOfTests: 2 });
  });

  it('ends one that has no end', () => {
    expect(said.results[2]).toMatchObject({ status: 'timeout' });
  });

  it('has one active while modules are loaded, where it is one of those', () => {
    expect(said.results[3]).toMatchObject({ status: 'killed', killedBy: [second] });
  });
});
