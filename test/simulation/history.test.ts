import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** In a process of its own: time and turns in it are the simulation's. */
async function traceOf(seed: number): Promise<string> {
  const run = promisify(execFile);
  const given = [MAIN, '--trace', '--seeds', '1', '--from', String(seed)];
  return (await run(process.execPath, given, { maxBuffer: 2 ** 26 })).stdout;
}

describe('a history', () => {
  it.each([3, 11])('is the same every time for the same seed: %d', async (seed) => {
    const [one, other] = await Promise.all([traceOf(seed), traceOf(seed)]);
    expect(one.split('\n').length).toBeGreaterThan(100);
    expect(other).toBe(one);
  });

  it('is another one for another seed', async () => {
    const [one, other] = await Promise.all([traceOf(3), traceOf(4)]);
    expect(other.split('\n').slice(1)).not.toEqual(one.split('\n').slice(1));
  });
});
