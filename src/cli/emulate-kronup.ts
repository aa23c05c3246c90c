/** `rekeyd emulate kronup`: Kronup as a local server, to rehearse with. Runs until it is stopped. */
import { resolve } from 'node:path';
import { startKronupEmulator } from '../emulators/kronup/emulator.ts';
import type { KronupEmulator } from '../emulators/kronup/emulator.ts';
import type { Host } from '../ports/host.ts';
import { emulate } from './emulating.ts';

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

export function emulateKronup(host: Host, options: EmulateKronupOptions): Promise<number> {
  return emulate(host, () => start(host, options), {
    control: options.control === true,
    secret: {
      what: 'token',
      options: '--token-file PATH or --print-token',
      file: options.tokenFile,
      print: options.printToken === true,
    },
    secretOf: (kronup) => kronup.manager.token,
  });
}

function start({ clock, random, directory }: Host, options: EmulateKronupOptions): Promise<KronupEmulator> {
  const { state, rate, dailyLimit, tokenLifetime } = options;
  return startKronupEmulator({
    clock,
    random,
    host: options.host,
    port: options.port,
    accounts: options.accounts,
    hideTokens: options.hideTokens === true,
    keepOldTokens: options.keepOldTokens === true,
    movePages: options.movePages === true,
    control: options.control === true,
    ...(state === undefined ? {} : { statePath: resolve(directory, state) }),
    ...(rate === undefined ? {} : { rate }),
    ...(dailyLimit === undefined ? {} : { dailyLimit }),
    ...(tokenLifetime === undefined ? {} : { tokenLifetimeMs: tokenLifetime }),
  });
}
