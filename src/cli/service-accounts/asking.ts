/** Asks a person before something that cannot be undone, and before a secret is shown. */
import { sanitiseText } from '../../domain/credential-shapes.ts';
import type { Host } from '../../ports/host.ts';
import { CommandError } from '../explain.ts';

/**
 * Says what will happen and waits for a yes; with `--yes` only says it. Rejects with `CommandError` where the answer is no, or where
 * nobody could be asked.
 */
export async function confirm(
  host: Host,
  about: { readonly lines: readonly string[]; readonly question: string; readonly yes: boolean },
): Promise<void> {
  const { lines, yes } = about;
  // Somebody may have pasted a credential where a name belongs.
  const question = sanitiseText(about.question);
  for (const line of lines) host.errors.write(`${sanitiseText(line)}\n`);
  if (yes) return;
  if (!host.input.isTerminal) {
    throw new CommandError(
      `nothing was done, because nobody can be asked here: ${question} Add --yes to answer yes`,
    );
  }
  const answer = await host.input.line(`${question} [y/N] `);
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new CommandError('nothing was done');
}

/** Rejects with `CommandError` where a secret would end in a file or a log without anybody having said so. */
export function mayReveal(
  host: Host,
  { reveal, yes }: { readonly reveal?: boolean; readonly yes?: boolean },
): boolean {
  if (reveal !== true) return false;
  if (host.output.isTerminal || yes === true) return true;
  throw new CommandError(
    'nothing was done: --reveal would write the secret to something that is no terminal; add --yes if that is meant, ' +
      'or better, hand it over with --deliver STORE:ADDRESS',
  );
}
