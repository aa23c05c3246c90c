/** Who holds which account: what a holder that was replaced must not do any more. */
import type { Account } from '../../../src/domain/account.ts';
import type { Claim, Commit, CommitOutcome } from '../../../src/ports/journal.ts';
import type { Host } from '../host.ts';
import type { World } from '../world.ts';
import type { Verdicts } from './verdicts.ts';

interface Held {
  /** The journal's number of the account. */
  readonly row: number;
  readonly fence: number;
  readonly host: Host;
  readonly policy: Account;
  readonly at: number;
}

export class Fences {
  /** The newest claim of each account, by the journal's number of it. */
  #newest = new Map<number, Held>();
  /** The journal's number of the account that was last claimed with this id at the provider. */
  #rows = new Map<string, number>();
  readonly #world: World;
  readonly #verdicts: Verdicts;

  constructor(world: World, verdicts: Verdicts) {
    this.#world = world;
    this.#verdicts = verdicts;
  }

  newJournal(): void {
    this.#newest = new Map();
    this.#rows = new Map();
  }

  claimed(host: Host, { id, fence, policy }: Claim): void {
    const before = this.#newest.get(id);
    this.#verdicts.expect(
      before === undefined || fence > before.fence,
      7,
      () => `${policy.name} was claimed under the fence ${fence}, which is not above ${before?.fence ?? 0}`,
    );
    const held = { row: id, fence, host, policy, at: this.#world.timeline.now };
    this.#newest.set(id, held);
    for (const accountId of policy.accountIds) this.#rows.set(accountId, id);
  }

  /** The policy under which the commit was made; nothing where its claim is not known. */
  committed(host: Host, commit: Commit, { outcome }: CommitOutcome): Account | undefined {
    const held = this.#newest.get(commit.account);
    if (outcome === 'committed') {
      this.#verdicts.expect(
        held !== undefined && held.fence === commit.fence && held.host === host,
        7,
        () => `${host.name} committed for ${held?.policy.name ?? commit.account} under a stale fence`,
      );
    }
    return held?.policy;
  }

  /**
   * Who holds the account, and under which policy it was claimed: also under one that names only the other of its ids, as while a
   * pair is single.
   */
  holderOf(accountId: string): Held | undefined {
    const row = this.#rows.get(accountId);
    return row === undefined ? undefined : this.#newest.get(row);
  }

  /** When the account with this number in the journal was claimed last, in true time. */
  claimedAt(row: number): number | undefined {
    return this.#newest.get(row)?.at;
  }

  writing(host: Host, accountId: string, where: string): void {
    const held = this.holderOf(accountId);
    this.#verdicts.expect(
      held === undefined || held.host === host,
      7,
      () => `${host.name} writes to ${where}, and ${held?.host.name ?? 'nobody'} has the account`,
    );
  }

  /** A write that took effect within the time limit was covered by its claim; one that came later, nothing covers. */
  wrote(given: {
    readonly host: Host;
    readonly account: string;
    readonly store: string;
    readonly address: string;
    readonly tookMs: number;
  }): void {
    const { abilities } = this.#world.shelf(given.store).kind;
    // Nobody can call back what a dead process has sent.
    if (given.tookMs <= abilities.timeLimitMs && given.host.state !== 'dead') {
      this.writing(given.host, given.account, `${given.store}:${given.address}, in time,`);
    }
  }
}
