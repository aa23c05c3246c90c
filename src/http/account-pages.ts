/** All accounts that fit a filter, a page at a time: however many there are, no more than one page is in memory. */
import type { AccountFilter, AccountRow, Journal } from '../ports/journal.ts';

/** Pages of at most `filter.limit` accounts, in the order of their names. */
export async function* accountPages(
  journal: Pick<Journal, 'accounts'>,
  filter: Omit<AccountFilter, 'after'>,
): AsyncGenerator<readonly AccountRow[], void> {
  let after: string | undefined;
  do {
    const page = await journal.accounts({ ...filter, ...(after && { after }) });
    yield page.items;
    after = page.next;
  } while (after !== undefined);
}
