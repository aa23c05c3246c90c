/** Reads the answer to a call: its kind, its encoding, its shape. No text of a body gets into a message. */
import type { z } from 'zod';
import { failed, succeeded, type Failure, type Result } from '../../domain/failure.ts';
import { problemOf } from './body.ts';
import type { Doing } from './doing.ts';
import { failureIn, type ErrorForm } from './errors.ts';
import type { Exchange } from '../../system/exchange.ts';

type Answered = Extract<Exchange, { kind: 'answered' }>;

/** What has to be known of an API to read its answers. */
export interface Api {
  /** The header that takes an id for each request, by which the service's operators find it; absent where there is none. */
  readonly requestIdHeader?: string;
  readonly errors: ErrorForm;
  /** Whether this status is a success as the API documents it. */
  isSuccess(status: number): boolean;
}

/** What an answer should be. */
export interface Expected<T> {
  readonly model: z.ZodType<T>;
  /** Without a body it is read as `undefined`. */
  readonly mayBeEmpty?: boolean;
}

/** The body as the model has it. `now` in ms since the epoch. */
export function readAnswer<T>(
  answer: Answered,
  { model, mayBeEmpty }: Expected<T>,
  { api, doing, now }: { readonly api: Api; readonly doing: Doing; readonly now: number },
): Result<T> {
  const { status } = answer;
  if (!api.isSuccess(status)) {
    const body = jsonOf(answer);
    const retryAfter = headerOf(answer, 'retry-after');
    const given = { status, retryAfter, body: body.ok ? body.value : undefined };
    // An instant that a service names is one of its own clock.
    return { ok: false, failure: failureIn(api.errors, given, doing, toldTime(answer) ?? now) };
  }
  const isEmpty = mayBeEmpty === true && answer.body.byteLength === 0;
  const body: Parsed = isEmpty ? { ok: true, value: undefined } : jsonOf(answer);
  if (!body.ok) return invalid(api, doing, body.problem, status);
  const parsed = model.safeParse(body.value);
  if (!parsed.success) return invalid(api, doing, problemOf(parsed.error), status);
  return succeeded(parsed.data);
}

const STATUS_OK = 200;

/** A failure that names what does not fit. */
export function invalid(
  { errors }: Pick<Api, 'errors'>,
  doing: Pick<Doing, 'what' | 'where'>,
  problem: string,
  status = STATUS_OK,
): { readonly ok: false; readonly failure: Failure } {
  return failed(
    'answer-invalid',
    `${doing.where} was asked to ${doing.what}, but its answer does not fit: ${problem}. ` +
      `Check that baseUrl leads to the ${errors.service} API.`,
    { status },
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
  const ms = isTheirs ? toldTime(answer) : undefined;
  return ms === undefined ? undefined : ms + DATE_HALF_STEP_MS;
}

/** By the clock of whoever gave this answer, and not out of a cache. */
function toldTime(answer: Answered): number | undefined {
  const ms = headerOf(answer, 'age') === undefined ? Date.parse(headerOf(answer, 'date') ?? '') : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function headerOf(answer: Answered, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
