// `npm run kill -- [--keep FILE] [--json FILE] [--write] [--by TEXT] [--scenario TEXT] [--only TEXT] [--sample N] [--width N]`:
// kills the daemon at every point that can be seen from outside, and judges what comes of it. Ends with 1 where something was lost
// or is not as it should be, and with 130 where it was interrupted; with `--keep` the next run goes on there.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { bundleProgram } from '../world/bundled.ts';
import { compileProgram } from '../world/compiled.ts';
import type { CompiledProgram } from '../world/compiled.ts';
import { keptInMemory, openKept } from './kept.ts';
import { idOf } from './point.ts';
import { isGood, numbersOf, pageOf, tableOf } from './report.ts';
import { strikeAll } from './run.ts';
import type { RunResult } from './run.ts';
import { scenarios } from './scenario.ts';

const PAGE = join(import.meta.dirname, '../../docs/reliability.md');
const WIDTH = 6;
/** As a shell says it of what Ctrl-C has ended. */
const INTERRUPTED = 130;

const { values } = parseArgs({
  options: {
    keep: { type: 'string' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
    scenario: { type: 'string', default: '' },
    by: { type: 'string' },
    only: { type: 'string' },
    sample: { type: 'string' },
    width: { type: 'string', default: String(WIDTH) },
  },
});
const interrupted = new AbortController();
// Under npm one Ctrl-C arrives twice: the second one must not cut off the ending.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => interrupted.abort(new Error(`interrupted by ${signal}`)));

const startedAt = performance.now();
const say = (line: string) =>
  void process.stdout.write(`${Math.round((performance.now() - startedAt) / 1_000)} s  ${line}\n`);

process.exitCode = await run();
// What an interruption has left behind in this process is nobody's.
if (interrupted.signal.aborted) process.exit();

async function run(): Promise<number> {
  await using program = await bundled();
  const kept = values.keep === undefined ? keptInMemory() : await openKept(values.keep, program.main, say);
  const known = kept.result.struck.length;
  try {
    const result = await strikeAll({
      main: program.main,
      scenarios: scenarios().filter(({ name }) => name.includes(values.scenario)),
      by: values.by,
      only: values.only,
      sample: values.sample === undefined ? undefined : Number(values.sample),
      width: Number(values.width),
      kept,
      signal: interrupted.signal,
      say,
    });
    sayPace(result.struck.length - known);
    return await tell(result);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    sayPace(kept.result.struck.length - known);
    say(`${String(error)}; ${kept.result.struck.length} points are known`);
    return INTERRUPTED;
  }
}

async function bundled(): Promise<CompiledProgram> {
  await using compiled = await compileProgram();
  return await bundleProgram(compiled);
}

function sayPace(points: number): void {
  const minutes = (performance.now() - startedAt) / 60_000;
  say(`${points} points in ${minutes.toFixed(1)} minutes: ${(points / minutes).toFixed(1)} a minute`);
}

async function tell(result: RunResult): Promise<number> {
  const numbers = numbersOf(result);
  process.stdout.write(`\n${tableOf(result.struck)}\n\n`);
  for (const { by, scenario, point, findings } of result.struck) {
    for (const { fault, what } of findings)
      process.stdout.write(`${fault}: ${by}: ${scenario}: ${idOf(point)}: ${what}\n`);
  }
  for (const { by, scenario, point } of result.unreached)
    process.stdout.write(`not come to: ${by}: ${scenario}: ${idOf(point)}\n`);
  process.stdout.write(`${JSON.stringify(numbers)}\n`);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(numbers, undefined, 2)}\n`);
  if (values.write) await writeTable(pageOf(result, limits()));
  return isGood(numbers) ? 0 : 1;
}

/** The options that leave points out, as they were given. */
function limits(): readonly string[] {
  const { scenario, by, only, sample } = values;
  const given = { scenario: scenario === '' ? undefined : scenario, by, only, sample };
  return Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, /^[\w-]+$/.test(value) ? value : `'${value}'`],
  );
}

async function writeTable(rows: string): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const part = /(<!-- kill: begin -->\n)[\s\S]*(<!-- kill: end -->)/;
  if (!part.test(page)) throw new Error(`${PAGE} has no place for the table`);
  await writeFile(
    PAGE,
    page.replace(part, (_, begin: string, end: string) => `${begin}${rows}\n${end}`),
  );
}
