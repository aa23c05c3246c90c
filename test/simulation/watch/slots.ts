/** Whether what a schedule asks for in the calm was minted, and nothing for a slot that came before it was the account's. */
import type { Account } from '../../../src/domain/account.ts';
import type { Commit } from '../../../src/ports/journal.ts';
import { MINUTE_MS } from '../plan.ts';
import type { World } from '../world.ts';
import type { KnownAccount } from './book-entries.ts';
import { isRightlyCrowded } from './crowd.ts';
import { statesOf } from './expected.ts';
import type { SentMint } from './mints.ts';
import type { Verdicts } from './verdicts.ts';

/** Jitter, minInterval and a failed try are over by then. */
const SLOT_GRACE_MS = 8 * MINUTE_MS;
/** No window keeps an account waiting for longer than this. */
const CLOSED_MS = 8 * MINUTE_MS;
/** Clocks that run a little fast begin a slot sooner. */
const CLOCK_MS = 10_000;
/** A clock that is further ahead than this was wrong when it dated a schedule. */
const WRONG_MS = 5 * MINUTE_MS - CLOCK_MS;

/** The schedule of an account, as far as it was applied. */
interface Scheduled {
  readonly text: string;
  /** When it was applied, in true time and as the process dated it; absent for one that the account came with. */
  readonly since?: { readonly at: number; readonly dated: number };
}

/** Since when each account has its schedule, by what was applied, and by the journal's number of it. */
export class Slots {
  #scheduled = new Map<number, Scheduled>();
  readonly #world: World;
  readonly #verdicts: Verdicts;

  constructor(world: World, verdicts: Verdicts) {
    this.#world = world;
    this.#verdicts = verdicts;
  }

  newJournal(): void {
    this.#scheduled = new Map();
  }

  /** The journal's accounts as they are after a part of a configuration was applied. */
  applied(
    rows: Iterable<{ readonly id: number; readonly configured: boolean; readonly policy: Account }>,
    dated: number,
  ): void {
    for (const { id, configured, policy } of rows) {
      const text = configured ? (policy.schedule?.pattern ?? 'none') : 'left';
      const known = this.#scheduled.get(id);
      if (known === undefined) this.#scheduled.set(id, { text });
      else if (known.text !== text)
        this.#scheduled.set(id, { text, since: { at: this.#world.timeline.now, dated } });
    }
  }

  /** Whoever had the account before its schedule was applied knows only of the one before. */
  committed({ account, facts }: Commit, { name }: Account): void {
    const since = this.#scheduled.get(account)?.since;
    const claimedAt = this.#world.watch.fences.claimedAt(account) ?? 0;
    if (since === undefined || claimedAt <= since.at) return;
    for (const fact of facts) {
      if (!('slot' in fact) || fact.slot === undefined) continue;
      const { slot, at, kind } = fact;
      this.#verdicts.expect(
        slot > since.dated || since.dated > at + WRONG_MS,
        2,
        () =>
          `${kind} for the slot ${new Date(slot).toISOString()}, which came before ${name} had its schedule`,
      );
    }
  }
}

/** A slot that came in the calm a while ago, for which nothing was minted; one that came in a pause is run after it, or skipped. */
export function forgottenSlot(world: World, policy: Account, { resumedAt = 0 }: KnownAccount): string[] {
  const { watch, timeline } = world;
  const { name, accountIds, schedule, missed, allow, deny } = policy;
  const [minutes = ''] = schedule?.pattern.split(' ') ?? [];
  if (minutes === '' || isRightlyCrowded(world, policy)) return [];
  const latest = timeline.now - SLOT_GRACE_MS - (allow.length + deny.length) * CLOSED_MS;
  const slot = newestSlot(minutes, latest);
  if (slot < resumedAt && (missed === 'skip' || resumedAt > latest)) return [];
  const ours = watch.mints.all.filter(({ id }) => accountIds.includes(id));
  const isMinted = ours.some(({ effectAt }) => effectAt !== undefined && effectAt >= slot - CLOCK_MS);
  if (isMinted || mayBeProvidersFault(world, policy, ours)) return [];
  return [`the slot ${new Date(slot).toISOString()} of ${name} came, and nothing was minted`];
}

/**
 * What was minted beside the live one is dead, as that one is, and others are as well, or nobody can tell whether they are: no more is
 * minted for as long as the provider may be at fault.
 */
function mayBeProvidersFault(world: World, policy: Account, ours: readonly SentMint[]): boolean {
  if (policy.strategy === 'in-place' || ours.at(-1)?.token === undefined) return false;
  if (
    !world.journal.state.shared.has(`many-refused ${policy.provider}`) &&
    !areTwoRefused(world, policy, ours)
  )
    return false;
  const works = statesOf(world, policy).flatMap(({ valid }) =>
    valid.filter((token) => world.service.isValid(token)),
  );
  return works.length === 0;
}

/** The last mint brought what was never accepted, as did the one before; or what was accepted before is refused now. */
function areTwoRefused(
  { watch: { tries }, timeline }: World,
  { accountIds }: Account,
  ours: readonly SentMint[],
): boolean {
  const [newest, before] = ours.slice(-2).toReversed();
  const isUseless = (one: SentMint | undefined) =>
    one?.token !== undefined && tries.wasOnlyRefusedUntil(one.token, timeline.now);
  return isUseless(newest) && (isUseless(before) || tries.someDied(accountIds));
}

/** The newest slot of a pattern that names minutes alone. */
function newestSlot(minutes: string, atOrBefore: number): number {
  const step = /^\*\/(\d+)$/.exec(minutes)?.[1];
  const fires = (minute: number) =>
    step === undefined ? minutes.split(',').includes(String(minute)) : minute % Number(step) === 0;
  let slot = Math.floor(atOrBefore / MINUTE_MS) * MINUTE_MS;
  while (!fires(new Date(slot).getUTCMinutes())) slot -= MINUTE_MS;
  return slot;
}
