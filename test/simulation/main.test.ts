import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

function simulate(...given: readonly string[]) {
  return new Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }>(
    (resolve) =>
      execFile(process.execPath, [MAIN, ...given], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
      ),
  );
}

describe('the command that simulates', () => {
  it('runs histories of all strategies where no seed is named', async () => {
    const { code, stdout } = await simulate('--seeds', '4', '--trace');
    const seeds = stdout.split('\n').flatMap((line) => /^seed (\d+):/.exec(line)?.[1] ?? []);
    expect(seeds).toEqual(['1', '2', '1000001', '2000001']);
    expect(code).toBe(0);
  });

  it.each([['--seeds', 'x'], ['--sedes=5']])('ends with 2 and one line: %s', async (...given) => {
    const { code, stdout, stderr } = await simulate(...given);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
