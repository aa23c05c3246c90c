/** What the commands share that run an emulated provider: it runs until it is stopped, and its secret is shown to who asks for it. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Secret } from '../domain/secret.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { CommandError } from './explain.ts';

export interface Emulator extends AsyncDisposable {
  readonly origin: string;
  describe(): string;
}

/** The manager's secret: it opens nothing but the emulator. */
export interface ManagerSecret {
  /** What it is, such as `token`. */
  readonly what: string;
  /** The options by which it is asked for. */
  readonly options: string;
  readonly file: string | undefined;
  readonly print: boolean;
}

const OWNER_ONLY = 0o600;
const LABEL_WIDTH = 19;

/** Starts it, tells where it is, and waits for a signal. */
export async function emulate<Kind extends Emulator>(
  host: Host,
  start: () => Promise<Kind>,
  more: {
    readonly control: boolean;
    readonly secret: ManagerSecret;
    readonly secretOf: (emulator: Kind) => Secret;
  },
): Promise<number> {
  const stopped = Promise.withResolvers<void>();
  using _signals = host.onSignal(['SIGINT', 'SIGTERM'], () => stopped.resolve());
  await using emulator = await start().catch((error: unknown) => {
    throw new CommandError(`the emulator cannot start: ${wordsOf(error)}`, EXIT.failed);
  });
  host.output.write(`${emulator.describe()}\n`);
  await tell(host, more.secretOf(emulator), more.secret);
  if (more.control) tellLine(host, 'control path', `${emulator.origin}/_control`);
  host.output.write('\nCtrl-C stops it.\n');
  await stopped.promise;
  return EXIT.ok;
}

async function tell(
  host: Host,
  secret: Secret,
  { what, options, file, print }: ManagerSecret,
): Promise<void> {
  const label = `manager's ${what}`;
  if (file !== undefined) {
    const path = resolve(host.directory, file);
    await writeFile(path, secret.reveal(), { mode: OWNER_ONLY }).catch((error: unknown) => {
      throw new CommandError(`the ${label} cannot be written to ${path}: ${wordsOf(error)}`, EXIT.failed);
    });
    tellLine(host, label, `in the file ${path}`);
  }
  if (print) tellLine(host, label, secret.reveal());
  if (file === undefined && !print) tellLine(host, label, `not shown; start with ${options}`);
}

function tellLine(host: Host, label: string, text: string): void {
  host.output.write(`${label.padEnd(LABEL_WIDTH)}${text}\n`);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
