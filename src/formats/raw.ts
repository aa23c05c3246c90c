/** The token's text and nothing else. */
import { z } from 'zod';
import type { Credential } from '../domain/credential.ts';
import { failed, succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import { SecretBytes } from '../domain/secret.ts';
import type { Decoded, Format } from '../ports/format.ts';
import type { FormatEntry } from './entry.ts';
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
  const problem = tokenProblem(credential);
  if (problem !== undefined) return failed('target-refused', `format raw: ${problem}`);
  return succeeded(new SecretBytes(credential.token.reveal()));
}

/** A line break or a byte order mark that an editor added is not part of the token. */
function decode(bytes: SecretBytes): Decoded {
  const read = textOf(bytes);
  return read === undefined ? { state: 'other' } : decodedToken(read.text.trim());
}
