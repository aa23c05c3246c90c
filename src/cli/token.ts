/** `rekeyd token`: makes a token for the API on TCP. The token is shown or written once, and kept nowhere. */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { makeToken } from '../app/api/make-token.ts';
import type { MadeToken } from '../app/api/make-token.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { CommandError } from './explain.ts';
import type { CommonOptions } from './program.ts';
import { json } from './text.ts';

export interface TokenOptions extends Pick<CommonOptions, 'output'> {
  readonly tokenFile?: string;
}

const OWNER_ONLY = 0o600;

export async function token(host: Host, options: TokenOptions): Promise<number> {
  const made = makeToken(host.random);
  if (options.tokenFile === undefined) {
    host.output.write(shown(made, options.output));
    return EXIT.ok;
  }
  await write(resolve(host.directory, options.tokenFile), made);
  host.output.write(options.output === 'json' ? json({ hash: made.hash }) : `${made.hash}\n`);
  return EXIT.ok;
}

function shown({ token: secret, hash }: MadeToken, form: TokenOptions['output']): string {
  if (form === 'json') return json({ token: secret.reveal(), hash });
  return (
    `token  ${secret.reveal()}\nhash   ${hash}\n\n` +
    'The token is for whoever asks (REKEYD_TOKEN, --token-file); it is shown this once. The hash is for the daemon:\n' +
    `  api: { tokens: { NAME: { role: operator, hash: '${hash}' } } }\n`
  );
}

/** Never over a file that is there: somebody may be using what is in it. */
async function write(path: string, { token: secret }: MadeToken): Promise<void> {
  try {
    await using file = await open(path, 'wx', OWNER_ONLY);
    await file.writeFile(`${secret.reveal()}\n`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const why =
      code === 'EEXIST' ? 'there is a file already; name another, or remove it' : `the system says ${code}`;
    throw new CommandError(`--token-file: ${path} was not written: ${why}`, EXIT.failed);
  }
}
