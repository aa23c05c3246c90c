/** Pages of a list by cursors. A cursor names a place in the order of making, so it stays good when items go. */
import type { z } from 'zod';
import type { Answer } from '../wire.ts';
import { answerError } from './answer.ts';
import type { pageQuery } from './payloads.ts';

/** What can be listed: its serial is its place in the order of making. */
export interface Item {
  readonly serial: number;
}

/** The page that the query asks for, of items in the order of their making. */
export function answerPage<One extends Item>(
  items: readonly One[],
  { after, before, limit }: z.output<typeof pageQuery>,
  view: (item: One) => object,
): Answer {
  const from = after === undefined ? Number.NEGATIVE_INFINITY : serialIn(after);
  const to = before === undefined ? Number.POSITIVE_INFINITY : serialIn(before);
  if (from === undefined || to === undefined) return answerError(400, 'after or before is no cursor');
  const within = items.filter(({ serial }) => serial > from && serial < to);
  const shown = after === undefined && before !== undefined ? within.slice(-limit) : within.slice(0, limit);
  const [first, last] = [shown[0], shown.at(-1)];
  return {
    status: 200,
    body: {
      items: shown.map(view),
      page_info: {
        has_next_page: items.some(({ serial }) => serial > (last?.serial ?? from)),
        has_prev_page: items.some(({ serial }) => serial < (first?.serial ?? to)),
        ...(last && { end_cursor: cursorOf(last) }),
        ...(first && { start_cursor: cursorOf(first) }),
      },
    },
  };
}

function cursorOf({ serial }: Item): string {
  return Buffer.from(`s${serial}`).toString('base64url');
}

function serialIn(cursor: string): number | undefined {
  const [, serial] = /^s(-?\d+)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  return serial === undefined ? undefined : Number(serial);
}
