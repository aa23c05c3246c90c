/** Accounts as the API and the command line show them: derived from rows, with why an account is due and what holds it. */
import type { Account } from '../domain/account.ts';
import { dueNext, dueNow } from '../domain/due.ts';
import type { Due } from '../domain/due.ts';
import { HOLDS, liftedBy } from '../domain/hold.ts';
import type { Hold } from '../domain/hold.ts';
import { holdsOf } from '../domain/holds.ts';
import { isConverged, isWritten } from '../domain/live.ts';
import { rolesDifferIn, standbyOf } from '../domain/pair.ts';
import type { AccountRecord, OldCredential, TargetRecord, UnknownCredential } from '../domain/record.ts';
import { refusalOf } from '../domain/refusal.ts';
import { graceOf, graceUntil } from '../domain/retire-needs.ts';
import { targetsOf } from '../domain/situation.ts';
import type { Target } from '../domain/target.ts';
import type { AccountRow, Shared } from '../ports/journal.ts';
import { consumerViews } from './consumer-views.ts';
import type { ConsumerView } from './consumer-views.ts';

/** A hold with what it stops and what lifts it, in words. */
export interface HoldView extends Hold {
  readonly stops: readonly string[];
  readonly liftedBy: string;
}

export type TargetState = 'converged' | 'unconfirmed' | 'undelivered' | 'foreign' | 'drifted';

export interface TargetView {
  readonly id: string;
  readonly required: boolean;
  readonly state: TargetState;
  /** What it was last seen to hold, or was given. */
  readonly fingerprint?: string;
  readonly writtenAt?: number;
  readonly confirmedAt?: number;
  readonly consumerLagMs?: number;
  /** Who reads it, and how far each is with what it holds. */
  readonly consumers?: readonly ConsumerView[];
  /** Somebody changed what had been delivered: seen since then, and when and by whom it was written, where the store shows it. */
  readonly drifted?: { readonly since: number; readonly writtenAt?: number; readonly writtenBy?: string };
  /** When deliveries were seen to be written over by somebody else, newest last, at most 3. */
  readonly overwrittenAt?: readonly number[];
  readonly failures: number;
  readonly retryAt?: number;
  readonly lastFailure?: { readonly failure: string; readonly message: string };
}

/** A credential that works beside the live one. */
export interface OldCredentialView {
  readonly fingerprint?: string;
  readonly reference?: string;
  readonly accountId?: string;
  readonly why: OldCredential['why'];
  readonly since: number;
  /** It has leaked: it ends as soon as the required targets hold the newer one. */
  readonly compromised?: true;
  /** It is retired then at the earliest; absent while not every target holds the newer one, and for a pair, whose next turn ends it. */
  readonly until?: number;
  /** It is retired then though it is still used. */
  readonly hardLimitAt?: number;
  /** Why it was not retired when that was looked into, and when that is done again. */
  readonly waits?: { readonly why: string; readonly tryAt: number };
}

export interface AccountView {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly provider: string;
  readonly organisation: string;
  readonly accountIds: readonly string[];
  readonly strategy: string;
  readonly configured: boolean;
  readonly converged: boolean;
  readonly live?: {
    readonly fingerprint: string;
    readonly mintedAt?: number;
    readonly issuedAt?: number;
    readonly expiresAt?: number;
    readonly proved: boolean;
    /** A person said that it has leaked. */
    readonly compromised?: true;
    /** Which of the account's credentials it is, where there can be several; of a pair, whose. */
    readonly reference?: string;
    readonly accountId?: string;
  };
  /** Of a pair: the account that is minted for next. */
  readonly standby?: string;
  /** Of a pair whose accounts have different roles: which, by account id. */
  readonly rolesDiffer?: { readonly since: number; readonly roles: Readonly<Record<string, string>> };
  /** Credentials that work and are not live, oldest first. */
  readonly old?: readonly OldCredentialView[];
  /** Credentials of the account that this daemon knows nothing of; it leaves them alone. */
  readonly unknown?: readonly UnknownCredential[];
  /** The provider refuses the live credential: since when, how often that was seen, and when it is tried again. */
  readonly refused?: {
    readonly id?: string;
    readonly since: number;
    readonly lastAt: number;
    readonly times: number;
    /** It is certain, and `onRefused` follows. */
    readonly counts: boolean;
    /** Why it is not certain. */
    readonly why?: string;
    readonly tryAt: number;
  };
  /** Its age counts from here; `atLeast` where nobody knows when it was minted. */
  readonly ageFrom?: { readonly at: number; readonly atLeast: boolean };
  /** Why it should rotate now. */
  readonly due?: Due;
  /** When it should rotate next, and why; holds and windows may delay it. */
  readonly dueNext?: Due;
  /** When it was last looked at. */
  readonly lookedAt?: number;
  /** When it is looked at next, and why. */
  readonly next?: { readonly at: number; readonly why: string };
  readonly holds: readonly HoldView[];
  readonly targets: readonly TargetView[];
  readonly rotation?: {
    readonly id: string;
    readonly trigger: string;
    readonly openedAt: number;
    readonly minted: boolean;
    readonly outcomeUnknown: boolean;
    readonly attempts: number;
  };
  readonly lastRotation?: {
    readonly id: string;
    readonly at: number;
    readonly darkWindowMs?: number;
    readonly estimated: boolean;
  };
  readonly failures: number;
  readonly lastFailure?: { readonly failure: string; readonly message: string; readonly at: number };
}

export function accountView(row: AccountRow, shared: Shared, now: number): AccountView {
  const { policy, record } = row;
  const known = { policy, record, now, sharedHolds: shared.holds };
  const due = row.configured ? dueNow(known) : undefined;
  const next = row.configured ? dueNext(known) : undefined;
  const { rotation, live } = record;
  return {
    name: policy.name,
    labels: policy.labels,
    provider: policy.provider,
    organisation: policy.organisation,
    accountIds: policy.accountIds,
    strategy: policy.strategy,
    configured: row.configured,
    converged: isConverged(known),
    holds: holdsOf(known).map((hold) => holdView(hold, policy.name)),
    targets: targetsOf(known).map((target) => targetView(row, target)),
    failures: record.failures,
    ...besideView(row),
    ...(live && { live: { ...live } }),
    ...refusedView(record),
    ...(record.ageFrom && { ageFrom: record.ageFrom }),
    ...(due && { due }),
    ...(next && { dueNext: next }),
    ...(record.lookedAt !== undefined && { lookedAt: record.lookedAt }),
    ...(row.dueAt !== undefined && { next: { at: row.dueAt, why: row.dueWhy ?? 'due' } }),
    ...(rotation && {
      rotation: {
        id: rotation.id,
        trigger: rotation.trigger,
        openedAt: rotation.openedAt,
        minted: rotation.minted !== undefined,
        outcomeUnknown: rotation.intent?.unknown === true,
        attempts: rotation.attempts,
      },
    }),
    ...(record.lastRotation && { lastRotation: record.lastRotation }),
    ...(record.lastFailure && { lastFailure: record.lastFailure }),
  };
}

/** What there is beside the live credential. */
function besideView({
  policy,
  record,
}: AccountRow): Pick<AccountView, 'standby' | 'rolesDiffer' | 'old' | 'unknown'> {
  const standby = policy.strategy === 'pair' ? standbyOf({ policy, record }) : undefined;
  const rolesDiffer = rolesDifferIn({ policy, record });
  const { old = [], unknown = [] } = record;
  return {
    ...(standby === undefined ? {} : { standby }),
    ...(rolesDiffer === undefined ? {} : { rolesDiffer }),
    ...(old.length === 0 ? {} : { old: old.map((one) => oldView(policy, one)) }),
    ...(unknown.length === 0 ? {} : { unknown }),
  };
}

function oldView(policy: Account, old: OldCredential): OldCredentialView {
  const { fingerprint, reference, accountId, why, since, compromised, graceFrom, waits } = old;
  const until = reference === undefined ? undefined : graceUntil(policy, old);
  return {
    why,
    since,
    ...(compromised && { compromised }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(reference === undefined ? {} : { reference }),
    ...(accountId === undefined ? {} : { accountId }),
    ...(until === undefined ? {} : { until }),
    ...(graceFrom === undefined ? {} : { hardLimitAt: graceFrom + graceOf(policy).hardLimitMs }),
    ...(waits === undefined ? {} : { waits: { why: waits.why, tryAt: waits.tryAt } }),
  };
}

function refusedView(record: AccountRecord): Pick<AccountView, 'refused'> {
  const refusal = refusalOf(record);
  if (refusal === undefined) return {};
  const { id, since, lastAt, times, countedAt, why, tryAt } = refusal;
  const more = { ...(id === undefined ? {} : { id }), ...(why === undefined ? {} : { why }) };
  return { refused: { since, lastAt, times, counts: countedAt !== undefined, tryAt, ...more } };
}

/** What lifts it names the account and the target, so that it can be typed as it stands. */
export function holdView(hold: Hold, account: string = hold.subject): HoldView {
  return { ...hold, stops: HOLDS[hold.kind].stops, liftedBy: liftedBy(hold, account) };
}

function targetView({ policy, record }: AccountRow, target: Target): TargetView {
  const known = record.targets[target.id];
  const fingerprint =
    known?.confirmed?.fingerprint ?? known?.foreign?.fingerprint ?? known?.drifted?.fingerprint;
  const seen = fingerprint ?? known?.written?.fingerprint;
  const state = stateOf({ policy, record }, target, known);
  return {
    id: target.id,
    required: target.required,
    state,
    failures: known?.failures ?? 0,
    ...(seen === undefined ? {} : { fingerprint: seen }),
    ...(known?.written && { writtenAt: known.written.at }),
    ...(known?.confirmed && { confirmedAt: known.confirmed.at }),
    ...(known?.drifted && { drifted: driftView(known.drifted) }),
    ...(known?.overwritten && { overwrittenAt: known.overwritten }),
    ...(target.consumerLagMs === undefined ? {} : { consumerLagMs: target.consumerLagMs }),
    ...consumerViews(target, known),
    // What was there when it was last seen is looked at with the account: nothing is to be tried again before.
    ...(known?.retryAt === undefined || state === 'converged' ? {} : { retryAt: known.retryAt }),
    ...(known?.lastFailure && { lastFailure: known.lastFailure }),
  };
}

function driftView({
  since,
  lastWrite = {},
}: NonNullable<TargetRecord['drifted']>): NonNullable<TargetView['drifted']> {
  const { at, by } = lastWrite;
  return {
    since,
    ...(at === undefined ? {} : { writtenAt: at }),
    ...(by === undefined ? {} : { writtenBy: by }),
  };
}

function stateOf(
  { record }: Pick<AccountRow, 'policy' | 'record'>,
  target: Target,
  known: TargetRecord | undefined,
): TargetState {
  if (known?.foreign !== undefined) return 'foreign';
  if (known?.drifted !== undefined) return 'drifted';
  if (record.live !== undefined && known?.confirmed?.fingerprint === record.live.fingerprint)
    return 'converged';
  return isWritten({ record }, target.id) ? 'unconfirmed' : 'undelivered';
}
