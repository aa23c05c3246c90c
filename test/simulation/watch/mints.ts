/** Every mint that was sent: whether it was allowed, and whether a slot is minted for more than once. */
import { fingerprintOf } from '../../../src/domain/credential.ts';
import type { FailureKind, Result } from '../../../src/domain/failure.ts';
import type { Commit } from '../../../src/ports/journal.ts';
import type { Minted, Proof, SeenAccount } from '../../../src/ports/provider.ts';
import type { Host } from '../host.ts';
import type { AccountState, Token } from '../service.ts';
import type { World } from '../world.ts';
import { holdsAgainst } from './holds-check.ts';
import { isInUse } from './in-use.ts';
import { unmetNeeds } from './needs-check.ts';
import type { Verdicts } from './verdicts.ts';
import type { Watch } from './watch.ts';

/** 120 s, less what the clocks of two replicas may differ by. */
const SETTLE_MS = 115_000;
const CLOSED_SEEN_MS = 10_000;

/** After these nobody has minted anything: all other failures of a mint leave that open. */
const NOT_MINTED: readonly FailureKind[] = [
  'not-connected',
  'rate-limited',
  'credential-refused',
  'not-allowed',
  'not-found',
];

export interface SentMint {
  readonly host: Host;
  readonly id: string;
  readonly name: string;
  readonly rotation: string;
  readonly attempt: number;
  readonly at: number;
  /** The token that was live when it was sent. */
  readonly preImage: Token | undefined;
  /** As its process was configured: a mint may open again what is closed. */
  readonly mayReopen: boolean;
  outcome: 'open' | 'minted' | 'not-minted' | 'unknown';
  /** It took effect, whether or not anybody knows. */
  token?: Token;
  effectAt?: number;
  /** The answer brought another one. */
  isWrong: boolean;
  /** Requests sent since then that showed the pre-image to be live, or dead. */
  readonly sightings: number[];
  isPreImageDead: boolean;
}

interface Parts {
  readonly world: World;
  readonly verdicts: Verdicts;
  readonly watch: Watch;
}

export class Mints {
  readonly all: SentMint[] = [];
  #ofRotation = new Map<string, SentMint[]>();
  /** The rotation that each slot of an account was minted in. */
  #slots = new Map<string, string>();
  /** When each account is known to have been minted for last. */
  #mintedAt = new Map<string, number>();
  /** How many of all were sent before this journal began. */
  #before = 0;
  readonly #stopping = new Set<Host>();
  readonly #acknowledged = new WeakMap<Host, Set<string>>();
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get ofThisJournal(): readonly SentMint[] {
    return this.all.slice(this.#before);
  }

  newJournal(): void {
    this.#before = this.all.length;
    this.#ofRotation = new Map();
    this.#slots = new Map();
    this.#mintedAt = new Map();
  }

  stopping(host: Host): void {
    this.#stopping.add(host);
  }

  /** A commit of this process is known to it to be durable. */
  acknowledged(host: Host, { facts }: Commit): void {
    for (const fact of facts) {
      if (fact.kind !== 'mint-intended') continue;
      const known = this.#acknowledged.get(host) ?? new Set<string>();
      this.#acknowledged.set(host, known.add(`${fact.rotation ?? ''}/${fact.attempt}`));
    }
  }

  sent(host: Host, { id, name }: { readonly id: string; readonly name: string }): SentMint {
    const { world, verdicts, watch } = this.#parts;
    const [, , rotation = '', attempt = ''] = name.split('/');
    const sent: SentMint = {
      host,
      id,
      name,
      rotation,
      attempt: Number(attempt),
      at: world.timeline.now,
      preImage: world.service.stateOf(id)?.live,
      mayReopen: watch.fences.holderOf(id)?.policy.reopenClosed === true,
      outcome: 'open',
      isWrong: false,
      sightings: [],
      isPreImageDead: false,
    };
    world.trace.add(host.name, () => `mints for ${id} (rotation ${rotation}, attempt ${attempt})`);
    verdicts.expect(!this.#stopping.has(host), 10, () => `${host.name} sent a mint after SIGTERM`);
    this.#checkIntent(sent);
    this.#checkHolds(sent);
    this.#checkNeeds(sent);
    this.#checkOnce(sent);
    this.all.push(sent);
    this.#ofRotation.set(rotation, [...(this.#ofRotation.get(rotation) ?? []), sent]);
    return sent;
  }

  answered(sent: SentMint, answer: Result<Minted>): void {
    if (answer.ok) sent.outcome = 'minted';
    else sent.outcome = NOT_MINTED.includes(answer.failure.kind) ? 'not-minted' : 'unknown';
    if (answer.ok) this.#mintedAt.set(sent.id, sent.at);
    const { world, watch } = this.#parts;
    if (!answer.ok && answer.failure.declined === true) watch.book.declined(sent);
    const { token } = sent;
    sent.isWrong =
      answer.ok &&
      token !== undefined &&
      fingerprintOf(answer.value.credential) !== world.fingerprintOf(token);
  }

  effected(
    host: Host,
    {
      id,
      name,
      token,
      before,
    }: {
      readonly id: string;
      readonly name: string;
      readonly token: Token;
      readonly before: AccountState;
    },
  ): void {
    const [, , rotation = '', attempt = ''] = name.split('/');
    const { verdicts, world, watch } = this.#parts;
    const sent = this.#ofRotation.get(rotation)?.find((one) => one.attempt === Number(attempt));
    if (sent !== undefined) {
      sent.token = token;
      sent.effectAt = world.timeline.now;
    }
    const seen = watch.knowledge.of(host).accounts.get(id);
    if (before.open || sent === undefined || sent.mayReopen) return;
    const sawClosed =
      seen?.what.state === 'closed' && seen.asked <= sent.at && sent.at - seen.asked <= CLOSED_SEEN_MS;
    verdicts.expect(!sawClosed, 4, () => `${host.name} re-opened ${id}, which it had just seen closed`);
  }

  /** Somebody looked: evidence of what became of the mints before. */
  seen({
    id,
    seen,
    asked,
  }: {
    readonly id: string;
    readonly seen: SeenAccount;
    readonly asked: number;
  }): void {
    // One that is closed still would be open, had it been minted for; only where a mint may open it again is that asked.
    const isStillClosed = seen.state === 'closed' && this.#parts.world.policyOf(id)?.reopenClosed === true;
    if (seen.state !== 'open' && !isStillClosed) return;
    for (const mint of this.#unknownOf(id)) {
      // What it minted is there, under its mark.
      if (seen.credentials?.some(({ name }) => name === mint.name) === true) continue;
      const token = seen.live?.kind === 'token' ? seen.live.token.reveal() : undefined;
      if (asked >= mint.at && (token === undefined || token === mint.preImage?.text))
        mint.sightings.push(asked);
    }
  }

  tried({
    token,
    answer,
    asked,
  }: {
    readonly token: Token;
    readonly answer: Result<Proof>;
    readonly asked: number;
  }): void {
    for (const mint of this.#unknownOf(token.account)) {
      if (mint.preImage !== token || asked < mint.at) continue;
      if (!answer.ok && answer.failure.kind === 'credential-refused') mint.isPreImageDead = true;
    }
  }

  #unknownOf(id: string): SentMint[] {
    return this.all.filter(
      (mint) => mint.id === id && (mint.outcome === 'open' || mint.outcome === 'unknown'),
    );
  }

  #checkIntent({ host, rotation, attempt }: SentMint): void {
    const { verdicts, watch } = this.#parts;
    const isDurable = watch.book.rotations.get(rotation)?.intents.has(attempt) === true;
    const isKnown = this.#acknowledged.get(host)?.has(`${rotation}/${attempt}`) === true;
    verdicts.expect(isDurable && isKnown, 6, () => `${host.name} minted without a durable intent`);
  }

  #checkHolds({ host, id, rotation, attempt }: SentMint): void {
    const { verdicts, watch } = this.#parts;
    const held = watch.fences.holderOf(id);
    verdicts.expect(held?.host === host, 7, () => `${host.name} minted for ${id}, which it does not hold`);
    const known = watch.book.rotations.get(rotation);
    if (known === undefined || held === undefined) return;
    const holds = holdsAgainst({
      world: this.#parts.world,
      host,
      policy: held.policy,
      account: watch.book.accountOf(known.account),
      rotation: known,
      intent: known.intents.get(attempt),
      mintedAt: this.#mintedAt.get(id),
      rotations: watch.book.rotations.values(),
      // Of a pair it is the other account whose credential was refused.
      refusals: watch.tries.refusalsOf(held.policy.accountIds),
    });
    verdicts.expect(
      holds.length === 0,
      3,
      () => `${host.name} minted for ${id}, which is held: ${holds.join(', ')}`,
    );
  }

  #checkNeeds({ host, id, rotation }: SentMint): void {
    const { world, verdicts, watch } = this.#parts;
    const { knowledge, book } = watch;
    const policy = watch.fences.holderOf(id)?.policy;
    if (policy === undefined) return;
    const endsNow = book.rotations.get(rotation)?.endsNow === true;
    const unmet = unmetNeeds({ world, host, policy, id, knowledge, endsNow });
    verdicts.expect(
      unmet.length === 0,
      3,
      () => `${host.name} minted for ${id} although ${unmet.join('; ')}`,
    );
  }

  #checkOnce(sent: SentMint): void {
    const { verdicts, watch } = this.#parts;
    const rotation = watch.book.rotations.get(sent.rotation);
    for (const slot of rotation?.slots ?? []) {
      // The accounts of a pair take turns at its slots.
      const [first = sent.id] = watch.fences.holderOf(sent.id)?.policy.accountIds ?? [];
      const key = `${first} ${slot}`;
      const before = this.#slots.get(key) ?? sent.rotation;
      const isNew = before === sent.rotation || rotation?.isManual === true;
      verdicts.expect(
        isNew,
        2,
        () => `the slot ${new Date(slot).toISOString()} of ${sent.id} is minted for again`,
      );
      this.#slots.set(key, sent.rotation);
    }
    for (const earlier of this.#ofRotation.get(sent.rotation) ?? []) {
      verdicts.expect(
        this.#mayMintAfter(earlier, sent, rotation?.isLost === true),
        2,
        () =>
          `${sent.host.name} minted for ${sent.id} again, and nothing shows that the last one did not happen`,
      );
    }
  }

  /** Rule 4.3, by what was really seen. */
  #mayMintAfter(earlier: SentMint, sent: SentMint, isLost: boolean): boolean {
    const { world, watch } = this.#parts;
    const policy = watch.fences.holderOf(sent.id)?.policy;
    if (earlier.outcome === 'not-minted') return true;
    // With overlap nobody is given it before it is noted, and a person may put it there long after its value was lost.
    const mayBeInUse = isLost && !world.showsLive && world.plan.strategy === 'in-place';
    if (mayBeInUse && isInUse(this.#parts, { ...earlier, host: sent.host, policy })) return false;
    if (earlier.isPreImageDead) return true;
    const settled = earlier.sightings.some((asked) => asked >= earlier.at + SETTLE_MS);
    if (settled && earlier.sightings.length >= 2) return true;
    if (sent.host.clock.wasSetSince(earlier.at)) return true;
    // A person has taken the account that it was for out of the pair, for now or for good: what it may bring is nobody's.
    if (watch.book.wasOutAfter(earlier, earlier.at + SETTLE_MS)) return true;
    // Its value is gone: hidden by the provider, and in no target.
    // Or it is refused, and what was live works still.
    return isLost && (!world.showsLive || world.plan.strategy === 'pair');
  }
}
