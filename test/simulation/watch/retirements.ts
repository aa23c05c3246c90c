/** Every retirement that was sent, and every mint that ends what another account of a pair had: whether somebody could still have it. */
import type { Account } from '../../../src/domain/account.ts';
import type { Commit } from '../../../src/ports/journal.ts';
import type { Host } from '../host.ts';
import type { Token } from '../service.ts';
import type { World } from '../world.ts';
import { tokenAt } from './tokens.ts';
import type { Verdicts } from './verdicts.ts';
import type { Watch } from './watch.ts';

/** What was put into a target since it was read, nobody could know of: a proof counts for a minute, and a request takes its time. */
const UNSEEN_MS = 92_000;

interface Parts {
  readonly world: World;
  readonly verdicts: Verdicts;
  readonly watch: Watch;
}

export class Retirements {
  /** References whose end is known to a process to be intended durably. */
  readonly #acknowledged = new WeakMap<Host, Set<string>>();
  readonly #stopping = new WeakSet<Host>();
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  stopping(host: Host): void {
    this.#stopping.add(host);
  }

  acknowledged(host: Host, { facts }: Commit): void {
    for (const fact of facts) {
      if (fact.kind !== 'retire-intended') continue;
      const known = this.#acknowledged.get(host) ?? new Set<string>();
      this.#acknowledged.set(host, known.add(fact.reference));
    }
  }

  sent(host: Host, { id, reference }: { readonly id: string; readonly reference: string }): void {
    const { world, verdicts, watch } = this.#parts;
    const what = () => `${host.name} retires ${reference} of ${id}`;
    world.trace.add(host.name, what);
    verdicts.expect(!this.#stopping.has(host), 10, () => `${what()} after SIGTERM`);
    const isKnown = this.#acknowledged.get(host)?.has(reference) === true;
    verdicts.expect(isKnown, 6, () => `${what()} without a durable intent`);
    const held = watch.fences.holderOf(id);
    verdicts.expect(held?.host === host, 7, () => `${what()}, which it does not hold`);
    const valid = world.service.stateOf(id)?.valid ?? [];
    const token = valid.find((one) => one.reference === reference);
    if (token === undefined) return;
    verdicts.expect(valid.length > 1, 5, () => `${what()}, the last one`);
    if (held !== undefined) this.#expectNowhere(held.policy, token, what);
  }

  /** A mint for an account of a pair ends what it had: nobody may read that from a target. */
  turned(host: Host, { id, ended }: { readonly id: string; readonly ended: Token | undefined }): void {
    const held = this.#parts.watch.fences.holderOf(id);
    if (held?.policy.strategy !== 'pair' || ended === undefined) return;
    // What had died before ends nobody's use.
    if (this.#parts.world.service.isDead(id)) return;
    this.#expectNowhere(
      held.policy,
      ended,
      () => `${host.name} mints for ${id}, which ends #${ended.number}`,
    );
  }

  #expectNowhere(policy: Account, token: Token, what: () => string): void {
    const { world, verdicts } = this.#parts;
    for (const target of policy.targets) {
      const value = world.shelf(target.store).valueAt(target.address);
      if (tokenAt(world, target) !== token || value === undefined) continue;
      const isSeen = world.timeline.now - value.since > UNSEEN_MS;
      verdicts.expect(!isSeen, 5, () => `${what()}, and ${target.id} holds it`);
    }
  }
}
