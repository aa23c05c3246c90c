/** Reads the answer to a call: its kind, its encoding, its shape. No text of a body gets into a message. */
import type { z } from 'zod';
import { failed, succeeded, type Result } from '../../domain/failure.ts';
import { failureOf, type Doing } from './errors.ts';
import { problemOf } from './models.ts';
import type { Exchange } from './transport.ts';

type Answered = Extract<Exchange, { kind: 'answered' }>;

/** Kronup documents 200 as the only success, also for create and close. */
const STATUS_OK = 200;

/** The body as the model has it. `now` in ms since the epoch. */
export function readAnswer<T>(answer: Answered, model: z.ZodType<T>, doing: Doing, now: number): Result<T> {
  const { status } = answer;
  if (status !== STATUS_OK) {
    const body = jsonOf(answer);
    const retryAfter = headerOf(answer, 'retry-after');
    return {
      ok: false,
      failure: failureOf({ status, retryAfter, body: body.ok ? body.value : undefined }, doing, now),
    };
  }
  const body = jsonOf(answer);
  if (!body.ok) return invalid(doing, body.problem);
  const parsed = model.safeParse(body.value);
  if (!parsed.success) return invalid(doing, problemOf(parsed.error));
  return succeeded(parsed.data);
}

/** A failure that names what does not fit. */
export function invalid(
  doing: Pick<Doing, 'what' | 'where'>,
  problem: string,
): { readonly ok: false; readonly failure: ReturnType<typeof failed>['failure'] } {
  return failed(
    'answer-invalid',
    `${doing.where} was asked to ${doing.what}, but its answer does not fit: ${problem}. ` +
      'Check that baseUrl leads to the Kronup API.',
    { status: STATUS_OK },
  );
}

type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string };

function jsonOf(answer: Answered): Parsed {
  const type = (headerOf(answer, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json' && !/^application\/[\w.-]+\+json$/.test(type)) {
    return {
      ok: false,
      problem: `its content type is ${type === '' ? 'missing' : typeText(type)}, not application/json`,
    };
  }
  const encoding = headerOf(answer, 'content-encoding') ?? 'identity';
  if (encoding !== 'identity') return { ok: false, problem: 'it is compressed, which was not asked for' };
  try {
    return {
      ok: true,
      value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(answer.body)) as unknown,
    };
  } catch {
    // The parser's own message quotes the text, and the text may be a credential.
    return { ok: false, problem: 'the body is no JSON' };
  }
}

function typeText(type: string): string {
  return /^[\w.+-]{1,40}\/[\w.+-]{1,40}$/.test(type) ? type : 'unreadable';
}

/** Half of the second that the header's whole seconds leave open. */
const DATE_HALF_STEP_MS = 500;

/**
 * What time it was at the service when it gave this answer, in ms since the epoch; `undefined` where it does not say, or where a
 * cache kept the answer (`Age`) or something else gave it: `read` is what was read from it.
 */
export function dateOf(answer: Answered, read: Result<unknown>): number | undefined {
  const isTheirs = read.ok || read.failure.id !== undefined;
  if (!isTheirs || headerOf(answer, 'age') !== undefined) return undefined;
  const ms = Date.parse(headerOf(answer, 'date') ?? '');
  return Number.isNaN(ms) ? undefined : ms + DATE_HALF_STEP_MS;
}

function headerOf(answer: Answered, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
