/** Finds out whether a delivery would succeed, by a real write where the last one is too old. Touches no value. */
import type { Failure } from '../../domain/failure.ts';
import { needsRealWrite } from '../../domain/needs.ts';
import type { Preflight } from '../../domain/situation.ts';
import type { Target } from '../../domain/target.ts';
import { allEnded } from '../all-ended.ts';
import { detailsFor } from '../details-for.ts';
import { recordStep } from '../measuring.ts';
import { sampleBytes, sampleFor, sizeWithCredential } from '../sample.ts';
import { commit, signalOf, situationOf } from '../session.ts';
import type { Session } from '../session.ts';
import type { SharedHolds } from '../shared-holds.ts';
import { storeOf } from '../store-of.ts';

export async function preflight(
  session: Session,
  targets: readonly Target[],
  sharedHolds: SharedHolds,
): Promise<void> {
  await allEnded(targets.map((target) => preflightOne(session, target, sharedHolds)));
}

async function preflightOne(session: Session, target: Target, sharedHolds: SharedHolds): Promise<void> {
  const { clock } = session.parts;
  const startedAt = clock.now();
  const from = clock.elapsed();
  const { seen, wrote } = await ask(session, target, startedAt);
  session.seen = { ...session.seen, preflights: { ...session.seen.preflights, [target.id]: seen } };
  const outcome = seen.failure?.kind ?? 'ok';
  const took = { startedAt, tookMs: clock.elapsed() - from, outcome, target: target.id, store: target.store };
  recordStep(session, { step: 'preflight', ...took });
  if (!wrote || seen.identity === undefined) return;
  await sharedHolds.storeWrote(target.store);
  await commit(session, [{ kind: 'write-proved', target: target.id, identity: seen.identity }]);
}

async function ask(
  session: Session,
  target: Target,
  at: number,
): Promise<{ seen: Preflight; wrote: boolean }> {
  const store = storeOf(session.connections, target);
  if (!store.ok) return { seen: { at, failure: store.failure }, wrote: false };
  const unfit = encodingFailure(session, target);
  if (unfit !== undefined) return { seen: { at, failure: unfit }, wrote: false };
  const previous = session.reads.get(target.id)?.bytes;
  const { policy } = session.claim;
  const provider = session.connections.provider(policy.provider);
  const like = sampleBytes(session.parts.formatOf(target), previous, { policy, provider });
  const realWrite = needsRealWrite(situationOf(session), target);
  const place = { address: target.address, options: target.options };
  const result = await store.value.preflight(place, {
    signal: signalOf(session),
    size: sizeWithCredential(like),
    realWrite,
    ...(like && { like }),
  });
  if (!result.ok) return { seen: { at, failure: result.failure }, wrote: false };
  return { seen: { at, identity: result.value.identity }, wrote: result.value.wrote };
}

/** What was read must be able to take a credential: better known before the mint than after it. */
function encodingFailure(session: Session, target: Target): Failure | undefined {
  const format = session.parts.formatOf(target);
  const [inHand = sampleFor(format)] = session.values.values();
  const previous = session.reads.get(target.id)?.bytes;
  const { policy } = session.claim;
  const provider = session.connections.provider(policy.provider);
  const encoded = format.encode(
    inHand,
    previous,
    detailsFor({ policy, provider, live: session.record.live }, inHand),
  );
  return encoded.ok ? undefined : encoded.failure;
}
