/** A Keycard client or provider as the daemon opens it, on a clock that keeps nobody waiting, with what it was seen to do. */
import { failed, succeeded, type Result } from '../../../src/domain/failure.ts';
import { Secret } from '../../../src/domain/secret.ts';
import type { Provider } from '../../../src/ports/provider.ts';
import type { SecretReference, SecretSource } from '../../../src/ports/settings.ts';
import { keycardClient, type KeycardClient } from '../../../src/providers/keycard/client.ts';
import { managerSource } from '../../../src/providers/keycard/manager-credential.ts';
import { open } from '../../../src/providers/keycard/provider.ts';
import { keycardSchema } from '../../../src/providers/keycard/schema.ts';
import type { FakeClock } from '../../world/fake-clock.ts';
import { seededRandom } from '../../world/fake-random.ts';
import { NapClock } from '../http-world.ts';

export interface Settings {
  readonly url: string;
  readonly clientId?: string;
  readonly clientSecret?: Secret | (() => Secret | undefined);
  readonly clock?: FakeClock;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly onRateLimited?: (told: { readonly retryAfterMs: number }) => void;
}

export const MANAGER_SECRET = new Secret('s3cr3ts3cr3ts3cr3ts3cr3t');

export function openProvider(settings: Settings): Opened & { readonly provider: Provider } {
  const opened = optionsOf(settings);
  return { ...opened, provider: open(opened.options) };
}

export function openClient(settings: Settings): Opened & { readonly client: KeycardClient } {
  const opened = optionsOf(settings);
  const source = managerSource(opened.options.config, opened.options.secretOf);
  return { ...opened, client: keycardClient({ ...opened.options, source }) };
}

interface Opened {
  readonly clock: FakeClock;
  readonly calls: { readonly caller: string; readonly at: number }[];
  readonly options: ReturnType<typeof optionsOf>['options'];
}

function optionsOf({ url, clock = new NapClock(), ...settings }: Settings) {
  const { clientId = 'manager-client', clientSecret = MANAGER_SECRET, ...more } = settings;
  const calls: { readonly caller: string; readonly at: number }[] = [];
  const options = {
    name: 'keycard',
    config: keycardSchema.parse({
      baseUrl: url,
      clientId,
      clientSecret: { env: 'KEYCARD_SECRET' },
      rate: 1_000,
      ...more.config,
    }),
    clock,
    random: seededRandom(),
    environment: {},
    userAgent: 'rekeyd/1.2.3',
    secretOf: (reference: SecretReference): SecretSource => ({
      description: 'env' in reference ? `environment variable ${reference.env}` : `file ${reference.file}`,
      read: () => Promise.resolve(secretIn(clientSecret)),
    }),
    onCall: (call: { readonly caller: string; readonly at: number }) => void calls.push(call),
    ...(more.onRateLimited && { onRateLimited: more.onRateLimited }),
  };
  return { clock, calls, options };
}

function secretIn(secret: Secret | (() => Secret | undefined)): Result<Secret> {
  const value = typeof secret === 'function' ? secret() : secret;
  const missing = failed('credential-refused', 'The environment variable KEYCARD_SECRET is empty. Set it.');
  return value === undefined ? missing : succeeded(value);
}
