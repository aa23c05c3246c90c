/**
 * Watches a history from outside: what was asked and done, what became durable, what was told. It compares that with what
 * must hold, by code and knowledge of its own.
 */
import type { Result } from '../../../src/domain/failure.ts';
import type { Account } from '../../../src/domain/account.ts';
import type { Hold } from '../../../src/domain/hold.ts';
import type { Claim, Commit, CommitOutcome } from '../../../src/ports/journal.ts';
import type { Minted, Proof, SeenAccount } from '../../../src/ports/provider.ts';
import type { Ready, Stored, Written } from '../../../src/ports/store.ts';
import { objectIn } from '../formats.ts';
import type { Host } from '../host.ts';
import { TOKEN_MARK, type AccountState, type Token } from '../service.ts';
import type { World } from '../world.ts';
import { FactBook } from './fact-book.ts';
import { Fences } from './fences.ts';
import { Grounds } from './grounds.ts';
import { holdsAgainstWrite } from './holds-check.ts';
import { Knowledge, placeKey } from './knowledge.ts';
import { leaks } from './leaks.ts';
import { Mints } from './mints.ts';
import { Refreshes } from './refreshes.ts';
import type { SentMint } from './mints.ts';
import { Retirements } from './retirements.ts';
import { Slots } from './slots.ts';
import { Tries } from './tries.ts';
import type { Verdicts } from './verdicts.ts';

interface Writing {
  readonly host: Host;
  readonly account: string | undefined;
  readonly store: string;
  readonly address: string;
}

export class Watch {
  readonly verdicts: Verdicts;
  readonly knowledge = new Knowledge();
  readonly book: FactBook;
  readonly fences: Fences;
  readonly mints: Mints;
  readonly retirements: Retirements;
  readonly refreshes: Refreshes;
  readonly grounds: Grounds;
  readonly tries: Tries;
  readonly slots: Slots;
  readonly #world: World;

  constructor(world: World, verdicts: Verdicts) {
    this.#world = world;
    this.verdicts = verdicts;
    this.book = new FactBook(verdicts, world.plan.freeze);
    this.fences = new Fences(world, verdicts);
    this.mints = new Mints({ world, verdicts, watch: this });
    this.tries = new Tries(world);
    this.slots = new Slots(world, verdicts);
    this.refreshes = new Refreshes(world, verdicts);
    this.retirements = new Retirements({ world, verdicts, watch: this });
    this.grounds = new Grounds({ world, verdicts, watch: this });
  }

  /** The journal is gone: what was promised for its life starts anew. */
  newJournal(): void {
    this.mints.newJournal();
    this.retirements.newJournal();
    this.fences.newJournal();
    this.refreshes.newJournal();
    this.slots.newJournal();
    (this as { book: FactBook }).book = new FactBook(this.verdicts, this.#world.plan.freeze);
  }

  claimed(host: Host, claims: readonly Claim[]): void {
    for (const claim of claims) this.fences.claimed(host, claim);
  }

  committed(host: Host, commit: Commit, outcome: CommitOutcome): void {
    const policy = this.fences.committed(host, commit, outcome);
    if (outcome.outcome === 'stale' || policy === undefined) return;
    this.told(`the record of ${policy.name}`, () =>
      JSON.stringify([commit.facts, commit.holds, commit.requests]),
    );
    this.grounds.committed(commit.facts, policy, this.book.accountOf(commit.account));
    this.retirements.committed(host, commit, policy);
    const shared = new Set(this.#world.journal.state.shared.keys());
    const { unhealthy } = this.refreshes;
    const { now } = this.#world.timeline;
    this.book.committed({ commit, policy, shared, unhealthy, now, startedAt: host.startedAt });
    for (const fact of commit.facts) this.refreshes.committed(fact, policy);
    this.slots.committed(commit, policy);
    for (const { id, rotation } of commit.requests ?? []) {
      const isAsked = rotation === undefined || this.#world.asked.has(id);
      this.verdicts.expect(isAsked, 11, () => `${policy.name} rotates, and nobody asked for it (${id})`);
    }
  }

  /** Somebody has lifted a hold that accounts share. */
  lifted(hold: Hold | undefined): void {
    if (hold?.kind === 'frozen') this.book.unfrozen();
    if (hold?.kind === 'consumer-unhealthy') this.refreshes.released(hold.subject);
  }

  acknowledged(host: Host, commit: Commit): void {
    this.mints.acknowledged(host, commit);
    this.retirements.acknowledged(host, commit);
  }

  managerSeen(host: Host, accountId: string): void {
    this.knowledge.of(host).manager = accountId;
  }

  accountSeen(
    host: Host,
    { id, seen, asked }: { readonly id: string; readonly seen: SeenAccount; readonly asked: number },
  ): void {
    // A page of a list that moves meanwhile leaves accounts out: that tells nothing of them.
    if (seen.certain) this.knowledge.of(host).accounts.set(id, { asked, what: seen });
    this.mints.seen({ id, seen, asked });
  }

  mintSent(host: Host, { id, name }: { readonly id: string; readonly name: string }): SentMint {
    const sent = this.mints.sent(host, { id, name });
    // Where what has leaked is to end now, no target is waited for: one that cannot be read may hold what this ends.
    const endsNow = this.book.rotations.get(sent.rotation)?.endsNow === true;
    this.retirements.minting(host, id);
    if (!endsNow) this.retirements.turned(host, { id, ended: sent.preImage });
    return sent;
  }

  /** A mint that is sent to end what an account of a pair has: what it brings is nobody's. */
  endSent(host: Host, id: string): void {
    this.retirements.turnedOff(host, id);
  }

  endAnswered(host: Host, id: string, answer: Result<unknown>): void {
    this.retirements.turnedOffAnswered(id, answer);
    this.knowledge.of(host).effects.set(id, this.#world.timeline.now);
  }

  retireSent(host: Host, given: { readonly id: string; readonly reference: string }): void {
    this.retirements.sent(host, given);
  }

  minted(
    host: Host,
    given: {
      readonly id: string;
      readonly name: string;
      readonly token: Token;
      readonly before: AccountState;
    },
  ): void {
    this.mints.effected(host, given);
  }

  mintAnswered(sent: SentMint, answer: Result<Minted>): void {
    this.mints.answered(sent, answer);
    this.grounds.mintAnswered(sent.id, answer);
    this.knowledge.of(sent.host).effects.set(sent.id, this.#world.timeline.now);
    if (!answer.ok) this.told('the answer to a mint', () => answer.failure.message);
  }

  tried(given: { readonly token: Token; readonly answer: Result<Proof>; readonly asked: number }): void {
    this.tries.tried(given);
    this.mints.tried(given);
  }

  targetRead(
    host: Host,
    given: {
      readonly store: string;
      readonly address: string;
      readonly answer: Result<Stored>;
      readonly asked: number;
    },
  ): void {
    if (!given.answer.ok) return;
    const key = placeKey(given.store, given.address);
    this.knowledge.of(host).reads.set(key, { asked: given.asked, what: undefined });
  }

  preflighted(
    host: Host,
    given: {
      readonly store: string;
      readonly address: string;
      readonly answer: Result<Ready>;
      readonly asked: number;
    },
  ): void {
    if (!given.answer.ok) return;
    const key = placeKey(given.store, given.address);
    const { identity, wrote } = given.answer.value;
    this.knowledge.of(host).preflights.set(key, { asked: given.asked, what: identity });
    if (wrote) this.#realWrite(key, identity);
  }

  writeSent(
    host: Host,
    { store, address, text }: { readonly store: string; readonly address: string; readonly text: string },
  ): Writing {
    const account = this.#world.accountAt(store, address);
    if (account !== undefined) {
      this.fences.writing(host, account, `${store}:${address}`);
      this.#checkWrite(host, { id: account, place: placeKey(store, address), text });
    }
    return { host, account, store, address };
  }

  #checkWrite(
    host: Host,
    { id, place, text }: { readonly id: string; readonly place: string; readonly text: string },
  ): void {
    const held = this.fences.holderOf(id);
    const target = held?.policy.targets.find(({ store, address }) => placeKey(store, address) === place);
    if (held === undefined || target === undefined) return;
    const account = this.book.accountOf(held.row);
    const token = tokenIn(this.#world, text);
    const isConfirmed =
      token !== undefined && account.confirmed.get(target.id) === this.#world.fingerprintOf(token);
    const isHealing = !account.owed.has(target.id) && (isConfirmed || token?.by === 'console');
    // A clock that is set ahead tells a process that the time of a hold is over.
    const now = Math.max(this.#world.timeline.now, host.clock.now());
    const holds = holdsAgainstWrite({ ...held, account, target: target.id, isHealing, now });
    this.verdicts.expect(
      holds.length === 0,
      3,
      () => `${host.name} wrote to ${target.id}, which is held: ${holds.join(', ')}`,
    );
  }

  writeAnswered({ host, account, store, address }: Writing, answer: Result<Written>): void {
    const { now } = this.#world.timeline;
    const key = placeKey(store, address);
    const mind = this.knowledge.of(host);
    mind.writes.set(key, now);
    const isWritten = answer.ok && answer.value.outcome === 'written';
    if (account !== undefined && isWritten) mind.effects.set(account, now);
    if (isWritten) this.#realWrite(key, this.#world.shelf(store).identity);
  }

  /** A write took effect. */
  written(given: {
    readonly store: string;
    readonly address: string;
    readonly text: string;
    /** What was there before. */
    readonly before: string | undefined;
    readonly host: Host;
    readonly tookMs: number;
    readonly isOverNewer: boolean;
  }): void {
    const account = this.#world.accountAt(given.store, given.address);
    if (account !== undefined) this.fences.wrote({ ...given, account });
    const held = account === undefined ? undefined : this.fences.holderOf(account);
    if (held !== undefined) this.#noteWritten(held, given);
    const theirs = (text = '') => JSON.stringify(objectIn(text)?.['theirs']);
    const isGivenUp = held?.policy.targets.some(
      ({ store, address, overwrite }) => overwrite && store === given.store && address === given.address,
    );
    this.verdicts.expect(
      isGivenUp === true || theirs(given.text) === theirs(given.before),
      7,
      () => `${given.host.name} wrote over what others keep in ${given.store}:${given.address}`,
    );
  }

  #noteWritten(
    { policy, row }: { readonly policy: Account; readonly row: number },
    given: Parameters<Refreshes['written']>[1],
  ): void {
    const { store, address } = given;
    const target = policy.targets.find((one) => one.store === store && one.address === address);
    const { owed } = this.book.accountOf(row);
    const isOwed = target !== undefined && owed.has(target.id);
    const key = placeKey(store, address);
    const id = target?.id ?? [...owed].find((one) => one.split('#')[0] === key) ?? key;
    this.refreshes.written({ policy, isOwed, id }, given);
  }

  /** Anything that a person, a file or a machine gets to read: no token may be in it. */
  told(where: string, text: () => string): void {
    this.verdicts.expect(!leaks(text()), 8, () => `a credential is in ${where}`);
  }

  stopping(host: Host): void {
    this.mints.stopping(host);
    this.retirements.stopping(host);
  }

  #realWrite(key: string, identity: string): void {
    this.knowledge.realWrites.set(`${key} ${identity}`, this.#world.timeline.now);
  }
}

/** The token in what is written, whatever stands around it. */
function tokenIn(world: World, text: string): Token | undefined {
  return world.service.tokens.get(TOKEN_PATTERN.exec(text)?.[0] ?? '');
}

const TOKEN_PATTERN = new RegExp(`${TOKEN_MARK}\\.[a-z0-9.]+`);
