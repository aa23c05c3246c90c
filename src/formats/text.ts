/** What all formats agree on: which text is a token, and how a credential that a format cannot carry is refused. */
import type { Credential, TokenCredential } from '../domain/credential.ts';
import { failed } from '../domain/failure.ts';
import { Secret } from '../domain/secret.ts';
import type { SecretBytes } from '../domain/secret.ts';
import type { Decoded } from '../ports/format.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** One line, not empty, no white space, nothing invisible: what every consumer reads back as it was written. */
const TOKEN = /^[^\s\p{Cc}]+$/u;

function isToken(text: string): boolean {
  return TOKEN.test(text) && text.isWellFormed();
}

/** The token as a credential, `absent` for an empty text, `other` for what cannot be a token. */
export function decodedToken(text: string): Decoded {
  if (text === '') return { state: 'absent' };
  if (!isToken(text)) return { state: 'other' };
  return { state: 'credential', credential: { kind: 'token', token: new Secret(text) } };
}

/** The bytes as text and the byte order mark that they began with; `undefined` where they are not UTF-8. */
export function textOf(bytes: SecretBytes): { readonly mark: string; readonly text: string } | undefined {
  const whole = bytes.revealText();
  if (whole === undefined) return undefined;
  const marked = whole.startsWith(BYTE_ORDER_MARK);
  return { mark: marked ? BYTE_ORDER_MARK : '', text: marked ? whole.slice(1) : whole };
}

/** Why this token cannot be written so that it reads back the same; `undefined` where it can. */
export function tokenProblem(credential: TokenCredential): string | undefined {
  if (isToken(credential.token.reveal())) return undefined;
  return 'the token is empty or has white space or control characters in it, so that it could not be read back';
}

/** A credential that this format cannot carry. `instead` says what to configure. */
export function cannotCarry(
  format: string,
  credential: Credential,
  instead: string,
): ReturnType<typeof failed> {
  const what = credential.kind === 'token' ? 'a token' : 'a client id with its client secret';
  return failed('target-refused', `format ${format} cannot hold ${what} as it is configured: ${instead}`);
}
