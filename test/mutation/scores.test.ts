import { describe, expect, it } from 'vitest';
import type { Present, Score } from './scores.ts';
import { withScores } from './scores.ts';

const PAGE = [
  '# Scores',
  '<!-- The scores: written by `npm run mutate`. -->',
  '',
  '<!-- The end of the scores. -->',
  'Why some survive.',
].join('\n');
const NOW: Present = {
  files: new Map([
    ['due', 'd1'],
    ['wake', 'w1'],
    ['fact', 'f1'],
  ]),
  version: 'v1',
};
const DUE: Score = { file: 'due', mutants: 8, killed: 7, fileVersion: 'd1', version: 'v1' };
const WAKE: Score = { file: 'wake', mutants: 2, killed: 2, fileVersion: 'w1', version: 'v1' };

describe('the page of scores', () => {
  it('has a row for each measured file, in order, and the rest of the page as it was', () => {
    const page = withScores(PAGE, [WAKE, DUE], NOW);
    expect(page).toMatch(/^# Scores\n<!--/);
    expect(page).toMatch(/-->\nWhy some survive\.$/);
    expect(page).toContain('| `due` | 8 | 7 | 87.5 | d1 | v1 |\n| `wake` | 2 | 2 | 100.0 | w1 | v1 |\n');
    expect(page).toContain('Together: 9 of 10 killed, 90.0 %.');
    expect(page).toContain('All files were measured on one version');
  });

  it('keeps the rows of files that a run left out, and says that they are of another version', () => {
    const before = withScores(PAGE, [DUE, WAKE], NOW);
    const page = withScores(before, [{ ...WAKE, killed: 1, version: 'v2' }], { ...NOW, version: 'v2' });
    expect(page).toContain('| `due` | 8 | 7 | 87.5 | d1 | v1 |\n| `wake` | 2 | 1 | 50.0 | w1 | v2 |');
    expect(page).toContain(
      'Not all files were measured on one version of the domain and its tests, but on 2.',
    );
  });

  it('marks what has changed since it was measured', () => {
    const before = withScores(PAGE, [DUE, WAKE], NOW);
    const changed = { files: new Map([...NOW.files, ['due', 'd2']]), version: 'v2' };
    const page = withScores(before, [], changed);
    expect(page).toContain('| `due` * | 8 | 7 |');
    expect(page).toContain('| `wake` | 2 | 2 |');
    expect(page).toContain('Files marked * have changed since.');
    expect(withScores(page, [], NOW)).toBe(before);
  });

  it('drops files that are gone, and such as have nothing to change', () => {
    const page = withScores(PAGE, [DUE, WAKE, { ...DUE, file: 'fact', mutants: 0, killed: 0 }], NOW);
    expect(page).not.toContain('`fact`');
    const gone = { files: new Map([['wake', 'w1']]), version: 'v1' };
    expect(withScores(page, [], gone)).not.toContain('`due`');
  });

  it('never rounds up', () => {
    expect(withScores(PAGE, [{ ...DUE, mutants: 1_000, killed: 899 }], NOW)).toContain('| 899 | 89.9 |');
    expect(withScores(PAGE, [{ ...DUE, mutants: 10_000, killed: 8_999 }], NOW)).toContain('| 8999 | 89.9 |');
  });
});
