/**
 * Asks a consumer to take up what a target holds, or sees how far it is: the only caller of a connection's `refresh`. That it is
 * asked is durable before the request is sent; one short call a look, which may be made again without a second effect.
 */
import { afterRefresh } from '../../domain/deciding/refreshing.ts';
import type { Decision, NewFact } from '../../domain/decision.ts';
import { failed } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import { withRefreshLook } from '../../domain/folding/refreshing.ts';
import { LIMITS } from '../../domain/limits.ts';
import { askFor, nextLookAt, owedRefreshes, waitsFor } from '../../domain/refresh.ts';
import type { Owed } from '../../domain/refresh.ts';
import type { Progress, Refresh } from '../../ports/consumer.ts';
import { refreshToken } from '../write-token.ts';
import { commit, ensureLease, LEASE_MARGIN_MS, situationOf } from '../session.ts';
import type { Session } from '../session.ts';
import type { SharedHolds } from '../shared-holds.ts';

type Which = Pick<Extract<Decision, { readonly do: 'refresh' }>, 'target' | 'consumer'>;

export async function refresh(session: Session, which: Which, sharedHolds: SharedHolds): Promise<void> {
  if (owedOf(session, which).state.begunAt === undefined && !(await begin(session, which))) return;
  const owed = owedOf(session, which);
  const result = await ask(session, owed);
  if (result === undefined) return;
  const situation = situationOf(session);
  const { facts, next } = afterRefresh(situation, owed, result);
  if (next !== undefined) {
    session.record = withRefreshLook(session.record, which, { at: situation.now, ...next });
  }
  await settleHold(session, owed, facts, sharedHolds);
  rememberStep(session, owed, facts);
  if (facts.length > 0) await commit(session, facts);
}

function owedOf(session: Session, { target, consumer }: Which): Owed {
  const owed = owedRefreshes(situationOf(session)).find(
    (one) => one.target === target && one.consumer.id === consumer,
  );
  if (owed === undefined) throw new Error('a refresh was decided of a consumer that is owed none');
  return owed;
}

/** Writes down that it is asked, unless others are to be waited for. Answers whether it was. */
async function begin(session: Session, which: Which): Promise<boolean> {
  const { journal, clock } = session.parts;
  const { id: consumer } = owedOf(session, which).consumer;
  const soon = clock.now() + LIMITS.togetherSoonMs;
  const together = await journal.together({ consumer, account: session.claim.id, soon });
  const owed = owedOf(session, which);
  const situation = situationOf(session);
  const waits = waitsFor(situation, owed, together);
  if (waits === undefined) {
    const neededAt = askFor(situation, owed, together);
    await commit(session, [{ kind: 'consumer-refreshing', ...which, neededAt }]);
    return true;
  }
  const checkAt = Math.min(nextLookAt(owed.need.neededAt, situation.now), waits.until);
  session.record = withRefreshLook(session.record, which, { at: situation.now, checkAt, why: waits.why });
  return false;
}

/** `undefined` where a stop broke it off: it is asked again by whoever goes on. */
async function ask(session: Session, owed: Owed): Promise<Result<Progress> | undefined> {
  const { parts, claim, stopSignal: signal } = session;
  const { clock, telemetry } = parts;
  const { policy } = claim;
  const { consumer, target } = owed;
  const connection = session.connections.consumer(consumer.connection);
  if (connection === undefined) {
    const message = `the configuration has no connection ${consumer.connection} among consumers, which ${target} names; add it again`;
    return failed('not-connected', message);
  }
  await ensureLease(session, connection.timeLimitMs + LEASE_MARGIN_MS);
  const from = clock.elapsed();
  try {
    const result = await connection.refresh(refreshOf(session, owed), { signal });
    const outcome = result.ok ? 'ok' : result.failure.kind;
    const { provider, strategy } = policy;
    const ms = clock.elapsed() - from;
    telemetry.measure('step', { step: 'refresh', provider, strategy, outcome, ms });
    if (!result.ok) {
      const where = { account: policy.name, step: 'refresh', target, attempt: owed.state.failures + 1 };
      telemetry.failure(where, result.failure);
    }
    return result;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function refreshOf({ claim }: Session, { consumer, target, need, state }: Owed): Refresh {
  const { fingerprint, rotation, neededAt } = need;
  return {
    does: consumer.does,
    address: consumer.address,
    neededAt: state.askedFor ?? neededAt,
    token: refreshToken(claim.policy, target, { consumer: consumer.id, ...need }),
    account: claim.policy.name,
    target,
    fingerprint,
    ...(rotation === undefined ? {} : { rotation }),
  };
}

/**
 * Set and lifted before that is known for good: whoever dies in between looks again, and does it again. Only by whoever has the claim:
 * what another process has seen to be through since, nobody would lift again.
 */
async function settleHold(
  session: Session,
  { consumer, state }: Owed,
  facts: readonly NewFact[],
  sharedHolds: SharedHolds,
): Promise<void> {
  const isThrough = facts.some(({ kind }) => kind === 'consumer-through');
  const [fact] = facts.filter((one) => one.kind === 'consumer-unhealthy');
  const holds = consumer.onUnhealthy === 'hold' && (fact !== undefined || state.unhealthySince !== undefined);
  if (!isThrough && !holds) return;
  await ensureLease(session, LEASE_MARGIN_MS);
  if (isThrough) return sharedHolds.consumerReleased(consumer.id);
  const why = fact?.why ?? state.lastWhy ?? 'it has not taken up the new value';
  await sharedHolds.consumerUnhealthy(consumer.id, why);
}

/** One row for all the looks, when it is through. */
function rememberStep(session: Session, { consumer, need, state }: Owed, facts: readonly NewFact[]): void {
  if (need.rotation === undefined || !facts.some(({ kind }) => kind === 'consumer-through')) return;
  session.steps.push({
    rotation: need.rotation,
    step: 'refresh',
    target: consumer.id,
    attempts: state.failures + 1,
    startedAt: state.begunAt ?? need.neededAt,
    endedAt: session.parts.clock.now(),
    outcome: 'ok',
  });
}
