/**
 * The fields of a credential, in those formats that give each a name of its own (a key, a variable): which field goes
 * where, and a credential from what was found there.
 */
import type { Credential } from '../domain/credential.ts';
import { DETAIL_NAMES } from '../domain/details.ts';
import type { Details } from '../domain/details.ts';
import { failed, succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import { Secret } from '../domain/secret.ts';
import type { Decoded } from '../ports/format.ts';
import type { DetailPlaces } from './details.ts';
import { cannotCarry, decodedToken, tokenProblem } from './text.ts';

/** Where each field goes. `Where` is a key, a path of keys or a variable. */
export interface Places<Where> {
  readonly token?: Where | undefined;
  readonly clientId?: Where | undefined;
  readonly clientSecret?: Where | undefined;
  readonly details?: DetailPlaces<Where> | undefined;
}

/** A field's text and where it goes. */
export interface Part<Where> {
  readonly where: Where;
  readonly text: string;
}

/** What stands at a field's place: its text, nothing, or something that is no text. */
export type Found = { readonly text: string } | 'absent' | 'other';

const CONTROL = /\p{Cc}/u;

/** What the places of a format are filled with. */
export interface Content {
  readonly credential: Credential;
  readonly details: Details;
}

/** The fields of the credential, then the details, each with its place. `instead` says what to configure where one has none. */
export function partsOf<Where>(
  format: string,
  { credential, details }: Content,
  places: Places<Where>,
  instead: { readonly token: string; readonly client: string },
): Result<readonly Part<Where>[]> {
  const fields = fieldsOf(format, credential, places, instead);
  if (!fields.ok) return fields;
  const parts = [...fields.value];
  for (const name of DETAIL_NAMES) {
    const where = places.details?.[name];
    if (where === undefined) continue;
    const text = details[name] ?? '';
    if (CONTROL.test(text) || !text.isWellFormed()) {
      return failed('target-refused', `format ${format}: ${name} has control characters in it`);
    }
    parts.push({ where, text });
  }
  return succeeded(parts);
}

function fieldsOf<Where>(
  format: string,
  credential: Credential,
  places: Places<Where>,
  instead: { readonly token: string; readonly client: string },
): Result<readonly Part<Where>[]> {
  if (credential.kind === 'token') {
    if (places.token === undefined) return cannotCarry(format, credential, instead.token);
    const problem = tokenProblem(credential);
    if (problem !== undefined) return failed('target-refused', `format ${format}: ${problem}`);
    return succeeded([{ where: places.token, text: credential.token.reveal() }]);
  }
  if (places.clientId === undefined || places.clientSecret === undefined) {
    return cannotCarry(format, credential, instead.client);
  }
  const id = credential.clientId;
  const secret = credential.clientSecret.reveal();
  if (!isField(id) || !isField(secret)) {
    const why = 'the client id or the client secret is empty or has control characters in it';
    return failed('target-refused', `format ${format}: ${why}, so that it could not be read back`);
  }
  return succeeded([
    { where: places.clientId, text: id },
    { where: places.clientSecret, text: secret },
  ]);
}

/** The credential that was found: a token where its place has one, else a client id with its secret. */
export function decodedParts<Where>(places: Places<Where>, find: (where: Where) => Found): Decoded {
  if (places.token !== undefined) {
    const found = find(places.token);
    if (found === 'other') return { state: 'other' };
    if (found !== 'absent' && found.text !== '') return decodedToken(found.text);
  }
  if (places.clientId === undefined || places.clientSecret === undefined) return { state: 'absent' };
  return decodedClient(find(places.clientId), find(places.clientSecret));
}

/** One half of the pair alone is no credential, and somebody’s all the same. */
function decodedClient(id: Found, secret: Found): Decoded {
  if (isNothing(id) && isNothing(secret)) return { state: 'absent' };
  if (typeof id === 'string' || typeof secret === 'string') return { state: 'other' };
  if (!isField(id.text) || !isField(secret.text)) return { state: 'other' };
  const clientSecret = new Secret(secret.text);
  return { state: 'credential', credential: { kind: 'client', clientId: id.text, clientSecret } };
}

function isNothing(found: Found): boolean {
  return found === 'absent' || (found !== 'other' && found.text === '');
}

function isField(text: string): boolean {
  return text !== '' && !CONTROL.test(text) && text.isWellFormed();
}
