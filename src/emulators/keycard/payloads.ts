/** What callers may send: schemas of queries and bodies, and the 400 that names the first field that is wrong. */
import { z } from 'zod';
import type { Answer } from '../wire.ts';
import { answerError } from './answer.ts';

const LIMIT = 20;
const LIMIT_MAX = 100;
const TEXT_LENGTH_MAX = 255;
const DESCRIPTION_LENGTH_MAX = 500;

const name = z.string().min(1);
const description = z.string().max(DESCRIPTION_LENGTH_MAX);
const cursor = z.string().min(1).max(TEXT_LENGTH_MAX);

export const createPayload = z.object({ name, description: description.optional() });
export const updatePayload = z.object({ name: name.optional(), description: description.optional() });

/** `expand[]=a&expand[]=b` and `expand=a`: clients of this API send both forms. */
const expand = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (typeof given === 'string' ? [given] : given))
  .pipe(z.array(z.enum(['permissions', 'total_count'])));

export const expandQuery = z.object({ expand: expand.optional(), 'expand[]': expand.optional() });

export const pageQuery = expandQuery.extend({
  after: cursor.optional(),
  before: cursor.optional(),
  limit: z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(1).max(LIMIT_MAX)).default(LIMIT),
});

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly answer: Answer };

/** A body is JSON, and says so. */
export function checkedBody<T>(
  schema: z.ZodType<T>,
  { body, contentType }: { readonly body: string; readonly contentType: string | undefined },
): Checked<T> {
  if (mediaType(contentType) !== 'application/json') return { ok: false, answer: answerError(415) };
  try {
    return checked(schema, JSON.parse(body));
  } catch {
    return { ok: false, answer: answerError(400, 'The body is not JSON') };
  }
}

export function checked<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  const field = issue?.path[0] === undefined ? 'body' : String(issue.path[0]);
  return { ok: false, answer: answerError(400, `${field} is invalid`) };
}

/** Without its parameters, in lower case. */
export function mediaType(contentType: string | undefined): string {
  return contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Whether the answer is to say what the caller may do. */
export function wantsPermissions(query: z.output<typeof expandQuery>): boolean {
  return [...(query.expand ?? []), ...(query['expand[]'] ?? [])].includes('permissions');
}
