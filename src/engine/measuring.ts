/** What is measured of the work on an account: its steps, for history as well, and the times that facts tell. */
import type { Fact } from '../domain/fact.ts';
import type { AccountRecord } from '../domain/record.ts';
import type { Session } from './session.ts';

/** Remembers a step for history and measures it. */
export function recordStep(
  session: Session,
  step: {
    readonly step: string;
    readonly startedAt: number;
    readonly tookMs: number;
    readonly outcome: string;
    readonly target?: string;
    readonly store?: string;
    readonly attempts?: number;
    /** The rotation that it belongs to; absent: the one that is open. */
    readonly rotation?: string;
  },
): void {
  const { parts, claim, record } = session;
  const { provider, strategy } = claim.policy;
  const store = step.store === undefined ? {} : { store: step.store };
  parts.telemetry.measure('step', {
    step: step.step,
    provider,
    strategy,
    outcome: step.outcome,
    ms: step.tookMs,
    ...store,
  });
  const rotation = step.rotation ?? record.rotation?.id;
  if (rotation === undefined) return;
  session.steps.push({
    rotation,
    step: step.step,
    attempts: step.attempts ?? 1,
    startedAt: step.startedAt,
    endedAt: parts.clock.now(),
    outcome: step.outcome,
    ...(step.target === undefined ? {} : { target: step.target }),
  });
}

/** Measures what a fact tells of the time that a rotation took. `before`: the record without it. */
export function measureFact({ parts, claim }: Session, fact: Fact, before: AccountRecord): void {
  const { provider, strategy } = claim.policy;
  if (fact.kind === 'rotation-succeeded' && fact.darkWindowMs !== undefined) {
    parts.telemetry.measure('dark-window', {
      provider,
      strategy,
      estimated: fact.estimated,
      ms: fact.darkWindowMs,
    });
  }
  if (fact.kind === 'consumer-through') {
    const consumer = before.targets[fact.target]?.refresh?.consumers[fact.consumer]?.consumer;
    const { connection = '', does = '' } = consumer ?? {};
    parts.telemetry.measure('consumer-lag', { connection, does, ms: fact.lagMs });
  }
  if (fact.kind === 'credential-minted' && before.rotation !== undefined) {
    const { trigger, dueAt } = before.rotation;
    parts.telemetry.measure('lateness', {
      provider,
      strategy,
      trigger,
      ms: Math.max(0, fact.sentAt - dueAt),
    });
  }
}

/** The longest lag among consumers of one rotation that are through by these facts. */
export function consumerLagIn(
  facts: readonly Fact[],
): { readonly rotation: string; readonly lagMs: number } | undefined {
  const lags = facts.flatMap((fact) =>
    fact.kind === 'consumer-through' && fact.rotation !== undefined
      ? [{ rotation: fact.rotation, lagMs: fact.lagMs }]
      : [],
  );
  return lags.toSorted((one, other) => other.lagMs - one.lagMs)[0];
}
