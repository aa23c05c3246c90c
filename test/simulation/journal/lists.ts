/** Reads of a journal in memory: accounts and history, paged and filtered as the real one does it. */
import { HOLDS } from '../../../src/domain/hold.ts';
import type { Fact } from '../../../src/domain/fact.ts';
import type {
  AccountFilter,
  AccountRow,
  Journal,
  Page,
  RotationRow,
  StepRow,
} from '../../../src/ports/journal.ts';
import { compare, consumersOf, shown, stoppedBy, waitsFor } from './state.ts';
import type { JournalState, Row } from './state.ts';

/** The account of this name; where several had it, the one that is configured, else the newest. */
export function named(state: JournalState, name: string): Row | undefined {
  return [...state.rows.values()]
    .filter(({ policy }) => policy.name === name)
    .toSorted((one, other) => Number(other.configured) - Number(one.configured) || other.id - one.id)[0];
}

export function accounts(state: JournalState, filter: AccountFilter): Page<AccountRow> {
  checkLimit(filter.limit);
  const [afterName = '', afterId = `${Number.MAX_SAFE_INTEGER}`] = filter.after?.split('\0') ?? ['', '0'];
  const rows = [...state.rows.values()]
    .filter((row) => filter.left === true || row.configured)
    .filter(
      (row) =>
        compare(row.policy.name, afterName) > 0 ||
        (row.policy.name === afterName && row.id > Number(afterId)),
    )
    .filter((row) => passes(state, row, filter))
    .toSorted((one, other) => compare(one.policy.name, other.policy.name) || one.id - other.id);
  return page(rows, filter.limit, (row) => `${row.policy.name}\0${row.id}`, shown);
}

function passes(state: JournalState, row: Row, filter: AccountFilter): boolean {
  const { policy } = row;
  if (filter.names !== undefined && !filter.names.includes(policy.name)) return false;
  if (filter.provider !== undefined && policy.provider !== filter.provider) return false;
  const labels = Object.entries(filter.labels ?? {});
  if (labels.some(([label, value]) => policy.labels[label] !== value)) return false;
  if (filter.hold !== undefined && !isHeld(state, row, filter.hold)) return false;
  if (filter.troubledSince === undefined) return true;
  const overdue = row.wakeAt !== undefined && row.wakeAt <= filter.troubledSince;
  return overdue || !isConverged(row) || row.holds.length > 0 || sharedFor(state, row).length > 0;
}

function isHeld(state: JournalState, row: Row, kind: NonNullable<AccountFilter['hold']>): boolean {
  if ((HOLDS[kind].scope as string) === 'all')
    return [...state.shared.values()].some((hold) => hold.kind === kind);
  return [...row.holds, ...sharedFor(state, row)].some((hold) => hold.kind === kind);
}

function sharedFor({ shared }: JournalState, { policy }: Row) {
  return [...shared.values()].filter(({ kind, subject }) => {
    if (HOLDS[kind].scope === 'consumer') return waitsFor({ policy }, subject);
    return HOLDS[kind].scope === 'store'
      ? policy.targets.some(({ store }) => store === subject)
      : subject === policy.provider;
  });
}

function isBehind({ joinings }: JournalState, { id, policy }: Row): boolean {
  return consumersOf(policy).some((consumer) => joinings.get(`${id} ${consumer.id}`)?.behind === true);
}

function isConverged({ policy, record: { live, targets } }: Row): boolean {
  if (live === undefined) return false;
  return policy.targets.every(({ id }) => targets[id]?.confirmed?.fingerprint === live.fingerprint);
}

export function summary(state: JournalState, now: number): Awaited<ReturnType<Journal['summary']>> {
  const rows = [...state.rows.values()].filter(({ configured }) => configured);
  const held: Record<string, number> = {};
  for (const { holds } of rows) {
    for (const kind of new Set(holds.map((hold) => hold.kind))) held[kind] = (held[kind] ?? 0) + 1;
  }
  for (const [kind, holds] of Map.groupBy(state.shared.values(), (hold) => hold.kind)) {
    const stopped = holds.flatMap(({ subject }) => stoppedBy(state, kind, subject));
    held[kind] = new Set(stopped.filter(({ configured }) => configured)).size;
  }
  return {
    accounts: [...state.files.values()].reduce((sum, file) => sum + file.accounts, 0),
    overdue: rows.filter(({ wakeAt }) => wakeAt !== undefined && wakeAt <= now).length,
    held,
    notConverged: rows.filter((row) => !isConverged(row)).length,
    consumersBehind: rows.filter((row) => isBehind(state, row)).length,
  };
}

interface HistoryFilter {
  readonly account?: string;
  readonly after?: string;
  readonly limit: number;
}

export function rotations(state: JournalState, filter: HistoryFilter): Page<RotationRow> {
  const id = filter.account === undefined ? undefined : (named(state, filter.account)?.id ?? 0);
  const rows = [...state.rotations.values()]
    .filter((row) => id === undefined || row.account === id)
    .filter((row) => filter.after === undefined || compare(row.id, filter.after) < 0)
    .toSorted((one, other) => compare(other.id, one.id));
  return page(
    rows,
    filter.limit,
    (row) => row.id,
    (row) => row,
  );
}

export function rotation(state: JournalState, id: string): Awaited<ReturnType<Journal['rotation']>> {
  const found = state.rotations.get(id);
  if (found === undefined) return undefined;
  const steps: readonly StepRow[] = [...state.steps.values()]
    .filter((step) => step.rotation === id)
    .toSorted(
      (one, other) =>
        one.startedAt - other.startedAt ||
        compare(one.step, other.step) ||
        compare(one.target ?? '', other.target ?? ''),
    );
  const facts = state.facts.filter(({ fact }) => fact.rotation === id).map(({ fact }) => fact);
  return { rotation: found, steps, facts };
}

export function facts(state: JournalState, filter: HistoryFilter & { readonly account: string }): Page<Fact> {
  const id = named(state, filter.account)?.id;
  const before = filter.after === undefined ? Number.POSITIVE_INFINITY : Number(filter.after);
  const rows = state.facts
    .filter((row) => row.account === id && row.version < before)
    .toSorted((one, other) => other.version - one.version);
  return page(
    rows,
    filter.limit,
    ({ version }) => String(version),
    ({ fact }) => fact,
  );
}

function page<From, To>(
  rows: readonly From[],
  limit: number,
  keyOf: (row: From) => string,
  show: (row: From) => To,
): Page<To> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(show),
    ...(rows.length > limit && last !== undefined ? { next: keyOf(last) } : {}),
  };
}

function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw new RangeError(`a page of ${limit}`);
}
