/** The token's text and nothing else. */
import { z } from 'zod';
import type { Credential } from '../domain/credential.ts';
import { failed, succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import { SecretBytes } from '../domain/secret.ts';
import type { Decoded, Format } from '../ports/format.ts';
import type { FormatEntry } from './entry.ts';
import { isDocument } from './json-text.ts';
import { cannotCarry, decodedToken, textOf, tokenProblem } from './text.ts';

const schema = z.strictObject({}).meta({ description: 'The token as it is, without a line break.' });

export const raw: FormatEntry<z.output<typeof schema>> = {
  kind: 'raw',
  schema,
  partOf: () => undefined,
  pathsOf: () => undefined,
  create: (): Format => ({
    kind: 'raw',
    carries: ['token'],
    details: [],
    keepsPrevious: false,
    encode,
    decode,
  }),
};

function encode(credential: Credential): Result<SecretBytes> {
  if (credential.kind !== 'token')
    return cannotCarry('raw', credential, 'use json, dotenv, key or a template instead');
  const problem = tokenProblem(credential) ?? documentProblem(credential.token.reveal());
  if (problem !== undefined) return failed('target-refused', `format raw: ${problem}`);
  return succeeded(new SecretBytes(credential.token.reveal()));
}

/**
 * A line break or a byte order mark that an editor added is not part of the token. A JSON document is somebody else's, also without
 * white space in it: taken for a token, all of it would be sent to the provider to be tried.
 */
function decode(bytes: SecretBytes): Decoded {
  const text = textOf(bytes)?.text.trim();
  return text === undefined || isDocument(text) ? { state: 'other' } : decodedToken(text);
}

function documentProblem(token: string): string | undefined {
  if (!isDocument(token)) return undefined;
  return 'the token is a JSON document, so that it could not be told from what others keep; use json or key instead';
}
