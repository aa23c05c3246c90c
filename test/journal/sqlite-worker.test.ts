// The journal's worker: what shares an fsync, what goes first, and what its death means.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteJournal, type SqliteJournal } from '../../src/journal/sqlite/open.ts';
import { JournalError } from '../../src/ports/journal.ts';
import { systemClock } from '../../src/system/clock.ts';
import {
  claim,
  commitOf,
  configure,
  configured,
  fact,
  hold,
  namesOf,
  NOW,
  policy,
  settleAll,
} from '../contract/journal/builders.ts';
import { FakeClock } from '../world/fake-clock.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rekeyd-journal-'));
  path = join(folder, 'journal.db');
});

afterEach(() => rm(folder, { recursive: true }));

function open({ commitDelayMs = 0 } = {}): Promise<SqliteJournal> {
  const holder = { host: 'test', pid: process.pid };
  return openSqliteJournal({ path, clock: new FakeClock(), holder, commitDelayMs });
}

function policies(count: number): ReturnType<typeof policy>[] {
  return Array.from({ length: count }, (_, index) => policy(`a${index}`));
}

describe('commits', () => {
  /** Transactions in the write-ahead log: frames that say how large the database is after them. */
  async function transactions(): Promise<number> {
    const log = await readFile(`${path}-wal`);
    const pageBytes = log.readUInt32BE(8);
    let count = 0;
    for (let frame = 32; frame + 24 <= log.length; frame += 24 + pageBytes) {
      if (log.readUInt32BE(frame + 4) !== 0) count += 1;
    }
    return count;
  }

  it('that arrive while another is being written share one transaction', async () => {
    await using journal = await open({ commitDelayMs: 100 });
    await configure(journal, policies(50));
    const claims = await claim(journal);
    const before = await transactions();
    await Promise.all(claims.map((claimed) => journal.commit(commitOf(claimed, [fact(1)]))));
    expect((await transactions()) - before).toBeLessThanOrEqual(3);
    expect(claims).toHaveLength(50);
  });

  it('go before what is left of a configuration that is being applied', async () => {
    await using journal = await open();
    const order: string[] = [];
    const applied = journal
      .apply([{ path: 'f', hash: '1', accounts: policies(2_000).map((one) => [configured(one)]) }], NOW)
      .then(() => order.push('applied'));
    const calls = { provider: 'p', caller: 'c', day: '2026-01-05', calls: 1 };
    for (let count = 1; count <= 3; count += 1) {
      await journal.addCalls(calls);
      order.push('committed');
    }
    await applied;
    expect(order).toEqual(['committed', 'committed', 'committed', 'applied']);
  });

  it('let what is bulky in now and then, however many follow one another', async () => {
    await using journal = await open({ commitDelayMs: 5 });
    const clock = systemClock();
    const underWay = Promise.withResolvers<void>();
    let isOver = false;
    /** As sessions do: something between two commits takes its time. */
    async function goOn(index: number): Promise<void> {
      for (let count = 0; !isOver && count < 200; count += 1) {
        if (index === 63 && count === 5) underWay.resolve();
        await journal.addCalls({ provider: 'p', caller: `c${index}`, day: '2026-01-05', calls: 1 });
        await clock.sleep((index * 7 + count * 3) % 11);
      }
    }
    const all = Array.from({ length: 64 }, (_, index) => goOn(index));
    await underWay.promise;
    const before = await transactions();
    for (let count = 0; count < 8; count += 1) await journal.summary(NOW);
    isOver = true;
    expect((await transactions()) - before).toBeLessThan(100);
    await Promise.all(all);
  });
});

describe('a lifted hold', () => {
  it('makes the rest of its accounts due after a restart', async () => {
    {
      await using journal = await open();
      await configure(journal, policies(1_600));
      for (let settled = 0; settled < 1_600; settled += 100) await settleAll(journal);
      await journal.hold(hold('store-down', 'files'));
      await journal.lift('store-down', 'files', NOW + 5);
    }
    await using journal = await open();
    const woken = new Set<string>();
    while (woken.size < 1_600) {
      for (const name of namesOf(await claim(journal, { now: NOW + 5 }))) woken.add(name);
    }
    expect(woken.size).toBe(1_600);
  });
});

describe('a worker that dies', () => {
  it('makes each call that waits, and each later one, fail as a failure of the journal', async () => {
    const started = Promise.withResolvers<Worker>();
    process.once('worker', started.resolve);
    const journal = await open({ commitDelayMs: 1_000 });
    const worker = await started.promise;
    const waiting = journal.hold(hold('store-down', 'files'));
    await Promise.all([expect(waiting).rejects.toThrow(JournalError), worker.terminate()]);
    await expect(journal.shared()).rejects.toThrow(/worker ended/);
    await journal[Symbol.asyncDispose]();
  });
});

describe('a journal that is closed', () => {
  it('has done what it was asked to do before', async () => {
    const journal = await open();
    const waiting = journal.hold(hold('store-down', 'files'));
    await journal[Symbol.asyncDispose]();
    await waiting;
    await using again = await open();
    expect((await again.shared()).holds).toHaveLength(1);
  });

  it('refuses what it is asked to do afterwards', async () => {
    const journal = await open();
    await journal[Symbol.asyncDispose]();
    await expect(journal.shared()).rejects.toThrow(JournalError);
    await expect(journal.shared()).rejects.toThrow('closed');
  });

  it('may be closed twice', async () => {
    const journal = await open();
    await journal[Symbol.asyncDispose]();
    await expect(journal[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});
