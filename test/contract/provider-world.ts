/** The world in which a provider is tested by the contract suite, and what it answered. */
import { fingerprintOf, type Credential, type Fingerprint } from '../../src/domain/credential.ts';
import type { Failure, FailureKind, Result } from '../../src/domain/failure.ts';
import type { AccountRef, Provider } from '../../src/ports/provider.ts';

/** One way in which the next mint fails. */
export interface MintBreak {
  readonly want: FailureKind;
  /** Whether it mints all the same. */
  readonly mints: boolean;
  /** Requests to mint that reach the service; 1 where it is not said. */
  readonly received?: 0 | 1;
  /** Makes it so. */
  readonly make: () => void | Promise<void>;
}

/** A provider whose service is there, with accounts in each state, and how to break it. */
export interface ProviderWorld {
  readonly provider: Provider;
  /** Whether the provider shows live credentials. */
  readonly showsLive: boolean;
  /** The account of the manager credential; absent where the provider does not say. */
  readonly managerId?: string;
  /** The manager credential among those of its account, where an account can have several at a time. */
  readonly manager?: { readonly account: AccountRef; readonly reference: string };
  readonly open: AccountRef;
  readonly other: AccountRef;
  /** Absent where accounts cannot be closed. */
  readonly closed?: AccountRef;
  readonly absent: AccountRef;
  /** The newest credential that the service accepts for this account. */
  readonly live: (account: AccountRef) => Promise<Credential>;
  /** A well-formed credential that the service never gave to anybody. */
  readonly stranger: () => Promise<Credential>;
  /** Requests to mint that have reached the service, answered or not. */
  readonly received: () => number;
  /** All requests that have reached the service. */
  readonly calls: () => number;
  /** By name: `refused`, `connection torn down after the effect`, … */
  readonly breaks: Readonly<Record<string, MintBreak>>;
  /** Makes the service take the next request to mint, and not answer it. */
  readonly hang: () => { readonly taken: Promise<void> };
  /** The manager credential, as text that nothing may show. */
  readonly managerText: string;
  /** Resolves when the provider has no connection open. */
  readonly quiet: () => Promise<void>;
  cleanup(): Promise<void>;
}

export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`a success was expected, not ${result.failure.kind}: ${result.failure.message}`);
}

export function failureIn(result: Result<unknown>): Failure {
  if (!result.ok) return result.failure;
  throw new Error('a failure was expected');
}

export function fingerprint(credential: Credential | undefined): Fingerprint | undefined {
  return credential === undefined ? undefined : fingerprintOf(credential);
}
