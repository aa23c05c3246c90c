/** What rekeyd was to bring targets to, and whether somebody else did: looked up in what the stores really held. */
import type { FactOf } from '../../../src/domain/fact.ts';
import type { TargetId } from '../../../src/domain/target.ts';
import type { Token } from '../service.ts';
import type { World } from '../world.ts';

/** To be brought to a target, since then. */
interface Due {
  readonly at: number;
  /** Of what was minted and is owed; absent: whatever is live. */
  readonly fingerprint?: string;
}

/** What somebody else put into a place. */
export interface Put {
  readonly place: string;
  readonly text: string;
  readonly at: number;
  /** It is what was minted last for this target: the record owes it there. */
  readonly isOwed: boolean;
}

/** By target, until something is confirmed there. */
export class Dues {
  readonly #due = new Map<TargetId, readonly Due[]>();
  /** By fingerprint, where what was minted beside the live one is due once it was proved: what is confirmed until then came before. */
  readonly #unproved = new Map<string, readonly TargetId[]>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  newJournal(): void {
    this.#due.clear();
    this.#unproved.clear();
  }

  minted({ fingerprint, targets, provedFirst }: FactOf<'credential-minted'>): void {
    const ids = targets.map(({ id }) => id);
    if (provedFirst === true) this.#unproved.set(fingerprint, ids);
    else this.#addMinted(fingerprint, ids);
  }

  proved({ fingerprint }: FactOf<'credential-proved'>): void {
    this.#addMinted(fingerprint, this.#unproved.get(fingerprint) ?? []);
    this.#unproved.delete(fingerprint);
  }

  intended({ target }: FactOf<'delivery-intended'>): void {
    this.#add(target, { at: this.#world.timeline.now });
  }

  isIntended(target: TargetId): boolean {
    return this.#due.get(target)?.some(({ fingerprint }) => fingerprint === undefined) === true;
  }

  /** Something was confirmed there, or nothing is known of the target any more. */
  forget(target: TargetId): void {
    this.#due.delete(target);
  }

  /** What was confirmed, if it was due there, and somebody else put it there since then, and after rekeyd's last write. */
  putByOthers(
    { target, fingerprint }: FactOf<'target-confirmed'>,
    lastWriteAt = Number.NEGATIVE_INFINITY,
  ): Put | undefined {
    const world = this.#world;
    const all = this.#due.get(target) ?? [];
    const due = all.find((one) => one.fingerprint === undefined || one.fingerprint === fingerprint);
    const token = this.#tokenOf(fingerprint);
    const [, place = '', store = '', address = ''] = /^(([^:]*):([^#]*))/.exec(target) ?? [];
    if (due === undefined || token === undefined) return undefined;
    const put = world.shelf(store).putByOthers(address, token.text, Math.max(due.at, lastWriteAt));
    if (put?.text === undefined) return undefined;
    const isOwed = all.findLast((one) => one.fingerprint !== undefined)?.fingerprint === fingerprint;
    return { place, text: put.text, at: put.since, isOwed };
  }

  /** Something else was owed there last, and rekeyd has written nothing since, as far as it got: that may have stood there meanwhile. */
  mayHaveHeldAnother(
    { target, fingerprint }: FactOf<'target-confirmed'>,
    lastWriteAt = Number.NEGATIVE_INFINITY,
  ): boolean {
    const owed = this.#due.get(target)?.findLast((one) => one.fingerprint !== undefined);
    return owed !== undefined && owed.fingerprint !== fingerprint && lastWriteAt < owed.at;
  }

  #tokenOf(fingerprint: string): Token | undefined {
    const { service } = this.#world;
    return [...service.tokens.values()].find((one) => this.#world.fingerprintOf(one) === fingerprint);
  }

  #addMinted(fingerprint: string, targets: readonly TargetId[]): void {
    // Of what was found out about late, or proved late, somebody may have put it there before.
    const at = this.#tokenOf(fingerprint)?.mintedAt ?? this.#world.timeline.now;
    for (const target of targets) this.#add(target, { fingerprint, at });
  }

  #add(target: TargetId, due: Due): void {
    this.#due.set(target, [...(this.#due.get(target) ?? []), due]);
  }
}
