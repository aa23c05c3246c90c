/** Reads files that decide whom rekeyd talks to: only where nobody else may write them. */
import { open } from 'node:fs/promises';
import { failed, succeeded } from '../domain/failure.ts';
import type { Result } from '../domain/failure.ts';
import { trustProblem } from './file-guard.ts';

/** Whoever can write it decides whose servers get the credentials. */
export async function pemFile(path: string): Promise<Result<string>> {
  return trustedFile(path, 'the certificates');
}

/** The text of a file that nobody else may write. `what` names it for messages. */
export async function trustedFile(path: string, what: string): Promise<Result<string>> {
  try {
    // Looked at open, because a link may lead elsewhere a moment later.
    await using file = await open(path);
    const problem = trustProblem(path, await file.stat());
    if (problem !== undefined)
      return failed('target-refused', `${what} in ${path} are not trusted: ${problem}`);
    return succeeded(await file.readFile('utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return failed(
      'target-refused',
      `${what} in ${path} cannot be read (${code}); see the settings that name it, and the permissions of that file`,
      { id: code },
    );
  }
}
