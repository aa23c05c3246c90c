import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { find, SEEDS_MAX } from './finding.ts';
import { MISTAKES, WITHOUT } from './mistakes.ts';
import { withMistakes } from './page.ts';
import { ROWS } from './rows.ts';
import type { Row } from './rows.ts';

const MINUTES_MS = 600_000;

const FOUND_BY = JSON.parse(await readFile(new URL('./found-by.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, number>
>;

describe(`the simulation finds it within ${SEEDS_MAX} histories when`, () => {
  it.each(MISTAKES)('$name ($breaks)', { timeout: MINUTES_MS }, async (mistake) => {
    const { seed, others } = await find(mistake, { hint: FOUND_BY[mistake.name] });
    expect(seed ?? others).toBeTypeOf('number');
  });
});

function brokenRows(): ReadonlySet<Row> {
  const promises = MISTAKES.flatMap(({ breaks }) => (breaks === 'run' ? [] : [`promise ${breaks}` as const]));
  return new Set<Row>([...MISTAKES.flatMap(({ rows }) => rows), ...promises]);
}

describe('the mistakes', () => {
  it('are made in every row of the tables, and against every promise', () => {
    const broken = brokenRows();
    const whole = ROWS.filter((row) => !broken.has(row) && WITHOUT[row] === undefined);
    expect(whole).toEqual([]);
  });

  it('are missing only for rows that there are, and that have none', () => {
    const broken = brokenRows();
    const excused = Object.keys(WITHOUT) as Row[];
    expect(excused.filter((row) => broken.has(row) || !ROWS.includes(row))).toEqual([]);
  });

  it('name rows that there are', () => {
    const rows = MISTAKES.flatMap((mistake) => mistake.rows);
    expect(rows.filter((row) => !ROWS.includes(row))).toEqual([]);
  });

  it('are those that the page on reliability lists', async () => {
    const page = await readFile(new URL('../../../docs/reliability.md', import.meta.url), 'utf8');
    // `node test/simulation/breakages/find.ts --write` brings it up to date.
    expect(page).toBe(withMistakes(page));
  });

  it('have names of their own', () => {
    const names = MISTAKES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
