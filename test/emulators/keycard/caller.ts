/** The tests' own client of the emulator: plain fetch, nothing of the daemon's. And the emulator, on a clock that stands still. */
import { startKeycardEmulator } from '../../../src/emulators/keycard/emulator.ts';
import type { KeycardEmulator, KeycardEmulatorOptions } from '../../../src/emulators/keycard/emulator.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { seededRandom } from '../../world/fake-random.ts';

const START = Date.parse('2026-01-05T00:00:00Z');

export type TestEmulator = KeycardEmulator & { readonly clock: FakeClock };

export async function emulate(options: Partial<KeycardEmulatorOptions> = {}): Promise<TestEmulator> {
  const clock = new FakeClock(START);
  const emulator = await startKeycardEmulator({ clock, random: seededRandom(), ...options });
  return Object.assign(emulator, { clock });
}

/** Any body that the emulator may answer with, as if every field were there: what is there, tests assert. */
export interface Shown {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly last_used_at: string;
  readonly permissions: object;
  readonly items: readonly Shown[];
  readonly page_info: Readonly<Record<string, unknown>>;
  readonly message: string;
  readonly code: string;
  readonly status: number;
  readonly error: string;
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of a JSON answer; an empty object otherwise. */
  readonly body: Shown;
}

export interface Asked {
  /** The whole `Authorization` header; a new access token of the manager by default, `null` for none. */
  readonly authorization?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as it is where it is a string. */
  readonly body?: unknown;
}

/** `call(emulator, 'GET /organizations')`; `ORG` stands for the organisation's path. Rejects where no whole answer came. */
export async function call(emulator: KeycardEmulator, request: string, asked: Asked = {}): Promise<Answered> {
  const [method = '', path = ''] = request.split(' ');
  const bearer = asked.authorization === undefined ? await bearerOf(emulator) : asked.authorization;
  const body = typeof asked.body === 'string' ? asked.body : JSON.stringify(asked.body);
  return await send(`${emulator.url}${path.replace('ORG', `/organizations/${emulator.organisation}`)}`, {
    method,
    headers: {
      connection: 'close',
      ...(bearer === null ? {} : { authorization: bearer }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...asked.headers,
    },
    ...(body === undefined ? {} : { body }),
  });
}

/** Asks for an access token; the manager's client by default. */
export async function askForToken(
  emulator: KeycardEmulator,
  client: { readonly clientId: string; readonly clientSecret: { reveal(): string } } = emulator.manager,
  form: Readonly<Record<string, string>> = { grant_type: 'client_credentials' },
): Promise<Answered> {
  const basic = Buffer.from(`${client.clientId}:${client.clientSecret.reveal()}`).toString('base64');
  return await send(`${emulator.url}/service-account-token`, {
    method: 'POST',
    headers: { connection: 'close', authorization: `Basic ${basic}` },
    body: new URLSearchParams(form),
  });
}

async function bearerOf(emulator: KeycardEmulator): Promise<string> {
  const { body } = await askForToken(emulator);
  return `Bearer ${body.access_token}`;
}

async function send(url: string, init: RequestInit): Promise<Answered> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
  const body = (isJson ? JSON.parse(text) : {}) as Shown;
  return { status: answer.status, headers: answer.headers, text, body };
}

/** The id of the seeded account with this index. */
export function idOf(emulator: KeycardEmulator, index = 0): string {
  const account = emulator.accounts[index];
  if (account === undefined) throw new Error(`there is no account ${index}`);
  return account.id;
}
