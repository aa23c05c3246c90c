/** Paths and queries of the Keycard API. */
import { failed, succeeded, type Result } from '../../domain/failure.ts';

/** What may come with an answer on demand. */
export type Expand = 'permissions' | 'total_count';

/** Which part of a list. */
export interface PageQuery {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  /** 1 to 100. */
  readonly limit?: number | undefined;
  readonly expand?: readonly Expand[] | undefined;
}

const SEGMENT_LENGTH_MAX = 255;

/**
 * The path with these parts, each one segment whatever is in it. An empty one, or one that stands for a folder above, would
 * make it another path: it is refused as `not-allowed`. `doing` is for the message.
 */
export function pathOf(
  segments: readonly string[],
  doing: { readonly what: string; readonly where: string },
): Result<string> {
  const wrong = segments.find((text) => /^\.{0,2}$/.test(text) || text.length > SEGMENT_LENGTH_MAX);
  if (wrong === undefined) return succeeded(segments.map((text) => `/${encodeURIComponent(text)}`).join(''));
  return failed(
    'not-allowed',
    `${doing.where} was not asked to ${doing.what}: an id has 1 to ${SEGMENT_LENGTH_MAX} characters and is more than dots. ` +
      'Check the ids of organisation, account and credential.',
  );
}

/** With its question mark; empty where nothing is asked for. */
export function queryOf({ after, before, limit, expand = [] }: PageQuery): string {
  const query = new URLSearchParams();
  if (after !== undefined) query.set('after', after);
  if (before !== undefined) query.set('before', before);
  if (limit !== undefined) query.set('limit', String(limit));
  for (const one of expand) query.append('expand[]', one);
  return query.size === 0 ? '' : `?${query.toString()}`;
}
