/** What the journal knows of an account: the fold of its facts. Plain JSON, bounded in size, without any secret. */
import type { Fingerprint } from './credential.ts';
import type { RefreshNeed } from './consumer.ts';
import type { Cause, FailureNote, Trigger } from './fact.ts';
import type { Places } from './places.ts';
import type { LastWrite, Target, TargetId } from './target.ts';
import type { Compromise } from './request.ts';

/** A credential as the record knows it. Times in ms since the epoch. */
export interface KnownCredential {
  readonly fingerprint: Fingerprint;
  /** We minted it, at this time. */
  readonly mintedAt?: number;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
  /** It came with the answer to our own mint: it may be delivered before it was proved. */
  readonly ownMint: boolean;
  readonly proved: boolean;
  /** Which of the credentials of its account it is, where there can be several. */
  readonly reference?: string;
  readonly clientId?: string;
  /** Which of a pair's accounts it belongs to. */
  readonly accountId?: string;
  /** A person said that it has leaked. */
  readonly compromised?: true;
  /** The answer to a mint that ends it did not fit: whether it works still, its use tells. */
  readonly doubted?: true;
  /** A mint that was to end it, as one of a pair, was sent then at the latest, and is not known to have happened. */
  readonly endingSince?: number;
}

/** A credential that works and is not live: it awaits its retirement, or, in a pair, the next turn of its account. */
export interface OldCredential {
  /** Absent where nobody ever had its value. */
  readonly fingerprint?: Fingerprint;
  /** Absent in a pair: it ends with the next mint for its account. */
  readonly reference?: string;
  readonly clientId?: string;
  readonly accountId?: string;
  /** `replaced`: it was live. `unused`: its value was lost before anybody had it. `late`: its mint seemed not to have happened. */
  readonly why: 'replaced' | 'unused' | 'late';
  /** Since when it is not live; of a late one, when it was minted. */
  readonly since: number;
  /** The rotation that replaced it, or minted it in vain. */
  readonly rotation?: string;
  /** A person said that it has leaked: it ends without grace, also in a pair. */
  readonly compromised?: true;
  /** Every target holds the newer one, since then: its grace counts from here. */
  readonly graceFrom?: number;
  /** Its retirement was intended, and is not known to have happened. */
  readonly intendedAt?: number;
  /** Why it was not retired yet when that was looked into, how often, and when that is done again. */
  readonly waits?: { readonly times: number; readonly why: string; readonly tryAt: number };
}

/** A credential of the account that this daemon knows nothing of. */
export interface UnknownCredential {
  readonly reference: string;
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
  readonly since: number;
}

/** A mint that was intended: what is needed to find out whether it happened. */
export interface Intent {
  readonly attempt: number;
  readonly at: number;
  readonly preImage?: Fingerprint;
  /** Set when the outcome became unknown, or by the intent itself until an outcome is known. */
  readonly sentAt: number;
  /** Where what came of it is owed. */
  readonly targets: readonly Target[];
  /** The mark of what it mints, and for which account: of a pair, one of the two; in place, one that may become one of a pair. */
  readonly name?: string;
  readonly accountId?: string;
  /** What it mints is live only once it was proved. */
  readonly provedFirst?: true;
  /** False until the outcome is known to be unknown: as after a crash. */
  readonly unknown: boolean;
  /** Once it is known not to have happened, it is the account's own failure. */
  readonly counts?: true;
  /** How often requests sent since then showed the pre-image still live, and when the last of them was sent. */
  readonly sightings: number;
  readonly sightedAt?: number;
}

export interface OpenRotation {
  readonly id: string;
  readonly trigger: Trigger;
  readonly cause: Cause;
  readonly slot?: number;
  readonly dueAt: number;
  readonly openedAt: number;
  readonly requests: readonly string[];
  /** What was live when somebody asked for it has leaked: it has to be ended, tried and seen refused. */
  readonly compromised?: Compromise;
  /** Mints tried so far, known to have happened or not. */
  readonly attempts: number;
  /** A mint whose outcome is not known yet. */
  readonly intent?: Intent;
  readonly minted?: {
    readonly fingerprint: Fingerprint;
    readonly preImage?: Fingerprint;
    readonly sentAt: number;
    readonly recovered: boolean;
    readonly reference?: string;
    readonly clientId?: string;
    readonly accountId?: string;
    readonly issuedAt?: number;
    readonly expiresAt?: number;
    /** The credential before goes on working. */
    readonly provedFirst?: true;
    /** It is not live yet: it has to be proved. Where it is owed then. */
    readonly unproved?: { readonly targets: readonly Target[] };
    /** A person said so of all that works, before it was proved. */
    readonly compromised?: true;
  };
  /** A credential of this rotation was minted, and its value was lost. */
  readonly lost: boolean;
  /** Which one that was, where its answer told. Accepted again, it is what this rotation is to bring. */
  readonly mintedLost?: Fingerprint;
  readonly oldTried: boolean;
  /** Leaked credentials that were ended, and have yet to be tried and seen refused. */
  readonly untried?: readonly Untried[];
}

export interface Untried {
  readonly fingerprint: Fingerprint;
  readonly endedAt: number;
  /** This rotation replaced it. Of those replaced before, nobody may have the value any more. */
  readonly replaced: boolean;
}

export interface TargetRecord {
  readonly written?: {
    readonly fingerprint: Fingerprint;
    readonly version: string;
    readonly at: number;
    /** It counts as written over already: what others put right and change again is no other delivery. */
    readonly overwritten?: true;
  };
  readonly confirmed?: { readonly fingerprint: Fingerprint; readonly version: string; readonly at: number };
  /** What we minted is owed here, at this place, until it is confirmed. */
  readonly owed?: { readonly fingerprint: Fingerprint; readonly target: Target };
  /** A delivery was intended that nothing else in the record tells of: what is live there now may have come by it. */
  readonly intended?: true;
  readonly failures: number;
  readonly retryAt?: number;
  readonly lastFailure?: FailureNote;
  readonly foreign?: { readonly since: number; readonly fingerprint?: Fingerprint };
  readonly accepted: boolean;
  readonly drifted?: {
    readonly since: number;
    readonly fingerprint?: Fingerprint;
    readonly lastWrite?: LastWrite;
  };
  /** What was written last is not what was read back: it is to be written again. */
  readonly misread?: true;
  /** When deliveries to it were seen to be written over by somebody else, newest last, at most 3. */
  readonly overwritten?: readonly number[];
  readonly contested?: { readonly since: number };
  /** The newest real write: by whom. */
  readonly realWrite?: { readonly at: number; readonly identity: string };
  /** What its consumers were to take up last, and how far each is. */
  readonly refresh?: RefreshNeed;
}

/** Requests to rotate that came too late to join the open rotation: the next one is theirs. */
export interface WaitingRotation {
  readonly requests: readonly string[];
  readonly compromised?: Compromise;
  readonly cause: Cause;
  readonly at: number;
}

/** The provider refuses the live credential: what was seen of that, until it is accepted again or replaced. */
export interface Refusal {
  readonly fingerprint: Fingerprint;
  /** The service's own name for it. */
  readonly id?: string;
  /** When it was tried and refused for the first and the last time, and how often. */
  readonly since: number;
  readonly lastAt: number;
  readonly times: number;
  /** The last try, whatever came of it. */
  readonly triedAt: number;
  /** Since the last try it counts as refused. */
  readonly countedAt?: number;
  /** Why the last try did not count. */
  readonly why?: string;
  /** The credentials of other accounts were refused as well. */
  readonly othersRefused?: true;
  /** When it is tried again. */
  readonly tryAt: number;
  /** Nothing is minted because of it until then. */
  readonly limited?: { readonly since: number; readonly until: number; readonly why: string };
}

export interface AccountRecord {
  /** Number of facts folded in. */
  readonly version: number;
  /** When the newest fact was noted, or a consumer was looked at that has nothing new. */
  readonly notedAt?: number;
  readonly adoptedAt?: number;
  /** Evidence showed at adoption that this daemon had delivered it before: its journal was lost. */
  readonly knownBefore?: true;
  readonly live?: KnownCredential;
  readonly refused?: Refusal;
  /** The last mint because of a refused credential. */
  readonly refusedMintAt?: number;
  /** Nothing shows what is live, since then. */
  readonly liveMissingSince?: number;
  /** Fingerprints that a mint or a person replaced, newest last, at most 32: never live again. */
  readonly superseded: readonly Fingerprint[];
  /** Credentials that work and are not live, oldest first, at most 64. */
  readonly old?: readonly OldCredential[];
  /** References of credentials that were retired, newest last, at most 32: a list may still show them. */
  readonly retired?: readonly string[];
  /** Marks of mints that brought nothing, as far as is known, newest last, at most 32. */
  readonly marks?: readonly { readonly name: string; readonly rotation: string }[];
  /** Credentials of the account that nobody here knows, at most 32. */
  readonly unknown?: readonly UnknownCredential[];
  /** A person said that this account of a pair is the one to mint for, because nothing shows which is live. */
  readonly standby?: { readonly accountId: string; readonly since: number };
  /** The two accounts of a pair have different roles: since when, and which, by account id. */
  readonly rolesDiffer?: { readonly since: number; readonly roles: Readonly<Record<string, string>> };
  /** The newest slot that needs nothing more: run, joined or skipped. */
  readonly slot?: number;
  readonly missed?: { readonly slot: number; readonly runAt: number };
  readonly heldSlot?: number;
  /** Came while the account was paused or its provider frozen: it counts as missed. */
  readonly pausedSlot?: number;
  readonly rotation?: OpenRotation;
  readonly waiting?: WaitingRotation;
  readonly targets: Readonly<Record<TargetId, TargetRecord>>;
  /** Where the configured targets are, as of the newest policy that was taken note of. */
  readonly places?: Places;
  /** The last mint known to have happened. */
  readonly mintedAt?: number;
  /** When the age of the live credential counts from, and whether that is certain. */
  readonly ageFrom?: { readonly at: number; readonly atLeast: boolean };
  /** The lifetime of the live credential when it was minted or first seen, in ms. */
  readonly lifetimeMs?: number;
  /** The last mint or delivery ended at this time: older observations are of no use. */
  readonly effectEndedAt?: number;
  /** Failures of its own in a row. */
  readonly failures: number;
  /** Failures of any kind in a row: the back-off grows with it. */
  readonly retries: number;
  readonly lastFailure?: FailureNote & { readonly at: number };
  readonly retryAt?: number;
  readonly reobserveAt: readonly number[];
  /**
   * When the newest look at the account was sent that showed for certain how it is. No fact brings it, because nothing happened:
   * it is kept with whatever is committed next.
   */
  readonly lookedAt?: number;
  readonly parked?: { readonly since: number; readonly why: string };
  readonly paused?: { readonly since: number; readonly cause: Cause };
  readonly mismatched?: { readonly since: number; readonly why: string };
  readonly held: Readonly<Record<string, { readonly since: number; readonly why: string }>>;
  readonly lastRotation?: {
    readonly id: string;
    readonly at: number;
    readonly darkWindowMs?: number;
    readonly estimated: boolean;
  };
  readonly leftAt?: number;
}
