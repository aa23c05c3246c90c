/**
 * `npm run simulate`: runs histories from seeds on every core, prints what failed with the command that replays it, and how
 * fast it went. Ends with 1 where a history failed, and with 2 where it does not understand what it is asked for.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { askedOf } from './arguments.ts';
import type { Asked } from './arguments.ts';
import { runHistory } from './history.ts';
import { replay } from './replay.ts';
import { runSeeds } from './seeds.ts';
import type { Failed } from './seeds.ts';

const asked = askedOf(process.argv.slice(2));
if (typeof asked === 'string') {
  console.error(asked);
  process.exitCode = 2;
} else if (asked.trace) await trace(asked);
else await many(asked);

async function trace({ ranges }: Asked): Promise<void> {
  for (const { from, seeds } of ranges) {
    for (let seed = from; seed < from + seeds; seed++) {
      const history = await runHistory(seed, { trace: true });
      console.log(`seed ${seed}: ${history.steps} events, ${history.mints} mints`);
      for (const line of history.trace) console.log(line);
      if (history.violations.length > 0) process.exitCode = 1;
    }
  }
}

async function many({ ranges, json }: Asked): Promise<void> {
  const { historiesPerSecond, failures, events, mints } = await runSeeds({
    ranges,
    workers: availableParallelism(),
    onFailed: show,
  });
  const seeds = ranges.reduce((sum, range) => sum + range.seeds, 0);
  const which = ranges.map((range) => `${range.seeds} from seed ${range.from}`).join(', ');
  console.log(
    `${seeds} histories (${which}): ${failures.length} failed; ${mints} mints, ${events} events; ` +
      `${historiesPerSecond.toFixed(0)} histories a second`,
  );
  if (json !== undefined) {
    const [{ from } = { from: 1 }] = ranges;
    const report = { from, seeds, ranges, failures, historiesPerSecond, events, mints };
    await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  if (failures.length > 0) process.exitCode = 1;
}

function show({ seed, invariant, message }: Failed): void {
  console.log(`seed ${seed} breaks ${invariant}: ${message}`);
  console.log(`  ${replay(seed)}`);
}
