/** Turns an error that ended a command into a message for a person and an exit code. */
import { OpenError } from '../app/open-error.ts';
import { sanitiseText } from '../domain/credential-shapes.ts';
import { crash } from './crash.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { JournalError } from '../ports/journal.ts';
import { ListenError } from '../ports/listen-error.ts';

/** An error of the person's making: its message says what to do, and its code becomes the exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

export function explain(host: Host, error: unknown): number {
  if (error instanceof CommandError) {
    host.errors.write(sanitiseText(`rekeyd: ${error.message}\n`));
    return error.exitCode;
  }
  if (error instanceof JournalError) {
    host.errors.write(sanitiseText(`rekeyd: ${error.message}\n`));
    return EXIT.journal;
  }
  if (error instanceof ListenError || error instanceof OpenError) {
    host.errors.write(sanitiseText(`rekeyd: ${error.message}\n`));
    return EXIT.failed;
  }
  return crash(host, error);
}
