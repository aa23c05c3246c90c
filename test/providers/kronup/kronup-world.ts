/** A Kronup client or provider as the daemon opens it, on a clock that stands still, with what it was seen to do. */
import { failed, succeeded, type Result } from '../../../src/domain/failure.ts';
import { Secret } from '../../../src/domain/secret.ts';
import type { ToldTime } from '../../../src/ports/clock.ts';
import type { Provider } from '../../../src/ports/provider.ts';
import { kronupClient, type KronupClient } from '../../../src/providers/kronup/client.ts';
import { open } from '../../../src/providers/kronup/provider.ts';
import { kronupSchema } from '../../../src/providers/kronup/schema.ts';
import type { FakeClock } from '../../world/fake-clock.ts';
import { seededRandom } from '../../world/fake-random.ts';
import { NapClock } from '../http-world.ts';

export { failureIn, NapClock, never, valueOf } from '../http-world.ts';

export interface Settings {
  readonly url: string;
  readonly token?: Secret | (() => Secret | undefined);
  readonly clock?: FakeClock;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly callsMade?: number;
  readonly onTime?: (told: ToldTime) => void;
  readonly onRateLimited?: (told: { readonly retryAfterMs: number }) => void;
}

/** Claims of a JWT whose signature nobody checks. */
export function tokenWith(claims: Readonly<Record<string, unknown>>): Secret {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return new Secret(`${part({ alg: 'ES256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`);
}

export const MANAGER_TOKEN = tokenWith({ org_id: 'org-1', sub: 'manager-1' });

export function openProvider(settings: Settings): Opened & { readonly provider: Provider } {
  const opened = optionsOf(settings);
  const provider = open({ ...opened.options, secretOf: () => opened.options.source });
  return { ...opened, provider };
}

export function openClient(settings: Settings): Opened & { readonly client: KronupClient } {
  const opened = optionsOf(settings);
  return { ...opened, client: kronupClient(opened.options) };
}

interface Opened {
  readonly clock: FakeClock;
  readonly calls: { readonly caller: string; readonly at: number }[];
  readonly options: ReturnType<typeof optionsOf>['options'];
}

function optionsOf({ url, token = MANAGER_TOKEN, clock = new NapClock(), ...more }: Settings) {
  const calls: { readonly caller: string; readonly at: number }[] = [];
  const config = kronupSchema.parse({
    baseUrl: url,
    token: { env: 'KRONUP_TOKEN' },
    rate: 1_000,
    ...more.config,
  });
  const description = 'environment variable KRONUP_TOKEN';
  const read = (): Promise<Result<Secret>> => {
    const value = typeof token === 'function' ? token() : token;
    const missing = failed('credential-refused', `The ${description} is empty. Set it.`);
    return Promise.resolve(value === undefined ? missing : succeeded(value));
  };
  const options = {
    name: 'kronup',
    config,
    clock,
    random: seededRandom(),
    environment: more.environment ?? {},
    userAgent: 'rekeyd/1.2.3',
    source: { description, read },
    onCall: (call: { readonly caller: string; readonly at: number }) => void calls.push(call),
    ...(more.callsMade === undefined ? {} : { callsMade: more.callsMade }),
    ...(more.onTime && { onTime: more.onTime }),
    ...(more.onRateLimited && { onRateLimited: more.onRateLimited }),
  };
  return { clock, calls, options };
}
