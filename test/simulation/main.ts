/**
 * `npm run simulate`: runs histories from seeds on every core, prints what failed with the command that replays it, and how
 * fast it went.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runHistory } from './history.ts';
import { replay } from './replay.ts';
import { runSeeds } from './seeds.ts';
import type { Failed } from './seeds.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    json: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

const from = Number(values.from);
const seeds = Number(values.seeds);
if (!Number.isInteger(from) || !Number.isInteger(seeds) || seeds < 1) {
  throw new Error('--seeds takes a number above 0, and --from a whole number');
}

if (values.trace) await trace();
else await many();

async function trace(): Promise<void> {
  for (let seed = from; seed < from + seeds; seed++) {
    const history = await runHistory(seed, { trace: true });
    console.log(`seed ${seed}: ${history.steps} events, ${history.mints} mints`);
    for (const line of history.trace) console.log(line);
    if (history.violations.length > 0) process.exitCode = 1;
  }
}

async function many(): Promise<void> {
  const report = await runSeeds({ from, seeds, workers: availableParallelism(), onFailed: show });
  const { historiesPerSecond, failures, events, mints } = report;
  console.log(
    `${seeds} histories from seed ${from}: ${failures.length} failed; ${mints} mints, ${events} events; ` +
      `${historiesPerSecond.toFixed(0)} histories a second`,
  );
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (failures.length > 0) process.exitCode = 1;
}

function show({ seed, invariant, message }: Failed): void {
  console.log(`seed ${seed} breaks ${invariant}: ${message}`);
  console.log(`  ${replay(seed)}`);
}
