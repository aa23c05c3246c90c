// What one runs before a commit: types, lint, format, unused code and the tidy test. Prints a line for each with the
// time it took, and the output of those that failed.

import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Name, program and its arguments; the longest first, so that two cores are done at about the same time. */
const CHECKS = [
  ['tidy', 'node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', 'test/tidy'],
  ['types', 'node_modules/.bin/tsc', '--project', '.'],
  ['lint', 'node_modules/.bin/oxlint', '--type-aware', '--deny-warnings'],
  ['unused', 'node_modules/.bin/knip', '--no-progress'],
  ['format', 'node_modules/.bin/oxfmt', '--check'],
];

async function main() {
  const waiting = [...CHECKS];
  const failed = [];
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const { name, passed, seconds, output } = await run(check);
      process.stdout.write(`${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(7)}  ${seconds.toFixed(1)} s\n`);
      if (!passed) failed.push({ name, output });
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
  for (const { name, output } of failed) process.stdout.write(`\n--- ${name} ---\n${output.trim()}\n`);
  if (failed.length > 0) process.exitCode = 1;
}

/** Runs one check with the Node that runs us. Its output is kept until it is known whether anybody wants to see it. */
function run([name, program, ...args]) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(root, program), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk) => (output += chunk);
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  return new Promise((resolve) => {
    const end = (passed) =>
      resolve({ name, passed, output, seconds: (performance.now() - startedAt) / 1000 });
    child.on('error', (error) => {
      keep(String(error));
      end(false);
    });
    child.on('close', (code) => end(code === 0));
  });
}

await main();
