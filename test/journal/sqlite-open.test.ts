// Opening a journal's file: what is made, what is refused, and what is said then.

import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  open,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../src/journal/migrations/index.ts';
import { holderPath, readHolder } from '../../src/journal/sqlite/holder.ts';
import { openSqliteJournal, type SqliteJournal } from '../../src/journal/sqlite/open.ts';
import { preparePlace } from '../../src/journal/sqlite/place.ts';
import { JournalError } from '../../src/ports/journal.ts';
import { claimOne, commitOf, configure, fact, policy } from '../contract/journal/builders.ts';
import { FakeClock } from '../world/fake-clock.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rekeyd-journal-'));
  path = join(folder, 'journal.db');
});

afterEach(() => rm(folder, { recursive: true }));

function openJournal(): Promise<SqliteJournal> {
  return openSqliteJournal({ path, clock: new FakeClock(), holder: { host: 'test', pid: process.pid } });
}

async function makeJournal(accounts = 1): Promise<void> {
  await using journal = await openJournal();
  await configure(
    journal,
    Array.from({ length: accounts }, (_, index) => policy(`a${index}`)),
  );
}

async function failureOf(opening: Promise<unknown>): Promise<JournalError> {
  try {
    await opening;
  } catch (error) {
    if (error instanceof JournalError) return error;
    throw error;
  }
  throw new Error('it was opened');
}

describe('a new journal', () => {
  it('is made with its folder, for its owner alone', async () => {
    path = join(folder, 'missing', 'folders', 'journal.db');
    await using journal = await openJournal();
    expect(journal.created).toBe(true);
    expect(journal.migrations).toBe(MIGRATIONS.length);
    expect((await stat(join(folder, 'missing', 'folders'))).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(holderPath(path))).mode & 0o777).toBe(0o600);
  });

  it('is not new the second time, and keeps what was committed', async () => {
    await makeJournal();
    await using journal = await openJournal();
    expect(journal.created).toBe(false);
    expect(journal.migrations).toBe(0);
    expect((await journal.account('a0'))?.policy).toEqual(policy('a0'));
  });

  it('says beside its file who holds it, for as long as it is open', async () => {
    {
      await using _journal = await openJournal();
      expect(await readHolder(path)).toEqual({
        host: 'test',
        pid: process.pid,
        since: new FakeClock().now(),
      });
    }
    expect(await readHolder(path)).toBeUndefined();
  });

  it('ends, and gives the lock back, where the file beside it cannot be removed', async () => {
    {
      await using _journal = await openJournal();
      await rm(holderPath(path));
      await mkdir(holderPath(path));
    }
    await rm(holderPath(path), { recursive: true });
    await using again = await openJournal();
    expect(again.created).toBe(false);
  });

  it('is the same journal by a link to it', async () => {
    await using journal = await openJournal();
    const link = join(folder, 'link.db');
    await symlink(journal.path, link);
    expect(await readHolder(link)).toMatchObject({ pid: process.pid });
    path = link;
    const error = await failureOf(openJournal());
    expect(error.message).toContain(`held by process ${process.pid} on test`);
  });

  it('answers nobody as the holder where the file beside it makes no sense', async () => {
    await makeJournal();
    await writeFile(holderPath(path), '{"pid":"?"}');
    expect(await readHolder(path)).toBeUndefined();
  });
});

describe('a file that is no good journal', () => {
  it.each([
    ['is something else', () => writeFile(path, 'not a database. '.repeat(1_000)), 'not a database'],
    ['is cut short', () => makeJournal(500).then(() => truncate(path, 40_000)), 'malformed'],
    ['has a page that was overwritten', () => makeJournal().then(() => overwrite(3 * 4_096)), 'page'],
  ])('is called damaged if it %s, with ways out', async (_, make, want) => {
    await make();
    const error = await failureOf(openJournal());
    expect(error.code).toBe('damaged');
    expect(error.message).toContain(path);
    expect(error.message).toContain(want);
    expect(error.message).toContain('move it away');
  });

  it('is left as it is if it is the database of another program', async () => {
    const other = new DatabaseSync(path);
    other.exec('create table theirs (id integer)');
    other.close();
    const before = await readFile(path);
    const error = await failureOf(openJournal());
    expect(error.message).toContain('a database of another program');
    const after = new DatabaseSync(path);
    expect(after.prepare('select name from sqlite_schema').all()).toEqual([{ name: 'theirs' }]);
    after.close();
    expect(before.length).toBeGreaterThan(0);
  });

  async function overwrite(offset: number): Promise<void> {
    const file = await open(path, 'r+');
    await file.write(Buffer.alloc(4_096, 0xff), 0, 4_096, offset);
    await file.close();
  }
});

describe('a place that is no good', () => {
  it('is refused if it is a folder', async () => {
    await mkdir(path);
    const error = await failureOf(openJournal());
    expect(error.code).toBe('unavailable');
    expect(error.message).toContain('it is a folder');
  });

  it('is refused if its folder is a file', async () => {
    await writeFile(join(folder, 'file'), '');
    path = join(folder, 'file', 'journal.db');
    const error = await failureOf(openJournal());
    expect(error.code).toBe('unavailable');
    expect(error.message).toContain(path);
  });

  it('is refused on a network file system, with ways out, before anything is written', async () => {
    const error = await failureOf(preparePlace(path, () => Promise.resolve({ type: 0x6969 })));
    expect(error.code).toBe('network-file-system');
    expect(error.message).toContain('NFS');
    expect(error.message).toContain('ReadWriteOncePod');
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });
});

describe('a journal that others may write', () => {
  it.each([0o666, 0o606, 0o622])('is refused with the mode %o, and says what to do', async (mode) => {
    await makeJournal();
    await chmod(path, mode);
    const error = await failureOf(openJournal());
    expect(error.code).toBe('not-trusted');
    expect(error.message).toContain(`The journal ${path} is not opened: others may write it`);
    expect(error.message).toContain(`chmod go-w ${path}`);
    expect(error.message).toContain('move it away: no credential is kept in it');
  });

  it.each(['-wal', '-journal'])(
    'is refused where that is so of what SQLite keeps beside it: %s',
    async (name) => {
      await makeJournal();
      await writeFile(`${path}${name}`, '', { mode: 0o600 });
      await chmod(`${path}${name}`, 0o666);
      const error = await failureOf(openJournal());
      expect(error.message).toContain(`The journal ${path}${name} is not opened: others may write it`);
    },
  );

  it('is refused by a link as well', async () => {
    await makeJournal();
    await chmod(path, 0o666);
    const link = join(folder, 'link.db');
    await symlink(path, link);
    path = link;
    expect((await failureOf(openJournal())).code).toBe('not-trusted');
  });

  it.each([0o777, 0o1777, 0o2775])('is not one because its folder has the mode %o', async (mode) => {
    await chmod(folder, mode);
    await makeJournal();
    await using journal = await openJournal();
    expect(journal.created).toBe(false);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'is refused where another user owns it, though only that one may',
    async () => {
      await makeJournal();
      await chown(path, 4_711, 4_711);
      const error = await failureOf(openJournal());
      expect(error.message).toContain('its owner 4711 is neither root nor the user that rekeyd runs as');
      expect(error.message).toContain('run this as that user');
    },
  );
});

describe('a journal that a newer version has changed', () => {
  function changeBy(migrations: number): void {
    const database = new DatabaseSync(path);
    for (let ahead = 1; ahead <= migrations; ahead += 1) {
      const number = MIGRATIONS.length + ahead;
      database.exec(`alter table account add column newer${ahead} text`);
      database.exec(`create table newer${ahead} (id integer primary key)`);
      database.exec(`insert into migration (number, name, at) values (${number}, 'newer', 0)`);
    }
    database.close();
  }

  it('is opened one migration ahead, and works', async () => {
    await makeJournal();
    changeBy(1);
    await using journal = await openJournal();
    await configure(journal, [policy('a0', { jitterMs: 1 }), policy('b')]);
    const commit = commitOf(await claimOne(journal), [fact(1)]);
    expect(await journal.commit(commit)).toMatchObject({ outcome: 'committed' });
  });

  it('is refused two migrations ahead, naming the ways out', async () => {
    await makeJournal();
    changeBy(2);
    const error = await failureOf(openJournal());
    expect(error.code).toBe('too-new');
    expect(error.message).toContain(`migration ${MIGRATIONS.length + 2}`);
    expect(error.message).toContain('Run that newer version again');
  });

  it('is given back after it was refused', async () => {
    await makeJournal();
    changeBy(2);
    await failureOf(openJournal());
    const database = new DatabaseSync(path);
    database.exec(`delete from migration where number > ${MIGRATIONS.length}`);
    database.close();
    await using journal = await openJournal();
    expect(journal.created).toBe(false);
  });
});
