/** What the checker's own model knows of an account, a rotation and an intent: the committed facts, and nothing of the engine's record. */
import type { Fact, Trigger } from '../../../src/domain/fact.ts';

/** What was known when an intent became durable. */
export interface KnownIntent {
  /** Holds shared between accounts, as kind and subject. */
  readonly shared: ReadonlySet<string>;
  /** Consumers that are not well, and hold the rotations of who names them. */
  readonly unhealthy: ReadonlySet<string>;
  /** So many of the last mints failed that the provider has to be frozen. */
  readonly isOverLimit: boolean;
}

export interface KnownRotation {
  readonly account: number;
  /** Why it was opened, and when that became durable, in true time. */
  trigger: Trigger | undefined;
  openedAt: number;
  readonly slots: Set<number>;
  /** It was opened for a slot that had passed before its process ran, where such slots are skipped. */
  isForMissed: boolean;
  isManual: boolean;
  /** What has leaked is to be ended without waiting for any target. */
  endsNow: boolean;
  /** What it minted was lost, or nobody could have it. */
  isLost: boolean;
  /** Attempts whose intent is durable. */
  readonly intents: Map<number, KnownIntent>;
}

export interface KnownAccount {
  paused: boolean;
  /** When a pause ended last, in true time. */
  resumedAt: number | undefined;
  parked: boolean;
  mismatched: boolean;
  left: boolean;
  /** Its targets by the policy that was noted last; `undefined`: none was. */
  configured: ReadonlySet<string> | undefined;
  readonly foreign: Set<string>;
  /** Since when, as the process dated it. */
  readonly contested: Map<string, number>;
  readonly drifted: Set<string>;
  /** By target: what was confirmed there last. */
  readonly confirmed: Map<string, string>;
  /** All that was ever confirmed in a target. */
  readonly everConfirmed: Set<string>;
  /** Targets to which something that was minted is owed. */
  readonly owed: Set<string>;
  /** Slots that waited for a hold to end, or for their time after they had been missed. */
  readonly waitingSlots: Set<number>;
  /** Of a pair: something has shown which of the two is in use, or a person named the other one. */
  isDecided: boolean;
  /** Of a pair: the account that nobody uses, as a person said where nothing has shown it, nor has since. */
  unused: string | undefined;
  /** Of a pair: the one of the two that was an account by itself when what it has was found live, or in a target, in true time. */
  single: { readonly accountId: string; readonly at: number } | undefined;
  /**
   * The accounts at the provider that it had, and when, in true time, something was committed last under a policy that does not name them:
   * a person has taken them out of the pair.
   */
  readonly outAt: Map<string, number>;
  /** Targets that hold what was written, as far as anybody has seen. */
  readonly written: Set<string>;
  /** By target: when deliveries were seen to be written over, apart from each other, at most 3 within a day. */
  readonly overwritten: Map<string, number[]>;
  /** Fingerprints of what nobody can have any more. */
  readonly lost: Set<string>;
  /** By fingerprint: when, in true time, a mint was given up because what it brought was refused. */
  readonly givenUp: Map<string, number>;
  /** By fingerprint: how often it was noted that it is refused. */
  readonly refusals: Map<string, number>;
  /** Mints in a row that the provider did not allow for this account, or declined and is known not to have made. */
  ownFailures: number;
  /** Mints that the provider declined for the account's sake, since these were counted anew. */
  readonly declined: Set<string>;
  /** When somebody said last, in true time, that what it has has leaked; and whether ever that no target is to be waited for. */
  leakedAt: number | undefined;
  /** That was not replaced yet. */
  isLeakOpen: boolean;
  /** The rotation of the mint that was intended since, and is to replace that. */
  leakMintedIn: string | undefined;
  /** It left before that was ended: nobody waits for it. What was marked stays marked. */
  isLeakGivenUp: boolean;
  endsNow: boolean;
}

/** After these it is known which account of a pair is in use. */
const DECIDING: readonly Fact['kind'][] = [
  'live-found',
  'live-located',
  'live-changed',
  'standby-named',
  'credential-minted',
];

export function takeDecision(account: KnownAccount, fact: Fact): void {
  if (!DECIDING.includes(fact.kind)) return;
  account.isDecided = true;
  account.unused = fact.kind === 'standby-named' ? fact.accountId : undefined;
}

export function takeAccountIds({ outAt }: KnownAccount, accountIds: readonly string[], now: number): void {
  for (const id of accountIds) outAt.set(id, outAt.get(id) ?? 0);
  for (const id of outAt.keys()) if (!accountIds.includes(id)) outAt.set(id, now);
}

/** Of which no fact was committed yet. */
export function blankAccount(): KnownAccount {
  return {
    paused: false,
    resumedAt: undefined,
    parked: false,
    mismatched: false,
    left: false,
    configured: undefined,
    foreign: new Set<string>(),
    contested: new Map<string, number>(),
    drifted: new Set<string>(),
    confirmed: new Map<string, string>(),
    everConfirmed: new Set<string>(),
    owed: new Set<string>(),
    waitingSlots: new Set<number>(),
    isDecided: false,
    unused: undefined,
    single: undefined,
    outAt: new Map<string, number>(),
    written: new Set<string>(),
    overwritten: new Map<string, number[]>(),
    lost: new Set<string>(),
    givenUp: new Map<string, number>(),
    refusals: new Map<string, number>(),
    ownFailures: 0,
    declined: new Set<string>(),
    leakedAt: undefined,
    isLeakOpen: false,
    leakMintedIn: undefined,
    isLeakGivenUp: false,
    endsNow: false,
  };
}
