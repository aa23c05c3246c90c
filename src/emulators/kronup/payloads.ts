/** What callers may send: schemas of queries and bodies, and the 400 that names the first field that is wrong. */
import { z } from 'zod';
import { answerInvalidArgument } from './answer.ts';
import type { Answer } from '../wire.ts';

const PAGE_SIZE_MAX = 1_500;
const PAGE_SIZE = 500;

const roleOrg = z.enum(['admin', 'member']);
const userName = z.string().min(3).max(64);

export const createPayload = z.object({ roleOrg, userName });
export const updatePayload = z.object({ roleOrg: roleOrg.optional(), userName: userName.optional() });
export const accountPayload = z.object({ userName: userName.optional() });
export const pageQuery = z.object({
  pageNumber: wholeNumber({ max: Number.MAX_SAFE_INTEGER, whenAbsent: 1 }),
  pageSize: wholeNumber({ max: PAGE_SIZE_MAX, whenAbsent: PAGE_SIZE }),
});

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly answer: Answer };

/** No body at all counts as an empty object, so that the answer names the first field that is missing. */
export function checkedBody<T>(schema: z.ZodType<T>, body: string): Checked<T> {
  if (body === '') return checked(schema, {});
  try {
    return checked(schema, JSON.parse(body));
  } catch {
    return { ok: false, answer: answerInvalidArgument('body') };
  }
}

export function checked<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const field = parsed.error.issues[0]?.path[0];
  return { ok: false, answer: answerInvalidArgument(field === undefined ? 'body' : String(field)) };
}

function wholeNumber(bounds: { readonly max: number; readonly whenAbsent: number }): z.ZodType<number> {
  return z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .pipe(z.number().int().min(1).max(bounds.max))
    .default(bounds.whenAbsent);
}
