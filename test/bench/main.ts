// `npm run bench -- [--json FILE] [--quick]`: measures, prints and, where asked, writes the numbers of docs/benchmarks.md.
// It judges nothing: on a machine that does other things as well, all of them are worse.

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { compileProgram } from '../world/compiled.ts';
import { measureFleet } from './fleet.ts';
import type { FleetNumbers } from './fleet.ts';
import { measureRotations } from './measuring.ts';

const FLEETS = [1_000, 10_000, 100_000];
const FLEETS_QUICK = [1_000, 10_000];

const { values } = parseArgs({
  options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
// What was started is ended with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const { darkWindow, throughput } = await measureRotations({ quick: values.quick });
print('darkWindow', darkWindow);
print('throughput', throughput);
const fleets: FleetNumbers[] = [];
{
  await using program = await compileProgram();
  for (const accounts of values.quick ? FLEETS_QUICK : FLEETS) {
    const fleet = await measureFleet(program.main, accounts);
    print(`${accounts} accounts`, fleet);
    fleets.push(fleet);
  }
}
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify({ darkWindow, throughput, fleets }, undefined, 2)}\n`);
}

function print(what: string, numbers: object): void {
  process.stdout.write(`${what.padEnd(16)} ${JSON.stringify(numbers)}\n`);
}
