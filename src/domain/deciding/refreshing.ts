/** Making consumers take up what their targets hold: which one is looked at next, and what follows from what it says. */
import type { Progress } from '../consumer.ts';
import type { Decision, NewFact } from '../decision.ts';
import { note } from '../decision.ts';
import { formatDuration } from '../duration.ts';
import type { Result } from '../failure.ts';
import { askedWaitMs, backOffMs, LIMITS } from '../limits.ts';
import { givenUp, nextLookAt, owedRefreshes, refreshLookAt } from '../refresh.ts';
import type { Owed } from '../refresh.ts';
import type { Situation } from '../situation.ts';

/** Those that nobody waits for any more. What is delivered next makes others be waited for, and these would keep what they hold. */
export function giveUpConsumers(situation: Situation): Decision | undefined {
  const [first, ...rest] = givenUp(situation);
  return (
    first &&
    note(
      { kind: 'consumer-given-up', ...first },
      ...rest.map((one) => ({ kind: 'consumer-given-up' as const, ...one })),
    )
  );
}

/** The consumer whose time has come. Those that are through, or wait for others, are left alone. */
export function refreshConsumers(situation: Situation): Decision | undefined {
  if (situation.stopping) return undefined;
  const next = owedRefreshes(situation).find((owed) => {
    const lookAt = refreshLookAt(situation, owed);
    return lookAt !== undefined && lookAt <= situation.now;
  });
  return next && { do: 'refresh', target: next.target, consumer: next.consumer.id };
}

/** What a look at a consumer brings: facts, or, where there is nothing new, only the time of the next look. */
export interface Looked {
  readonly facts: readonly NewFact[];
  readonly next?: { readonly checkAt: number; readonly why: string };
}

/** What follows from the answer to a refresh that was asked for. */
export function afterRefresh(
  situation: Pick<Situation, 'now' | 'dice'>,
  owed: Owed,
  result: Result<Progress>,
): Looked {
  if (!result.ok) return refreshFailed(situation, owed, result.failure);
  const { now } = situation;
  const { target, consumer, need } = owed;
  const progress = result.value;
  switch (progress.state) {
    case 'through': {
      const lagMs = Math.max(0, Math.min(progress.at, now) - need.writtenAt);
      return { facts: [{ kind: 'consumer-through', target, consumer: consumer.id, lagMs }] };
    }
    case 'under-way':
      return {
        facts: overdueFacts(now, owed, progress.why),
        next: { checkAt: nextCheck(now, owed), why: progress.why },
      };
    case 'unhealthy':
      return {
        facts: owed.state.unhealthySince === undefined ? [unhealthy(owed, progress.why)] : [],
        next: { checkAt: nextCheck(now, owed), why: progress.why },
      };
  }
}

function refreshFailed(
  { now, dice }: Pick<Situation, 'now' | 'dice'>,
  owed: Owed,
  failure: Extract<Result<never>, { readonly ok: false }>['failure'],
): Looked {
  const { kind, message } = failure;
  const attempt = owed.state.failures + 1;
  const waitMs = backOffMs(attempt, LIMITS.retryFirstMs, LIMITS.retryMaxMs, dice);
  return {
    facts: [
      {
        kind: 'consumer-failed',
        target: owed.target,
        consumer: owed.consumer.id,
        failure: kind,
        message,
        attempt,
        retryAt: now + Math.max(askedWaitMs(failure), waitMs),
      },
      ...overdueFacts(now, owed, message),
    ],
  };
}

/** It is late: from now on it counts as unhealthy, whatever it says, until it is through. */
function overdueFacts(now: number, owed: Owed, why: string): NewFact[] {
  const { state, consumer } = owed;
  if (state.unhealthySince !== undefined || limitAt(owed, now) > now) return [];
  return [unhealthy(owed, `not through within ${formatDuration(consumer.timeLimitMs)}: ${why}`)];
}

function unhealthy({ target, consumer }: Owed, why: string): NewFact {
  return { kind: 'consumer-unhealthy', target, consumer: consumer.id, why };
}

/** When its time limit is over. One that begins in the future was dated by a clock that was put back since. */
function limitAt({ state, consumer }: Owed, now: number): number {
  return Math.min(state.begunAt ?? now, now) + consumer.timeLimitMs;
}

function nextCheck(now: number, owed: Owed): number {
  const { unhealthySince, begunAt = now } = owed.state;
  if (unhealthySince !== undefined) return nextLookAt(unhealthySince, now, LIMITS.retryMaxMs);
  const limit = limitAt(owed, now);
  return limit > now ? Math.min(nextLookAt(begunAt, now), limit) : nextLookAt(now, now);
}
