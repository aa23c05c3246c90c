import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

const LINES = 50_000;

/** Writes lines into a pipe, tells on standard error that it went on, and ends as a process does that has nothing left. */
const WRITER = `
  import { openDestination } from ${JSON.stringify(new URL('../../src/telemetry/logger.ts', import.meta.url).href)};
  const destination = openDestination(1);
  for (let line = 0; line < ${LINES}; line += 1) destination.write('line ' + String(line).padStart(94, '0') + '\\n');
  setImmediate(() => process.stderr.end('went on'));
`;

describe('a destination', () => {
  it('does not wait for a reader that stalls, and loses nothing at exit', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', WRITER], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit');
    expect(await text(child.stderr)).toBe('went on');
    const lines = (await text(child.stdout)).trimEnd().split('\n');
    expect(lines).toHaveLength(LINES);
    expect(lines.at(-1)).toContain(String(LINES - 1));
    expect(await exited).toEqual([0, null]);
  });
});
