import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startProcess } from '../world/daemon-process.ts';
import type { RunningProcess } from '../world/daemon-process.ts';
import { killed } from './cut.ts';
import { LONG_LIMIT_MS } from '../world/patience.ts';

/** Leaves a process behind that has its outputs and tells its id in a file, and becomes the program: as a tracer may. */
const LEAVES_SOMEBODY = ['/bin/sh', '-c', 'sleep 1000 & echo $! > left; exec "$@"', 'sh'];

/** Answers the program, which runs, and who was left behind. */
async function start({ isGroup }: { readonly isGroup: boolean }): Promise<[RunningProcess, number]> {
  const directory = mkdtempSync(join(tmpdir(), 'rekeyd-cut-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const main = join(directory, 'main.mjs');
  writeFileSync(main, "process.stdout.write('at work'); setInterval(() => {}, 1_000);");
  const environment = { PATH: '/usr/bin:/bin' };
  const daemon = startProcess({
    main,
    arguments: [],
    directory,
    environment,
    through: LEAVES_SOMEBODY,
    isGroup,
  });
  await daemon.says('at work');
  return [daemon, Number(readFileSync(join(directory, 'left'), 'utf8'))];
}

/** Whoever has ended may still be known until somebody asks after it. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe.skipIf(process.platform !== 'linux')('a process that is killed', { timeout: LONG_LIMIT_MS }, () => {
  it('takes those with it that it was started through, where they are a group', async () => {
    const [daemon, left] = await start({ isGroup: true });
    expect(runs(left)).toBe(true);
    await killed(daemon);
    expect(runs(left)).toBe(false);
    expect(await daemon.ended).toEqual({ signal: 'SIGKILL' });
  });

  it('counts as ended although somebody whom it left behind keeps its outputs open', async () => {
    const [daemon, left] = await start({ isGroup: false });
    onTestFinished(() => void process.kill(left, 'SIGKILL'));
    await killed(daemon);
    expect(runs(left)).toBe(true);
    expect(await daemon.ended).toEqual({ signal: 'SIGKILL' });
    expect(daemon.output()).toBe('at work');
  });
});
