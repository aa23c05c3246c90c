/** The list of accounts, page by page, gathered from windows of names. */
import { HOLDS } from '../domain/hold.ts';
import type { AccountFilter, AccountRow, Journal } from '../ports/journal.ts';
import type { Run } from './journal.ts';
import type { NameKey, Window } from './operations/accounts.ts';
import { accountRow } from './rows.ts';

/** Accounts that one page may have, and names that one filter may list. */
const PAGE_MAX = 1_000;

const FIRST: NameKey = { name: '', id: 0 };

/** Lists accounts by name. Throws where the limits of the port are not kept. */
export function accountList(run: Run): Journal['accounts'] {
  return async (filter) => {
    check(filter);
    const items: AccountRow[] = [];
    let next: NameKey | undefined = filter.after === undefined ? FIRST : decode(filter.after);
    while (next !== undefined && items.length < filter.limit) {
      const window: Window = await run('accountsWindow', {
        after: next,
        limit: filter.limit - items.length,
        left: filter.left ?? false,
        provider: filter.provider,
        names: filter.names,
        labels: filter.labels,
        troubledSince: filter.troubledSince,
        hold: filter.hold === undefined ? undefined : { kind: filter.hold, scope: HOLDS[filter.hold].scope },
      });
      items.push(...window.accounts.map(accountRow));
      next = window.next;
    }
    return next === undefined ? { items } : { items, next: encode(next) };
  };
}

function check({ limit, names }: AccountFilter): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) {
    throw new RangeError(`a page has 1 to ${PAGE_MAX} accounts, not ${limit}`);
  }
  if (names !== undefined && names.length > PAGE_MAX) {
    throw new RangeError(`a filter lists at most ${PAGE_MAX} names, not ${names.length}`);
  }
}

/** Safe in a URL, and opaque: a name may hold anything. */
function encode({ name, id }: NameKey): string {
  return Buffer.from(JSON.stringify([name, id])).toString('base64url');
}

/** What cannot be read as a key, such as one that a person made up, is taken for a name. */
function decode(after: string): NameKey {
  try {
    const [name, id] = JSON.parse(Buffer.from(after, 'base64url').toString()) as [unknown, unknown];
    if (typeof name === 'string' && typeof id === 'number') return { name, id };
  } catch {
    // Not one of ours.
  }
  return { name: after, id: Number.MAX_SAFE_INTEGER };
}
