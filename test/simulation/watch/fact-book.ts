/**
 * What the committed facts say, in a model of this checker's own: which rotations there are, what was intended, and what
 * holds an account back. It never asks the engine's record.
 */
import type { Fact } from '../../../src/domain/fact.ts';
import type { Account } from '../../../src/domain/account.ts';
import type { Commit } from '../../../src/ports/journal.ts';
import type { Verdicts } from './verdicts.ts';

export interface KnownRotation {
  readonly account: number;
  readonly slots: Set<number>;
  isManual: boolean;
  /** What it minted was lost, or nobody could have it. */
  isLost: boolean;
  /** Attempts whose intent is durable. */
  readonly intents: Map<number, { readonly isFrozen: boolean }>;
  /** Attempts of which it is known that they minted nothing, settled ones included. */
  readonly void: Set<number>;
}

export interface KnownAccount {
  paused: boolean;
  parked: boolean;
  mismatched: boolean;
  left: boolean;
  readonly foreign: Set<string>;
  readonly contested: Set<string>;
  readonly drifted: Set<string>;
}

export class FactBook {
  readonly rotations = new Map<string, KnownRotation>();
  readonly #accounts = new Map<number, KnownAccount>();
  /** The rotation that each request became part of. */
  readonly #requests = new Map<string, string>();
  readonly #verdicts: Verdicts;

  constructor(verdicts: Verdicts) {
    this.#verdicts = verdicts;
  }

  accountOf(id: number): KnownAccount {
    const known = this.#accounts.get(id) ?? {
      paused: false,
      parked: false,
      mismatched: false,
      left: false,
      foreign: new Set<string>(),
      contested: new Set<string>(),
      drifted: new Set<string>(),
    };
    this.#accounts.set(id, known);
    return known;
  }

  committed(given: {
    readonly commit: Commit;
    readonly policy: Account;
    /** The provider was held as frozen when this became durable. */
    readonly isFrozen: boolean;
  }): void {
    const { commit } = given;
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
      isFrozen,
    }: { readonly commit: Commit; readonly policy: Account; readonly isFrozen: boolean },
  ): void {
    const account = this.accountOf(commit.account);
    account.left = fact.kind === 'account-left';
    if ('target' in fact) takeTarget(account, fact, policy);
    else takeAccount(account, fact);
    if (fact.rotation === undefined) return;
    const rotation = this.#rotation(fact.rotation, commit.account);
    switch (fact.kind) {
      case 'rotation-opened':
        rotation.isManual ||= fact.trigger === 'manual';
        if (fact.slot !== undefined) rotation.slots.add(fact.slot);
        return;
      case 'rotation-joined':
        rotation.isManual ||= fact.requests.length > 0;
        if (fact.slot !== undefined) rotation.slots.add(fact.slot);
        return;
      case 'mint-intended':
        rotation.intents.set(fact.attempt, { isFrozen });
        return;
      case 'mint-refused':
        rotation.void.add(Math.max(0, ...rotation.intents.keys()));
        return;
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
      slots: new Set<number>(),
      isManual: false,
      isLost: false,
      intents: new Map<number, never>(),
      void: new Set<number>(),
    };
    this.rotations.set(id, known);
    return known;
  }
}

function takeTarget(account: KnownAccount, fact: Fact & { readonly target: string }, policy: Account): void {
  const overwrite = policy.targets.some(({ id, overwrite }) => id === fact.target && overwrite);
  switch (fact.kind) {
    case 'target-foreign':
      if (!overwrite) account.foreign.add(fact.target);
      return;
    case 'target-accepted':
      account.contested.delete(fact.target);
      account.foreign.delete(fact.target);
      account.drifted.delete(fact.target);
      return;
    case 'target-cleared':
    case 'target-written':
    case 'target-confirmed':
      account.foreign.delete(fact.target);
      account.drifted.delete(fact.target);
      return;
    case 'target-contested':
      account.contested.add(fact.target);
      return;
    case 'target-uncontested':
      account.contested.delete(fact.target);
      return;
    case 'target-drifted':
      account.drifted.add(fact.target);
      break;
    default:
  }
}

function takeAccount(account: KnownAccount, fact: Fact): void {
  switch (fact.kind) {
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
