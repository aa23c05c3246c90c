import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Line } from './kept.ts';
import { LONG_LIMIT_MS } from '../world/patience.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const hasStrace = spawnSync('strace', ['-V']).status === 0;

/** Runs the command on a few points; its temporary files lie in this folder. */
function start(folder: string, kept: string) {
  const words = ['--by', 'SIGKILL', '--scenario', 'kronup, in-place: file, tokens shown', '--sample', '3'];
  const child = spawn(process.execPath, [MAIN, ...words, '--width', '2', '--keep', kept], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  return { child, said: () => said };
}

function struckIn(kept: string): readonly Line[] {
  if (!existsSync(kept)) return [];
  const lines = readFileSync(kept, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line).filter(({ kind }) => kind === 'struck');
}

/** The command lines of all processes that have this in theirs. */
function processesWith(text: string): readonly string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const lines = ids.map((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  });
  return lines.filter((line) => line.includes(text));
}

describe.skipIf(!hasStrace)('a run that is interrupted (needs strace)', { timeout: LONG_LIMIT_MS }, () => {
  it('leaves no daemon, tracer or folder, and the next one goes on where it ended', async () => {
    const home = mkdtempSync(join(tmpdir(), 'rekeyd-interrupted-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const kept = join(home, 'kept.jsonl');
    const folder = mkdtempSync(join(home, 'temporary-'));
    const first = start(folder, kept);
    onTestFinished(() => void first.child.kill('SIGKILL'));
    const ended = once(first.child, 'exit');
    const struck = Promise.withResolvers<void>();
    const watcher = watch(home, () => void (struckIn(kept).length > 0 && struck.resolve()));
    await Promise.race([struck.promise, ended]);
    watcher.close();
    expect(processesWith(folder)).not.toEqual([]);
    first.child.kill('SIGTERM');
    expect(await ended).toEqual([130, null]);
    expect(first.said()).toContain('interrupted by SIGTERM');
    expect(processesWith(folder)).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.startsWith('rekeyd-'))).toEqual([]);

    const known = struckIn(kept);
    expect(known.length).toBeGreaterThan(0);
    const next = start(folder, kept);
    expect(await once(next.child, 'exit')).toEqual([0, null]);
    expect(next.said()).toContain(`has ${known.length} points of this program: going on`);
    const all = struckIn(kept);
    expect(all.slice(0, known.length)).toEqual(known);
    expect(next.said()).toContain(`"points":${all.length},`);
  });
});
