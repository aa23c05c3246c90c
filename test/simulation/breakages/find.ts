/**
 * `node test/simulation/breakages/find.ts [--only TEXT] [--seeds N] [--anew] [--write]`: finds for each mistake a history that shows it.
 * `--write` keeps those in `found-by.json`, so that the test need not look for them, and the list in `docs/reliability.md`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { find, SEEDS_MAX } from './finding.ts';
import { MISTAKES } from './mistakes.ts';
import { withMistakes } from './page.ts';

const PAGE = new URL('../../../docs/reliability.md', import.meta.url);
const FILE = new URL('./found-by.json', import.meta.url);

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: String(SEEDS_MAX) },
    anew: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const known = JSON.parse(await readFile(FILE, 'utf8')) as Record<string, number>;
const found: Record<string, number> = {};
for (const mistake of MISTAKES) {
  const { name, breaks, rows } = mistake;
  const hint = values.anew ? undefined : known[name];
  if (!`${name} ${rows.join(' ')}`.includes(values.only)) {
    if (known[name] !== undefined) found[name] = known[name];
    continue;
  }
  const { seed, others } = await find(mistake, { hint, seeds: Number(values.seeds) });
  if (seed !== undefined) found[name] = seed;
  console.log(`${seed === undefined ? 'NOT FOUND' : `seed ${seed}`}  (${breaks}) ${name}`);
  if (seed === undefined) {
    process.exitCode = 1;
    for (const other of others) console.log(`    ${other}`);
  }
}
if (values.write) {
  await writeFile(FILE, `${JSON.stringify(found, undefined, 2)}\n`);
  await writeFile(PAGE, withMistakes(await readFile(PAGE, 'utf8')));
}
