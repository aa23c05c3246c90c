/**
 * Writes a credential to a target: the only caller of a store's `write`. Tries a few times quickly, then leaves it to the slow,
 * durable retries.
 */
import type { Credential, Fingerprint } from '../../domain/credential.ts';
import { fingerprintOf } from '../../domain/credential.ts';
import { targetFailure } from '../../domain/deciding/failing.ts';
import { FAILURES } from '../../domain/failure.ts';
import type { Failure } from '../../domain/failure.ts';
import { backOffMs } from '../../domain/limits.ts';
import type { Target } from '../../domain/target.ts';
import type { WriteMark, Written } from '../../ports/store.ts';
import { allEnded } from '../all-ended.ts';
import { detailsFor } from '../details-for.ts';
import { othersFirst } from '../others-first.ts';
import { recordStep } from '../measuring.ts';
import { commit, ensureLease, situationOf } from '../session.ts';
import type { Session } from '../session.ts';
import type { SharedHolds } from '../shared-holds.ts';
import { storeOf } from '../store-of.ts';
import { writeToken } from '../write-token.ts';
import { readTarget } from './observe.ts';

/** Quick tries of one delivery, and the waits between them. */
const TRIES_MAX = 4;
const WAIT_FIRST_MS = 100;
const WAIT_MAX_MS = 2_000;

/** Of those who write one document at once, one gets through each time: with so many, all soon do. */
const CONFLICTS_MAX = 12;
const CONFLICT_WAIT_MAX_MS = 400;

interface Delivery {
  readonly session: Session;
  readonly target: Target;
  readonly credential: Credential;
  readonly fingerprint: Fingerprint;
  readonly sharedHolds: SharedHolds;
  /** Settled when the record knows of the mint: a delivery is noted after it. */
  readonly noted?: Promise<void>;
}

/** Starts all deliveries, required targets first, none waiting for another; resolves when each has ended. */
export async function deliver(
  session: Session,
  credential: Credential,
  targets: readonly Target[],
  how: Pick<Delivery, 'sharedHolds' | 'noted'>,
): Promise<void> {
  const fingerprint = fingerprintOf(credential);
  const ordered = targets.toSorted((one, other) => Number(other.required) - Number(one.required));
  const deliveries = ordered.map((target) => deliverTo({ session, target, credential, fingerprint, ...how }));
  await allEnded(deliveries);
}

async function deliverTo(delivery: Delivery): Promise<void> {
  const { session, target, fingerprint, sharedHolds, noted } = delivery;
  const { clock } = session.parts;
  const startedAt = clock.now();
  const from = clock.elapsed();
  const { outcome, attempts } = await writeQuickly(delivery);
  const acknowledgedAt = clock.now();
  const tookMs = clock.elapsed() - from;
  // Others' acknowledgements are taken before this one is recorded.
  await Promise.all([noted, othersFirst()]);
  // Whatever was read before is out of date now, also after a write that nobody acknowledged.
  forgetRead(session, target);
  const took = {
    startedAt,
    tookMs,
    target: target.id,
    store: target.store,
    attempts,
  };
  if ('version' in outcome) {
    forgetAccount(session);
    recordStep(session, { step: 'deliver', ...took, outcome: 'ok' });
    const identity = session.seen.preflights[target.id]?.identity;
    const { version } = outcome;
    const body = { target: target.id, fingerprint, version, acknowledgedAt, ...(identity && { identity }) };
    await allEnded([
      commit(session, [{ kind: 'target-written', ...body }]),
      sharedHolds.storeWrote(target.store),
    ]);
    return;
  }
  recordStep(session, { step: 'deliver', ...took, outcome: outcome.kind });
  if (FAILURES[outcome.kind].whose === 'store' || FAILURES[outcome.kind].whose === 'service') {
    await sharedHolds.storeFailed(target.store, outcome);
  }
  await commit(session, [targetFailure(situationOf(session), target.id, outcome)]);
}

type Outcome = { readonly version: string } | (Failure & { readonly isConflict?: true });

async function writeQuickly(delivery: Delivery): Promise<{ outcome: Outcome; attempts: number }> {
  const { session, target } = delivery;
  const { clock, random, telemetry } = session.parts;
  for (let attempts = 1; ; attempts++) {
    const outcome = await writeOnce(delivery);
    if ('version' in outcome) return { outcome, attempts };
    const where = {
      account: session.claim.policy.name,
      step: 'deliver',
      target: target.id,
      attempt: attempts,
    };
    telemetry.failure(where, outcome);
    const [triesMax, waitMaxMs] =
      outcome.isConflict === true ? [CONFLICTS_MAX, CONFLICT_WAIT_MAX_MS] : [TRIES_MAX, WAIT_MAX_MS];
    if (attempts >= triesMax || !isWorthRepeating(outcome)) return { outcome, attempts };
    await clock.sleep(backOffMs(attempts, WAIT_FIRST_MS, waitMaxMs, random.fraction()), {
      signal: session.endSignal,
    });
  }
}

function isWorthRepeating({ kind, retryAfterMs }: Failure): boolean {
  return kind !== 'credential-refused' && (kind !== 'rate-limited' || (retryAfterMs ?? 0) <= WAIT_MAX_MS);
}

async function writeOnce(delivery: Delivery): Promise<Outcome> {
  const { session, target, credential, fingerprint } = delivery;
  const found = storeOf(session.connections, target);
  if (!found.ok) return found.failure;
  const store = found.value;
  const format = session.parts.formatOf(target);
  const provider = session.connections.provider(session.claim.policy.provider);
  let read = session.reads.get(target.id);
  if (read === undefined) {
    const seen = await readTarget(session, target);
    if (seen.holds.kind === 'unreadable') return seen.holds.failure;
    read = session.reads.get(target.id) ?? {};
  }
  const encoded = format.encode(
    credential,
    read.bytes,
    detailsFor({ policy: session.claim.policy, provider, live: session.record.live }, credential),
  );
  if (!encoded.ok) return encoded.failure;
  // A store without compare-and-set cannot refuse a holder whose claim has run out.
  await ensureLease(session, store.abilities.timeLimitMs);
  const result = await store.write({ address: target.address, options: target.options }, encoded.value, {
    signal: session.endSignal,
    writeToken: writeToken(session.claim.policy, target, fingerprint, read.version),
    mark: markOf(session, fingerprint),
    ...(format.keepsPrevious ? { ifVersion: read.version ?? 'absent' } : {}),
  });
  return result.ok ? written(session, target, result.value) : result.failure;
}

function markOf({ claim, record }: Session, fingerprint: Fingerprint): WriteMark {
  const slot = record.rotation?.slot;
  return { account: claim.policy.name, fingerprint, ...(slot !== undefined && { slot }) };
}

function written(session: Session, target: Target, value: Written): Outcome {
  if (value.outcome === 'written') return { version: value.version };
  session.reads.delete(target.id);
  const message = `somebody else wrote ${target.id} at the same moment; it is read again and written again`;
  return { kind: 'target-refused', message, isConflict: true };
}

/** A clock that was put back since would make what was seen of the account before seem newer than this. */
function forgetAccount(session: Session): void {
  const { account: _, ...seen } = session.seen;
  session.seen = seen;
}

function forgetRead(session: Session, target: Target): void {
  session.reads.delete(target.id);
  const { [target.id]: _, ...targets } = session.seen.targets;
  session.seen = { ...session.seen, targets };
}
