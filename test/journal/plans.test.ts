// How SQLite goes about the statements: with a million accounts, one that walks over all of them stops the daemon.

import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../src/journal/migrations/index.ts';
import { OPERATIONS, type OperationGiven, type OperationName } from '../../src/journal/operations/index.ts';
import { compilerOf, type Session } from '../../src/journal/statement.ts';
import { configured, NOW, policy } from '../contract/journal/builders.ts';

let database: DatabaseSync;
let ran: Set<string>;

beforeEach(async () => {
  database = new DatabaseSync(':memory:');
  ran = new Set();
  const { schema } = compilerOf('sqlite');
  for (const { up } of MIGRATIONS) {
    for (const change of up({ schema, dialect: 'sqlite' })) database.exec(change.compile().sql);
  }
  const accounts = [configured(policy('a')), configured(policy('b'))];
  await OPERATIONS.applyBatch(session, { file: 'f', accounts, now: NOW });
  ran.clear();
});

/** Runs statements and remembers them. */
const session: Session = {
  all(statement, given) {
    const { sql, values } = statement.prepare('sqlite', given);
    ran.add(sql);
    return Promise.resolve(database.prepare(sql).all(...values) as never);
  },
  run: () => Promise.reject(new Error('no operation changes the schema')),
};

/** What SQLite does for a statement: one line a table that it looks at. */
function planOf(sql: string): readonly string[] {
  const rows = database.prepare(`explain query plan ${sql}`).all() as { detail: string }[];
  return rows.map(({ detail }) => detail);
}

/** Reads a whole table, or sorts more than the few rows that an id, an account, a name or a rotation has. */
function isWalk(sql: string): boolean {
  const plan = planOf(sql);
  const sorts = plan.some((line) => line.includes('TEMP B-TREE FOR ORDER BY'));
  const few = plan.every((line) => !/^(SEARCH|SCAN)/.test(line) || FEW.test(line));
  return plan.some((line) => WHOLE.test(line)) || (sorts && !few);
}

const WHOLE =
  /^SCAN (account|account_consumer|account_key|account_target|fact|rotation|request|step|mint_end)$/;
const FEW = /^SEARCH .*\((rowid|id|account|name|rotation)=\?/;

const COMMIT: OperationGiven<'commit'> = {
  account: 1,
  fence: 1,
  version: 0,
  newVersion: 0,
  record: '{}',
  live: 0,
  confirmed: [],
  goesFirst: false,
  dueAt: null,
  dueWhy: null,
  release: false,
  policyNoted: true,
  facts: [],
  holds: [],
  rotation: null,
  steps: [],
  answers: [],
  mintEnd: {
    end: { provider: 'kronup', rotation: 'r', attempt: 1, account: 'a', at: NOW, failure: 'no-answer' },
    message: 'lost',
    limit: { failures: 1, of: 1 },
  },
  joinings: [{ account: 1, consumer: 'c', coming: 1, behind: 1, dueAt: NOW, neededAt: NOW }],
  consumerLag: { rotation: 'r', lagMs: 1 },
};

const WINDOW = { after: { name: '', id: 0 }, limit: 10, left: false };

const CASES: readonly {
  readonly [Name in OperationName]: readonly [Name, OperationGiven<Name>];
}[OperationName][] = [
  ['account', { name: 'a' }],
  ['accountsWindow', WINDOW],
  ['accountsWindow', { ...WINDOW, left: true }],
  ['accountsWindow', { ...WINDOW, provider: 'kronup', labels: { a: 'b' } }],
  ['accountsWindow', { ...WINDOW, names: ['a', 'b'] }],
  ['accountsWindow', { ...WINDOW, hold: { kind: 'parked', scope: 'account' } }],
  ['accountsWindow', { ...WINDOW, hold: { kind: 'store-down', scope: 'store' } }],
  ['accountsWindow', { ...WINDOW, hold: { kind: 'manager-refused', scope: 'provider' } }],
  ['accountsWindow', { ...WINDOW, hold: { kind: 'consumer-unhealthy', scope: 'consumer' } }],
  ['applyBatch', { file: 'g', accounts: [configured(policy('a', { jitterMs: 1 }))], now: NOW }],
  ['claim', { holder: 'h', now: NOW, leaseUntil: NOW + 1, limit: 10, exceptProviders: [] }],
  ['fileAccounts', { path: 'f', after: 0, limit: 10 }],
  ['grantRefused', { provider: 'kronup', account: 1, now: NOW }],
  ['leave', { accounts: [1], now: NOW }],
  ['nextDueAt', { exceptProviders: [] }],
  ['renew', { claims: [{ account: 1, fence: 1 }], leaseUntil: NOW }],
  ['release', { account: 1, fence: 1, dueAt: NOW, dueWhy: 'retry' }],
  ['summary', { now: NOW }],
  ['together', { consumer: 'c', account: 1, soon: NOW }],
  ['isWaitedFor', { consumer: 'c' }],
  ['facts', { account: 'a', before: 10, limit: 10 }],
  ['rotations', { account: 'a', before: 'r', limit: 10 }],
  ['rotation', { id: 'r' }],
  ['pruneRotations', { before: NOW }],
  ['pruneRequests', { before: NOW }],
];

describe('no statement walks over all accounts or all of history', () => {
  it.each(CASES)('%s %j', async (name, given) => {
    const operation = OPERATIONS[name] as (session: Session, given: unknown) => Promise<unknown>;
    await operation(session, given);
    expect(ran.size).toBeGreaterThan(0);
    expect([...ran].filter(isWalk)).toEqual([]);
  });
});

it('nor does the commit that counts how mints ended', async () => {
  await OPERATIONS.claim(session, {
    holder: 'h',
    now: NOW,
    leaseUntil: NOW + 1,
    limit: 2,
    exceptProviders: [],
  });
  ran.clear();
  expect(await OPERATIONS.commit(session, COMMIT)).toMatchObject({ frozen: { subject: 'kronup' } });
  await OPERATIONS.lift(session, { kind: 'frozen', subject: 'kronup', scope: 'provider', now: NOW });
  expect([...ran].filter((sql) => sql.includes('mint_end')).length).toBeGreaterThanOrEqual(4);
  expect([...ran].filter(isWalk)).toEqual([]);
});
