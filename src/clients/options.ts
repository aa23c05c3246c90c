/** What both clients take from a program, made into what they are opened with. It reads no file and no environment by itself. */
import type { z } from 'zod';
import { failed, succeeded, type Result } from '../domain/failure.ts';
import { Secret } from '../domain/secret.ts';
import type { ClientOptions, ConnectionConfig } from '../providers/http/caller.ts';
import { systemClock } from '../system/clock.ts';
import { systemRandom } from '../system/random.ts';

/** A secret as it is, or a function that is asked for it before each call, so that it may change. */
export type SecretText = string | Secret | (() => string | Secret | Promise<string | Secret>);

/** What every client may be told; nothing of it has to be. */
export interface CommonOptions {
  /** Stands in messages; the name of the API by default. */
  readonly name?: string;
  /** Where the API is, when it is not where the vendor has it, such as that of an emulator. */
  readonly baseUrl?: string;
  /** How long one call may take: a duration in words, `10s` by default. */
  readonly timeout?: string;
  /** Calls in any second; 20 by default. */
  readonly rate?: number;
  /** Calls under way at once; 32 by default. */
  readonly concurrency?: number;
  /** `ca`: a PEM file with the certificate authorities to trust, and no others. */
  readonly tls?: { readonly ca?: string };
  /** Allows plain http to other machines. */
  readonly insecure?: boolean;
  /** Stands before `rekeyd` in the header `User-Agent`. */
  readonly userAgent?: string;
  /** For `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`: give `process.env`. No proxy is used by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Told of each request that is sent: by the manager credential (`manager`), or by that with this fingerprint. */
  readonly onCall?: (call: { readonly caller: string; readonly at: number }) => void;
}

/** Throws a `TypeError` that names each option that is wrong. */
export function clientOptions<Config extends ConnectionConfig>(
  kind: string,
  schema: z.ZodType<Config>,
  {
    name = kind,
    userAgent,
    environment = {},
    onCall,
    ...options
  }: CommonOptions & Readonly<Record<string, unknown>>,
): ClientOptions<Config> {
  const parsed = schema.safeParse(options);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new TypeError(`the options of the ${kind} client are wrong: ${problems.join('; ')}`);
  }
  return {
    name,
    config: parsed.data,
    clock: systemClock(),
    random: systemRandom(),
    environment,
    userAgent: userAgent === undefined ? 'rekeyd' : `${userAgent} rekeyd`,
    onCall: (call) => onCall?.(call),
  };
}

/** The secret at this moment; `credential-refused` where it is empty or the function that should bring it throws. */
export async function secretIn(text: SecretText, what: string): Promise<Result<Secret>> {
  try {
    const given = typeof text === 'function' ? await text() : text;
    const secret = typeof given === 'string' ? new Secret(given) : given;
    if (secret.reveal() !== '') return succeeded(secret);
    return failed('credential-refused', `The ${what} is empty. Give one.`);
  } catch (error) {
    const why = error instanceof Error ? error.name : 'it threw';
    return failed('credential-refused', `The ${what} could not be had: ${why}. Look into what brings it.`);
  }
}
