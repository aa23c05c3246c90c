/** Facts about consumers that take up what their targets hold. */
import type { Consumer, ConsumerId, Refreshing, RefreshNeed } from '../consumer.ts';
import type { FactOf } from '../fact.ts';
import type { AccountRecord, TargetRecord } from '../record.ts';
import type { TargetId } from '../target.ts';
import type { Folds } from './folds.ts';
import { lookedIntoAgain } from './overlapping.ts';
import { inTarget, upTo, withoutKeys } from './parts.ts';

export const REFRESHING = {
  'consumer-refreshing': (record, { target, consumer, neededAt, at }) =>
    inConsumer(record, target, consumer, (state) => ({ ...state, begunAt: at, askedFor: neededAt })),
  'consumer-through': (record, { target, consumer, lagMs, at }) =>
    inConsumer(lookedIntoAgain(record), target, consumer, (state) => ({
      ...withoutKeys(state, 'lastWhy', 'unhealthySince'),
      throughAt: at,
      lagMs,
      failures: 0,
    })),
  'consumer-failed': (record, { target, consumer, message, attempt, retryAt }) =>
    inConsumer(record, target, consumer, (state) => ({
      ...state,
      failures: attempt,
      lastWhy: message,
      checkAt: retryAt,
    })),
  'consumer-unhealthy': (record, { target, consumer, why, at }) =>
    inConsumer(record, target, consumer, (state) => ({ ...state, unhealthySince: at, lastWhy: why })),
  'consumer-given-up': (record, { target, consumer }) =>
    inNeed(lookedIntoAgain(record), target, (need) => ({
      ...need,
      consumers: withoutKeys(need.consumers, consumer),
    })),
} satisfies Partial<Folds>;

/** What a confirmation brings: a newer value takes the place of the one before, whoever had taken that up. */
export function neededBy(
  target: TargetRecord,
  { at, version, fingerprint, consumers, rotation }: FactOf<'target-confirmed'>,
): { readonly refresh?: RefreshNeed } {
  if (consumers === undefined) return {};
  const writtenAt = target.written?.fingerprint === fingerprint ? Math.min(target.written.at, at) : at;
  return {
    refresh: {
      version,
      fingerprint,
      neededAt: at,
      writtenAt,
      ...(rotation === undefined ? {} : { rotation }),
      consumers: Object.fromEntries(
        consumers.map((one) => [one.id, begin(one, at, target.refresh?.consumers[one.id])]),
      ),
    },
  };
}

function begin(consumer: Consumer, at: number, before: Refreshing | undefined): Refreshing {
  return { consumer, failures: 0, checkAt: at, ...askedAhead(before, at) };
}

/** What it was asked for, where that does not lie before this instant: a clock that was put back since dated it. */
function askedAhead(before: Refreshing | undefined, at: number): Pick<Refreshing, 'askedAhead'> {
  const last = Math.max(before?.askedFor ?? 0, before?.askedAhead ?? 0);
  return last < at ? {} : { askedAhead: last };
}

/**
 * A look that showed nothing new: when the next one comes, and why. It is planned by the clock as it is at this instant, and is no more
 * to be waited for than what a fact planned then, where that clock is put back.
 */
export function withRefreshLook(
  record: AccountRecord,
  { target, consumer }: { readonly target: TargetId; readonly consumer: ConsumerId },
  { at, checkAt, why }: { readonly at: number; readonly checkAt: number; readonly why: string },
): AccountRecord {
  const noted = { ...record, notedAt: Math.max(at, record.notedAt ?? 0) };
  return inConsumer(noted, target, consumer, (state) => ({ ...state, failures: 0, checkAt, lastWhy: why }));
}

/** What was planned by a clock that was put back since comes now. */
export function refreshPlannedUpTo(target: TargetRecord, at: number): TargetRecord {
  return changeAll(target, (state) => upTo(state, at, 'checkAt'));
}

/** What has happened did so now at the latest. What a consumer shows of it stays as it was dated. */
export function refreshDatedAnew(target: TargetRecord, at: number): TargetRecord {
  if (target.refresh === undefined) return target;
  const dated = changeAll(target, (state) => ({
    ...upTo(state, at, 'begunAt', 'askedFor', 'throughAt', 'unhealthySince'),
    ...askedAhead(state, at),
  }));
  return dated.refresh === undefined
    ? dated
    : { ...dated, refresh: upTo(dated.refresh, at, 'neededAt', 'writtenAt') };
}

function changeAll(target: TargetRecord, change: (state: Refreshing) => Refreshing): TargetRecord {
  const { refresh } = target;
  if (refresh === undefined) return target;
  const consumers = Object.entries(refresh.consumers).map(([id, state]) => [id, change(state)] as const);
  return { ...target, refresh: { ...refresh, consumers: Object.fromEntries(consumers) } };
}

function inNeed(
  record: AccountRecord,
  target: TargetId,
  change: (need: RefreshNeed) => RefreshNeed,
): AccountRecord {
  const need = record.targets[target]?.refresh;
  if (need === undefined) return record;
  return inTarget(record, target, (known) => ({ ...known, refresh: change(need) }));
}

function inConsumer(
  record: AccountRecord,
  target: TargetId,
  consumer: ConsumerId,
  change: (state: Refreshing) => Refreshing,
): AccountRecord {
  return inNeed(record, target, (need) => {
    const state = need.consumers[consumer];
    if (state === undefined) return need;
    return { ...need, consumers: { ...need.consumers, [consumer]: change(state) } };
  });
}
