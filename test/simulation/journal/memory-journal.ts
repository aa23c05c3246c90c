/**
 * A journal in memory, with the semantics of the real one. When an operation is done and when its answer arrives is decided
 * by whoever opens it.
 */
import { HOLDS } from '../../../src/domain/hold.ts';
import type { Applied, ApplyFile, Journal } from '../../../src/ports/journal.ts';
import { applyBatch, beginFile, endFile, leave } from './applying.ts';
import { claim, dueAccounts, nextDueAt, release, renew } from './claims.ts';
import { addCalls, commit, hold, lift, prune, request } from './commits.ts';
import { grantRefused, together } from './counts.ts';
import { accounts, facts, named, rotation, rotations, summary } from './lists.ts';
import { poke, sharedHolds, shown, waitsFor } from './state.ts';
import type { JournalState } from './state.ts';

/** Has an operation done on the journal's state, now or later, and answers when it is durable. */
export type Run = <T>(name: string, operation: (state: JournalState) => T) => Promise<T>;

export function memoryJournal(run: Run): Journal {
  let applying: Promise<unknown> = Promise.resolve();
  return {
    created: true,
    claim: (given) => run('claim', (state) => claim(state, given)),
    renew: (given) => run('renew', (state) => renew(state, given)),
    release: (given) => run('release', (state) => release(state, given)),
    nextDueAt: ({ exceptProviders = [] } = {}) =>
      run('nextDueAt', (state) => nextDueAt(state, exceptProviders)),
    dueAccounts: (given) => run('dueAccounts', (state) => dueAccounts(state, given)),
    commit: (given) => run('commit', (state) => commit(state, given)),
    hold: (given) => run('hold', (state) => hold(state, given)),
    lift: (kind, subject, now) => {
      if (HOLDS[kind].scope === 'account' || HOLDS[kind].scope === 'target')
        return Promise.reject(new Error(`${kind} is no shared hold`));
      return run('lift', (state) => lift(state, { kind, subject, now }));
    },
    wakeAll: (now) => run('wakeAll', (state) => poke(state.rows.values(), now)),
    newestAt: () => run('newestAt', ({ facts: all }) => all.at(-1)?.fact.at),
    shared: () => run('shared', (state) => ({ holds: sharedHolds(state) })),
    together: (given) => run('together', (state) => together(state, given)),
    isWaitedFor: (consumer) =>
      run('isWaitedFor', ({ rows }) =>
        [...rows.values()].some((row) => row.configured && waitsFor(row, consumer)),
      ),
    grantRefused: (given) => run('grantRefused', (state) => grantRefused(state, given)),
    addCalls: (given) => run('addCalls', (state) => addCalls(state, given)),
    request: (requests, now) => run('request', (state) => request(state, { requests, now })),
    requestState: (id) => run('requestState', (state) => state.requests.get(id)),
    found: () => run('found', (state) => new Map(state.found)),
    keepFound: ({ provider, accounts }) =>
      run('keepFound', (state) => void state.found.set(provider, accounts)),
    appliedFiles: () =>
      run('appliedFiles', ({ files }) => new Map([...files].map(([path, { hash }]) => [path, hash]))),
    apply(files, now) {
      const applied = applying.then(() => apply(run, files, now));
      applying = applied.catch(() => undefined);
      return applied;
    },
    account: (name) =>
      run('account', (state) => {
        const row = named(state, name);
        return row === undefined ? undefined : shown(row);
      }),
    accounts: (filter) => run('accounts', (state) => accounts(state, filter)),
    summary: (now) => run('summary', (state) => summary(state, now)),
    rotations: (filter) => run('rotations', (state) => rotations(state, filter)),
    rotation: (id) => run('rotation', (state) => rotation(state, id)),
    facts: (filter) => run('facts', (state) => facts(state, filter)),
    prune: (given) => run('prune', (state) => prune(state, given)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function apply(run: Run, files: readonly ApplyFile[], now: number): Promise<Applied> {
  const seen = new Map<string, Set<number> | undefined>();
  let total = 0;
  let changed = 0;
  for (const { path, hash, accounts: batches } of files) {
    total += await run('beginFile', (state) =>
      beginFile(state, { path, hash, whole: batches === undefined }),
    );
    const ids = batches === undefined ? undefined : new Set<number>();
    seen.set(path, ids);
    for await (const batch of batches ?? []) {
      const applied = await run('applyBatch', (state) =>
        applyBatch(state, { file: path, accounts: batch, now }),
      );
      changed += applied.changed;
      for (const id of applied.ids) ids?.add(id);
    }
    total += ids?.size ?? 0;
  }
  const left = await run('leave', (state) => {
    const gone = leave(state, { files: seen, now });
    for (const { path, hash } of files) {
      const ids = seen.get(path);
      if (ids !== undefined) endFile(state, { path, hash, accounts: ids.size });
    }
    return gone;
  });
  return { accounts: total, changed, left };
}
