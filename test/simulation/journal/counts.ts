/** What a journal in memory counts over accounts: how mints ended, mints that follow from refusals, and who shares a consumer. */
import { freezeReason, LIMITS } from '../../../src/domain/limits.ts';
import { refusedMintsAtMost } from '../../../src/domain/refusal.ts';
import type { Grant } from '../../../src/domain/situation.ts';
import type { Hold } from '../../../src/domain/hold.ts';
import type { Commit } from '../../../src/ports/journal.ts';
import type { Together } from '../../../src/domain/refresh.ts';
import { consumersOf, rowOf } from './state.ts';
import type { JournalState } from './state.ts';

/** Keeps how a mint ended, the last word for each attempt; answers the hold where the limit is reached with it. */
export function putMintEnd(state: JournalState, end: NonNullable<Commit['mintEnd']>): Hold | undefined {
  const { provider, rotation, attempt, account, failure = null, limit } = end;
  const known = state.mintEnds.find((one) => one.rotation === rotation && one.attempt === attempt);
  if (known === undefined) state.mintEnds.push({ provider, rotation, attempt, account, failure });
  else known.failure = failure;
  const last = state.mintEnds.filter((one) => one.provider === provider).slice(-limit.of);
  state.mintEnds = state.mintEnds.filter((one) => one.provider !== provider || last.includes(one));
  if (failure === null) return undefined;
  const reason = freezeReason(last.toReversed(), limit, end.message ?? '');
  const key = `frozen ${provider}`;
  if (reason === undefined || state.shared.has(key)) return undefined;
  const hold: Hold = { kind: 'frozen', subject: provider, since: end.at, by: 'rekeyd', reason };
  state.shared.set(key, hold);
  return hold;
}

/** Counts one more if it is within the limit, and answers whether it is. */
export function grantRefused(
  state: JournalState,
  { provider, now }: { readonly provider: string; readonly now: number },
): Grant {
  const perMs = LIMITS.refusedMintsPerMs;
  const known = state.grants.get(provider) ?? [];
  const lately = known
    .filter((at) => at > now - perMs)
    .map((at) => (at > now + LIMITS.clockSkewMs ? now : at));
  const accounts = [...state.rows.values()].filter(
    (row) => row.configured && row.wakeAt !== undefined && row.policy.provider === provider,
  );
  const atMost = refusedMintsAtMost(accounts.length);
  const granted = lately.length < atMost;
  state.grants.set(provider, granted ? [...lately, now] : lately);
  const oldest = lately[0] ?? now;
  return { granted, lastHour: lately.length, atMost, until: Math.min(now, oldest) + perMs };
}

/** What the other accounts that name the consumer are about, and the newest need of all. */
export function together(
  state: JournalState,
  given: { readonly consumer: string; readonly account: number; readonly soon: number },
): Together {
  const all = [...state.joinings.values()].filter(
    ({ consumer, account }) =>
      consumer === given.consumer &&
      consumersOf(rowOf(state, account).policy).some(({ id }) => id === consumer),
  );
  const coming = all.some(
    ({ account, coming: comes, dueAt }) =>
      account !== given.account && (comes || (dueAt !== undefined && dueAt <= given.soon)),
  );
  const needs = all.flatMap(({ neededAt }) => neededAt ?? []);
  return { coming, ...(needs.length === 0 ? {} : { neededAt: Math.max(...needs) }) };
}
