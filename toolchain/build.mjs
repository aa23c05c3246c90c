// Compiles src/ into a clean dist/, which the package and the image carry, and makes its main.js a program. Says nothing
// where all went well, so that what `npm pack --json` prints stays JSON.

import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHEBANG = '#!/usr/bin/env node\n';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const compiled = spawnSync(
  process.execPath,
  [join(root, 'node_modules/.bin/tsc'), '--project', 'tsconfig.build.json'],
  { cwd: root, stdio: ['ignore', 2, 2] },
);
if (compiled.status === 0) {
  const program = join(dist, 'main.js');
  const text = readFileSync(program, 'utf8');
  writeFileSync(program, text.startsWith('#!') ? text : SHEBANG + text);
  chmodSync(program, 0o755);
} else {
  process.exitCode = 1;
}
