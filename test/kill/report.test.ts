import { describe, expect, it } from 'vitest';
import type { Point } from './point.ts';
import { isGood, numbersOf, pageOf } from './report.ts';
import type { RunResult } from './run.ts';
import { KILLED } from './struck.ts';
import type { Struck } from './struck.ts';

function at(nth: number) {
  const point: Point = {
    kind: 'request',
    service: 'kronup',
    name: 'GET /v1/account',
    nth,
    side: 'before',
    phase: 'later rotation',
  };
  return { by: KILLED, scenario: 'files', point };
}

/** As many points that were struck, and as many that no life came to. */
function run(points: number, missed: number): RunResult {
  const fine = { findings: [], mints: 1, extraMints: 0, valueLost: false, recoveryMs: 1 };
  return {
    struck: Array.from({ length: points }, (_, index): Struck => ({ ...at(index), ...fine })),
    unreached: Array.from({ length: missed }, (_, index) => at(points + index)),
  };
}

describe('the report of a run that kills daemons', () => {
  it.each([
    [98, 2, true],
    [97, 3, false],
    [0, 0, false],
  ])(
    'is good where of %i points struck and %i not come to nearly all were tried: %s',
    (struck, missed, good) => {
      expect(isGood(numbersOf(run(struck, missed)))).toBe(good);
    },
  );

  it('says in the table where a disk lost what it had acknowledged', () => {
    const { struck, ...rest } = run(2, 0);
    const [first, ...others] = struck.map((each) => ({ ...each, by: 'a disk that fails', endedWith: 3 }));
    if (first === undefined) throw new Error('nothing was struck');
    const page = pageOf({ ...rest, struck: [{ ...first, isUnsynced: true, mints: 2 }, ...others] }, []);
    expect(page).toContain(
      '| 1 | ended with exit code 3; converged; the disk lost what it had acknowledged | 0 |',
    );
    expect(page).toContain('| 1 | ended with exit code 3; converged | 0 |');
  });

  it('says in the page what was run, and what was not come to', () => {
    expect(pageOf(run(3, 0), []).split('\n')[0]).toBe(
      '`npm run kill`, all points of all scenarios: 3 struck.',
    );
    expect(pageOf(run(3, 1), ['--sample', '2']).split('\n')[0]).toBe(
      '`npm run kill -- --sample 2`, some of the points: 3 struck; 1 more were in no life but the undisturbed one.',
    );
  });
});
