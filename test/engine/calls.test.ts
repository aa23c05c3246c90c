import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCallCounter, upkeep } from '../../src/engine/upkeep.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import { engineWorld, HOUR_MS } from '../world/engine-world.ts';
import { FakeClock } from '../world/fake-clock.ts';

const AT = Date.parse('2026-01-05T12:00:00Z');
const DAY_MS = 24 * HOUR_MS;

describe('of the calls that are made', () => {
  it('a thousand credentials that were tried leave one row of calls a provider and day', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rekeyd-calls-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'journal.db');
    {
      const holder = { host: 'test', pid: 1 };
      await using journal = await openSqliteJournal({ path, clock: new FakeClock(AT), holder });
      const calls = createCallCounter({ journal });
      for (const at of [AT, AT + DAY_MS]) {
        for (const provider of ['kronup', 'keycard']) {
          calls.count({ provider, caller: 'manager', at });
          for (let tried = 0; tried < 1_000; tried++) {
            calls.count({ provider, caller: tried.toString(16).padStart(16, '0'), at });
          }
          calls.count({ provider, caller: 'manager', at });
        }
      }
      await calls.flush();
    }
    using database = new DatabaseSync(path, { readOnly: true });
    const rows = database.prepare('select provider, caller, day, calls from calls order by day, provider');
    const row = (provider: string, day: string) => ({ provider, caller: 'manager', day, calls: 2 });
    expect(rows.all().map((one) => ({ ...one }))).toEqual([
      row('keycard', '2026-01-05'),
      row('kronup', '2026-01-05'),
      row('keycard', '2026-01-06'),
      row('kronup', '2026-01-06'),
    ]);
  });

  it('those of days before yesterday are forgotten, whatever is kept of history', async () => {
    await using world = await engineWorld({ now: '2026-01-05T00:00:30Z' });
    const { clock } = world;
    const at = clock.elapsed();
    world.parts.clocks.told('provider kronup', { date: clock.now(), sentAt: at, receivedAt: at });
    const sumOf = (day: string, calls = 0) =>
      world.journal.addCalls({ provider: 'kronup', caller: 'manager', day, calls });
    for (const day of ['2026-01-03', '2026-01-04', '2026-01-05']) await sumOf(day, 7);
    const pruned = Promise.withResolvers<void>();
    const journal = {
      ...world.journal,
      async prune(options: Parameters<typeof world.journal.prune>[0]) {
        const done = await world.journal.prune(options);
        pruned.resolve();
        return done;
      },
    };
    const parts = { ...world.parts, journal };
    const stopping = new AbortController();
    const { engine } = world;
    const ended = upkeep(parts, { engine, calls: createCallCounter(parts), signal: stopping.signal });
    await pruned.promise;
    stopping.abort(new Error('stopped'));
    await ended;
    expect(await Promise.all(['2026-01-03', '2026-01-04', '2026-01-05'].map((day) => sumOf(day)))).toEqual([
      0, 7, 7,
    ]);
  });
});
