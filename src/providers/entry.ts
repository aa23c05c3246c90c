/** What the registry knows of a kind of provider: what its configuration looks like, and how to load it. */
import type { z } from 'zod';
import type { Strategy } from '../domain/account.ts';
import type { Credential } from '../domain/credential.ts';
import type { Administration, AdministrationWords } from '../ports/administration.ts';
import type { CanaryWords, ProveFacts } from '../ports/canary.ts';
import type { Clock, ToldTime } from '../ports/clock.ts';
import type { Provider } from '../ports/provider.ts';
import type { Random } from '../ports/random.ts';
import type { SecretReference, SecretSource } from '../ports/settings.ts';

/** What a provider is opened with. */
export interface OpenProvider<Config> {
  readonly name: string;
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  secretOf(reference: SecretReference): SecretSource;
  /** Calls that the manager credential made today before this was opened, as far as the journal knows. */
  readonly callsMade?: number;
  /**
   * Called for every request that was sent: the budget of calls is counted from it. `caller` is `manager`, or the
   * fingerprint of another credential that was used.
   */
  onCall(call: { readonly caller: string; readonly at: number }): void;
  /** Called for each answer that asks the manager credential to wait, with how long nothing is sent with it now. */
  readonly onRateLimited?: (told: { readonly retryAfterMs: number }) => void;
  /** Called for each answer of the service itself that says what time it is there. Not for those of a cache or a proxy. */
  readonly onTime?: (told: ToldTime) => void;
}

export interface ProviderEntry<Config = unknown> {
  readonly kind: string;
  /** The connection, without `kind`. */
  readonly schema: z.ZodType<Config>;
  /** What it mints: formats that cannot hold it are refused when the configuration is read. */
  readonly mints: Credential['kind'];
  /** The first is the default. */
  readonly strategies: readonly [Strategy, ...Strategy[]];
  /** Scheme, host and port. */
  originOf(config: Config): string;
  /** Why a manager with this role cannot mint for others, and the way out; `undefined` where it can. */
  roleProblem?(role: string): string | undefined;
  load(): Promise<{ open(options: OpenProvider<Config>): Provider }>;
  /** What people can do with its accounts by commands, and how to load what does it; absent where that is nothing. */
  readonly administration?: AdministrationWords & {
    load(): Promise<{ administer(options: OpenProvider<Config>): Administration }>;
  };
  /** How what the design rests on is tried out on a throw-away account; absent where it cannot be. */
  readonly canary?: CanaryWords & { load(): Promise<{ canary(options: OpenProvider<Config>): ProveFacts }> };
}
