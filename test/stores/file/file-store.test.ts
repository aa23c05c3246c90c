import { createHash } from 'node:crypto';
import {
  appendFile,
  chmod,
  mkdir,
  readFile,
  readdir,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../src/ports/store.ts';
import {
  endless,
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

let world: FileWorld;
let store: Store;
let directory: string;
beforeEach(async () => {
  world = await makeFileWorld();
  ({ store, directory } = world);
});
afterEach(async () => await world.cleanup());

describe('a file that was written', () => {
  it('may be read by its owner only unless the store says otherwise', async () => {
    await write(store, placeOf('token'), 'value');
    expect(await modeOf('token')).toBe('600');
  });

  it('has the mode that the store says, whatever it had before', async () => {
    const open = await openFileStore({ directory, mode: '0640' });
    await writeFile(join(directory, 'token'), 'old', { mode: 0o666 });
    await write(open, placeOf('token'), 'value');
    expect(await modeOf('token')).toBe('640');
  });

  it('has the mode that its target says before that of the store', async () => {
    const open = await openFileStore({ directory, mode: '0640' });
    await write(open, placeOf('token', { mode: '444' }), 'value');
    expect(await modeOf('token')).toBe('444');
  });

  it('is alone in its folder, after a preflight as well', async () => {
    await write(store, placeOf('token'), 'value');
    await preflight(store, placeOf('token'));
    expect(await readdir(directory)).toEqual(['token']);
  });

  it('is seen whole by whoever reads it while it is replaced', async () => {
    const values = ['a'.repeat(300_000), 'b'.repeat(700_000)];
    await write(store, placeOf('token'), values[0] ?? '');
    let isWriting = true;
    const writing = (async () => {
      for (const value of [...values, ...values, ...values]) await write(store, placeOf('token'), value);
      isWriting = false;
    })();
    const torn: number[] = [];
    while (isWriting) {
      const seen = await readFile(join(directory, 'token'), 'utf8');
      if (!values.includes(seen)) torn.push(seen.length);
    }
    await writing;
    expect(torn).toEqual([]);
  });

  it('has another version once somebody changed it in place, though its size and time are as before', async () => {
    const path = join(directory, 'token');
    await writeFile(path, 'value');
    await utimes(path, 1, 1);
    const { ctimeNs } = await stat(path, { bigint: true });
    const read = await store.read(placeOf('token'), { signal: endless() });
    const ifVersion = read.ok && read.value.state === 'present' ? read.value.version : 'none';
    // The kernel's own time of change moves on in steps of some milliseconds.
    while ((await stat(path, { bigint: true })).ctimeNs === ctimeNs) {
      await writeFile(path, 'VALUE');
      await utimes(path, 1, 1);
    }
    expect(await write(store, placeOf('token'), 'next', { ifVersion })).toEqual({
      ok: true,
      value: { outcome: 'conflict' },
    });
  });

  it('is dated by when it was last written, whoever that was', async () => {
    await writeFile(join(directory, 'token'), 'value');
    await utimes(join(directory, 'token'), 1, 1);
    expect(await store.read(placeOf('token'), { signal: endless() })).toMatchObject({
      value: { lastWrite: { at: 1_000 } },
    });
  });

  it('has a version that tells nothing of what is in it', async () => {
    await write(store, placeOf('a'), 'hunter2');
    const hash = createHash('sha256').update('hunter2').digest('hex');
    const read = await store.read(placeOf('a'), { signal: endless() });
    expect(JSON.stringify(read)).not.toContain(hash.slice(0, 8));
  });
});

describe('left-overs of a process that died', () => {
  it.each(['.token.rekeyd', '.token.rekeyd-probe'])('such as %s are removed', async (name) => {
    await writeFile(join(directory, name), 'half a val', { mode: 0o666 });
    expect(outcomeOf(await preflight(store, placeOf('token')))).toBe('ok');
    expect(outcomeOf(await write(store, placeOf('token'), 'value'))).toBe('ok');
    expect(await readdir(directory)).toEqual(['token']);
  });

  it('that are symbolic links are not followed', async () => {
    await writeFile(join(directory, 'other'), 'untouched');
    for (const name of ['.token.rekeyd', '.token.rekeyd-probe'])
      await symlink('other', join(directory, name));
    expect(outcomeOf(await preflight(store, placeOf('token')))).toBe('ok');
    expect(outcomeOf(await write(store, placeOf('token'), 'value'))).toBe('ok');
    expect(await readFile(join(directory, 'other'), 'utf8')).toBe('untouched');
  });
});

describe('folders on the way to a file', () => {
  it('read as an absent file while they are missing', async () => {
    expect(await textAt(store, placeOf('a/b/token'))).toBe('absent');
  });

  it('are made, for those to search who may read the file', async () => {
    await write(store, placeOf('a/b/token'), 'value');
    await write(store, placeOf('shared/token', { mode: '0640' }), 'value');
    expect(await textAt(store, placeOf('a/b/token'))).toBe('value');
    expect([await modeOf('a'), await modeOf('a/b'), await modeOf('shared')]).toEqual(['700', '700', '750']);
  });

  it('are made once for two files that are written together', async () => {
    const names = ['new/folder/a', 'new/folder/b', 'new/c'];
    const results = await Promise.all(names.map(async (name) => await write(store, placeOf(name), name)));
    expect(results.map(outcomeOf)).toEqual(['ok', 'ok', 'ok']);
  });

  it('are made anew where a process died before it had finished them', async () => {
    await mkdir(join(directory, '.shared.rekeyd-folder'), { mode: 0o777 });
    await write(store, placeOf('shared/token', { mode: '0640' }), 'value');
    expect([await readdir(directory), await modeOf('shared')]).toEqual([['shared'], '750']);
  });

  it('may be symbolic links that stay in the directory', async () => {
    await mkdir(join(directory, 'v1'));
    await symlink('v1', join(directory, 'current'));
    expect(outcomeOf(await write(store, placeOf('current/token'), 'value'))).toBe('ok');
    expect(await readFile(join(directory, 'v1/token'), 'utf8')).toBe('value');
  });

  it.each(['../outside', '/etc'])('may not be symbolic links that leave the directory: %s', async (to) => {
    await mkdir(join(dirname(directory), 'outside'));
    await symlink(to, join(directory, 'link'));
    const results = [
      await write(store, placeOf('link/token'), 'value'),
      await preflight(store, placeOf('link/token')),
      await store.read(placeOf('link/token'), { signal: endless() }),
    ];
    for (const result of results) expect(outcomeOf(result)).toMatch(/^target-refused: .* outside /);
    expect(await readdir(join(dirname(directory), 'outside'))).toEqual([]);
  });

  it('may not be symbolic links that lead nowhere', async () => {
    await symlink('gone', join(directory, 'link'));
    expect(outcomeOf(await write(store, placeOf('link/token'), 'value'))).toMatch(/leads nowhere; remove it/);
  });

  it('may not be files', async () => {
    await writeFile(join(directory, 'file'), '');
    expect(outcomeOf(await write(store, placeOf('file/token'), 'value'))).toMatch(
      /^target-refused: .*a part of its path is a file/,
    );
  });

  it('are not made for a directory that does not exist, which may be a volume that is not mounted', async () => {
    const other = await openFileStore({ directory: join(directory, 'not-mounted') });
    expect(outcomeOf(await write(other, placeOf('token'), 'value'))).toMatch(
      /^store-unavailable: .*not-mounted: it does not exist; create it, or mount the volume/,
    );
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('what is not a plain file', () => {
  it.each<[what: string, make: (path: string) => Promise<unknown>, wantWhy: string]>([
    ['a folder', async (path) => await mkdir(path), 'it is a folder'],
    ['a named pipe', async (path) => run('mkfifo', path), 'a device, a pipe or a socket'],
    ['a symbolic link', async (path) => await symlink('other', path), 'name the file that it leads to'],
    ['a link to the outside', async (path) => await symlink('/etc/hostname', path), 'it is a symbolic link'],
  ])('is refused: %s', async (_, make, wantWhy) => {
    await make(join(directory, 'token'));
    for (const outcome of [
      outcomeOf(await write(store, placeOf('token'), 'value')),
      outcomeOf(await preflight(store, placeOf('token'))),
      `target-refused: ${await textAt(store, placeOf('token'))}`,
    ]) {
      expect(outcome).toMatch(/^target-refused: /);
      expect(outcome).toContain(wantWhy);
    }
  });

  it('is refused: a file of more than a megabyte', async () => {
    await writeFile(join(directory, 'token'), '');
    await truncate(join(directory, 'token'), 1_048_577);
    expect(await textAt(store, placeOf('token'))).toMatch(/1048577 bytes are more than/);
  });

  it('is refused: a value of more than a megabyte', async () => {
    const value = 'x'.repeat(1_048_577);
    expect(outcomeOf(await write(store, placeOf('token'), value))).toMatch(/^target-refused: /);
    expect(outcomeOf(await preflight(store, placeOf('token'), value.length))).toMatch(/^target-refused: /);
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('an address', () => {
  it.each(['../token', 'a/../../token', '/etc/passwd', 'a\0b', 'a/', ''])(
    'that leaves the directory is refused at every call: %j',
    async (address) => {
      expect(outcomeOf(await write(store, placeOf(address), 'value'))).toMatch(/^target-refused: /);
      expect(await readdir(dirname(directory))).toEqual(['store']);
    },
  );
});

it('reads the whole of a file that somebody appends to, or none of it', async () => {
  await writeFile(join(directory, 'log'), '');
  const appending = (async () => {
    for (let count = 0; count < 200; count += 1) await appendFile(join(directory, 'log'), 'line\n');
  })();
  const reads = Promise.all(Array.from({ length: 20 }, async () => await textAt(store, placeOf('log'))));
  for (const text of await reads) expect(text).toMatch(/^(line\n)*$|it was being written to/);
  await appending;
});

it('keeps a mode that lets the daemon itself not write, and writes it all the same', async () => {
  await writeFile(join(directory, 'token'), 'old');
  await chmod(join(directory, 'token'), 0o400);
  expect(outcomeOf(await write(store, placeOf('token', { mode: '0400' }), 'value'))).toBe('ok');
  expect(await textAt(store, placeOf('token'))).toBe('value');
});

async function modeOf(name: string): Promise<string> {
  return ((await stat(join(directory, name))).mode & 0o7777).toString(8);
}
