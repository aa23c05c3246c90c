/** `rekeyd emulate kronup`: Kronup as a local server, to rehearse with. Runs until it is stopped. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { startKronupEmulator } from '../emulators/kronup/emulator.ts';
import type { KronupEmulator } from '../emulators/kronup/emulator.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { CommandError } from './explain.ts';

export interface EmulateKronupOptions {
  readonly port: number;
  readonly host: string;
  readonly accounts: number;
  readonly state?: string;
  readonly tokenFile?: string;
  readonly printToken?: boolean;
  readonly hideTokens?: boolean;
  readonly keepOldTokens?: boolean;
  readonly movePages?: boolean;
  readonly control?: boolean;
  readonly rate?: number;
  readonly dailyLimit?: number;
  /** In ms. */
  readonly tokenLifetime?: number;
}

const OWNER_ONLY = 0o600;

export async function emulateKronup(host: Host, options: EmulateKronupOptions): Promise<number> {
  const stopped = Promise.withResolvers<void>();
  using _signals = host.onSignal(['SIGINT', 'SIGTERM'], () => stopped.resolve());
  await using kronup = await start(host, options);
  await tellToken(host, kronup, options);
  if (options.control === true) host.output.write(`control path       ${kronup.origin}/_control\n`);
  host.output.write('\nCtrl-C stops it.\n');
  await stopped.promise;
  return EXIT.ok;
}

async function start(host: Host, options: EmulateKronupOptions): Promise<KronupEmulator> {
  const { clock, random } = host;
  const { state, rate, dailyLimit, tokenLifetime } = options;
  const kronup = await startKronupEmulator({
    clock,
    random,
    host: options.host,
    port: options.port,
    accounts: options.accounts,
    hideTokens: options.hideTokens === true,
    keepOldTokens: options.keepOldTokens === true,
    movePages: options.movePages === true,
    control: options.control === true,
    ...(state === undefined ? {} : { statePath: resolve(host.directory, state) }),
    ...(rate === undefined ? {} : { rate }),
    ...(dailyLimit === undefined ? {} : { dailyLimit }),
    ...(tokenLifetime === undefined ? {} : { tokenLifetimeMs: tokenLifetime }),
  }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`the emulator cannot start: ${why}`, EXIT.failed);
  });
  host.output.write(`${kronup.describe()}\n`);
  return kronup;
}

/** The token opens nothing but this emulator; all the same it is shown only to who asks for it. */
async function tellToken(host: Host, kronup: KronupEmulator, options: EmulateKronupOptions): Promise<void> {
  const { tokenFile, printToken } = options;
  if (tokenFile !== undefined) {
    const path = resolve(host.directory, tokenFile);
    await writeFile(path, kronup.manager.token.reveal(), { mode: OWNER_ONLY }).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new CommandError(`the manager's token cannot be written to ${path}: ${why}`, EXIT.failed);
    });
    host.output.write(`manager's token    in the file ${path}\n`);
  }
  if (printToken === true) host.output.write(`manager's token    ${kronup.manager.token.reveal()}\n`);
  if (tokenFile === undefined && printToken !== true) {
    host.output.write("manager's token    not shown; start with --token-file PATH or --print-token\n");
  }
}
