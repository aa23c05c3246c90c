import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStateFile } from '../../src/emulators/state-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulator-state-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('the state file of an emulator', () => {
  it('gives back what was saved last', async () => {
    let state = { count: 1 };
    const path = join(folder, 'state.json');
    const file = openStateFile(path, () => state);
    await file.save();
    state = { count: 2 };
    await file.save();
    expect(await openStateFile(path, () => state).load()).toEqual({ count: 2 });
  });

  it('has nothing to give where there is none', async () => {
    const file = openStateFile(join(folder, 'state.json'), () => ({}));
    expect(await file.load()).toBeUndefined();
  });

  it('is readable by its owner only, makes its folder, and leaves nothing beside it', async () => {
    const path = join(folder, 'deeper', 'state.json');
    await openStateFile(path, () => ({})).save();
    const { mode } = await stat(path);
    expect(mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'deeper'))).toEqual(['state.json']);
  });

  it('takes over what a killed process left half written', async () => {
    const path = join(folder, 'state.json');
    await writeFile(`${path}.tmp`, '{"cou', { mode: 0o644 });
    await openStateFile(path, () => ({ count: 1 })).save();
    expect(await readFile(path, 'utf8')).toBe('{"count":1}');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('writes once for all who save while a write is under way, with what they know', async () => {
    let count = 0;
    let snapshots = 0;
    const started = Promise.withResolvers<void>();
    const file = openStateFile(join(folder, 'state.json'), () => {
      snapshots += 1;
      started.resolve();
      return { count };
    });
    const first = file.save();
    await started.promise;
    const others = [1, 2, 3, 4].map((known) => {
      count = known;
      return file.save();
    });
    await Promise.all([first, ...others]);
    expect(snapshots).toBe(2);
    expect(await file.load()).toEqual({ count: 4 });
  });

  it('fails those who wait for a write that fails, and writes again for the next', async () => {
    const path = join(folder, 'state.json');
    let broken = true;
    const file = openStateFile(path, () => {
      if (broken) throw new Error('no snapshot');
      return { count: 1 };
    });
    const first = file.save();
    await expect(first).rejects.toThrow('no snapshot');
    broken = false;
    await file.save();
    expect(await file.load()).toEqual({ count: 1 });
  });

  it('says which file cannot be read, and what to do', async () => {
    const path = join(folder, 'state.json');
    await writeFile(path, '{"cou');
    const file = openStateFile(path, () => ({}));
    await expect(file.load()).rejects.toThrow(`${path} is not the state of an emulator`);
  });
});
