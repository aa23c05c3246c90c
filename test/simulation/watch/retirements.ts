/** Every retirement that was sent, and every mint that ends what another account of a pair had: whether somebody could still have it. */
import type { Account } from '../../../src/domain/account.ts';
import { FAILURES } from '../../../src/domain/failure.ts';
import type { Result } from '../../../src/domain/failure.ts';
import type { Target } from '../../../src/domain/target.ts';
import type { Commit } from '../../../src/ports/journal.ts';
import type { Host } from '../host.ts';
import { ENDING } from '../provider.ts';
import type { Token } from '../service.ts';
import type { World } from '../world.ts';
import type { Fences } from './fences.ts';
import { unmetForEnding, unreadTargets } from './needs-check.ts';
import { tokenAt } from './tokens.ts';
import type { Verdicts } from './verdicts.ts';
import type { Watch } from './watch.ts';

/** What was put into a target since it was read, nobody could know of: a proof counts for a minute, and a request takes its time. */
const UNSEEN_MS = 92_000;

const DAY_MS = 86_400_000;
/** Clocks of replicas, as far apart as they may be, and drift. */
const CLOCKS_MS = 8_000;
const CLOCK_SKEW_MS = 300_000;
const CLOSED_SEEN_MS = 10_000;
/** 120 s, less what the clocks of two replicas may differ by. */
const SETTLE_MS = 115_000;

type Held = NonNullable<ReturnType<Fences['holderOf']>>;

interface Parts {
  readonly world: World;
  readonly verdicts: Verdicts;
  readonly watch: Watch;
}

/** By how much a clock is ahead of the one that dated this, which nobody can know: both differed little from those of services. */
function movedUnnoticed(
  { clock }: Host,
  { at, dated }: { readonly at: number; readonly dated: number },
): number {
  const [before, now] = [dated - at, clock.ahead];
  const isNoticed = Math.max(Math.abs(before), Math.abs(now)) > CLOCK_SKEW_MS + CLOCKS_MS;
  return isNoticed ? 0 : Math.max(0, now - before);
}

/** So old may be what was seen on behalf of others, when an account is claimed. */
const LOOK_AHEAD_MS = 31_000;

/** Why a retirement waits of what somebody uses: that has a time of its own, and is no failed look. */
const STILL_USED = 'it is still used';

export class Retirements {
  /** References whose end is known to a process to be intended durably. */
  readonly #acknowledged = new WeakMap<Host, Set<string>>();
  readonly #stopping = new WeakSet<Host>();
  /** By reference: how often it was noted that its retirement waits because a look told nothing, and when that was last. */
  readonly waits = new Map<string, { readonly times: number; readonly at: number }>();
  /** By account of a pair: when a mint was sent last to end what it has, and whether anybody knows what came of it. */
  readonly #ends = new Map<string, { readonly at: number; isKnown: boolean }>();
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  stopping(host: Host): void {
    this.#stopping.add(host);
  }

  newJournal(): void {
    this.#ends.clear();
  }

  acknowledged(host: Host, { facts }: Commit): void {
    for (const fact of facts) {
      if (fact.kind === 'retire-waits' && !fact.why.startsWith(STILL_USED)) {
        const { times } = this.waits.get(fact.reference) ?? { times: 0 };
        this.waits.set(fact.reference, { times: times + 1, at: this.#parts.world.timeline.now });
      }
      if (fact.kind !== 'retire-intended') continue;
      const known = this.#acknowledged.get(host) ?? new Set<string>();
      this.#acknowledged.set(host, known.add(fact.reference));
    }
  }

  /** What a retirement waits for, a look has shown, or was to show, since the account was claimed. */
  committed(host: Host, { account, facts }: Commit, { accountIds: [id], name }: Account): void {
    if (!facts.some(({ kind }) => kind === 'retire-waits')) return;
    const { verdicts, watch } = this.#parts;
    const claimedAt = watch.fences.claimedAt(account) ?? 0;
    const lookedAt = watch.knowledge.of(host).looks.get(id);
    const isLooked =
      lookedAt !== undefined && (lookedAt >= claimedAt - LOOK_AHEAD_MS || host.clock.wasSetSince(lookedAt));
    verdicts.expect(
      isLooked,
      1,
      () => `${name} waits with ending a credential, and nobody looked at the account`,
    );
  }

  sent(host: Host, { id, reference }: { readonly id: string; readonly reference: string }): void {
    const { world, verdicts } = this.#parts;
    const what = () => `${host.name} retires ${reference} of ${id}`;
    const held = this.#expectMay(host, { id, reference }, what);
    const valid = world.service.stateOf(id)?.valid ?? [];
    const token = valid.find((one) => one.reference === reference);
    if (token === undefined) return;
    const isLast = valid.length <= 1 && !this.#sawAnother(host, { id, reference });
    verdicts.expect(!isLast, 5, () => `${what()}, the last one`);
    if (held === undefined) return;
    this.#expectEnded(held, token, what);
    this.#expectOld(held, token, what);
    const { everConfirmed } = this.#parts.watch.book.accountOf(held.row);
    if (everConfirmed.has(world.fingerprintOf(token))) this.#expectTakenUp(held, token, what);
  }

  /** A look that counts showed another one beside it: that somebody has ended this since, nobody could know. */
  #sawAnother(host: Host, { id, reference }: { readonly id: string; readonly reference: string }): boolean {
    const { world, watch } = this.#parts;
    const seen = watch.knowledge.of(host).accounts.get(id);
    if (seen === undefined || world.timeline.now - seen.asked > UNSEEN_MS) return false;
    return seen.what.credentials?.some((one) => one.reference !== reference) === true;
  }

  /** What was in a target works on for its grace after the next one; what seemed not to have been minted, for a day. */
  #expectOld(held: Held, token: Token, what: () => string): void {
    const { policy, row } = held;
    const { world, verdicts, watch } = this.#parts;
    const { now } = world.timeline;
    const { leakedAt, everConfirmed } = watch.book.accountOf(row);
    if (leakedAt !== undefined && token.mintedAt <= leakedAt) return;
    const unread = unreadTargets({ world, host: held.host, policy, knowledge: watch.knowledge });
    verdicts.expect(unread.length === 0, 5, () => `${what()} although ${unread.join('; ')}`);
    const isLate = watch.book.late.has(token.reference ?? '');
    verdicts.expect(!isLate || now - token.mintedAt >= DAY_MS, 5, () => `${what()} before it is a day old`);
    const wasHeld = everConfirmed.has(world.fingerprintOf(token));
    const usedAt = world.service.usedAt(token, now - UNSEEN_MS);
    const isUsedLate = isLate && !wasHeld && usedAt !== undefined;
    verdicts.expect(!isUsedLate, 5, () => `${what()}, which nobody was given and somebody uses`);
    const isOurs = wasHeld || this.#isIntended(token) || this.#wasHeld(policy, token);
    verdicts.expect(isOurs, 5, () => `${what()}, which is none of its own`);
    const grace = watch.book.graceAt.get(token.reference ?? '');
    const graceAt = grace?.at ?? now;
    const aheadMs = grace === undefined ? 0 : movedUnnoticed(held.host, grace);
    const hasGrace = !wasHeld || now - graceAt + aheadMs >= (policy.graceMs ?? 0) - CLOCKS_MS;
    verdicts.expect(hasGrace, 5, () => `${what()} before its grace is over`);
    const isUsed = wasHeld && usedAt !== undefined && now - usedAt < (policy.graceMs ?? 0) - CLOCKS_MS;
    const isOver = now - graceAt + aheadMs >= (policy.retireHardLimitMs ?? 0) - CLOCKS_MS;
    verdicts.expect(!isUsed || isOver, 5, () => `${what()} although it is used`);
  }

  /** This journal has an intent for it. */
  #isIntended({ by }: Token): boolean {
    const [, , rotation = '', attempt = ''] = by.split('/');
    return this.#parts.watch.book.rotations.get(rotation)?.intents.has(Number(attempt)) === true;
  }

  #wasHeld({ targets }: Account, { text }: Token): boolean {
    return targets.some(({ store, address }) => this.#parts.world.shelf(store).hasHeld(address, text));
  }

  /** A mint that ends what has leaked of one account of a pair, after the other one got a new one. */
  turnedOff(host: Host, id: string): void {
    const { world, verdicts, watch } = this.#parts;
    const what = () => `${host.name} ends what ${id} has`;
    const held = this.#expectMay(host, { id, reference: id }, what);
    const state = world.service.stateOf(id);
    const seen = watch.knowledge.of(host).accounts.get(id);
    const sawClosed = seen?.what.state === 'closed' && world.timeline.now - seen.asked <= CLOSED_SEEN_MS;
    verdicts.expect(state?.open === true || !sawClosed, 4, () => `${what()}, which it had just seen closed`);
    const leakedAt = held && watch.book.accountOf(held.row).leakedAt;
    // What an earlier try of this brought, whose answer was lost, is nobody's.
    const isNobodys = state?.live.by.startsWith(ENDING) === true;
    // Where the provider hides what it has, nobody could know that a person had replaced it meanwhile.
    const mayBeIt = !world.showsLive || (state?.live.mintedAt ?? 0) <= (leakedAt ?? 0);
    const hasLeaked = leakedAt !== undefined && mayBeIt;
    verdicts.expect(isNobodys || hasLeaked, 5, () => `${what()}, of which nobody said that it has leaked`);
    if (held !== undefined && state !== undefined) this.#expectEnded(held, state.live, what);
    this.#expectSettled(host, id, what);
    this.#ends.set(id, { at: world.timeline.now, isKnown: false });
  }

  /** A mint whose credential is for the targets: what was to end the one before it must not end it. */
  minting(host: Host, id: string): void {
    this.#expectSettled(host, id, () => `${host.name} mints for ${id}, which it was to end before,`);
  }

  turnedOffAnswered(id: string, answer: Result<unknown>): void {
    const last = this.#ends.get(id);
    if (last !== undefined) last.isKnown = answer.ok || FAILURES[answer.failure.kind].effect === 'none';
  }

  /** A mint whose answer was lost may still have an effect: it is not repeated before that has settled, or was seen. */
  #expectSettled({ clock }: Host, id: string, what: () => string): void {
    const { world, verdicts } = this.#parts;
    const last = this.#ends.get(id);
    if (last === undefined || last.isKnown || clock.wasSetSince(last.at)) return;
    const brought = [...world.service.tokens.values()].some(
      ({ account, by, mintedAt }) => account === id && by.startsWith(ENDING) && mintedAt >= last.at,
    );
    const isSettled = world.timeline.now - last.at >= SETTLE_MS;
    verdicts.expect(
      isSettled || (world.showsLive && brought),
      2,
      () => `${what()} again, although the last try may still do so`,
    );
  }

  #expectMay(
    host: Host,
    { id, reference }: { readonly id: string; readonly reference: string },
    what: () => string,
  ): Held | undefined {
    const { world, verdicts, watch } = this.#parts;
    world.trace.add(host.name, what);
    verdicts.expect(!this.#stopping.has(host), 10, () => `${what()} after SIGTERM`);
    const isKnown = this.#acknowledged.get(host)?.has(reference) === true;
    verdicts.expect(isKnown, 6, () => `${what()} without a durable intent`);
    const held = watch.fences.holderOf(id);
    verdicts.expect(held?.host === host, 7, () => `${what()}, which it does not hold`);
    if (held === undefined) return undefined;
    const { knowledge } = watch;
    const unmet = unmetForEnding({ world, host, policy: held.policy, id, knowledge });
    verdicts.expect(unmet.length === 0, 5, () => `${what()} although ${unmet.join('; ')}`);
    return held;
  }

  /** A mint for an account of a pair ends what it had: nobody may read that from a target. */
  turned(host: Host, { id, ended }: { readonly id: string; readonly ended: Token | undefined }): void {
    const held = this.#parts.watch.fences.holderOf(id);
    if (held?.policy.strategy !== 'pair' || ended === undefined) return;
    // What had died before, or belongs to a closed account, nobody uses.
    if (!this.#parts.world.service.isValid(ended)) return;
    const what = () => `${host.name} mints for ${id}, which ends #${ended.number}`;
    const { world, watch } = this.#parts;
    // Where the provider hides what the account has, and refuses what a target holds, nothing tells that from what is dead.
    const seemsDead = !world.showsLive && watch.tries.wasRefusedLast(ended, world.timeline.now - UNSEEN_MS);
    if (!seemsDead) this.#expectNowhere(held.policy, ended, what);
    this.#expectTakenUp(held, ended, what);
  }

  /**
   * Whoever reads what a target holds has done so, unless what ends has leaked, or stood nowhere, or a person said that nobody uses it
   * and a lost journal alone knew better.
   */
  #expectTakenUp({ policy, row }: Held, ended: Token, what: () => string): void {
    const { world, verdicts, watch } = this.#parts;
    const { leakedAt, unused } = watch.book.accountOf(row);
    if (leakedAt !== undefined && ended.mintedAt <= leakedAt) return;
    // Of what another journal knew, there is only the word of a person.
    const isKnown = (target: Target) => ended.account !== unused || !watch.refreshes.isForgotten(target);
    const behind = policy.targets.filter(isKnown).flatMap((target) => watch.refreshes.behind(target));
    const isNobodys = () => !world.plan.stores.some(({ name }) => world.shelf(name).everHeld(ended.text));
    verdicts.expect(
      behind.length === 0 || isNobodys(),
      5,
      () => `${what()}, which ${behind.join(', ')} may use still`,
    );
  }

  /** What has leaked waits for the required targets alone, or for none. */
  #expectEnded({ policy, row }: Held, token: Token, what: () => string): void {
    const { leakedAt, endsNow, confirmed } = this.#parts.watch.book.accountOf(row);
    const hasLeaked = leakedAt !== undefined && token.mintedAt <= leakedAt;
    if (hasLeaked && endsNow) return;
    // Of what has leaked it is enough that another one was confirmed there: somebody may have put it back since.
    const its = this.#parts.world.fingerprintOf(token);
    const isReplaced = (id: string) => confirmed.has(id) && confirmed.get(id) !== its;
    this.#expectNowhere(
      policy,
      token,
      what,
      ({ id, required }) => !hasLeaked || (required && !isReplaced(id)),
    );
  }

  #expectNowhere(
    policy: Account,
    token: Token,
    what: () => string,
    counts: (target: Target) => boolean = () => true,
  ): void {
    const { world, verdicts } = this.#parts;
    for (const target of policy.targets.filter(counts)) {
      const value = world.shelf(target.store).valueAt(target.address);
      if (tokenAt(world, target) !== token || value === undefined) continue;
      const isSeen = world.timeline.now - value.since > UNSEEN_MS;
      verdicts.expect(!isSeen, 5, () => `${what()}, and ${target.id} holds it`);
    }
  }
}
