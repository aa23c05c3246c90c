/**
 * The journal's port, composed of a database's operations: what is long is done in many short ones, so that commits go
 * in between. Knows no database and opens none.
 */
import { keyOf } from './account-key.ts';
import { HOLDS } from '../domain/hold.ts';
import type { FoundAccount, Journal, NewRequest, RequestState } from '../ports/journal.ts';
import { applier } from './apply.ts';
import { commitGiven } from './commit.ts';
import { history } from './history.ts';
import { accountList } from './list.ts';
import type { OperationAnswer, OperationGiven, OperationName } from './operations/index.ts';
import {
  accountRow,
  claimOf,
  requestRow,
  requestStateOf,
  sharedHold,
  sharedHoldRow,
  sharedOf,
} from './rows.ts';

/**
 * Runs one operation. Resolves when what it wrote is durable, or, where the operation is a bulky one, will be with the next
 * that is not. Rejects with `JournalError` where that cannot be.
 */
export type Run = <Name extends OperationName>(
  name: Name,
  given: OperationGiven<Name>,
) => Promise<OperationAnswer<Name>>;

export interface Database {
  readonly run: Run;
  /** Whether it was made by this opening. */
  readonly created: boolean;
  /** Ends it when everything that was asked for before is done. */
  readonly close: () => Promise<void>;
}

/** Requests that are added by one operation. */
const REQUESTS_MAX = 200;

/** The journal that is kept in this database. */
export function journalOf({ run, created, close }: Database): Journal {
  const waker = wakerOf(run);
  return {
    created,
    claim: async ({ leaseMs, exceptProviders = [], ...given }) => {
      const leaseUntil = given.now + leaseMs;
      const { claims, shared } = await run('claim', { ...given, leaseUntil, exceptProviders });
      const holds = sharedOf(shared);
      return claims.map((text) => claimOf(text, holds));
    },
    renew: ({ claims, leaseUntil }) => {
      const held = claims.map(({ account, fence }) => ({ account, fence }));
      return run('renew', { claims: held, leaseUntil });
    },
    release: (given) => run('release', given),
    nextDueAt: ({ exceptProviders = [] } = {}) => run('nextDueAt', { exceptProviders }),
    dueAccounts: async (given) => (await run('dueKeys', given)).map(keyOf),
    commit: async (commit) => {
      const written = await run('commit', commitGiven(commit));
      return written === undefined
        ? { outcome: 'stale' }
        : {
            outcome: 'committed',
            shared: sharedOf(written.shared),
            ...(written.frozen && { frozen: sharedHold(written.frozen) }),
          };
    },
    hold: (hold) => run('hold', sharedHoldRow(hold)),
    lift: async (kind, subject, now) => {
      const lifted = await run('lift', { kind, subject, scope: HOLDS[kind].scope, now });
      waker.wake();
      return lifted === undefined ? undefined : sharedHold(lifted);
    },
    wakeAll: async (now) => {
      await run('wakeAll', { now });
      waker.wake();
    },
    newestAt: () => run('newestAt', undefined),
    shared: async () => sharedOf(await run('shared', undefined)),
    addCalls: (calls) => run('addCalls', calls),
    together: (given) => run('together', given),
    isWaitedFor: (consumer) => run('isWaitedFor', { consumer }),
    grantRefused: (given) => run('grantRefused', given),
    request: (requests, now) => addRequests(run, requests, now),
    found: async () => {
      const rows = await run('found', undefined);
      return new Map(
        rows.map(({ provider, accounts }) => [provider, JSON.parse(accounts) as readonly FoundAccount[]]),
      );
    },
    keepFound: ({ accounts, ...given }) => run('keepFound', { ...given, accounts: JSON.stringify(accounts) }),
    requestState: async (id) => {
      const row = await run('requestState', { id });
      return row === undefined ? undefined : requestStateOf(row);
    },
    account: async (name) => {
      const text = await run('account', { name });
      return text === undefined ? undefined : accountRow(text);
    },
    accounts: accountList(run),
    summary: (now) => run('summary', { now }),
    ...applier(run),
    ...history(run),
    async [Symbol.asyncDispose]() {
      await waker.stop();
      await close();
    },
  };
}

async function addRequests(
  run: Run,
  requests: readonly NewRequest[],
  now: number,
): Promise<readonly RequestState[]> {
  const pieces = Array.from({ length: Math.ceil(requests.length / REQUESTS_MAX) }, (_, index) =>
    requests.slice(index * REQUESTS_MAX, (index + 1) * REQUESTS_MAX),
  );
  const states = new Map<string, RequestState>();
  for (const piece of pieces) {
    const known = await run('requestStates', { ids: piece.map(({ id }) => id) });
    for (const row of known) states.set(row.id, requestStateOf(row));
  }
  const isOther = requests.some(({ id, does, target }) => {
    const known = states.get(id);
    return known !== undefined && (known.does !== does || known.target !== target);
  });
  for (const piece of isOther ? [] : pieces) {
    const rows = await run('request', { requests: piece.map((request) => requestRow(request, now)), now });
    for (const row of rows) states.set(row.id, requestStateOf(row));
  }
  return requests.flatMap(({ id }) => states.get(id) ?? []);
}

/**
 * Makes the accounts that a lifted hold had stopped due, in the background: they may be the whole fleet. What is left is
 * kept in the database, and is gone on with when it is opened again.
 */
function wakerOf(run: Run): { readonly wake: () => void; readonly stop: () => Promise<void> } {
  let stopped = false;
  let wanted = false;
  let working: Promise<void> | undefined;
  async function work(): Promise<void> {
    wanted = false;
    for (;;) {
      if (stopped || !(await run('wake', undefined))) return;
    }
  }
  function wake(): void {
    wanted = true;
    // A failure is that of the journal, which the next call of anything else reports.
    working ??= work().then(end, end);
  }
  function end(): void {
    working = undefined;
    // Asked for between the last look and now.
    if (wanted && !stopped) wake();
  }
  wake();
  return {
    wake,
    async stop() {
      stopped = true;
      await working;
    },
  };
}
