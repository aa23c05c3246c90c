/**
 * Whether there is a ground for a hold that only a person or a long time lifts, by what happened at the provider and in the stores: what
 * the engine says of itself is not believed.
 */
import type { Account } from '../../../src/domain/account.ts';
import type { Fact } from '../../../src/domain/fact.ts';
import type { Result } from '../../../src/domain/failure.ts';
import type { World } from '../world.ts';
import type { KnownAccount } from './book-entries.ts';
import { placeKey } from './knowledge.ts';
import type { Verdicts } from './verdicts.ts';
import type { Watch } from './watch.ts';

/** So many deliveries that were written over make a target contested. */
const OVERWRITTEN = 3;

/** After these an account's failures are counted anew. */
const FORGETTING: readonly Fact['kind'][] = ['rotation-succeeded', 'account-unparked', 'policy-changed'];

interface Parts {
  readonly world: World;
  readonly verdicts: Verdicts;
  readonly watch: Watch;
}

export class Grounds {
  readonly #parts: Parts;
  /** Accounts to whose mint a wrong answer was given. */
  readonly #wronged = new Set<string>();
  /** By account: mints that the provider did not allow or declined, and credentials that it minted and refused. */
  readonly #failures = new Map<string, number>();
  /** By store and address: how often a write was acknowledged and not done, or came too late, or a read showed what was there before. */
  readonly #disturbed = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  wrongAnswer(id: string): void {
    this.#wronged.add(id);
  }

  mintAnswered(id: string, answer: Result<unknown>): void {
    if (answer.ok) return;
    const { kind, declined } = answer.failure;
    if (kind === 'not-allowed' || declined === true) this.#count([id]);
  }

  disturbed(store: string, address: string): void {
    const key = placeKey(store, address);
    this.#disturbed.set(key, (this.#disturbed.get(key) ?? 0) + 1);
  }

  /** What became durable has its ground. `known`: the account as it was before. */
  committed(facts: readonly Fact[], policy: Account, known: KnownAccount): void {
    for (const fact of facts) {
      const missing = this.#missingFor(fact, policy, known);
      if (missing !== undefined) this.#parts.verdicts.fail(1, missing);
      this.#take(fact, policy);
    }
  }

  /** What is missing for this fact, in words; nothing: it says what is so. */
  #missingFor(fact: Fact, policy: Account, known: KnownAccount): string | undefined {
    const { name, accountIds } = policy;
    switch (fact.kind) {
      case 'account-mismatched': {
        const isWronged = accountIds.some((id) => this.#wronged.has(id));
        return isWronged ? undefined : `${name} is held as mismatched, and every answer was right`;
      }
      case 'account-parked':
        return this.#mayPark(policy) ? undefined : `${name} is parked, and has not failed so often itself`;
      case 'target-contested':
        return this.#isWrittenOver(policy, fact.target)
          ? undefined
          : `${fact.target} is held as contested, and was not written over ${OVERWRITTEN} times`;
      case 'standby-named':
        return this.#parts.world.saidUnused.has(fact.accountId)
          ? undefined
          : `${fact.accountId} of ${name} is taken for unused, and nobody said so`;
      case 'target-foreign':
        return known.confirmed.has(fact.target)
          ? `${fact.target} is held as foreign, and was confirmed before`
          : undefined;
      default:
        return undefined;
    }
  }

  /** It ends a count, or is one failure more. */
  #take(fact: Fact, { accountIds, targets }: Account): void {
    // In another format, what was delivered before is something else.
    if (fact.kind === 'policy-changed')
      for (const { store, address } of targets) this.disturbed(store, address);
    const isAskedAnew = fact.kind === 'request-taken' && fact.does === 'reconcile';
    if (FORGETTING.includes(fact.kind) || isAskedAnew) for (const id of accountIds) this.#failures.delete(id);
    if (fact.kind === 'credential-unusable' && fact.why === 'refused') {
      const isRefused = this.#parts.watch.tries.refusalsOf(accountIds).length > 0;
      if (isRefused) this.#count(accountIds);
    }
  }

  #count(ids: readonly string[]): void {
    for (const id of ids) this.#failures.set(id, (this.#failures.get(id) ?? 0) + 1);
  }

  #mayPark({ accountIds }: Account): boolean {
    const { world, watch } = this.#parts;
    const failures = accountIds.reduce((sum, id) => sum + (this.#failures.get(id) ?? 0), 0);
    return failures >= world.plan.parkAfter || watch.tries.areRefusedTwice(accountIds);
  }

  #isWrittenOver({ targets }: Account, id: string): boolean {
    const { world } = this.#parts;
    // What is owed to a target that is not configured any more may still be delivered.
    const target = targets.find((one) => one.id === id);
    if (target === undefined) return true;
    const { store, address } = target;
    const disturbed = this.#disturbed.get(placeKey(store, address)) ?? 0;
    return world.shelf(store).writtenOver(address) + disturbed >= OVERWRITTEN;
  }
}
