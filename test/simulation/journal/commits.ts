/** What a commit writes to a journal in memory, and when it writes nothing; shared holds; requests; budgets; forgetting. */
import type { Hold, HoldKind } from '../../../src/domain/hold.ts';
import type { Commit, CommitOutcome, NewRequest, RequestState } from '../../../src/ports/journal.ts';
import { putMintEnd } from './counts.ts';
import { compare, consumersOf, giveBack, poke, rowOf, sharedHolds, stoppedBy } from './state.ts';
import type { JournalState } from './state.ts';

export function commit(state: JournalState, given: Commit): CommitOutcome {
  const newVersion = given.version + given.facts.length;
  if (given.record.version !== newVersion) {
    throw new Error(`a record of version ${given.record.version} does not fit version ${newVersion}`);
  }
  const row = state.rows.get(given.account);
  const current = row !== undefined && row.leaseUntil !== undefined;
  if (!current || row.fence !== given.fence || row.version !== given.version) return { outcome: 'stale' };
  const holds = ordered(given.holds);
  row.record = given.record;
  row.version = newVersion;
  row.holds = holds;
  row.dueAt = given.dueAt;
  row.dueWhy = given.dueWhy;
  if (given.release) giveBack(row, given.dueAt);
  given.facts.forEach((fact, index) => {
    state.facts.push({ account: given.account, version: given.version + index + 1, fact });
  });
  if (given.policyNoted) row.policyDecided = row.policyClaimed;
  if (given.rotation !== undefined) {
    const { consumerLagMs } = state.rotations.get(given.rotation.id) ?? {};
    const lag = consumerLagMs === undefined ? {} : { consumerLagMs };
    state.rotations.set(given.rotation.id, { ...given.rotation, ...lag });
  }
  join(state, given);
  for (const step of given.steps ?? []) {
    state.steps.set(`${step.rotation} ${step.step} ${step.target ?? ''}`, step);
  }
  for (const { id, ...answer } of given.requests ?? []) {
    const asked = state.requests.get(id);
    if (asked?.account === given.account) state.requests.set(id, { ...asked, ...answer });
  }
  const frozen = given.mintEnd === undefined ? undefined : putMintEnd(state, given.mintEnd);
  const shared = { holds: sharedHolds(state) };
  return { outcome: 'committed', shared, ...(frozen === undefined ? {} : { frozen }) };
}

/** What the account lets others know of the consumers that it names, and how long a rotation's took. */
function join(state: JournalState, { account, joinings = [], consumerLag }: Commit): void {
  const named = new Set(consumersOf(rowOf(state, account).policy).map(({ id }) => id));
  for (const joining of joinings) {
    if (named.has(joining.consumer))
      state.joinings.set(`${account} ${joining.consumer}`, { ...joining, account });
  }
  const rotation = consumerLag && state.rotations.get(consumerLag.rotation);
  if (rotation === undefined) return;
  const consumerLagMs = Math.max(consumerLag?.lagMs ?? 0, rotation.consumerLagMs ?? 0);
  state.rotations.set(rotation.id, { ...rotation, consumerLagMs });
}

function ordered(holds: readonly Hold[]): readonly Hold[] {
  const keys = holds.map(({ kind, target }) => `${kind} ${target ?? ''}`);
  if (new Set(keys).size < keys.length) throw new Error('an account has the same hold twice');
  return holds.toSorted(
    (one, other) => compare(one.kind, other.kind) || compare(one.target ?? '', other.target ?? ''),
  );
}

export function hold(state: JournalState, given: Hold): void {
  state.shared.set(`${given.kind} ${given.subject}`, given);
}

export function lift(
  state: JournalState,
  given: { readonly kind: HoldKind; readonly subject: string; readonly now: number },
): Hold | undefined {
  const key = `${given.kind} ${given.subject}`;
  const lifted = state.shared.get(key);
  if (lifted === undefined) return undefined;
  state.shared.delete(key);
  if (given.kind === 'frozen') {
    state.mintEnds = state.mintEnds.filter(({ provider }) => provider !== given.subject);
  }
  poke(stoppedBy(state, given.kind, given.subject), given.now);
  return lifted;
}

export function addCalls(
  { calls }: JournalState,
  given: {
    readonly provider: string;
    readonly caller: string;
    readonly day: string;
    readonly calls: number;
  },
): number {
  const key = `${given.provider} ${given.caller} ${given.day}`;
  const sum = (calls.get(key) ?? 0) + given.calls;
  calls.set(key, sum);
  return sum;
}

function dayIn(callsKey: string): string {
  return callsKey.slice(callsKey.lastIndexOf(' ') + 1);
}

export function request(
  state: JournalState,
  { requests, now }: { readonly requests: readonly NewRequest[]; readonly now: number },
): readonly RequestState[] {
  const known = (id: string) => state.requests.get(id);
  const clash = requests.some(({ id, does, target }) => {
    const before = known(id);
    return before !== undefined && (before.does !== does || before.target !== target);
  });
  const poked = new Set<number>();
  for (const one of clash ? [] : requests) {
    if (known(one.id) !== undefined) continue;
    state.requests.set(one.id, { ...one, at: now, state: 'waiting' });
    poked.add(one.account);
  }
  poke(
    [...poked].map((id) => rowOf(state, id)),
    now,
  );
  return requests.flatMap(({ id }) => known(id) ?? []);
}

export function prune(
  state: JournalState,
  given: {
    readonly now: number;
    readonly before: number;
    readonly requestsBefore: number;
    readonly callsBefore: string;
  },
): { readonly facts: number; readonly rotations: number } {
  const { now, before, requestsBefore, callsBefore } = given;
  const kept = state.facts.findIndex(({ fact }) => fact.at >= before && fact.at <= now);
  const facts =
    1 + state.facts.slice(0, kept < 0 ? undefined : kept).findLastIndex(({ fact }) => fact.at < before);
  state.facts.splice(0, facts);
  let rotations = 0;
  for (const [id, { closedAt }] of state.rotations) {
    if (closedAt === undefined || closedAt >= before) continue;
    state.rotations.delete(id);
    for (const [key, step] of state.steps) if (step.rotation === id) state.steps.delete(key);
    rotations++;
  }
  for (const [id, { at, state: how }] of state.requests) {
    if (at < requestsBefore && how !== 'waiting') state.requests.delete(id);
  }
  for (const key of state.calls.keys()) if (dayIn(key) < callsBefore) state.calls.delete(key);
  return { facts, rotations };
}
