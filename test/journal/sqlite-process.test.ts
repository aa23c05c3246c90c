// The journal and the death of processes: who holds it, and what survives.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readHolder } from '../../src/journal/sqlite/holder.ts';
import { openSqliteJournal, type SqliteJournal } from '../../src/journal/sqlite/open.ts';
import { JournalError } from '../../src/ports/journal.ts';
import { claimOne } from '../contract/journal/builders.ts';
import { FakeClock } from '../world/fake-clock.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
/** Runs something in namespaces of its own; part of every Linux. */
const UNSHARE = 'unshare';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rekeyd-journal-'));
  path = join(folder, 'journal.db');
});

afterEach(() => rm(folder, { recursive: true }));

function open(): Promise<SqliteJournal> {
  return openSqliteJournal({ path, clock: new FakeClock(), holder: { host: 'test', pid: process.pid } });
}

function start(mode: string): ChildProcess & AsyncDisposable {
  const child = spawn(process.execPath, [CHILD, mode, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  return Object.assign(child, {
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  });
}

/** Reads the child's lines until one of them is enough. */
async function linesUntil(
  child: ChildProcess,
  enough: (lines: readonly string[]) => boolean,
): Promise<readonly string[]> {
  const lines: string[] = [];
  if (child.stdout === null) throw new Error('its output is a pipe');
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (enough(lines)) return lines;
  }
  throw new Error(`it ended after ${lines.join(', ')}`);
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function failureOf(opening: Promise<AsyncDisposable>): Promise<JournalError> {
  try {
    await using _journal = await opening;
  } catch (error) {
    if (error instanceof JournalError) return error;
    throw error;
  }
  throw new Error('it was opened');
}

describe('a journal that another process holds', () => {
  it('is refused, naming that process and where it answers', async () => {
    await using child = start('hold');
    await linesUntil(child, () => true);
    const error = await failureOf(open());
    expect(error.code).toBe('held');
    expect(error.message).toContain(`${path} is held by process ${child.pid} on test-host`);
    expect(error.message).toContain('/run/a.sock');
    expect(await readHolder(path)).toMatchObject({ pid: child.pid, socket: '/run/a.sock' });
  });

  it('is free once that process has closed it', async () => {
    await using child = start('hold');
    await linesUntil(child, () => true);
    const ended = once(child, 'exit');
    child.stdin?.end();
    await ended;
    expect(child.exitCode).toBe(0);
    expect(await readHolder(path)).toBeUndefined();
    await using journal = await open();
    expect(journal.created).toBe(false);
  });

  it('is free once that process was killed, and what it had claimed is due at once', async () => {
    await using child = start('hold');
    await linesUntil(child, () => true);
    await kill(child);
    await using journal = await open();
    expect((await claimOne(journal)).fence).toBe(2);
    expect(await readHolder(path)).toMatchObject({ pid: process.pid });
  });
});

describe('a process that is killed while it commits', () => {
  it('loses no commit that was acknowledged, and keeps none by halves', async () => {
    await using child = start('commit');
    const lines = await linesUntil(child, ({ length }) => length === 300);
    await kill(child);
    await using journal = await open();
    const acknowledged = new Map<string, number>();
    for (const [, name = '', version] of lines.map((line) => line.split(' '))) {
      acknowledged.set(name, Number(version));
    }
    expect(acknowledged.size).toBe(20);
    for (const [name, version] of acknowledged) {
      const account = await journal.account(name);
      const facts = await journal.facts({ account: name, limit: 1_000 });
      expect(account?.version).toBeGreaterThanOrEqual(version);
      expect(account?.record.version).toBe(account?.version);
      expect(facts.items).toHaveLength(account?.version ?? 0);
    }
  });
});

/** Runs a child in a mount namespace of its own, where such a thing can be had without being root. */
function inNamespace(mount: string, mode: string): string {
  const script = `${mount} && exec "$0" "$1" ${mode} "$2"`;
  const { stdout } = spawnSync(
    UNSHARE,
    ['--user', '--map-root-user', '--mount', 'sh', '-c', script, process.execPath, CHILD, path],
    { encoding: 'utf8' },
  );
  return stdout;
}

const NAMESPACES = spawnSync(UNSHARE, ['--user', '--map-root-user', '--mount', 'true']).status === 0;

describe.skipIf(!NAMESPACES)('a journal on a small or read-only volume (needs user namespaces)', () => {
  it('says that the volume is full, while running', () => {
    const said = inNamespace(`mount -t tmpfs -o size=1m tmpfs '${folder}'`, 'fill');
    expect(said).toContain('"code":"full"');
    expect(said).toContain('Free some space');
  });

  it('says that the volume is read-only', async () => {
    await mkdir(join(folder, 'sub'));
    const said = inNamespace(
      `mount --bind '${folder}' '${folder}' && mount -o remount,bind,ro '${folder}'`,
      'hold',
    );
    expect(said).toContain('"code":"read-only"');
    expect(said).toContain(path);
  });
});
