/** Walks through the pages of a list by their cursors, until the service says that there are no more. */
import { succeeded, type Result } from '../../domain/failure.ts';
import { invalid } from '../http/answer.ts';
import type { Reply } from '../http/call.ts';
import { KEYCARD_API } from './call.ts';
import type { Page } from './models.ts';

/** The most that one page can hold. */
export const PAGE_LIMIT_MAX = 100;

/** A service that never stops bringing new pages is ended here: a million items. */
const PAGES_MAX = 10_000;

/** Page after page, each from where the last ended; ends after the first failure. `doing` is for messages. */
export async function* walkPages<Item>(
  callPage: (after: string | undefined) => Promise<Result<Reply<Page<Item>>>>,
  doing: { readonly what: string; readonly where: string },
): AsyncGenerator<Result<Reply<Page<Item>>>, void> {
  const cursors = new Set<string>();
  let after: string | undefined;
  for (let page = 1; page <= PAGES_MAX; page++) {
    const reply = await callPage(after);
    yield reply;
    if (!reply.ok || !reply.value.value.hasNext) return;
    after = reply.value.value.endCursor;
    if (after === undefined || cursors.has(after)) {
      const problem =
        after === undefined
          ? 'page_info.end_cursor: expected a cursor'
          : 'it ends where an earlier page ended';
      yield invalid(KEYCARD_API, doing, problem);
      return;
    }
    cursors.add(after);
  }
  yield invalid(KEYCARD_API, doing, `there are more than ${PAGES_MAX} pages`);
}

/** All items of a list, and when its first page was asked for. */
export async function collect<Item>(
  pages: AsyncIterable<Result<Reply<Page<Item>>>>,
): Promise<Result<Reply<readonly Item[]>>> {
  const items: Item[] = [];
  let first: Reply<unknown> | undefined;
  for await (const page of pages) {
    if (!page.ok) return page;
    first ??= page.value;
    items.push(...page.value.value.items);
  }
  return succeeded({ sentAt: 0, ...first, value: items });
}
