/** What `npm run simulate` is asked for: the options of its command line, checked. */
import { parseArgs } from 'node:util';
import { spread } from './plan.ts';
import type { SeedRange } from './plan.ts';

export interface Asked {
  readonly ranges: readonly SeedRange[];
  /** File that the numbers are written to. */
  readonly json: string | undefined;
  readonly trace: boolean;
}

const USAGE = 'npm run simulate -- [--seeds N] [--from S] [--json FILE] [--trace]';
const SEEDS = 2_000;

/** `args`: without the names of program and file. Answers the words for a person where they cannot be meant so. */
export function askedOf(args: readonly string[]): Asked | string {
  const given = valuesOf(args);
  if (typeof given === 'string') return `${given}; ${USAGE}`;
  const { json, trace } = given;
  const seeds = wholeNumber(given.seeds ?? String(SEEDS));
  if (seeds === undefined || seeds < 1) return `--seeds takes a whole number above 0, not '${given.seeds}'`;
  const ranges = rangesOf(seeds, given.from);
  return typeof ranges === 'string' ? ranges : { ranges, json, trace };
}

function valuesOf(args: readonly string[]) {
  try {
    const options = {
      seeds: { type: 'string' },
      from: { type: 'string' },
      json: { type: 'string' },
      trace: { type: 'boolean', default: false },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // What follows the first sentence is advice for another command than this one.
    const [first = ''] = error.message.split('. ');
    return first;
  }
}

function rangesOf(seeds: number, given: string | undefined): readonly SeedRange[] | string {
  if (given === undefined) {
    return spread(seeds) ?? `there are not as many seeds as ${seeds}; name the first one with --from`;
  }
  const from = wholeNumber(given);
  if (from === undefined || !Number.isSafeInteger(from + seeds)) {
    return `--from takes the number of a seed, not '${given}'`;
  }
  return [{ from, seeds }];
}

function wholeNumber(text: string): number | undefined {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}
