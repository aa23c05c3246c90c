/** All that a decision about one account is made from. Plain data: who gathers it is the engine's business. */
import type { Account } from './account.ts';
import type { Fingerprint } from './credential.ts';
import type { Cause } from './fact.ts';
import type { Failure } from './failure.ts';
import type { Hold } from './hold.ts';
import { LIMITS } from './limits.ts';
import { isTaken } from './places.ts';
import type { AccountRecord } from './record.ts';
import type { RequestDoes } from './request.ts';
import type { LastWrite, Target, TargetId } from './target.ts';

/** The account at its provider. Instants are those at which the request was sent. */
export interface AccountSeen {
  readonly requestedAt: number;
  /** How long the answer took. What others had seen before is there at once, whatever its age. */
  readonly tookMs?: number;
  readonly state: 'open' | 'closed' | 'absent';
  readonly certain: boolean;
  /** The live credential; absent where the provider does not show it. */
  readonly live?: {
    readonly fingerprint: Fingerprint;
    readonly issuedAt?: number;
    readonly expiresAt?: number;
  };
  /** All its credentials, where it can have several at a time. */
  readonly credentials?: readonly CredentialSeen[];
  /** Of a pair, each of its accounts. `state` is then the worse of the two, and `live` what the live one shows. */
  readonly members?: readonly MemberSeen[];
}

/** One account of a pair. */
export interface MemberSeen {
  readonly accountId: string;
  readonly state: AccountSeen['state'];
  readonly live?: NonNullable<AccountSeen['live']>;
  readonly role?: string;
}

/** One of the credentials of an account that can have several at a time. Instants are the service's. */
export interface CredentialSeen {
  readonly reference: string;
  readonly name: string;
  readonly clientId?: string;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
  readonly expiresAt?: number;
}

export interface TargetSeen {
  readonly requestedAt: number;
  readonly holds:
    | {
        readonly kind: 'credential';
        readonly fingerprint: Fingerprint;
        readonly clientId?: string;
        readonly issuedAt?: number;
        readonly expiresAt?: number;
      }
    /** Nothing is there, or nothing at the credential's place in it. */
    | { readonly kind: 'nothing' }
    /** Something that is not of the target's format. */
    | { readonly kind: 'other' }
    | { readonly kind: 'unreadable'; readonly failure: Failure };
  readonly version?: string;
  readonly writtenByUsAt?: number;
  readonly lastWrite?: LastWrite;
}

export interface Preflight {
  readonly at: number;
  readonly failure?: Failure;
  readonly identity?: string;
}

/** A credential was used: at this time, with this outcome. */
export interface Tried {
  readonly at: number;
  readonly outcome:
    | { readonly kind: 'accepted'; readonly accountId: string }
    | {
        readonly kind: 'refused';
        /** The service says for certain that it is no longer good; by this name. */
        readonly revoked?: true;
        readonly id?: string;
      }
    | { readonly kind: 'unknown'; readonly failure: Failure };
}

/** The live credentials of a few other accounts of the provider were tried at this time: how many had which outcome. */
export interface OthersTried {
  readonly at: number;
  readonly accepted: number;
  readonly refused: number;
  readonly unknown: number;
}

/** Whether one more mint because of a refused credential is within the provider's limit; if so, it is counted already. */
export interface Grant {
  readonly granted: boolean;
  /** Those of the last hour, this one aside, and how many there may be. */
  readonly lastHour: number;
  readonly atMost: number;
  /** Where it was not granted: when to ask again. */
  readonly until: number;
}

/** The manager credential is of this account, or of the one that has a credential with this client id. */
export interface ManagerSeen {
  readonly accountId?: string;
  readonly clientId?: string;
  readonly acceptedAt?: number;
}

/** What was seen while this account has been worked on. */
export interface Observation {
  readonly account?: AccountSeen;
  readonly accountFailure?: { readonly at: number; readonly failure: Failure };
  /** Whom the manager credential belongs to; and when it was used to ask, where it was asked anew. */
  readonly manager?: ManagerSeen;
  readonly managerFailure?: { readonly at: number; readonly failure: Failure };
  /** Nobody could be asked what time it is. */
  readonly timeFailure?: { readonly at: number; readonly failure: Failure };
  readonly targets: Readonly<Record<TargetId, TargetSeen>>;
  readonly preflights: Readonly<Record<TargetId, Preflight>>;
  readonly tried: Readonly<Record<Fingerprint, Tried>>;
  readonly others?: OthersTried;
  readonly grant?: Grant;
}

export const NOTHING_SEEN: Observation = { targets: {}, preflights: {}, tried: {} };

/** A request that waits for an answer. */
export interface Asked {
  readonly id: string;
  readonly does: RequestDoes;
  readonly target?: string;
  readonly cause: Cause;
  readonly at: number;
}

export interface Situation {
  readonly now: number;
  /** A number from 0 to 1, for whatever is left to chance. */
  readonly dice: number;
  /** When this process began to run; 0 where nothing counts as missed. */
  readonly runningSince: number;
  /** Since when the wall clock has not been set, as far as this process has seen. Absent or 0: never. */
  readonly clockSteadySince?: number;
  /** No mint is sent any more. */
  readonly stopping: boolean;
  readonly record: AccountRecord;
  readonly policy: Account;
  readonly configured: boolean;
  readonly policyChanged: boolean;
  /** Why the account was looked at now, as `wake` named it. */
  readonly dueWhy?: string;
  readonly requests: readonly Asked[];
  readonly sharedHolds: readonly Hold[];
  /** The provider's calls are short: until then, looks that nothing depends on are put off. */
  readonly callsShortUntil?: number;
  /** No service has told what time it is: no slot is used up before one does. */
  readonly timeUnknown?: true;
  /** The provider's clock less ours, in ms; absent: it has not told the time. */
  readonly providerAheadMs?: number;
  readonly seen: Observation;
  /** Credentials whose value is in memory. */
  readonly inHand: ReadonlySet<Fingerprint>;
  /** For each store by name: how long a real write proves that another will succeed, in ms. */
  readonly proofMaxAgeMs: Readonly<Record<string, number>>;
  /** Failures of its own after which an account is parked. */
  readonly parkAfter: number;
}

/** Whether the machine's clock may be wrong, so that nothing may be concluded from what time it is. */
export function isClockDoubtful({ timeUnknown, sharedHolds }: Situation): boolean {
  return timeUnknown === true || sharedHolds.some(({ kind }) => kind === 'clock-skew');
}

/** Whether it is over by the provider's clock: nobody can use it, whatever else the provider refuses. `expiresAt` absent: it never is. */
export function hasExpired(situation: Situation, expiresAt: number | undefined): boolean {
  if (expiresAt === undefined || isClockDoubtful(situation)) return false;
  return expiresAt <= situation.now + (situation.providerAheadMs ?? 0);
}

/** Whether the manager credential belongs to this very account; `undefined` while nobody knows. */
export function isOwnAccount({ policy, seen }: Pick<Situation, 'policy' | 'seen'>): boolean | undefined {
  const { manager, account } = seen;
  if (manager === undefined) return undefined;
  if (manager.accountId !== undefined) return policy.accountIds.includes(manager.accountId);
  return account?.credentials?.some(
    ({ clientId }) => clientId !== undefined && clientId === manager.clientId,
  );
}

/**
 * The targets that matter: those configured, and those that left while a minted credential is owed to them, unless one that is
 * configured has their place.
 */
export function targetsOf({ policy, record }: Pick<Situation, 'policy' | 'record'>): readonly Target[] {
  const leaving: Target[] = [];
  for (const { owed } of Object.values(record.targets)) {
    if (owed === undefined || policy.targets.some(({ id }) => id === owed.target.id)) continue;
    if (!isTaken(owed.target, policy.targets)) leaving.push(owed.target);
  }
  return leaving.length === 0 ? policy.targets : [...policy.targets, ...leaving];
}

/** The stores that they are in, also of those that left: a mint needs the same proofs of each. */
export function storesOf(known: Pick<Situation, 'policy' | 'record'>): ReadonlySet<string> {
  return new Set(targetsOf(known).map(({ store }) => store));
}

/** Those of them that nobody has looked at in this work. */
export function targetsUnseen(situation: Situation): readonly Target[] {
  return targetsOf(situation).filter(({ id }) => situation.seen.targets[id] === undefined);
}

/** Whether what was minted is owed to any of them. */
export function isOwing(known: Pick<Situation, 'policy' | 'record'>): boolean {
  return targetsOf(known).some(({ id }) => known.record.targets[id]?.owed !== undefined);
}

/**
 * Whether whoever reads a required target may be without a credential that works: a mint may have happened, and what it brought is not
 * known to be there. Each second of it counts, also while many others are due.
 */
export function mayBeDark({ rotation, targets }: AccountRecord): boolean {
  if (rotation?.intent !== undefined) return true;
  return Object.values(targets).some(({ owed }) => owed?.target.required === true);
}

/**
 * The account as seen after its last mint or delivery ended; `undefined` where it was not. Of a pair, `live` is what the account
 * shows that the live credential belongs to.
 */
export function accountSeen({ seen, record, now }: Situation): AccountSeen | undefined {
  const { account } = seen;
  if (account === undefined || !isAfter(account, record.effectEndedAt, now)) return undefined;
  if (account.members === undefined) return account;
  const live = account.members.find(({ accountId }) => accountId === record.live?.accountId)?.live;
  return live === undefined ? account : { ...account, live };
}

/** The target as read after the last write to it ended; `undefined` where it was not. */
export function targetSeen({ seen, record, now }: Situation, id: TargetId): TargetSeen | undefined {
  const target = seen.targets[id];
  return target !== undefined && isAfter(target, record.targets[id]?.written?.at, now) ? target : undefined;
}

/**
 * When a request that was sent at `sentAt` (ms since the epoch) and had no answer counts as having had its effect, if it has one. How long
 * ago it was sent, nobody knows once the clock was set: then it counts from there.
 */
export function settledAt(
  { clockSteadySince = 0 }: Pick<Situation, 'clockSteadySince'>,
  sentAt: number,
): number {
  return Math.max(sentAt, clockSteadySince) + LIMITS.settleMs;
}

/**
 * Whoever has an effect forgets what was seen before it, so the instants matter for what others did meanwhile. One that
 * lies in the future says nothing: the clock was put back since.
 */
function isAfter(
  { requestedAt }: { readonly requestedAt: number },
  endedAt: number | undefined,
  now: number,
): boolean {
  return endedAt === undefined || endedAt > now || requestedAt >= endedAt;
}
