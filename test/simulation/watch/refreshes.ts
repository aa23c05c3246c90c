/**
 * What was written to targets, and whether those who read them have taken it up: looked up in what the consumers were really made to do.
 */
import type { Account } from '../../../src/domain/account.ts';
import type { Consumer, ConsumerId } from '../../../src/domain/consumer.ts';
import type { Fact, FactOf } from '../../../src/domain/fact.ts';
import type { Target, TargetId } from '../../../src/domain/target.ts';
import { isDatedAhead, isThrough } from '../cluster.ts';
import type { Reading } from '../cluster.ts';
import type { Host } from '../host.ts';
import type { World } from '../world.ts';
import { Dues } from './dues.ts';
import { placeKey } from './knowledge.ts';
import type { Verdicts } from './verdicts.ts';

/** Clocks of replicas, as far apart as they may be, and drift. */
const CLOCKS_MS = 8_000;
/** A consumer that was released a moment ago may just be noted as unhealthy by another process. */
const RELEASED_MS = 120_000;

/** A value that rekeyd put into a target, or was to put there when somebody else did. */
interface Written {
  readonly target: TargetId;
  readonly place: string;
  readonly text: string;
  readonly at: number;
  /** Everybody who was named for it. */
  readonly named: Set<ConsumerId>;
  /** Those of them who have been named ever since. */
  required: readonly Consumer[];
  /** That rekeyd was to write it, or had written it, was durable, or the store tells: whoever goes on knows of it. */
  isKnown: boolean;
  /** It was sent by a process whose journal was lost before it took effect. */
  readonly isFromBefore: boolean;
  /** When it was confirmed, as the process that did it dated that. */
  neededAt: number | undefined;
  /** When it was known to be synchronised, dated so as well, by whom. */
  readonly synced: Map<ConsumerId, number>;
  /** Those that were made to read anew for it. */
  readonly spent: Set<ConsumerId>;
}

export class Refreshes {
  /** Of those that hold rotations: which are known for good not to be well. */
  readonly unhealthy = new Set<ConsumerId>();
  /** The newest last. */
  readonly #written: Written[] = [];
  /** Targets that were seen to hold something else: whoever puts that right, it is taken up. */
  readonly #drifted = new Set<TargetId>();
  readonly #releasedAt = new Map<ConsumerId, number>();
  #journalSince = Number.NEGATIVE_INFINITY;
  readonly #dues: Dues;
  readonly #world: World;
  readonly #verdicts: Verdicts;

  constructor(world: World, verdicts: Verdicts) {
    this.#world = world;
    this.#dues = new Dues(world);
    this.#verdicts = verdicts;
  }

  /** What was to be done, and what was done, was known to the journal alone. */
  newJournal(): void {
    this.unhealthy.clear();
    this.#dues.newJournal();
    this.#journalSince = this.#world.timeline.now;
    for (const one of this.#written) {
      one.required = [];
      one.spent.clear();
    }
  }

  /** Nobody waits for whom the configuration names no longer, even if it names them again. */
  configured(accounts: readonly Account[]): void {
    if (this.#written.length === 0) return;
    const named = new Set(
      accounts.flatMap(({ targets }) =>
        targets.flatMap(({ id, consumers = [] }) => consumers.map((one) => `${id} ${one.id}`)),
      ),
    );
    for (const one of this.#written)
      one.required = one.required.filter(({ id }) => named.has(`${one.target} ${id}`));
  }

  /**
   * A write of rekeyd's took effect, under this policy. `isOwed`: it was minted, and was to be written there. `id`: also of a target
   * that has left the configuration and gets what is owed to it; who reads it then, its confirmation tells.
   */
  written(
    { policy, isOwed, id }: { readonly policy: Account; readonly isOwed: boolean; readonly id: TargetId },
    { store, address, text, tookMs, isOverNewer }: Effect,
  ): void {
    const { cluster, timeline } = this.#world;
    if (cluster === undefined) return;
    const target = policy.targets.find((one) => one.store === store && one.address === address);
    const consumers = target?.consumers ?? [];
    this.#written.push({
      target: id,
      place: placeKey(store, address),
      text,
      at: timeline.now,
      named: new Set(consumers.map((one) => one.id)),
      required: this.#stillNamed(id, consumers),
      isKnown:
        isOwed ||
        this.#dues.isIntended(id) ||
        // Where that is only to be reported, whoever changed it sees to those who read it.
        (this.#drifted.has(id) && policy.onDrift === 'deliver') ||
        (this.#world.shelf(store).kind.abilities.datesWrites && !isOverNewer),
      isFromBefore: timeline.now - tookMs < this.#journalSince,
      neededAt: undefined,
      synced: new Map(),
      spent: new Set(),
    });
  }

  committed(fact: Fact, policy: Account): void {
    if (fact.kind === 'credential-minted') this.#dues.minted(fact);
    if (fact.kind === 'credential-proved') this.#dues.proved(fact);
    if (fact.kind === 'policy-changed') for (const id of fact.forgotten ?? []) this.#dues.forget(id);
    if (!('target' in fact)) return;
    const written = this.#written.findLast(({ target }) => target === fact.target);
    switch (fact.kind) {
      case 'target-written':
        if (written !== undefined) written.isKnown = true;
        return;
      case 'target-confirmed':
        this.#confirmed(fact, written, policy);
        return;
      case 'consumer-through':
        for (const one of this.#written.filter(({ target }) => target === fact.target))
          one.synced.set(fact.consumer, fact.at);
        return;
      case 'target-drifted':
        this.#drifted.add(fact.target);
        return;
      case 'delivery-intended':
        this.#dues.intended(fact);
        return;
      case 'consumer-unhealthy': {
        const consumer = written?.required.find(({ id }) => id === fact.consumer);
        const releasedAt = this.#releasedAt.get(fact.consumer) ?? Number.NEGATIVE_INFINITY;
        const isNews = this.#world.timeline.now - releasedAt > RELEASED_MS;
        if (consumer?.onUnhealthy === 'hold' && isNews) this.unhealthy.add(consumer.id);
        break;
      }
      default:
    }
  }

  #confirmed(fact: FactOf<'target-confirmed'>, written: Written | undefined, policy: Account): void {
    if (this.#world.cluster === undefined) return;
    const { target, at: neededAt, consumers } = fact;
    const wasDrifted = this.#drifted.delete(target);
    const put = this.#dues.putByOthers(fact, written?.at);
    const isNews = wasDrifted || this.#dues.mayHaveHeldAnother(fact, written?.at);
    this.#dues.forget(target);
    // Whoever put it there: what is owed there is taken up, also where the engine does not say so.
    const owed = put?.isOwed === true ? policy.targets.find(({ id }) => id === target)?.consumers : undefined;
    const named = consumers ?? owed;
    if (named === undefined) return;
    const ids = named.map(({ id }) => id);
    const news = { target, neededAt, isKnown: true, isFromBefore: false };
    const taken = () => ({ named: new Set(ids), synced: new Map(), spent: new Set<ConsumerId>() });
    if (put !== undefined) {
      const { place, text, at } = put;
      const required = this.#stillNamed(target, named);
      this.#written.push({ ...news, place, text, at, required, ...taken() });
    } else if (isNews) {
      const at = this.#world.timeline.now;
      this.#written.push({ ...news, place: '', text: '', at, required: [], ...taken() });
    }
    if (written === undefined || consumers === undefined) return;
    written.isKnown = true;
    written.neededAt = neededAt;
    for (const id of ids) written.named.add(id);
  }

  #stillNamed(target: TargetId, consumers: readonly Consumer[]): readonly Consumer[] {
    const targets = this.#world.config().accounts.flatMap((account) => account.targets);
    const named = targets.find(({ id }) => id === target)?.consumers ?? [];
    return consumers.filter((each) => named.some(({ id }) => id === each.id));
  }

  released(id: ConsumerId): void {
    this.#releasedAt.set(id, this.#world.timeline.now);
    this.unhealthy.delete(id);
  }

  /** Whether there is something that the consumer has not been made to read yet. */
  isNeeded(asked: Pick<Asked, 'id' | 'target'>): boolean {
    return this.#needs(asked).some((one) => !one.spent.has(asked.id) || this.#isVague(one));
  }

  /**
   * A process made a consumer read anew: for something that it had not been made to read yet. A call counts as it was when it was sent: it
   * may arrive after the one for what was written next.
   */
  begun(host: Host, { id, target, neededAt }: Asked, wasNeeded: boolean): void {
    this.#verdicts.expect(
      wasNeeded || this.isNeeded({ id, target }) || this.#isHidden(id, neededAt),
      11,
      () => `${host.name} made ${id} read anew, which it had done for all that was written`,
    );
    for (const one of this.#needs({ id, target })) if (readyAt(one, id) <= neededAt) one.spent.add(id);
  }

  /** A person began another one since, by a clock that was behind that of the need: what shows that it was begun for this one is gone. */
  #isHidden(id: ConsumerId, neededAt: number): boolean {
    const [before, shown] = this.#world.cluster?.readings.get(id)?.slice(-3, -1) ?? [];
    if (before === undefined || shown === undefined || shown.target !== undefined) return false;
    return before.stamp >= neededAt && shown.stamp < neededAt && shown.does === 'restart';
  }

  #needs({ id, target }: Pick<Asked, 'id' | 'target'>): readonly Written[] {
    const isCall = id.endsWith(' webhook');
    return this.#written.filter((one) => one.named.has(id) && (!isCall || one.target === target));
  }

  /** Who has not taken up what the target holds, which rekeyd put there by that instant, by their ids. */
  behind({ id, store, address }: Target, by = this.#world.timeline.now): readonly ConsumerId[] {
    const { timeline } = this.#world;
    const place = placeKey(store, address);
    const written = this.#written.findLast((one) => one.target === id && one.place === place);
    const value = this.#world.shelf(store).valueAt(address);
    // Somebody put something else there, or the same again.
    if (written === undefined || value?.since !== written.at || value.text !== written.text) return [];
    if (written.at > by || !written.isKnown || this.#isVague(written)) return [];
    return written.required
      .filter((consumer) => !this.#hasTaken(consumer, written, timeline.now))
      .map((consumer) => consumer.id);
  }

  /** What it holds was sent by a process whose journal was lost, and this one has not confirmed it: it knows of nobody who reads it. */
  isForgotten({ id, store, address }: Target): boolean {
    const place = placeKey(store, address);
    const written = this.#written.findLast((one) => one.target === id && one.place === place);
    return written?.isFromBefore === true && written.neededAt === undefined;
  }

  #hasTaken(consumer: Consumer, written: Written, now: number): boolean {
    let from = written.at - CLOCKS_MS;
    if (consumer.does === 'restart') {
      // What it reads is first brought out of the target.
      for (const sync of written.required.filter(({ does }) => does === 'forceSync')) {
        const read = this.#throughSince(sync, written, { from, now });
        if (read === undefined) return false;
        from = Math.max(from, read.readyAt - CLOCKS_MS);
      }
    }
    return this.#throughSince(consumer, written, { from, now }) !== undefined;
  }

  #throughSince(
    { id, does }: Consumer,
    { target, neededAt }: Written,
    { from, now }: { readonly from: number; readonly now: number },
  ): Reading | undefined {
    const readings = this.#world.cluster?.readings.get(id) ?? [];
    const shown = readings.findLast(({ begunAt }) => begunAt < from);
    const counting = does === 'webhook' ? readings.filter((one) => one.target === target) : readings;
    const through = counting.filter(
      (one) =>
        (one.begunAt >= from || (one === shown && isDatedAhead(one, { target, neededAt }))) &&
        isThrough(one, now),
    );
    // Not the one that was begun first: that may have failed for a while, and a later one been through before it.
    return through.toSorted((one, other) => one.readyAt - other.readyAt)[0];
  }

  /** Needs and restarts are dated by clocks: nothing follows from those of one that is wrong, or was. */
  #isVague({ at }: Written): boolean {
    return this.#world.replicas.some(({ clock }) => clock.wrongUntil >= at);
  }
}

/** From when on it could be taken up, as that was dated: a workload comes after what synchronises what it reads. */
function readyAt({ neededAt = Number.POSITIVE_INFINITY, named, synced }: Written, id: ConsumerId): number {
  if (!id.includes(' restart ')) return neededAt;
  const syncs = [...named].filter((one) => one.includes(' forceSync '));
  return Math.max(neededAt, ...syncs.map((one) => synced.get(one) ?? Number.POSITIVE_INFINITY));
}

/** A write that took effect, so long after it was sent. */
interface Effect {
  readonly store: string;
  readonly address: string;
  readonly text: string;
  readonly tookMs: number;
  /** Something else was put there after it was sent: it is not marked as what takes the place of that, so nobody is told whose it is. */
  readonly isOverNewer: boolean;
}

interface Asked {
  readonly id: ConsumerId;
  readonly target: TargetId;
  readonly neededAt: number;
}
