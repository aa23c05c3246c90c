import { describe, expect, it } from 'vitest';
import { compileProgram } from '../world/compiled.ts';
import { isGood, numbersOf } from './report.ts';
import { strikeAll } from './run.ts';
import { scenarios } from './scenario.ts';

describe('a daemon that is killed', () => {
  it(
    'converges after each of a sample of points, and leaves nothing behind',
    { timeout: 300_000 },
    async () => {
      await using program = await compileProgram();
      const files = scenarios().filter(({ name }) => name.includes('file, tokens'));
      const result = await strikeAll({
        main: program.main,
        scenarios: files,
        sample: 4,
        width: 2,
        say: () => {},
      });
      const faults = result.struck.flatMap(({ point, findings }) =>
        findings.map((each) => ({ point, ...each })),
      );
      expect(faults).toEqual([]);
      expect(isGood(numbersOf(result))).toBe(true);
      expect(result.struck.length).toBeGreaterThanOrEqual(6);
    },
  );
});

describe('the scenarios', () => {
  it('are read from the registries, so that none is left out', () => {
    expect(scenarios().map(({ name }) => name)).toContain('kronup, in-place: file, tokens hidden');
  });
});
