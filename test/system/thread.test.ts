import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const PROGRAM = join(import.meta.dirname, 'free-wasm-code.mjs');
/** Each piece of WebAssembly code that nobody uses any more is freed at once, and V8 tells of it. */
const FLAGS = [
  '--expose-gc',
  '--stress-wasm-code-gc',
  '--trace-wasm-code-gc',
  '--wasm-wrapper-tiering-budget=2',
];

/** How often V8 set about freeing WebAssembly code, in a process that has started a thread beside this module. */
function freeings(moduleUrl?: string): number {
  const words = [...FLAGS, PROGRAM, ...(moduleUrl === undefined ? [] : [moduleUrl])];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.match(/Starting GC/g)?.length ?? 0;
}

describe('a process with threads', () => {
  it('frees no WebAssembly code where their files are source, from which Node strips types with it', () => {
    expect(freeings(import.meta.url)).toBe(0);
  });

  it('frees it where their files are compiled, and where there are none', () => {
    expect(freeings()).toBeGreaterThan(0);
    expect(freeings(pathToFileURL(join(import.meta.dirname, 'thread.test.js')).href)).toBeGreaterThan(0);
  });
});
