// Whom a lifted hold wakes, while it comes and goes.

import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { MIGRATIONS } from '../../src/journal/migrations/index.ts';
import { OPERATIONS } from '../../src/journal/operations/index.ts';
import { compilerOf, type Session } from '../../src/journal/statement.ts';
import { configured, NOW, policy } from '../contract/journal/builders.ts';

const ACCOUNTS = 1_200;
const TIMES = 40;

const HOLD = { kind: 'store-down', subject: 'files', since: NOW, until: null, by: 'rekeyd', reason: 'down' };
const LIFT = { kind: 'store-down', subject: 'files', scope: 'store' } as const;

async function withAccounts(): Promise<{ readonly database: DatabaseSync; readonly session: Session }> {
  const database = new DatabaseSync(':memory:');
  const { schema } = compilerOf('sqlite');
  for (const { up } of MIGRATIONS) {
    for (const change of up({ schema, dialect: 'sqlite' })) database.exec(change.compile().sql);
  }
  const session: Session = {
    all(statement, given) {
      const { sql, values } = statement.prepare('sqlite', given);
      return Promise.resolve(database.prepare(sql).all(...values) as never);
    },
    run: () => Promise.reject(new Error('no operation changes the schema')),
  };
  for (let first = 0; first < ACCOUNTS; first += 100) {
    const accounts = Array.from({ length: 100 }, (_, index) => configured(policy(`a${first + index}`)));
    await OPERATIONS.applyBatch(session, { file: 'f', accounts, now: NOW });
  }
  return { database, session };
}

it('is poked a few times, however often the hold came and went meanwhile, and after the last time once more', async () => {
  const { database, session } = await withAccounts();
  for (let time = 1; time <= TIMES; time++) {
    await OPERATIONS.hold(session, HOLD);
    await OPERATIONS.lift(session, { ...LIFT, now: NOW + time });
  }
  const pieces = { done: 0 };
  while (await OPERATIONS.wake(session)) pieces.done++;
  expect(pieces.done).toBeLessThan(TIMES);
  const poked = database
    .prepare('select min(pokes) as least, max(pokes) as most, min(poked_at) as at from account')
    .get() as { least: number; most: number; at: number };
  expect(poked.least).toBeGreaterThanOrEqual(1);
  expect(poked.at).toBe(NOW + TIMES);
});
