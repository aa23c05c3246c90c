/**
 * What the committed facts say, in a model of this checker's own: which rotations there are, what was intended, and what
 * holds an account back. It never asks the engine's record.
 */
import type { Fact, FactOf } from '../../../src/domain/fact.ts';
import type { Account } from '../../../src/domain/account.ts';
import type { Commit } from '../../../src/ports/journal.ts';
import { blankAccount, takeAccountIds, takeDecision } from './book-entries.ts';
import type { KnownAccount, KnownRotation } from './book-entries.ts';
import { configureTargets, forgetTargets, takeTarget } from './book-targets.ts';
import { MintEnds } from './mint-ends.ts';
import type { Verdicts } from './verdicts.ts';

const MINUTE_MS = 60_000;
/** Clocks of replicas, as far apart as they may be, and drift. */
const CLOCKS_MS = 8_000;

/** Holds that a person ends: what came meanwhile is missed. */
const ENDED_BY_HAND: readonly string[] = ['paused', 'frozen'];

/** After these an account's failures are counted anew. */
const FORGETTING: readonly Fact['kind'][] = [
  'credential-minted',
  'rotation-succeeded',
  'account-unparked',
  'policy-changed',
  'request-taken',
];

/** What one account by itself has is what its targets hold, or are to hold. */
const IN_USE: readonly Fact['kind'][] = ['live-found', 'live-changed', 'target-confirmed'];

export class FactBook {
  readonly rotations = new Map<string, KnownRotation>();
  /** References of credentials whose mint seemed not to have happened. */
  readonly late = new Set<string>();
  /** By reference: when, in true time, every target was known to hold a newer one, and as the process that knew it dated that. */
  readonly graceAt = new Map<string, { readonly at: number; readonly dated: number }>();
  readonly #accounts = new Map<number, KnownAccount>();
  /** Mints of which no process heard what became of them. */
  readonly #interrupted = new Set<string>();
  /** The rotation that each request became part of. */
  readonly #requests = new Map<string, string>();
  readonly #verdicts: Verdicts;

  readonly #mintEnds: MintEnds;

  constructor(verdicts: Verdicts, limit: { readonly failures: number; readonly of: number }) {
    this.#verdicts = verdicts;
    this.#mintEnds = new MintEnds(limit);
  }

  /** Somebody has lifted the freezing of the provider: it is counted anew. */
  unfrozen(): void {
    this.#mintEnds.forget();
  }

  declined({ rotation, attempt }: { readonly rotation: string; readonly attempt: number }): void {
    const known = this.rotations.get(rotation);
    if (known !== undefined) this.accountOf(known.account).declined.add(`${rotation}/${attempt}`);
  }

  /** Its account at the provider was out of the pair at that time, or later. */
  wasOutAfter({ rotation, id }: { readonly rotation: string; readonly id: string }, time: number): boolean {
    const known = this.rotations.get(rotation);
    return known !== undefined && (this.accountOf(known.account).outAt.get(id) ?? 0) >= time;
  }

  accountOf(id: number): KnownAccount {
    const known = this.#accounts.get(id) ?? blankAccount();
    this.#accounts.set(id, known);
    return known;
  }

  committed(given: {
    readonly commit: Commit;
    readonly policy: Account;
    /** The shared holds in force when this became durable, as kind and subject. */
    readonly shared: ReadonlySet<string>;
    readonly unhealthy: ReadonlySet<string>;
    /** In true time, like `startedAt`, when the process was started. */
    readonly now: number;
    readonly startedAt: number;
  }): void {
    const { commit, policy, now } = given;
    takeAccountIds(this.accountOf(commit.account), policy.accountIds, now);
    for (const fact of commit.facts) this.#take(fact, given);
    for (const { id, rotation } of commit.requests ?? []) {
      if (rotation === undefined) continue;
      const before = this.#requests.get(id) ?? rotation;
      this.#verdicts.expect(
        before === rotation,
        9,
        () => `the request ${id} became part of the rotations ${before} and ${rotation}`,
      );
      this.#requests.set(id, rotation);
    }
  }

  #take(
    fact: Fact,
    {
      commit,
      policy,
      shared,
      unhealthy,
      now,
      startedAt,
    }: {
      readonly commit: Commit;
      readonly policy: Account;
      readonly shared: ReadonlySet<string>;
      readonly unhealthy: ReadonlySet<string>;
      readonly now: number;
      readonly startedAt: number;
    },
  ): void {
    const account = this.accountOf(commit.account);
    account.left = fact.kind === 'account-left';
    if (fact.kind === 'credential-found-late') this.late.add(fact.reference);
    // Somebody has put it into a target, and what is live there is old like any other when it is replaced.
    if (fact.kind === 'live-found' && fact.reference !== undefined) this.late.delete(fact.reference);
    if (fact.kind === 'grace-begun') this.graceAt.set(fact.reference, { at: now, dated: fact.at });
    if (fact.kind === 'policy-changed' || fact.kind === 'account-left') {
      forgetTargets(account, fact.kind === 'account-left' ? [] : policy.targets);
    }
    if (fact.kind === 'policy-changed' || fact.kind === 'account-adopted')
      configureTargets(account, policy.targets);
    if (IN_USE.includes(fact.kind) && policy.accountIds.length === 1)
      account.single = { accountId: policy.accountIds[0], at: now };
    if ('target' in fact) takeTarget(account, fact, policy);
    else {
      takeAccount(account, fact);
      if (fact.kind === 'account-resumed') account.resumedAt = now;
      if (fact.kind === 'credential-unusable' && fact.why === 'refused')
        account.givenUp.set(fact.fingerprint ?? '', now);
      takeLeak(account, fact, now);
    }
    if (fact.rotation === undefined) return;
    const rotation = this.#rotation(fact.rotation, commit.account);
    this.#mintEnds.take(fact, rotation);
    switch (fact.kind) {
      case 'rotation-opened':
        rotation.isManual ||= fact.trigger === 'manual';
        rotation.endsNow ||= fact.compromised === 'now';
        rotation.trigger = fact.trigger;
        rotation.openedAt = now;
        rotation.isForMissed = isForMissed(account, fact, { policy, now, startedAt });
        if (fact.slot !== undefined) rotation.slots.add(fact.slot);
        return;
      case 'rotation-joined':
        rotation.isManual ||= fact.requests.length > 0;
        rotation.endsNow ||= fact.compromised === 'now';
        if (fact.slot === undefined) return;
        rotation.slots.add(fact.slot);
        if (rotation.trigger === 'refused') rotation.trigger = 'schedule';
        return;
      case 'mint-intended':
        rotation.intents.set(fact.attempt, {
          shared,
          unhealthy: new Set(unhealthy),
          isOverLimit: this.#mintEnds.isOverLimit,
        });
        return;
      case 'mint-unknown':
        if (fact.interrupted === true)
          this.#interrupted.add(`${fact.rotation}/${Math.max(0, ...rotation.intents.keys())}`);
        return;
      case 'mint-settled': {
        const mint = `${fact.rotation}/${fact.attempt}`;
        if (account.declined.has(mint) && !this.#interrupted.has(mint)) account.ownFailures++;
        return;
      }
      case 'credential-lost':
      case 'credential-unusable':
        rotation.isLost = true;
        break;
      default:
    }
  }

  #rotation(id: string, account: number): KnownRotation {
    const known = this.rotations.get(id) ?? {
      account,
      trigger: undefined,
      openedAt: 0,
      slots: new Set<number>(),
      isForMissed: false,
      isManual: false,
      endsNow: false,
      isLost: false,
      intents: new Map<number, never>(),
    };
    this.rotations.set(id, known);
    return known;
  }
}

/** A slot came before this process ran, more than a minute ago by any clock; its jitter was over before that, too. */
function isForMissed(
  { waitingSlots }: KnownAccount,
  { trigger, slot }: FactOf<'rotation-opened'>,
  given: { readonly policy: Account; readonly now: number; readonly startedAt: number },
): boolean {
  const { policy, now, startedAt } = given;
  if (trigger !== 'schedule' || slot === undefined || policy.missed !== 'skip') return false;
  const planned = slot + policy.jitterMs + CLOCKS_MS;
  return !waitingSlots.has(slot) && startedAt > planned && now > planned + MINUTE_MS;
}

/**
 * It is given up where the account left, and nowhere else. What is found in use before anything was minted in its place, is what was
 * meant. A mint that was intended before it was said may have brought just that, and one that is lost is in nobody's place; however its
 * rotation ends, what is put in use after that is not what was meant.
 */
function takeLeak(account: KnownAccount, fact: Fact, now: number): void {
  const isReplacing = fact.rotation !== undefined && fact.rotation === account.leakMintedIn;
  switch (fact.kind) {
    case 'account-left':
      account.isLeakGivenUp = true;
      return;
    case 'mint-intended':
      if (account.isLeakOpen) account.leakMintedIn = fact.rotation;
      return;
    case 'credential-minted':
      if (isReplacing) account.isLeakOpen = false;
      return;
    case 'credential-lost':
    case 'credential-unusable':
      if (isReplacing) account.isLeakOpen = true;
      return;
    case 'live-found':
      if (account.isLeakOpen) account.leakedAt = now;
      return;
    case 'request-taken':
      if (!fact.does.startsWith('rotate-compromised')) return;
      account.leakedAt = now;
      account.isLeakOpen = true;
      account.leakMintedIn = undefined;
      account.isLeakGivenUp = false;
      account.endsNow ||= fact.does === 'rotate-compromised-now';
      break;
    default:
  }
}

function takeAccount(account: KnownAccount, fact: Fact): void {
  if (FORGETTING.includes(fact.kind)) {
    account.ownFailures = 0;
    account.declined.clear();
  }
  takeDecision(account, fact);
  switch (fact.kind) {
    case 'slot-held':
      if (!ENDED_BY_HAND.includes(fact.hold)) account.waitingSlots.add(fact.slot);
      return;
    case 'live-tried':
      if (fact.outcome === 'accepted') account.refusals.delete(fact.fingerprint);
      if (fact.outcome === 'refused')
        account.refusals.set(fact.fingerprint, (account.refusals.get(fact.fingerprint) ?? 0) + 1);
      return;
    case 'credential-lost':
    case 'credential-unusable':
      account.lost.add((fact.kind === 'credential-lost' ? fact.preImage : fact.fingerprint) ?? '');
      return;
    case 'slot-missed':
      account.waitingSlots.add(fact.slot);
      return;
    case 'credential-minted':
      for (const { id } of fact.targets) account.owed.add(id);
      return;
    case 'mint-refused':
      if (fact.failure === 'not-allowed') account.ownFailures++;
      return;
    case 'account-paused':
      account.paused = true;
      return;
    case 'account-resumed':
      account.paused = false;
      return;
    case 'account-parked':
      account.parked = true;
      return;
    case 'account-unparked':
    case 'rotation-succeeded':
    case 'policy-changed':
      account.parked = false;
      return;
    case 'account-mismatched':
      account.mismatched = true;
      return;
    case 'mismatch-cleared':
      account.mismatched = false;
      break;
    default:
  }
}
