/** The tests' own client of the emulator: plain fetch, nothing of the daemon's. */
import type { KronupEmulator } from '../../../src/emulators/kronup/emulator.ts';

/** Any body that the emulator may answer with, as if every field were there: what is there, tests assert. */
export interface Shown {
  readonly id: string;
  readonly message: string;
  readonly userName: string;
  readonly roleOrg: string;
  readonly closedTime: number;
  readonly createdAt: string;
  readonly serviceToken: string;
  readonly apiCalls: Readonly<Record<string, number>>;
  readonly pageNumber: number;
  readonly pageSize: number;
  readonly total: number;
  readonly serviceAccounts: readonly Shown[];
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of a JSON answer; an empty object otherwise. */
  readonly body: Shown;
}

export interface Asked {
  /** The whole `Authorization` header; the manager's token by default, `null` for none. */
  readonly authorization?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as it is where it is a string. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** `call(emulator, 'GET /service-accounts?pageSize=3')`. Rejects as fetch does where no whole answer came. */
export async function call(emulator: KronupEmulator, request: string, asked: Asked = {}): Promise<Answered> {
  const [method = '', path = ''] = request.split(' ');
  const base = path.startsWith('/_') ? emulator.origin : emulator.url;
  const answer = await fetch(`${base}${path}`, {
    method,
    headers: headersOf(emulator, asked),
    ...(asked.body === undefined ? {} : { body: textOf(asked.body) }),
    ...(asked.signal === undefined ? {} : { signal: asked.signal }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
  const body = (isJson ? JSON.parse(text) : {}) as Shown;
  return { status: answer.status, headers: answer.headers, text, body };
}

/** The same with an account's own live token. */
export async function callAs(
  emulator: KronupEmulator,
  accountId: string,
  request: string,
  asked: Asked = {},
): Promise<Answered> {
  const token = await emulator.liveToken(accountId);
  return call(emulator, request, { ...asked, authorization: `Bearer ${token.reveal()}` });
}

/** What is known of the answer, for one expectation: `{ status: 401, id: 'auth-missing' }`. */
export function outcomeOf(answer: Answered): { readonly status: number; readonly id: string } {
  return { status: answer.status, id: answer.body.id };
}

function headersOf(emulator: KronupEmulator, asked: Asked): Record<string, string> {
  const authorization = asked.authorization ?? `Bearer ${emulator.manager.token.reveal()}`;
  return {
    connection: 'close',
    ...(asked.authorization === null ? {} : { authorization }),
    ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...asked.headers,
  };
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}
