/**
 * What happened, in the past tense, durable. A record is the fold of its account's facts; a log line and a metric
 * come from each. Facts are written once and never changed, and carry fingerprints, never credentials.
 */
import type { Consumer } from './consumer.ts';
import type { ConsumerFactBodies } from './consumer-fact.ts';
import type { Fingerprint } from './credential.ts';
import type { FailureKind } from './failure.ts';
import type { Places } from './places.ts';
import type { Compromise, RequestDoes } from './request.ts';
import type { Target, TargetId } from './target.ts';

/** Why a rotation was opened. All but `manual` are unasked. */
export type Trigger = 'schedule' | 'max-age' | 'expiry' | 'refused' | 'adopt' | 'manual';

/** A failure as it is written down. */
export interface FailureNote {
  readonly failure: FailureKind;
  readonly message: string;
}

/** Each kind of fact with what it carries. Times are ms since the epoch. */
export interface FactBodies extends ConsumerFactBodies {
  'account-adopted': {
    /** What is live, where the provider shows it. */
    readonly live?: Fingerprint;
    readonly issuedAt?: number;
    readonly expiresAt?: number;
    readonly evidence: 'issued-at' | 'store' | 'none';
    /** Slots up to here need nothing more. */
    readonly slotFrom?: number;
    readonly places?: Places;
  };
  'policy-changed': {
    readonly name: string;
    readonly places?: Places;
    /** Targets that are not where they were: nothing is known of them any more, and those that are configured are seen anew. */
    readonly forgotten?: readonly TargetId[];
  };
  /** The machine's clock was put back. `confirmed`: services agree that it is right now. */
  'clock-put-back': { readonly wasAt: number; readonly confirmed: boolean };
  /** The account or its targets could not be looked at; tried again later. */
  'observe-failed': FailureNote & { readonly attempt: number; readonly retryAt: number };
  'slot-skipped': { readonly slot: number };
  'slot-missed': { readonly slot: number; readonly runAt: number };
  'slot-held': { readonly slot: number; readonly hold: string };
  'request-taken': { readonly request: string; readonly does: RequestDoes };
  /** A person said that the live credential has leaked, and all that work beside it are taken to have leaked with it. */
  'credential-compromised': { readonly fingerprint?: Fingerprint };
  'request-refused': { readonly request: string; readonly why: string };
  'rotation-opened': {
    readonly trigger: Trigger;
    readonly slot?: number;
    /** When it was due: for the lateness that is measured. */
    readonly dueAt: number;
    readonly compromised?: Compromise;
  };
  /** A newer slot or a manual request became part of the open rotation, which had not minted yet. */
  'rotation-joined': {
    readonly slot?: number;
    readonly requests: readonly string[];
    readonly compromised?: Compromise;
  };
  'mint-intended': {
    readonly attempt: number;
    readonly preImage?: Fingerprint;
    /** Where what comes of it is owed, also if the configuration changes before that is known. */
    readonly targets: readonly Target[];
    /** The mark that what it mints is found by, and for which account it is. */
    readonly name?: string;
    readonly accountId?: string;
    /** The old credential goes on working: what is minted is live only once it was proved. */
    readonly provedFirst?: true;
  };
  'credential-minted': {
    readonly fingerprint: Fingerprint;
    readonly preImage?: Fingerprint;
    /** When the mint's request had been written; with `recovered`, the intent's time: an estimate. */
    readonly sentAt: number;
    /** The answer was lost, and the credential was found by looking. */
    readonly recovered: boolean;
    readonly issuedAt?: number;
    readonly expiresAt?: number;
    /** Where it is owed, as configured at the mint: a target that leaves the configuration still gets it. */
    readonly targets: readonly Target[];
    /** What the provider knows it by, where an account can have several. */
    readonly reference?: string;
    readonly clientId?: string;
    readonly accountId?: string;
    /** The old credential goes on working: this one is live only once it was proved. */
    readonly provedFirst?: true;
  };
  /** It was minted, and is of no use to anybody; the old credential goes on working. Another one is minted. */
  'credential-unusable': {
    readonly why: 'value-lost' | 'refused';
    readonly fingerprint?: Fingerprint;
    readonly reference?: string;
    readonly clientId?: string;
    readonly mintedAt: number;
  };
  /** A mint that seemed not to have happened did happen: this credential has its mark. */
  'credential-found-late': {
    readonly reference: string;
    readonly name: string;
    readonly clientId?: string;
    readonly createdAt: number;
  };
  /** The account has a credential that this daemon knows nothing of: it is left alone. */
  'credential-unknown': {
    readonly reference: string;
    readonly name: string;
    readonly createdAt: number;
    readonly lastUsedAt?: number;
  };
  'unknown-credential-gone': { readonly reference: string };
  /** Every target holds the newer one: the old one works until `until` at least, and is retired at `hardLimitAt` whoever uses it. */
  'grace-begun': {
    readonly reference: string;
    readonly fingerprint?: Fingerprint;
    readonly until: number;
    readonly hardLimitAt: number;
  };
  /** An old credential was to be retired, and something is against it. */
  'retire-waits': { readonly reference: string; readonly why: string; readonly tryAt: number };
  'retire-intended': {
    readonly reference: string;
    readonly fingerprint?: Fingerprint;
    readonly lastUsedAt?: number;
    /** The hard limit has passed: it is retired although it is still used. */
    readonly stillUsed?: true;
  };
  'retire-failed': FailureNote & { readonly reference: string; readonly tryAt: number };
  'credential-retired': {
    readonly reference: string;
    readonly fingerprint?: Fingerprint;
    /** It was not there any more when it was looked for. */
    readonly gone?: true;
  };
  /** Known not to have minted. */
  'mint-refused': FailureNote & { readonly retryAt: number; readonly counts: boolean };
  /** Nobody knows whether it minted. */
  'mint-unknown': FailureNote & {
    readonly sentAt: number;
    /** Once it is known not to have happened, it is the account's own failure, and counts towards parking. */
    readonly counts: boolean;
    /** The process that made it ended before it knew: that says nothing about the provider. */
    readonly interrupted?: true;
  };
  /** After a mint of unknown outcome, the pre-image was seen to be live still. */
  'pre-image-seen': { readonly requestedAt: number };
  /** The pre-image was seen long enough after the request: it did not mint, and may be tried again. */
  'mint-settled': { readonly attempt: number };
  /** It minted, and its value cannot be had any more: another one is minted. */
  'credential-lost': { readonly preImage?: Fingerprint; readonly mintedAt: number };
  /** The answer to a mint names another account or organisation, or brings the old credential again. */
  'account-mismatched': { readonly why: string; readonly mintedAt: number };
  'mismatch-cleared': Record<never, never>;
  /** The provider does not show what is live: the targets hold this, and it was proved. */
  'live-found': {
    readonly fingerprint: Fingerprint;
    readonly issuedAt?: number;
    readonly expiresAt?: number;
    readonly reference?: string;
    readonly clientId?: string;
    readonly accountId?: string;
  };
  /** Which of a pair's accounts the live credential belongs to, or what the list of its account's credentials calls it. */
  'live-located': {
    readonly fingerprint: Fingerprint;
    readonly accountId?: string;
    readonly reference?: string;
  };
  /** A person named the account of a pair that is minted for next, because nothing shows which of the two is live. */
  'standby-named': { readonly accountId: string };
  /** The two accounts of a pair have different roles, by account id; or the same again. */
  'pair-roles-differ': { readonly roles: Readonly<Record<string, string>> };
  'pair-roles-agree': { readonly roles: Readonly<Record<string, string>> };
  /** The provider does not show what is live, and no target holds it: it cannot be had. */
  'live-missing': Record<never, never>;
  /** What is live turned out to be something that we did not mint. */
  'live-changed': {
    readonly fingerprint: Fingerprint;
    readonly was?: Fingerprint;
    readonly issuedAt?: number;
    readonly expiresAt?: number;
    readonly accountId?: string;
  };
  'credential-proved': { readonly fingerprint: Fingerprint };
  /** The live credential was tried, and was refused, or had been refused before. */
  'live-tried': {
    readonly fingerprint: Fingerprint;
    readonly outcome: 'refused' | 'accepted' | 'inconclusive';
    readonly triedAt: number;
    /** The service's own name for the refusal. */
    readonly refusedAs?: string;
    /** Everything speaks for the credential being dead: what `onRefused` says, follows. */
    readonly counts: boolean;
    /** Why it does not count, or was inconclusive. */
    readonly why?: string;
    /** Those of other accounts are refused as well: it is the provider's trouble, for all that is known. */
    readonly othersRefused?: true;
    /** When it is tried again, unless it was accepted. */
    readonly tryAt?: number;
  };
  /** It is not all that the provider refuses any more, which the last refusal was put down to: the live credential is tried now. */
  'others-accepted': { readonly fingerprint: Fingerprint };
  /** A mint because of a refused credential would be one too many. */
  'mint-limited': { readonly why: string; readonly until: number };
  /** The credential that a mint replaced was tried: in place it should be dead. */
  'old-credential-tried': {
    readonly fingerprint: Fingerprint;
    readonly outcome: 'refused' | 'accepted' | 'unknown';
  };
  /** What is live, and was not minted just now, is about to be delivered to a target with consumers: they have to take it up. */
  'delivery-intended': { readonly target: TargetId };
  'target-written': {
    readonly target: TargetId;
    readonly fingerprint: Fingerprint;
    readonly version: string;
    /** The store acknowledged it at this time. */
    readonly acknowledgedAt: number;
    readonly identity?: string;
  };
  'target-confirmed': {
    readonly target: TargetId;
    readonly fingerprint: Fingerprint;
    readonly version: string;
    /** We wrote it: these have to take it up. */
    readonly consumers?: readonly Consumer[];
  };
  'target-failed': FailureNote & {
    readonly target: TargetId;
    readonly attempt: number;
    readonly retryAt: number;
    /** It was written, and reads back something else. */
    readonly misread?: true;
  };
  'target-foreign': { readonly target: TargetId; readonly fingerprint?: Fingerprint };
  /** What was foreign is gone. */
  'target-cleared': { readonly target: TargetId };
  'target-accepted': { readonly target: TargetId };
  /** Somebody changed what had been delivered, or what was seen to be right. */
  'target-drifted': {
    readonly target: TargetId;
    readonly fingerprint?: Fingerprint;
    /** When what is there now was written, and by whom, as far as the store shows that. */
    readonly writtenAt?: number;
    readonly writtenBy?: string;
  };
  /** Somebody writes over what is delivered, again and again: it is left alone for a while. */
  'target-contested': { readonly target: TargetId; readonly why: string };
  /** What was delivered to a contested target has stood for long enough. */
  'target-uncontested': { readonly target: TargetId };
  'write-proved': { readonly target: TargetId; readonly identity: string };
  'rotation-succeeded': {
    readonly fingerprint: Fingerprint;
    readonly darkWindowMs?: number;
    readonly estimated: boolean;
  };
  'rotation-failed': FailureNote & {
    readonly attempt: number;
    readonly retryAt: number;
    /** It is the account's own failure, and counts towards parking. */
    readonly counts: boolean;
  };
  'rotation-abandoned': { readonly why: string };
  'account-held': { readonly hold: string; readonly why: string };
  'hold-lifted': { readonly hold: string };
  'account-parked': { readonly why: string };
  'account-unparked': Record<never, never>;
  'account-paused': Record<never, never>;
  'account-resumed': Record<never, never>;
  /** The account was looked at, and all is as the record says. */
  looked: { readonly requestedAt: number };
  /** Gone from the configuration, and nothing is left to do for it. */
  'account-left': Record<never, never>;
}

export type FactKind = keyof FactBodies;

/** Who caused a fact, and why, in a person's words where it was a person. */
export interface Cause {
  /** `rekeyd`, or who asked: `socket:uid`, `config`. */
  readonly actor: string;
  readonly reason?: string;
}

export type Fact = {
  [Kind in FactKind]: {
    /** A UUID of version 7. */
    readonly id: string;
    readonly at: number;
    readonly kind: Kind;
    readonly cause: Cause;
    /** The rotation that it belongs to. */
    readonly rotation?: string;
  } & FactBodies[Kind];
}[FactKind];

export type FactOf<Kind extends FactKind> = Extract<Fact, { readonly kind: Kind }>;
