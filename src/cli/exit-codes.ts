/** What each exit code means, for the help and the documentation. */
import { EXIT } from '../ports/host.ts';

const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'all that was asked for was done',
  failed: 'something was tried and failed',
  usage: 'wrong arguments or a bad configuration; nothing was done',
  journal:
    'the journal cannot be used: held by another process, full, read-only, damaged, too new, or writable by others',
  unreachable: 'no daemon answers',
  held: 'what was asked for is held back',
  timeout: 'it was not done within the time to wait; it goes on',
};

/** In order. */
export const EXIT_CODES: readonly { readonly code: number; readonly meaning: string }[] = Object.entries(
  MEANINGS,
).map(([name, meaning]) => ({ code: EXIT[name as keyof typeof EXIT], meaning }));

export function exitCodesText(): string {
  const lines = EXIT_CODES.map(({ code, meaning }) => `  ${code}  ${meaning}`);
  return `\nExit codes:\n${lines.join('\n')}\n`;
}
