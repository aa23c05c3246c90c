/** Who is calling: an access token on the API, a client id with its secret at the token endpoint. */
import type { Answer } from '../wire.ts';
import { answerError, answerTokenError } from './answer.ts';
import type { Claims, Keys } from './keys.ts';
import type { Credential, ServiceAccount } from './model.ts';
import type { Organisation } from './organisation.ts';
import { mediaType } from './payloads.ts';

/** A request as far as it says who sends it. */
export interface Sender {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

export type Authenticated =
  | { readonly ok: true; readonly caller: ServiceAccount }
  | { readonly ok: false; readonly answer: Answer };

/** What the access token says, where it was signed here. */
export function claimsOf(authorization: string | undefined, keys: Keys): Claims | undefined {
  const [scheme = '', token = ''] = (authorization ?? '').split(' ');
  return scheme.toLowerCase() === 'bearer' ? keys.read(token) : undefined;
}

/** With `revokes` the access tokens of a deleted credential are not accepted any more; else they live until their end. */
export function authenticate(
  claims: Claims | undefined,
  context: { readonly organisation: Organisation; readonly revokes: boolean; readonly now: number },
): Authenticated {
  const { organisation, revokes, now } = context;
  const caller = claims === undefined ? undefined : organisation.account(claims.accountId);
  const isGood =
    claims !== undefined &&
    claims.organisation === organisation.id &&
    now < claims.expiresAtSeconds * 1_000 &&
    (!revokes || organisation.credential(claims.credentialId) !== undefined);
  return isGood && caller !== undefined ? { ok: true, caller } : { ok: false, answer: answerError(401) };
}

/** A client id and a secret as they were sent, nothing of them checked. */
export interface Client {
  readonly id: string;
  readonly secret: string;
}

/** HTTP Basic, or fields of the form: clients of this API send both. */
export function clientIn({
  authorization,
  body,
}: Pick<Sender, 'authorization' | 'body'>): Client | undefined {
  const [scheme = '', encoded = ''] = (authorization ?? '').split(' ');
  if (scheme.toLowerCase() === 'basic') {
    const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':').map(decoded);
    return { id, secret };
  }
  const form = new URLSearchParams(body);
  const [id, secret] = [form.get('client_id'), form.get('client_secret')];
  return id === null || secret === null ? undefined : { id, secret };
}

export type Granted =
  | { readonly ok: true; readonly credential: Credential }
  | { readonly ok: false; readonly answer: Answer };

/** The credential for which an access token may be given, or the refusal. */
export function grant(
  sender: Sender,
  context: { readonly organisation: Organisation; readonly keys: Keys; readonly now: number },
): Granted {
  const refused = (status: 400 | 401 | 415, error: string, words: string): Granted => ({
    ok: false,
    answer: answerTokenError(status, error, words),
  });
  if (mediaType(sender.contentType) !== 'application/x-www-form-urlencoded') {
    return refused(415, 'invalid_request', 'The content type is not supported');
  }
  const type = new URLSearchParams(sender.body).get('grant_type');
  if (type === null) return refused(400, 'invalid_request', 'grant_type is missing');
  if (type !== 'client_credentials') {
    return refused(400, 'unsupported_grant_type', 'Only client_credentials is supported');
  }
  const client = clientIn(sender);
  const credential = client && context.organisation.withClientId(client.id);
  const isGood =
    credential !== undefined &&
    context.now >= credential.usableAt &&
    context.keys.isSecretOf(credential.id, client?.secret ?? '');
  if (isGood) return { ok: true, credential };
  return refused(401, 'invalid_client', 'The client id or the client secret is not valid');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '));
  } catch {
    return part;
  }
}
