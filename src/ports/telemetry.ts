/** What the daemon tells the world: one function a kind of news, each of which is a log line and a metric. */
import type { Fact } from '../domain/fact.ts';
import type { Failure } from '../domain/failure.ts';
import type { HoldKind } from '../domain/hold.ts';

/** Whom a fact is about, as far as log fields and labels need to know. */
export interface Subject {
  readonly account: string;
  readonly provider: string;
  readonly strategy: string;
}

/** News of the daemon itself, as opposed to an account's facts. Times in ms. */
export interface EventBodies {
  'daemon-started': {
    readonly version: string;
    readonly node: string;
    readonly tzdata: string;
    readonly installation: string;
    readonly pid: number;
  };
  'daemon-stopping': { readonly why: string; readonly graceMs: number };
  'daemon-stopped': { readonly afterMs: number };
  'listener-started': { readonly listener: 'probes' | 'socket' | 'api'; readonly address: string };
  'config-applied': {
    readonly files: number;
    readonly accounts: number;
    readonly changed: number;
    readonly left: number;
    readonly tookMs: number;
  };
  'config-refused': { readonly problems: readonly string[] };
  'config-warned': { readonly warning: string };
  /** What `accountsFrom` takes of a provider has changed. */
  'accounts-found': {
    readonly provider: string;
    readonly accounts: number;
    readonly added: number;
    readonly left: number;
  };
  'accounts-not-listed': { readonly provider: string; readonly message: string };
  'accounts-over-limit': { readonly provider: string; readonly matched: number; readonly limit: number };
  'journal-opened': { readonly path: string; readonly created: boolean; readonly migrations: number };
  'journal-pruned': { readonly facts: number; readonly rotations: number };
  /** The journal is new although evidence shows that accounts were rotated before. */
  'journal-lost': { readonly account: string };
  'store-down': { readonly store: string; readonly message: string };
  'store-up': { readonly store: string; readonly downMs: number };
  'consumer-holds': { readonly consumer: string; readonly message: string };
  'consumer-released': { readonly consumer: string; readonly heldMs: number };
  'manager-refused': { readonly provider: string; readonly message: string };
  'manager-accepted': { readonly provider: string; readonly heldMs: number };
  'many-refused': { readonly provider: string; readonly message: string };
  'many-accepted': { readonly provider: string; readonly heldMs: number };
  /** `by` is `rekeyd` where the failed mints were counted, else who asked; `next` says what to do. */
  'provider-frozen': {
    readonly provider: string;
    readonly by: string;
    readonly why: string;
    readonly next: string;
  };
  /** `was` is why it had been frozen. */
  'provider-unfrozen': {
    readonly provider: string;
    readonly by: string;
    readonly why: string;
    readonly was: string;
    readonly heldMs: number;
  };
  'reserve-low': { readonly provider: string; readonly untilAt: number; readonly message: string };
  'reserve-enough': { readonly provider: string; readonly heldMs: number };
  'clock-skew': { readonly message: string };
  'clocks-agree': { readonly heldMs: number };
  'clock-put-back': { readonly byMs: number };
  'provider-rate-limited': { readonly provider: string; readonly retryAfterMs: number };
  'loop-failed': { readonly account?: string; readonly message: string };
  /** Somebody did more than read; `by` is who, `from` the address at the other end, or `socket`. */
  'api-called': {
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly by: string;
    readonly from: string;
  };
  'api-refused': {
    readonly why: string;
    readonly method: string;
    readonly path: string;
    readonly by: string;
    readonly from: string;
  };
  'api-listener-failed': { readonly message: string };
  'api-token-unusable': { readonly name: string; readonly message: string };
  'api-certificate-loaded': { readonly subject: string; readonly expiresAt: number };
  'api-certificate-refused': { readonly message: string };
  'request-received': { readonly request: string; readonly does: string; readonly from: string };
}

export type EventKind = keyof EventBodies;

/** How long something took, and how it ended. Never labelled by account. */
export interface Measures {
  step: {
    readonly step: string;
    readonly provider: string;
    readonly strategy: string;
    readonly store?: string;
    readonly outcome: string;
    readonly ms: number;
  };
  'dark-window': {
    readonly provider: string;
    readonly strategy: string;
    readonly estimated: boolean;
    readonly ms: number;
  };
  'consumer-lag': { readonly connection: string; readonly does: string; readonly ms: number };
  lateness: {
    readonly provider: string;
    readonly strategy: string;
    readonly trigger: string;
    readonly ms: number;
  };
}

/** The state of an account in numbers; an absent one does not apply. */
export interface AccountGauges {
  readonly account: string;
  readonly provider: string;
  /** When the live credential was issued, ms since the epoch. */
  readonly issuedAt?: number;
  readonly nextAt?: number;
  readonly expiresAt?: number;
  readonly failures: number;
  readonly holds: readonly HoldKind[];
  readonly converged: boolean;
  readonly overdue: boolean;
}

export interface Telemetry {
  /** A committed fact. */
  fact(subject: Subject, fact: Fact): void;
  event<Kind extends EventKind>(kind: Kind, body: EventBodies[Kind]): void;
  measure<Kind extends keyof Measures>(kind: Kind, measure: Measures[Kind]): void;
  /** A call to a provider or store that failed and is handled where it happened: debug level. */
  failure(
    where: {
      readonly account?: string;
      readonly rotation?: string;
      readonly step: string;
      readonly target?: string;
      readonly attempt?: number;
    },
    failure: Failure,
  ): void;
}
