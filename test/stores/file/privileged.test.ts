// What only root can set up: other owners, mounts, immutable files, a full disk. Where the tests do not run as root, or may not
// mount, these are left out by name.
import { chmod, chown, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../src/ports/store.ts';
import {
  makeFileWorld,
  openFileStore,
  outcomeOf,
  placeOf,
  preflight,
  run,
  textAt,
  write,
} from './file-world.ts';
import type { FileWorld } from './file-world.ts';

const APP = 4_321;
const OTHER = 4_322;

const isRoot = process.getuid?.() === 0 && typeof process.seteuid === 'function';
const mayMount = isRoot && run('unshare', '--mount', 'true');

let world: FileWorld;
let store: Store;
let directory: string;
let mounts: string[];
beforeEach(async () => {
  world = await makeFileWorld();
  ({ store, directory } = world);
  mounts = [];
});
afterEach(async () => {
  for (const path of mounts.toReversed()) run('umount', path);
  await world.cleanup();
});

describe.skipIf(!isRoot)('the owner of a file (needs root)', () => {
  it('is the one that is configured, by number, also of folders that are made', async () => {
    const place = placeOf('new/token', { owner: APP, group: OTHER, mode: '0640' });
    expect(outcomeOf(await preflight(store, place))).toBe('ok');
    await write(store, place, 'value');
    expect([await ownerOf('new'), await ownerOf('new/token')]).toEqual(['4321:4322', '4321:4322']);
  });

  it('is the one that is configured, by name', async () => {
    const wantUid = /^daemon:[^:]*:(\d+)/m.exec(await readFile('/etc/passwd', 'utf8'))?.[1];
    await write(await openFileStore({ directory, owner: 'daemon' }), placeOf('token'), 'value');
    expect(await ownerOf('token')).toBe(`${wantUid}:0`);
  });

  it('must be a name that the system knows', async () => {
    const outcome = outcomeOf(await preflight(store, placeOf('token', { group: 'nobody-knows' })));
    expect(outcome).toMatch(/^target-refused: .*nobody-knows is not in \/etc\/group/);
  });

  it('stays as it is where none is configured, so that its consumer can still read it', async () => {
    await putFileOf(APP, 'token');
    await write(store, placeOf('token'), 'value');
    expect(await ownerOf('token')).toBe('4321:4321');
  });

  it('is not trusted where more than the folder’s owner may have put the file there', async () => {
    await putFileOf(APP, 'token');
    for (const mode of [0o777, 0o775, 0o1777]) {
      await chmod(directory, mode);
      for (const result of [
        await preflight(store, placeOf('token')),
        await write(store, placeOf('token'), 'value'),
      ]) {
        expect(outcomeOf(result)).toMatch(/^target-refused: .*set owner and group to those who shall read/);
      }
    }
    expect(await textAt(store, placeOf('token'))).toBe('old');
  });

  it('is not trusted with its group either, where the owner alone is configured', async () => {
    await putFileOf(OTHER, 'token');
    await chmod(directory, 0o775);
    const given = placeOf('token', { owner: APP, mode: '0640' });
    expect(outcomeOf(await preflight(store, given))).toMatch(/^target-refused: .*set owner and group/);
    expect(outcomeOf(await write(store, given, 'value'))).toMatch(/^target-refused: .*set owner and group/);
    expect(outcomeOf(await preflight(store, placeOf('token', { owner: APP })))).toBe('ok');
    const both = placeOf('token', { owner: APP, group: APP, mode: '0640' });
    expect(outcomeOf(await write(store, both, 'value'))).toBe('ok');
    // What its configured owner has there is its consumer's own.
    expect(outcomeOf(await write(store, given, 'next'))).toBe('ok');
    expect(await ownerOf('token')).toBe('4321:4321');
  });

  it('is trusted where it is the folder’s own', async () => {
    await putFileOf(APP, 'token');
    await chown(directory, APP, APP);
    await chmod(directory, 0o775);
    expect(outcomeOf(await write(store, placeOf('token'), 'value'))).toBe('ok');
  });
});

describe.skipIf(!isRoot)('a daemon that is not root (needs root to become it)', () => {
  beforeEach(async () => await chmod(dirname(directory), 0o755));

  it('names itself and the file system as who writes', async () => {
    await chown(directory, APP, APP);
    const ready = await as(APP, async () => await preflight(store, placeOf('token')));
    const { dev } = await stat(directory);
    expect(ready).toEqual({ ok: true, value: { identity: `4321:4321@${dev}`, wrote: true } });
  });

  it('is refused in a folder that it may not write to', async () => {
    const results = await as(APP, async () => [
      await preflight(store, placeOf('token')),
      await write(store, placeOf('token'), 'value'),
    ]);
    for (const result of results) {
      expect(outcomeOf(result)).toMatch(/^target-refused: .*token: permission denied \(EACCES, at .*rekeyd/);
    }
  });

  it('is refused a file that it may not read', async () => {
    await putFileOf(OTHER, 'token');
    const text = await as(APP, async () => await textAt(store, placeOf('token')));
    expect(text).toMatch(/^cannot read .*token: permission denied \(EACCES\)/);
  });

  it('is refused a file that it would have to give to another user, before anything is minted', async () => {
    await putFileOf(OTHER, 'token');
    await chown(directory, APP, APP);
    const outcome = await as(APP, async () => outcomeOf(await preflight(store, placeOf('token'))));
    expect(outcome).toMatch(/^target-refused: .*belong to 4322:4322, and a process of 4321:4321 may not/);
    expect(await readdir(directory)).toEqual(['token']);
  });

  it('leaves no folder behind that it could not finish, and makes it as it is configured then', async () => {
    await chown(directory, APP, APP);
    const foreign = placeOf('new/token', { owner: OTHER });
    const outcome = await as(APP, async () => outcomeOf(await preflight(store, foreign)));
    expect(outcome).toMatch(/^target-refused: .*\(EPERM, at /);
    expect(await readdir(directory)).toEqual([]);
    const shared = placeOf('new/token', { mode: '0640' });
    expect(await as(APP, async () => outcomeOf(await preflight(store, shared)))).toBe('ok');
    expect((await stat(join(directory, 'new'))).mode & 0o777).toBe(0o750);
  });

  it('is refused a file that it could not read back, before anything is minted', async () => {
    await chown(directory, APP, APP);
    const hidden = placeOf('token', { mode: '0200' });
    const outcome = await as(APP, async () => outcomeOf(await preflight(store, hidden)));
    expect(outcome).toMatch(/^target-refused: .*permission denied .*read the file itself/);
    expect(await readdir(directory)).toEqual([]);
  });

  it('is refused in a sticky folder of another owner', async () => {
    await chmod(directory, 0o1777);
    const outcome = await as(APP, async () => outcomeOf(await preflight(store, placeOf('token'))));
    expect(outcome).toMatch(/^target-refused: .*its folder is sticky .*belongs to user 0/);
  });

  it('may use a sticky folder of its own', async () => {
    await chown(directory, APP, APP);
    await chmod(directory, 0o1777);
    expect(await as(APP, async () => outcomeOf(await preflight(store, placeOf('token'))))).toBe('ok');
  });

  it('cannot remove another user’s left-over, and says which', async () => {
    await chmod(directory, 0o1777);
    await writeFile(join(directory, '.token.rekeyd'), '');
    const outcome = await as(APP, async () => outcomeOf(await write(store, placeOf('token'), 'value')));
    expect(outcome).toMatch(/^target-refused: .*\(EPERM, at .*\/\.token\.rekeyd\)/);
  });
});

describe.skipIf(!mayMount)('a file system that does not take writes (needs leave to mount)', () => {
  it('refuses a file that is itself a mount point, and a preflight sees it', async () => {
    await writeFile(join(directory, 'source'), 'old');
    await writeFile(join(directory, 'token'), '');
    mount('--bind', join(directory, 'source'), join(directory, 'token'));
    for (const result of [
      await preflight(store, placeOf('token')),
      await write(store, placeOf('token'), 'value'),
    ]) {
      expect(outcomeOf(result)).toMatch(/^target-refused: .*mount point.* mount the folder that it is in/);
    }
    expect(await textAt(store, placeOf('token'))).toBe('old');
    expect(await readdir(directory)).toEqual(['source', 'token']);
  });

  it('refuses on a mount that is read-only', async () => {
    mount('-t', 'tmpfs', '-o', 'ro', 'tmpfs', directory);
    for (const result of [
      await preflight(store, placeOf('token')),
      await write(store, placeOf('token'), 'value'),
    ]) {
      expect(outcomeOf(result)).toMatch(/^target-refused: .*mounted read-only \(EROFS/);
    }
  });

  it('is unavailable, with the old value in place, when it is full', async () => {
    mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory);
    await write(store, placeOf('token'), 'old');
    const value = 'x'.repeat(100_000);
    for (const result of [
      await preflight(store, placeOf('token'), value.length),
      await write(store, placeOf('token'), value),
    ]) {
      expect(outcomeOf(result)).toMatch(/^store-unavailable: .*no space .*\(ENOSPC\); free some space/);
    }
    expect(await textAt(store, placeOf('token'))).toBe('old');
    expect(await readdir(directory)).toEqual(['token']);
  });
});

describe.skipIf(!isRoot)('an immutable file (needs root)', () => {
  it('is refused by a preflight, and by a write without left-overs', async (context) => {
    await writeFile(join(directory, 'token'), 'old');
    const path = join(directory, 'token');
    if (!run('chattr', '+i', path)) return context.skip('no chattr on this file system');
    try {
      expect(outcomeOf(await preflight(store, placeOf('token')))).toMatch(/^target-refused: .*chattr -i/);
      expect(outcomeOf(await write(store, placeOf('token'), 'value'))).toMatch(/^target-refused: .*\(EPERM/);
      expect(await readdir(directory)).toEqual(['token']);
    } finally {
      run('chattr', '-i', path);
    }
    expect(await readFile(path, 'utf8')).toBe('old');
  });
});

/** Runs `work` with the rights of a user and of a group of the same number, and nobody else's. */
async function as<T>(id: number, work: () => Promise<T>): Promise<T> {
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([]);
  process.setegid?.(id);
  process.seteuid?.(id);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  }
}

async function putFileOf(id: number, name: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, name), 'old', { mode: 0o600 });
  await chown(join(directory, name), id, id);
}

function mount(...parameters: string[]): void {
  if (!run('mount', ...parameters)) throw new Error(`cannot mount ${parameters.join(' ')}`);
  mounts.push(parameters.at(-1) ?? '');
}

async function ownerOf(name: string): Promise<string> {
  const { uid, gid } = await stat(join(directory, name));
  return `${uid}:${gid}`;
}
