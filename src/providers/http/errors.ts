/**
 * What answers mean when they are no success: from an API's own table of statuses and error ids to a failure, and the words
 * for it. It never repeats a body: at most the error's id and its message, without anything that could be a credential.
 */
import { mayBeSecret, sanitiseText } from '../../domain/credential-shapes.ts';
import { FAILURES, failed, type Failure, type FailureKind } from '../../domain/failure.ts';
import type { Doing } from './doing.ts';

export interface ErrorRow {
  readonly status: number;
  /** The documented id; `prefix-*` stands for all that begin so, `*` for any other. */
  readonly id: string;
  readonly failure: FailureKind;
  readonly why: string;
  readonly next?: string;
}

/** An error as an API says it. */
export interface SaidError {
  /** Its own name for what is wrong; empty where it has none. */
  readonly id: string;
  readonly message: string;
}

/** How an API says that something went wrong, and what that means. */
export interface ErrorForm {
  /** The API, such as `Kronup`. */
  readonly service: string;
  /**
   * Every documented error, then each status for an id that is not documented. Only 400, 401, 403, 404 and 429 may have a
   * failure whose effect is `none`: any other status leaves open whether something was done.
   */
  readonly rows: readonly ErrorRow[];
  /** Ids by which the service says that the credential itself is no longer good. */
  readonly revokedIds: readonly string[];
  /** Statuses of `answer-invalid` that the service says of one account, for what lies in it, and not of all that it is asked. */
  readonly declines: readonly number[];
  /** The error in a body; `undefined` where the body has not the form of one. */
  read(body: unknown, status: number): SaidError | undefined;
  /** What to do next, where the row does not say it. */
  advice(failure: FailureKind, doing: Doing): string;
}

export interface ErrorAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: unknown;
}

/** The failure of an answer that is no success. `now` at the service, in ms since the epoch, for a `Retry-After` that is a date. */
export function failureIn(form: ErrorForm, answer: ErrorAnswer, doing: Doing, now: number): Failure {
  const { status } = answer;
  const said = form.read(answer.body, status);
  const id = said !== undefined && isErrorId(form, said.id) ? said.id : undefined;
  const row = rowOf(form, status, said === undefined ? undefined : (id ?? ''));
  const words = said === undefined || row.id !== '*' ? '' : `; it says "${harmless(said.message)}"`;
  const retryAfterMs = retryAfterOf(answer.retryAfter, now);
  const label = id === undefined ? String(status) : `${status} ${id}`;
  const next = row.next ?? form.advice(row.failure, doing);
  const message = `${doing.where} did not ${doing.what}: ${label}, ${row.why}${words}. ${next}`;
  const isRevoked = row.failure === 'credential-refused' && id !== undefined && form.revokedIds.includes(id);
  // What is not in the service's own form, a proxy may have said, and of all accounts alike.
  const isDeclined = said !== undefined && row.failure === 'answer-invalid' && form.declines.includes(status);
  return failed(row.failure, message, {
    status,
    ...(id === undefined ? {} : { id }),
    ...(isRevoked ? { revoked: true as const } : {}),
    ...(isDeclined ? { declined: true as const } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }).failure;
}

/**
 * What failed before the call that mattered was sent: whatever became of that, this one was not, and no account is to blame.
 */
export function nothingDone(failure: Failure): { readonly ok: false; readonly failure: Failure } {
  const { effect, whose } = FAILURES[failure.kind];
  const isTheCalls = effect === 'unknown' || whose === 'account';
  return { ok: false, failure: isTheCalls ? { ...failure, kind: 'not-connected' } : failure };
}

/** Statuses that the table has rows for. Where nobody speaks the API's error format, something else has answered. */
function rowOf({ rows, service }: ErrorForm, status: number, id: string | undefined): ErrorRow {
  if (status >= 500) {
    return errorRow(status, '*', 'no-answer', 'something went wrong inside the service', 'Wait.');
  }
  if (status >= 300 && status < 400) {
    return errorRow(status, '*', 'answer-invalid', 'it redirects, which is never followed', 'Check baseUrl.');
  }
  // Judged by its status alone, a proxy's 403 would count against every account, and its 404 would make them all absent.
  if (id === undefined && (status === 400 || status === 403 || status === 404)) {
    const why = `and not in the form of a ${service} error: something else has answered, such as a proxy`;
    return errorRow(status, '*', 'not-connected', why, 'Check baseUrl and the proxy.');
  }
  return (
    rows.find((one) => one.status === status && matches(one.id, id ?? '')) ??
    errorRow(status, '*', 'answer-invalid', 'which is not documented', 'Check baseUrl and the proxy.')
  );
}

/** Words as people choose them, each with digits at its end alone: letters and digits of a credential are mixed. */
const WORDS = /^(?:[A-Za-z]+\d{0,6}|\d{1,6})(?:[-_](?:[A-Za-z]+\d{0,6}|\d{1,6}))*$/;

/**
 * Whether this text is the name of an error, and can be no credential: a service may repeat what it was sent. A documented one is a
 * name; of one that only begins as a documented one, the rest must be.
 */
function isErrorId({ rows }: ErrorForm, text: string): boolean {
  if (!WORDS.test(text)) return false;
  if (rows.some(({ id }) => id === text)) return true;
  const prefixes = rows.filter(({ id }) => id.endsWith('*')).map(({ id }) => id.slice(0, -1));
  const prefix = prefixes.find((start) => start !== '' && text.startsWith(start)) ?? '';
  return !mayBeSecret(text.slice(prefix.length)) && sanitiseText(text) === text;
}

function matches(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
}

export function errorRow(
  status: number,
  id: string,
  failure: FailureKind,
  why: string,
  next?: string,
): ErrorRow {
  return { status, id, failure, why, ...(next === undefined ? {} : { next }) };
}

const MS_PER_S = 1_000;
const RETRY_AFTER_MS_MAX = 24 * 3_600_000;

/** Seconds or an HTTP date, as RFC 9110 allows; in ms, at most a day. */
function retryAfterOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  // An HTTP date begins with a day's name. `Date.parse` takes a broken number for a year long ago, as if nothing were asked for.
  const date = /^\s*[A-Z]/i.test(text) ? Date.parse(text) - now : Number.NaN;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * MS_PER_S : date;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MS_MAX);
}

const SAID_LENGTH_MAX = 160;

/** A service's own words, on one line, without any run of characters that is long enough to be a credential. */
export function harmless(text: string): string {
  return text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/[^ ]{20,}/g, '…')
    .slice(0, SAID_LENGTH_MAX);
}
