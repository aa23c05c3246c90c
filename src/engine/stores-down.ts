/**
 * Finds out whether a store that is held as down takes writes again, where nothing waits to be delivered there: a write whose answer was
 * lost may have been done, and what could not be written may be found to be there already. What waits finds out by itself.
 */
import { FAILURES } from '../domain/failure.ts';
import type { Target } from '../domain/target.ts';
import type { AccountRow } from '../ports/journal.ts';
import type { Store } from '../ports/store.ts';
import type { EngineParts } from './parts.ts';
import { sizeWithCredential } from './sample.ts';
import type { SharedHolds } from './shared-holds.ts';

/** One target may have trouble of its own: so many are tried at once. */
const TARGETS_MAX = 3;
/** They are looked for among so many of the accounts that are held. */
const CHOSEN_FROM = 200;

type Given = Pick<EngineParts, 'connections' | 'journal'>;

/**
 * Lifts the hold of each store that takes a real write now. Touches no value. Looks at some of the accounts: those after `after`, and
 * answers where to go on the next time, so that no store is hidden for ever behind another one with many accounts.
 */
export async function tryStoresDown(
  parts: Given,
  sharedHolds: SharedHolds,
  { signal, after }: { readonly signal: AbortSignal; readonly after: string | undefined },
): Promise<string | undefined> {
  const names = sharedHolds.all('store-down').map(({ subject }) => subject);
  if (names.length === 0) return undefined;
  const filter = { hold: 'store-down', limit: CHOSEN_FROM, ...(after !== undefined && { after }) } as const;
  const { items, next } = await parts.journal.accounts(filter);
  for (const name of names) {
    const store = parts.connections().store(name);
    if (store !== undefined && (await takesWrites(store, chosenIn(items, name), signal)))
      await sharedHolds.storeWrote(name);
  }
  return next;
}

/** Targets that are as they should be; none where one of the store waits for a delivery. */
function chosenIn(rows: readonly AccountRow[], store: string): readonly Target[] {
  const those = rows.flatMap((row) =>
    row.policy.targets.filter(isIn(store)).map((target) => ({ row, target })),
  );
  if (those.some(({ row, target }) => isDeliveryRetried(row, target))) return [];
  return those
    .filter(({ row, target }) => isAsItShouldBe(row, target))
    .map(({ target }) => target)
    .slice(0, TARGETS_MAX);
}

function isIn(store: string): (target: Target) => boolean {
  return (target) => target.store === store;
}

/** Its next try finds out by itself: a failure of the store set the hold. What the target itself refuses tells nothing of the store. */
function isDeliveryRetried({ record }: AccountRow, { id }: Target): boolean {
  const { owed, foreign, lastFailure } = record.targets[id] ?? {};
  if (owed === undefined || foreign !== undefined || record.mismatched !== undefined) return false;
  if (lastFailure === undefined || record.held['closed'] !== undefined) return false;
  const { whose } = FAILURES[lastFailure.failure];
  return whose === 'store' || whose === 'service';
}

/** Whether it was written before does not matter: of the one write whose answer was lost, nobody knows but by reading. */
function isAsItShouldBe({ policy, record }: AccountRow, { id }: Target): boolean {
  const { confirmed, failures = 0 } = record.targets[id] ?? {};
  if (policy.paused || record.paused !== undefined || Object.keys(record.held).length > 0) return false;
  return failures === 0 && confirmed !== undefined && confirmed.fingerprint === record.live?.fingerprint;
}

async function takesWrites(store: Store, targets: readonly Target[], signal: AbortSignal): Promise<boolean> {
  const size = sizeWithCredential(undefined);
  for (const { address, options } of targets) {
    const result = await store.preflight({ address, options }, { signal, size, realWrite: true });
    if (result.ok && result.value.wrote) return true;
  }
  return false;
}
