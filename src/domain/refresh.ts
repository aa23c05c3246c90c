/** Which consumers have yet to take up what their targets hold, since when, and what they wait for themselves. */
import { dueNext, dueNow } from './due.ts';
import type { Consumer, ConsumerId, Refreshing, RefreshNeed } from './consumer.ts';
import { mintHold } from './holds.ts';
import { LIMITS } from './limits.ts';
import type { Situation } from './situation.ts';
import type { Target, TargetId } from './target.ts';

/** Some workloads show for when they were begun in whole seconds, rounded up. */
const WHOLE_SECOND_MS = 1_000;

type Known = Pick<Situation, 'policy' | 'record'>;

/** One consumer that has to take up what one target holds. */
export interface Owed {
  readonly target: TargetId;
  readonly need: RefreshNeed;
  /** As it is configured now; of a target that has left the configuration, as it was. */
  readonly consumer: Consumer;
  readonly state: Refreshing;
}

/**
 * Whether it waits for other accounts that are about to need it as well. Restarts are dear: one serves all that rotate together. The
 * others cost nothing, and each account's own comes as soon as it can.
 */
function gathers({ does }: Consumer): boolean {
  return does === 'restart';
}

/** The consumers that are not through yet, in the order in which they are named. */
export function owedRefreshes(known: Known): readonly Owed[] {
  return allRefreshes(known).flatMap(({ consumer, ...rest }) =>
    consumer === undefined || rest.state.throughAt !== undefined ? [] : [{ ...rest, consumer }],
  );
}

/** The targets whose consumers are not all through. */
export function targetsBehind(known: Known): readonly TargetId[] {
  return [...new Set(owedRefreshes(known).map(({ target }) => target))];
}

/** Those that nobody waits for any more: the configuration names them no longer, or has left them for too long. */
export function givenUp(situation: Pick<Situation, 'policy' | 'record' | 'configured' | 'now'>): readonly {
  readonly target: TargetId;
  readonly consumer: ConsumerId;
  readonly why: string;
}[] {
  const { now } = situation;
  return allRefreshes(situation).flatMap(({ target, id, consumer, state, need }) => {
    if (state.throughAt !== undefined) return [];
    if (consumer === undefined) return [{ target, consumer: id, why: 'it is no longer configured' }];
    const left = !situation.configured || !isConfigured(situation, target);
    if (!left || giveUpAt({ need, state, consumer }) > now) return [];
    return [
      { target, consumer: id, why: 'its target has left the configuration, and its time limit is over' },
    ];
  });
}

/** Until when a consumer of what has left the configuration is waited for. */
function giveUpAt({ need, state, consumer }: Pick<Owed, 'need' | 'state' | 'consumer'>): number {
  return (state.begunAt ?? need.neededAt + LIMITS.togetherMs) + consumer.timeLimitMs;
}

/** When each of those whose target has left the configuration is given up. */
export function givenUpNext(
  situation: Pick<Situation, 'policy' | 'record' | 'configured'>,
): readonly number[] {
  return owedRefreshes(situation)
    .filter(({ target }) => !situation.configured || !isConfigured(situation, target))
    .map(giveUpAt);
}

function allRefreshes({ policy, record }: Known) {
  return Object.entries(record.targets).flatMap(([target, { refresh: need }]) => {
    if (need === undefined) return [];
    const configured = policy.targets.find(({ id }) => id === target);
    const named = new Map(configured?.consumers?.map((one) => [one.id, one]));
    return Object.entries(need.consumers).map(([id, state]) => ({
      target,
      id,
      need,
      state,
      consumer: configured === undefined ? state.consumer : named.get(id),
    }));
  });
}

function isConfigured({ policy }: Pick<Known, 'policy'>, target: TargetId): boolean {
  return policy.targets.some(({ id }) => id === target);
}

/**
 * From when on the consumer can take the value up, in ms since the epoch: what a restarted workload reads may first have to be
 * synchronised out of the target. `undefined` until then.
 */
function readyAt(
  { policy, record }: Known,
  { target, need, consumer }: Pick<Owed, 'target' | 'need' | 'consumer'>,
): number | undefined {
  if (consumer.does !== 'restart') return need.neededAt;
  const configured = policy.targets.find(({ id }) => id === target);
  const states = record.targets[target]?.refresh?.consumers ?? {};
  const named =
    configured === undefined ? Object.values(states).map((one) => one.consumer) : configured.consumers;
  let ready = need.neededAt;
  for (const { id, does } of named ?? []) {
    const state = does === 'forceSync' ? states[id] : undefined;
    if (state === undefined) continue;
    if (state.throughAt === undefined) return undefined;
    ready = Math.max(ready, state.throughAt);
  }
  return ready;
}

/**
 * From when on it can be taken up, and later than what the consumer may show still: where a clock was put back since, what was begun for
 * something else would count for this. Not where nobody believes what it shows, nor would believe this.
 */
function askableAt(
  situation: Known & Pick<Situation, 'now'>,
  owed: Pick<Owed, 'target' | 'need' | 'consumer' | 'state'>,
): number | undefined {
  const ready = readyAt(situation, owed);
  const { askedAhead } = owed.state;
  if (ready === undefined || askedAhead === undefined || askedAhead < ready) return ready;
  return askedAhead > situation.now + LIMITS.clockSkewMs ? ready : askedAhead + WHOLE_SECOND_MS;
}

/** When it is looked at next; `undefined` while another consumer comes first. */
export function refreshLookAt(known: Known, owed: Owed): number | undefined {
  return readyAt(known, owed) === undefined ? undefined : owed.state.checkAt;
}

/** The next look at what has been going on since `since`: soon at first, and more and more rarely. */
export function nextLookAt(since: number, now: number, maxMs: number = LIMITS.refreshLookMaxMs): number {
  const waitMs = Math.max(0, now - since) / 4;
  return now + Math.round(Math.min(Math.max(waitMs, LIMITS.refreshLookMs), maxMs));
}

/** What an account lets the others know that name the same consumer. */
export interface Joining {
  readonly consumer: ConsumerId;
  /** It has a value on the way that the consumer will have to take up. */
  readonly coming: boolean;
  /** When its next rotation begins, as far as that is planned and nothing is against it. */
  readonly dueAt?: number;
  /** From when on its newest value could be taken up. */
  readonly neededAt?: number;
  /** The consumer is not through with it. */
  readonly behind: boolean;
}

/** What this account tells of each consumer that its targets name. */
export function joinings(
  situation: Pick<Situation, 'policy' | 'record' | 'now' | 'sharedHolds' | 'configured' | 'callsShortUntil'>,
): readonly Joining[] {
  const named = Map.groupBy(
    situation.policy.targets.flatMap((target) => (target.consumers ?? []).map(({ id }) => ({ id, target }))),
    ({ id }) => id,
  );
  if (named.size === 0) return [];
  const all = allRefreshes(situation);
  const dueAt = plannedAt(situation);
  return [...named].map(([consumer, places]) => {
    const needs = all.filter(({ id, consumer: configured }) => id === consumer && configured !== undefined);
    const ready = needs.flatMap(({ state, ...one }) => {
      const at = askableAt(situation, { ...one, state, consumer: state.consumer });
      return at === undefined ? [] : [state.askedFor ?? at];
    });
    const waitsForSync = ready.length < needs.length;
    return {
      consumer,
      coming: waitsForSync || places.some(({ target }) => isComing(situation, target)),
      behind: needs.some(({ state }) => state.throughAt === undefined),
      ...(dueAt === undefined ? {} : { dueAt }),
      ...(ready.length === 0 ? {} : { neededAt: Math.max(...ready) }),
    };
  });
}

/** A rotation is open that has not been confirmed in this target, or what was minted is still owed to it. */
function isComing({ record }: Pick<Situation, 'record'>, { id }: Pick<Target, 'id'>): boolean {
  const known = record.targets[id];
  if (known?.owed !== undefined) return true;
  if (record.rotation === undefined) return false;
  const { minted } = record.rotation;
  if (minted === undefined || minted.unproved !== undefined) return true;
  return known?.confirmed?.fingerprint !== record.live?.fingerprint;
}

/** When the next rotation begins, unless something is against it. */
function plannedAt(situation: Parameters<typeof joinings>[0]): number | undefined {
  if (!situation.configured || situation.record.rotation !== undefined) return undefined;
  const due = dueNow(situation) ?? dueNext(situation);
  return due === undefined || mintHold(situation, due) !== undefined ? undefined : due.dueAt;
}

/** What the journal knows of the other accounts that name the same consumer. */
export interface Together {
  /** One of them has a value on the way, or begins a rotation within a minute. */
  readonly coming: boolean;
  /** From when on the newest value of any of them can be taken up. */
  readonly neededAt?: number;
}

/** Why the refresh is not begun yet, in words, and until when that is waited for at the longest; `undefined`: it is begun. */
export function waitsFor(
  situation: Pick<Situation, 'policy' | 'record' | 'now'>,
  { need, consumer }: Owed,
  together: Together,
): { readonly why: string; readonly until: number } | undefined {
  const until = need.neededAt + LIMITS.togetherMs;
  if (!gathers(consumer) || until <= situation.now) return undefined;
  const isNamed = ({ consumers = [] }: Target) => consumers.some(({ id }) => id === consumer.id);
  const own = situation.policy.targets.some((target) => isNamed(target) && isComing(situation, target));
  const unsynced = owedRefreshes(situation).some(
    (owed) => owed.consumer.id === consumer.id && readyAt(situation, owed) === undefined,
  );
  if (own || unsynced) return { why: 'waits for the other targets of the account that it reads', until };
  return together.coming ? { why: 'waits for other accounts that rotate now', until } : undefined;
}

/**
 * What is asked for: that all is taken up that could be until then, by whichever account. What another one dated far ahead was dated by a
 * clock that was put back since: nothing could be through with that before that time comes.
 */
export function askFor(
  situation: Pick<Situation, 'policy' | 'record' | 'now'>,
  owed: Owed,
  { neededAt = 0 }: Together,
): number {
  const own = askableAt(situation, owed) ?? owed.need.neededAt;
  const counts = gathers(owed.consumer) && neededAt <= situation.now + LIMITS.clockSkewMs;
  return counts ? Math.max(own, neededAt) : own;
}
