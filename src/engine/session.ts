/** One claimed account while it is being worked on: what is known, what is in hand, and how facts are committed. */
import type { Credential, Fingerprint } from '../domain/credential.ts';
import type { Answer, Decision, NewFact } from '../domain/decision.ts';
import { isPolicyNoted } from '../domain/deciding/requests.ts';
import { evolve } from '../domain/evolve.ts';
import type { Cause, Fact } from '../domain/fact.ts';
import { holdsOf } from '../domain/holds.ts';
import type { Hold } from '../domain/hold.ts';
import type { AccountRecord } from '../domain/record.ts';
import { joinings } from '../domain/refresh.ts';
import type { SecretBytes } from '../domain/secret.ts';
import { isOwing, NOTHING_SEEN, storesOf } from '../domain/situation.ts';
import type { Observation, Situation } from '../domain/situation.ts';
import type { TargetId } from '../domain/target.ts';
import { wakeOf } from '../domain/wake.ts';
import type { Wake } from '../domain/wake.ts';
import type { Claim, Request, StepRow } from '../ports/journal.ts';
import type { Conditions } from './conditions.ts';
import { mintEndIn, tellFrozen } from './freezing.ts';
import type { Connections, EngineParts } from './parts.ts';
import { consumerLagIn, measureFact } from './measuring.ts';
import { rotationRow } from './rotation-row.ts';
import type { WallClock } from './wall-clock.ts';

/** Our own decisions, as opposed to a person's. */
const OWN_CAUSE: Cause = { actor: 'rekeyd' };

/** Kept free of the claim's lease beyond all time limits, in ms. */
export const LEASE_MARGIN_MS = 5_000;

/** Another holder has the account now: whatever was being done for it must end without another effect. */
export class StaleClaimError extends Error {
  override readonly name = 'StaleClaimError';
}

/** What a target held when it was read, to be kept or compared when it is written. */
export interface TargetRead {
  readonly bytes?: SecretBytes;
  readonly version?: string;
}

/**
 * The holds that accounts share, as the journal answered last, to whichever session of this process: a mint that waits for its
 * turn at the provider must not be sent when others have met meanwhile what stops it.
 */
export interface LatestShared {
  holds: readonly Hold[];
}

export interface Session {
  readonly parts: EngineParts;
  /** Those that were open when it was claimed, which its policy was made for: a reload may give their names to others meanwhile. */
  readonly connections: Connections;
  readonly conditions: Conditions;
  readonly claim: Claim;
  record: AccountRecord;
  seen: Observation;
  requests: readonly Request[];
  readonly shared: LatestShared;
  policyChanged: boolean;
  leaseUntil: number;
  readonly wallClock: WallClock;
  /** Credentials whose value is in memory. */
  readonly values: Map<Fingerprint, Credential>;
  readonly reads: Map<TargetId, TargetRead>;
  /** Steps since the last commit. */
  steps: StepRow[];
  /** What others were told last that name the same consumers, as text. */
  told?: string;
  /** Aborted when a stop begins: for work that may be given up, because nothing was minted. */
  readonly stopSignal: AbortSignal;
  /** Aborted at the end of the grace, or when the claim is lost: for work that should be carried through. */
  readonly endSignal: AbortSignal;
}

export function openSession(options: {
  readonly parts: EngineParts;
  readonly connections: Connections;
  readonly conditions: Conditions;
  readonly shared: LatestShared;
  readonly claim: Claim;
  readonly values: Map<Fingerprint, Credential>;
  readonly wallClock: WallClock;
  readonly stopSignal: AbortSignal;
  readonly endSignal: AbortSignal;
}): Session {
  const { claim, shared } = options;
  shared.holds = claim.shared.holds;
  return {
    ...options,
    record: claim.record,
    seen: NOTHING_SEEN,
    requests: claim.requests,
    policyChanged: claim.policyChanged,
    leaseUntil: claim.leaseUntil,
    reads: new Map(),
    steps: [],
  };
}

export function situationOf(session: Session): Situation {
  const { parts, claim, record, conditions } = session;
  const { clock, random, settings } = parts;
  const { provider } = claim.policy;
  const shortUntil = conditions.shortUntil(provider);
  const providerAheadMs = parts.clocks.ahead(`provider ${provider}`);
  const proofMaxAgeMs: Record<string, number> = {};
  for (const store of storesOf({ policy: claim.policy, record })) {
    proofMaxAgeMs[store] = session.connections.store(store)?.abilities.proofMaxAgeMs ?? 0;
  }
  return {
    now: clock.now(),
    dice: random.fraction(),
    runningSince: session.wallClock.runningSince(),
    clockSteadySince: session.wallClock.steadySince(),
    parkAfter: settings.parkAfter,
    stopping: session.stopSignal.aborted,
    record,
    policy: claim.policy,
    configured: claim.configured,
    policyChanged: session.policyChanged,
    requests: session.requests,
    sharedHolds: conditions.inForce(session.shared.holds, provider),
    seen: session.seen,
    inHand: new Set(session.values.keys()),
    proofMaxAgeMs,
    ...(claim.dueWhy === undefined ? {} : { dueWhy: claim.dueWhy }),
    ...(shortUntil === undefined ? {} : { callsShortUntil: shortUntil }),
    ...(conditions.isTimeUnknown() ? { timeUnknown: true as const } : {}),
    ...(providerAheadMs === undefined ? {} : { providerAheadMs }),
  };
}

/** The signal for the next call: once something was minted, or may have been, work goes on through a stop. */
export function signalOf(session: Session): AbortSignal {
  return hasBegun(session) ? session.endSignal : session.stopSignal;
}

/** Whether something was minted, or may have been, that is not where it should be. */
export function hasBegun({ record, claim: { policy } }: Session): boolean {
  const { intent, minted } = record.rotation ?? {};
  return intent !== undefined || minted !== undefined || isOwing({ policy, record });
}

/**
 * Folds the facts in at once and commits them; resolves when they are durable. Commits of one session are applied in the order
 * of these calls. Rejects with `StaleClaimError` where another holder has the account.
 */
export async function commit(
  session: Session,
  newFacts: readonly NewFact[],
  options: {
    readonly answers?: readonly Answer[];
    readonly cause?: Cause;
    readonly release?: Wake | 'nothing-due';
  } = {},
): Promise<void> {
  const { parts, claim } = session;
  const before = session.record;
  const facts = newFacts.map((fact) => stamp(session, fact, options.cause));
  session.record = facts.reduce(evolve, before);
  const policyNoted = isPolicyNoted(before, facts);
  if (policyNoted) session.policyChanged = false;
  const answers = answersOf(session.record, newFacts, options.answers ?? []);
  const answered = new Set(options.answers?.map(({ id }) => id));
  session.requests = session.requests.filter(({ id }) => !answered.has(id));
  const steps = session.steps;
  session.steps = [];
  const rotation = rotationRow({
    account: claim.id,
    name: claim.policy.name,
    before,
    after: session.record,
    facts,
  });
  const limit = session.connections.provider(claim.policy.provider)?.freeze;
  const mintEnd = limit && mintEndIn({ before, facts, policy: claim.policy, limit });
  const situation = situationOf(session);
  const told = joinings(situation);
  const text = JSON.stringify(told);
  const consumerLag = consumerLagIn(facts);
  const wake = options.release === 'nothing-due' ? undefined : (options.release ?? wakeOf(situation));
  const outcome = await parts.journal.commit({
    account: claim.id,
    fence: claim.fence,
    version: before.version,
    facts,
    record: session.record,
    holds: holdsOf({ ...situation, sharedHolds: [] }),
    release: options.release !== undefined,
    ...(policyNoted ? { policyNoted } : {}),
    ...(wake === undefined ? {} : { dueAt: wake.at, dueWhy: wake.why }),
    ...(rotation === undefined ? {} : { rotation }),
    ...(steps.length === 0 ? {} : { steps }),
    ...(answers.length === 0 ? {} : { requests: answers }),
    ...(mintEnd === undefined ? {} : { mintEnd }),
    ...(told.length === 0 || text === session.told ? {} : { joinings: told }),
    ...(consumerLag === undefined ? {} : { consumerLag }),
  });
  if (outcome.outcome === 'stale') {
    throw new StaleClaimError(`the claim of ${claim.policy.name} is stale: another holder has it`);
  }
  session.shared.holds = outcome.shared.holds;
  session.told = text;
  const subject = {
    account: claim.policy.name,
    provider: claim.policy.provider,
    strategy: claim.policy.strategy,
  };
  for (const fact of facts) {
    parts.telemetry.fact(subject, fact);
    measureFact(session, fact, before);
  }
  if (outcome.frozen !== undefined) tellFrozen(parts.telemetry, outcome.frozen);
}

/**
 * What is against sending, at this very moment, a request whose effect may take `timeLimitMs`; `undefined`: nothing. Whoever takes
 * the account over may act as soon as the claim has run out.
 */
export function obstacleToSending(
  { leaseUntil }: Session,
  { stopping, now }: Situation,
  timeLimitMs: number,
): string | undefined {
  if (stopping) return 'the daemon is stopping';
  return leaseUntil <= now + timeLimitMs ? 'the claim runs out' : undefined;
}

/** Makes sure that the claim outlasts the next `ms`, by renewing it where it would not. */
export async function ensureLease(session: Session, ms: number): Promise<void> {
  const { clock, journal, settings } = session.parts;
  if (session.leaseUntil > clock.now() + ms) return;
  const leaseUntil = clock.now() + Math.max(settings.leaseMs, 2 * ms);
  const claim = { account: session.claim.id, fence: session.claim.fence };
  const held = await journal.renew({ claims: [claim], leaseUntil });
  if (!held.includes(session.claim.id))
    throw new StaleClaimError(`the claim of ${session.claim.policy.name} ran out`);
  session.leaseUntil = leaseUntil;
}

/** Requests that became part of a rotation get its id as their answer. */
function answersOf(record: AccountRecord, facts: readonly NewFact[], answers: readonly Answer[]) {
  const { rotation } = record;
  const joined = facts.some(({ kind }) => kind === 'rotation-opened' || kind === 'rotation-joined');
  if (!joined || rotation === undefined) return answers;
  const own = answers.filter(({ id }) => !rotation.requests.includes(id));
  return [...own, ...rotation.requests.map((id) => ({ id, state: 'taken' as const, rotation: rotation.id }))];
}

function stamp(session: Session, fact: NewFact, cause: Cause | undefined): Fact {
  const { clock, random } = session.parts;
  const now = clock.now();
  const id = random.id(now);
  const opening = fact.kind === 'rotation-opened';
  const rotation = opening ? random.id(now) : rotationOf(session.record, fact);
  const forPeople = opening
    ? fact.trigger === 'manual'
    : fact.kind === 'rotation-joined' && fact.requests.length > 0;
  const waiting = forPeople ? session.record.waiting?.cause : undefined;
  return {
    ...fact,
    id,
    at: now,
    cause: cause ?? waiting ?? OWN_CAUSE,
    ...(rotation === undefined ? {} : { rotation }),
  };
}

/**
 * What is done about an old credential belongs to the rotation that replaced it, what consumers do to the one that brought what they
 * take up, and all else to the one that is open.
 */
function rotationOf({ rotation, old = [], targets }: AccountRecord, fact: NewFact): string | undefined {
  if ('consumer' in fact) return targets[fact.target]?.refresh?.rotation;
  if (!('reference' in fact)) return rotation?.id;
  return old.find(({ reference }) => reference === fact.reference)?.rotation ?? rotation?.id;
}

/** On whose behalf a decision is noted. */
export function causeOf(session: Session, decision: Extract<Decision, { do: 'note' }>): Cause | undefined {
  const [answer] = decision.answers ?? [];
  return session.requests.find(({ id }) => id === answer?.id)?.cause;
}
