import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleProgram } from '../world/bundled.ts';
import { describeContainers } from '../world/containers.ts';
import { compileProgram } from '../world/compiled.ts';
import type { CompiledProgram } from '../world/compiled.ts';
import { RESTART } from './consumers.ts';
import { isGood, numbersOf } from './report.ts';
import { strikeAll } from './run.ts';
import type { RunOptions, RunResult } from './run.ts';
import { scenarios } from './scenario.ts';
import { LONG_LIMIT_MS } from '../world/patience.ts';

const WITH_CONSUMERS = 'kronup, in-place: all stores, on schedule, with consumers';
const RESTARTING = 'consumers/kubernetes/restarting.js';
const hasStrace = spawnSync('strace', ['-V']).status === 0;

let compiled: CompiledProgram;
beforeAll(async () => {
  compiled = await compileProgram();
});
afterAll(() => compiled[Symbol.asyncDispose]());

/** Strikes the program as it is compiled now, in the scenarios with this in their names. */
async function strike(name: string, more: Partial<RunOptions>): Promise<RunResult> {
  await using program = await bundleProgram(compiled);
  const some = scenarios().filter((scenario) => scenario.name.includes(name));
  return await strikeAll({ main: program.main, scenarios: some, width: 2, say: () => {}, ...more });
}

/** Changes the compiled program until what this returns is called. */
async function broken(file: string, from: string, to: string): Promise<() => Promise<void>> {
  const path = join(dirname(compiled.main), file);
  const whole = await readFile(path, 'utf8');
  expect(whole).toContain(from);
  await writeFile(path, whole.replace(from, to));
  return () => writeFile(path, whole);
}

describe.skipIf(!hasStrace)('a daemon that is killed (needs strace)', { timeout: LONG_LIMIT_MS }, () => {
  it('converges after each of a sample of points, and leaves nothing behind', async () => {
    const result = await strike('file, tokens', { by: 'SIGKILL', sample: 3 });
    expect(
      result.struck.flatMap(({ point, findings }) => findings.map((each) => ({ point, ...each }))),
    ).toEqual([]);
    expect(result.struck.length).toBeGreaterThanOrEqual(5);
    expect(isGood(numbersOf(result))).toBe(true);
  });

  it('is found to have minted too often where it repeats a mint that it knows nothing of', async () => {
    const again =
      "note({ kind: 'mint-refused', failure: 'not-connected', message: '', retryAt: 0, counts: false })";
    const mend = await broken('domain/deciding/recovering.js', 'note(interrupted(situation))', again);
    const result = await strike('kronup, in-place: file, tokens shown', {
      by: 'SIGKILL',
      only: 'PUT /v1/service-accounts/{id} #1 after',
    });
    await mend();
    expect(numbersOf(result)).toMatchObject({ points: 1, extraMints: 1 });
    expect(isGood(numbersOf(result))).toBe(false);
  });

  it('is found to have lost a credential where it writes a target in its place', async () => {
    const inPlace =
      "(await import('node:fs/promises')).writeFile(path, file.bytes).then(() => remove(temporary))";
    const mend = await broken('stores/file/replace.js', 'rename(temporary, path)', inPlace);
    const result = await strike('kronup, in-place: file, tokens shown', {
      by: 'SIGKILL',
      only: 'write(secrets/raw.secret)',
      sample: 1,
    });
    await mend();
    expect(numbersOf(result)).toMatchObject({ points: 1, lost: 1 });
  });
});

describe.skipIf(!hasStrace)(
  'a daemon of a pair that is killed (needs strace)',
  { timeout: LONG_LIMIT_MS },
  () => {
    it('is found to have let the credential in use die where it mints for the account that has it', async () => {
      const mend = await broken('domain/pair.js', 'accountId !== live', 'accountId === live');
      const result = await strike('kronup, pair: file, tokens shown', {
        by: 'SIGKILL',
        only: 'PUT /v1/service-accounts/{id} #1 after',
      });
      await mend();
      const found = result.struck.flatMap(({ findings }) => findings.map(({ what }) => what));
      expect(found).toContainEqual(
        expect.stringContaining('that was not accepted any more when the daemon died'),
      );
    });
  },
);

describeContainers('consumers of a daemon that is killed', () => {
  const options = { by: 'SIGKILL', only: `${RESTART} #1 answered` };

  it('are restarted once for each value', { timeout: LONG_LIMIT_MS }, async () => {
    const result = await strike(WITH_CONSUMERS, options);
    expect(isGood(numbersOf(result))).toBe(true);
  });

  it(
    'are found to have been restarted twice where a start of the daemon restarts them',
    { timeout: LONG_LIMIT_MS },
    async () => {
      const since = 'Math.max(neededAt, Math.trunc(performance.timeOrigin))';
      const mendLook = await broken(RESTARTING, 'at >= neededAt', `at >= ${since}`);
      const mendAsk = await broken(RESTARTING, 'new Date(neededAt)', `new Date(${since})`);
      const result = await strike(WITH_CONSUMERS, options);
      await mendAsk();
      await mendLook();
      expect(numbersOf(result).refreshedTwice).toBeGreaterThan(0);
      expect(isGood(numbersOf(result))).toBe(false);
    },
  );
});

describe.skipIf(!hasStrace)(
  'a daemon that is told to stop at any request (needs strace)',
  { timeout: LONG_LIMIT_MS },
  () => {
    it('ends well at a sample of its requests, and goes on after the next start', async () => {
      const result = await strike('kronup, in-place: file, tokens shown', { by: 'SIGTERM', sample: 2 });
      expect(result.struck.map(({ endedWith }) => endedWith)).toEqual([0, 0]);
      expect(isGood(numbersOf(result))).toBe(true);
    });
  },
);
