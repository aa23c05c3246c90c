import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openKept } from './kept.ts';
import type { Kept } from './kept.ts';
import type { Point } from './point.ts';
import { KILLED } from './struck.ts';
import type { Struck } from './struck.ts';

const POINT: Point = {
  kind: 'request',
  service: 'kronup',
  name: 'GET /v1/account',
  nth: 1,
  side: 'before',
  phase: 'later rotation',
};
const STRUCK: Struck = {
  by: KILLED,
  scenario: 'files',
  point: POINT,
  findings: [{ fault: 'lost', what: 'two\nlines' }],
  mints: 1,
  extraMints: 0,
  valueLost: false,
  recoveryMs: 1_234.5,
};
const OTHER = { by: KILLED, scenario: 'files', point: { ...POINT, nth: 2 } };

let path: string;
let main: string;
let said: string[];

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'rekeyd-kept-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  path = join(folder, 'kept.jsonl');
  main = join(folder, 'dist/main.js');
  mkdirSync(join(folder, 'dist/engine'), { recursive: true });
  writeFileSync(main, 'run();');
  writeFileSync(join(folder, 'dist/engine/loop.js'), 'export const loop = 1;');
  said = [];
});

function open(): Promise<Kept> {
  return openKept(path, main, (line) => said.push(line));
}

describe('what is kept of a run that kills daemons', () => {
  it('is known to the next run of the same program', async () => {
    const first = await open();
    const clean = { points: [POINT], mintName: 'PUT', mints: 1, filesAtRest: [], filesAfter: [] };
    first.keep({ kind: 'clean', scenario: 'files', clean });
    first.keep({ kind: 'struck', struck: STRUCK });
    first.keep({ kind: 'unreached', unreached: OTHER });
    const next = await open();
    expect(next.result).toEqual({ struck: [STRUCK], unreached: [OTHER] });
    expect(next.cleanOf('files')).toEqual(clean);
    expect(next.cleanOf('other')).toBeUndefined();
    expect(said).toEqual([`${path} has 1 points of this program: going on`]);
  });

  it('is told apart by what struck, in which scenario, in which phase and at which point', async () => {
    const kept = await open();
    kept.keep({ kind: 'struck', struck: STRUCK });
    expect(kept.knows(KILLED, 'files', POINT)).toBe(true);
    expect(kept.knows('SIGTERM', 'files', POINT)).toBe(false);
    expect(kept.knows(KILLED, 'other', POINT)).toBe(false);
    expect(kept.knows(KILLED, 'files', { ...POINT, phase: 'stop' })).toBe(false);
    expect(kept.knows(KILLED, 'files', { ...POINT, nth: 2 })).toBe(false);
  });

  it('loses nothing but the line that was being written when the machine went down', async () => {
    const first = await open();
    first.keep({ kind: 'struck', struck: STRUCK });
    appendFileSync(path, '{"kind":"struck","struck":{"by":"SIGK');
    const next = await open();
    next.keep({ kind: 'unreached', unreached: OTHER });
    expect((await open()).result).toEqual({ struck: [STRUCK], unreached: [OTHER] });
  });

  it('begins anew where any file of the program changed, says so, and keeps what there was', async () => {
    const first = await open();
    first.keep({ kind: 'struck', struck: STRUCK });
    const before = readFileSync(path, 'utf8');
    writeFileSync(join(main, '../engine/loop.js'), 'export const loop = 2;');
    const next = await open();
    expect(next.result).toEqual({ struck: [], unreached: [] });
    expect(said).toEqual([
      `${path} is not of this program: beginning anew; what it had is in ${path}.before`,
    ]);
    expect(readFileSync(`${path}.before`, 'utf8')).toBe(before);
  });

  it('does not know a point that no life came to: the next run tries it again', async () => {
    const first = await open();
    first.keep({ kind: 'unreached', unreached: OTHER });
    const next = await open();
    expect(next.knows(KILLED, 'files', OTHER.point)).toBe(false);
    next.keep({ kind: 'unreached', unreached: OTHER });
    expect(next.result.unreached).toEqual([OTHER]);
    next.keep({ kind: 'struck', struck: { ...STRUCK, ...OTHER } });
    expect((await open()).result.unreached).toEqual([]);
  });

  it('gets nothing more once it is closed', async () => {
    const kept = await open();
    kept.close();
    kept.keep({ kind: 'struck', struck: STRUCK });
    expect(kept.result.struck).toEqual([]);
    expect((await open()).result.struck).toEqual([]);
    expect(existsSync(`${path}.before`)).toBe(false);
  });
});
