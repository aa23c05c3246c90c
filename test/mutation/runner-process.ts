// Started by a test in a folder with changed code: runs the tests there once, then with each of two mutants, and prints what
// came of it as JSON.

import { join } from 'node:path';
import { domainRunner } from './runner.ts';

const runner = domainRunner();
const dryRun = await runner.dryRun();
const sandboxFileName = join(process.cwd(), 'src/domain/add.ts');
const results = [];
for (const id of ['noticed', 'unnoticed', 'endless', 'static']) {
  const mutantActivation = id === 'static' ? 'static' : 'runtime';
  results.push(
    await runner.mutantRun({ activeMutant: { id }, sandboxFileName, mutantActivation, hitLimit: 100 }),
  );
}
process.stdout.write(JSON.stringify({ dryRun, results }));
