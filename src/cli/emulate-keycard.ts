/** `rekeyd emulate keycard`: Keycard as a local server, to rehearse with. Runs until it is stopped. */
import { resolve } from 'node:path';
import { startKeycardEmulator } from '../emulators/keycard/emulator.ts';
import type { KeycardEmulator } from '../emulators/keycard/emulator.ts';
import type { Host } from '../ports/host.ts';
import { emulate } from './emulating.ts';

export interface EmulateKeycardOptions {
  readonly port: number;
  readonly host: string;
  readonly accounts: number;
  readonly state?: string;
  readonly secretFile?: string;
  readonly printSecret?: boolean;
  /** In ms. */
  readonly consistencyDelay?: number;
  /** In ms. */
  readonly tokenLifetime?: number;
  readonly hideLifetime?: boolean;
  readonly revokeAccessTokens?: boolean;
  readonly control?: boolean;
  readonly rate?: number;
}

export function emulateKeycard(host: Host, options: EmulateKeycardOptions): Promise<number> {
  return emulate(host, () => start(host, options), {
    control: options.control === true,
    secret: {
      what: 'secret',
      options: '--secret-file PATH or --print-secret',
      file: options.secretFile,
      print: options.printSecret === true,
    },
    secretOf: (keycard) => keycard.manager.clientSecret,
  });
}

function start({ clock, random, directory }: Host, options: EmulateKeycardOptions): Promise<KeycardEmulator> {
  const { state, rate, tokenLifetime, consistencyDelay } = options;
  return startKeycardEmulator({
    clock,
    random,
    host: options.host,
    port: options.port,
    accounts: options.accounts,
    hideLifetime: options.hideLifetime === true,
    revokesAccessTokens: options.revokeAccessTokens === true,
    control: options.control === true,
    ...(state === undefined ? {} : { statePath: resolve(directory, state) }),
    ...(rate === undefined ? {} : { rate }),
    ...(tokenLifetime === undefined ? {} : { tokenLifetimeMs: tokenLifetime }),
    ...(consistencyDelay === undefined ? {} : { consistencyMs: consistencyDelay }),
  });
}
