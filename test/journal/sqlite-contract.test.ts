// The journal's contract, on SQLite files.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import { journalContract } from '../contract/journal-contract.ts';
import { FakeClock } from '../world/fake-clock.ts';

let folder: string;
let opened = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rekeyd-journal-'));
});

afterAll(() => rm(folder, { recursive: true }));

journalContract('SQLite', () => {
  opened += 1;
  const path = join(folder, `${opened}.db`);
  return openSqliteJournal({ path, clock: new FakeClock(), holder: { host: 'test', pid: process.pid } });
});
