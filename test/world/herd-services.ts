/** The services that a herd of accounts is at: for each kind, an emulator over HTTP with the provider that speaks to it. */
import type { Account } from '../../src/domain/account.ts';
import type { Credential } from '../../src/domain/credential.ts';
import { SecretBytes } from '../../src/domain/secret.ts';
import { startKeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import type { KeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { ToldTime } from '../../src/ports/clock.ts';
import type { Provider } from '../../src/ports/provider.ts';
import { openKeycard, openKronup } from './engine-connections.ts';
import type { FakeClock } from './fake-clock.ts';
import { seededRandom } from './fake-random.ts';
import { jsonOf } from './overlap-service.ts';

/** A service with so many accounts, as the herd needs to know it. */
export interface HerdService<Emulator = unknown> extends AsyncDisposable {
  readonly emulator: Emulator;
  readonly provider: Provider;
  readonly accounts: readonly { readonly id: string; readonly name: string }[];
  /** What the policies of its accounts have beside the usual. */
  readonly policy: Pick<Account, 'provider' | 'origin' | 'strategy'>;
  readonly format: string;
  /** How many calls are over. */
  answered(): number;
  /** What is live; `reference` where an account can have several at a time. */
  live(accountId: string): Promise<{ readonly credential: Credential; readonly reference?: string }>;
  /** What a target holds that holds this. */
  bytesOf(credential: Credential): SecretBytes;
}

export interface ServiceOptions {
  readonly clock: FakeClock;
  readonly accounts: number;
  readonly callsPerSecond: number;
  readonly callsAtOnce: number;
  readonly onCall: () => void;
  readonly onTime: (told: ToldTime) => void;
}

export async function kronupService(options: ServiceOptions): Promise<HerdService<KronupEmulator>> {
  const { clock, accounts, callsPerSecond: rate, callsAtOnce: concurrency, ...told } = options;
  const dailyLimit = 100_000;
  const emulator = await startKronupEmulator({ clock, random: seededRandom(), accounts, rate, dailyLimit });
  const provider = await openKronup(emulator, clock, { config: { rate, dailyLimit, concurrency }, ...told });
  return {
    emulator,
    provider,
    accounts: emulator.accounts,
    policy: { provider: 'kronup', origin: emulator.origin, strategy: 'in-place' },
    format: 'raw',
    answered: () => emulator.answered,
    live: async (id) => ({ credential: { kind: 'token', token: await emulator.liveToken(id) } }),
    bytesOf,
    [Symbol.asyncDispose]: () => disposeOf(provider, emulator),
  };
}

export async function keycardService(options: ServiceOptions): Promise<HerdService<KeycardEmulator>> {
  const { clock, accounts, callsPerSecond: rate, callsAtOnce: concurrency, ...told } = options;
  const emulator = await startKeycardEmulator({ clock, random: seededRandom(), accounts, rate });
  const provider = await openKeycard(emulator, clock, { config: { rate, concurrency }, ...told });
  return {
    emulator,
    provider,
    accounts: emulator.accounts,
    policy: { provider: 'keycard', origin: emulator.origin, strategy: 'overlap' },
    format: 'json',
    answered: () => emulator.answered,
    live(id) {
      const reference = emulator.credentials(id).at(-1)?.id ?? '';
      return Promise.resolve({ credential: emulator.liveCredential(id), reference });
    },
    bytesOf,
    [Symbol.asyncDispose]: () => disposeOf(provider, emulator),
  };
}

function bytesOf(credential: Credential): SecretBytes {
  return new SecretBytes(credential.kind === 'token' ? credential.token.reveal() : jsonOf(credential));
}

async function disposeOf(...parts: readonly AsyncDisposable[]): Promise<void> {
  for (const part of parts) await part[Symbol.asyncDispose]();
}
