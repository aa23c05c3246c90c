/**
 * Freezing a provider: by hand, with its lifting, and what a commit says for the count of failed mints. The hold is written to the
 * journal, which every decision of every process is made from; nothing is kept here.
 */
import type { Account } from '../domain/account.ts';
import type { Cause, Fact } from '../domain/fact.ts';
import type { Hold } from '../domain/hold.ts';
import { mintEndOf } from '../domain/limits.ts';
import type { FreezeLimit } from '../domain/limits.ts';
import type { AccountRecord } from '../domain/record.ts';
import type { Clock } from '../ports/clock.ts';
import type { Commit, Journal } from '../ports/journal.ts';
import type { Telemetry } from '../ports/telemetry.ts';

export interface Freezing {
  /** Nothing is minted unasked there from now on. A provider that is frozen already stays as it is. */
  freeze(provider: string, cause: Cause): Promise<FreezingOutcome>;
  /** Lifts the hold, forgets the mints that it was counted from, and makes the provider's accounts due. */
  unfreeze(provider: string, cause: Cause): Promise<FreezingOutcome>;
}

interface FreezingOutcome {
  /** False where it was so already. */
  readonly changed: boolean;
  /** The hold that is in force, or that was lifted; absent where there was none to lift. */
  readonly hold?: Hold;
}

export function createFreezing(parts: {
  readonly journal: Pick<Journal, 'shared' | 'hold' | 'lift'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly telemetry: Pick<Telemetry, 'event'>;
}): Freezing {
  const { journal, clock, telemetry } = parts;
  return {
    async freeze(provider, { actor, reason = 'by hand' }) {
      const { holds } = await journal.shared();
      const known = holds.find(({ kind, subject }) => kind === 'frozen' && subject === provider);
      if (known !== undefined) return { changed: false, hold: known };
      const hold: Hold = { kind: 'frozen', subject: provider, since: clock.now(), by: actor, reason };
      await journal.hold(hold);
      tellFrozen(telemetry, hold);
      return { changed: true, hold };
    },
    async unfreeze(provider, { actor, reason = 'by hand' }) {
      const now = clock.now();
      const hold = await journal.lift('frozen', provider, now);
      if (hold === undefined) return { changed: false };
      const heldMs = Math.max(0, now - hold.since);
      telemetry.event('provider-unfrozen', { provider, by: actor, why: reason, was: hold.reason, heldMs });
      return { changed: true, hold };
    },
  };
}

/** Tells what happened and what to do next. */
export function tellFrozen(telemetry: Pick<Telemetry, 'event'>, { subject, by, reason }: Hold): void {
  const first = by === 'rekeyd' ? 'find out why mints fail there (rekeyd history), then ' : '';
  const next = `${first}rekeyd unfreeze ${subject} --reason …`;
  telemetry.event('provider-frozen', { provider: subject, by, why: reason, next });
}

/** How a mint ended, where the facts of one commit say so and it counts; `before` is the record before them. */
export function mintEndIn({
  before,
  facts,
  policy: { name: account, provider },
  limit,
}: {
  readonly before: AccountRecord;
  readonly facts: readonly Fact[];
  readonly policy: Account;
  readonly limit: FreezeLimit;
}): Commit['mintEnd'] {
  for (const fact of facts) {
    const end = mintEndOf(before, fact);
    if (end !== undefined) return { ...end, provider, account, at: fact.at, limit };
  }
  return undefined;
}
