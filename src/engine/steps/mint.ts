/**
 * Mints, and delivers what comes of it, as one effect: the only caller of a provider's `mint`. The intent is durable before the
 * request is sent; after the answer no write waits for a commit, nor for another write.
 */
import { fingerprintOf } from '../../domain/credential.ts';
import { retryAt } from '../../domain/deciding/failing.ts';
import type { NewFact } from '../../domain/decision.ts';
import { dueOf } from '../../domain/due.ts';
import { FAILURES } from '../../domain/failure.ts';
import type { Failure } from '../../domain/failure.ts';
import { mintHold } from '../../domain/holds.ts';
import { preImageOf } from '../../domain/live.ts';
import { unmetForMint } from '../../domain/needs.ts';
import { standbyOf } from '../../domain/pair.ts';
import type { AccountRecord, OpenRotation } from '../../domain/record.ts';
import { targetsOf } from '../../domain/situation.ts';
import type { AccountSeen, Situation } from '../../domain/situation.ts';
import { provesFirst } from '../../domain/strategy.ts';
import type { AccountRef, Minted, Provider } from '../../ports/provider.ts';
import { othersFirst } from '../others-first.ts';
import { recordStep } from '../measuring.ts';
import { commit, ensureLease, LEASE_MARGIN_MS, obstacleToSending, situationOf } from '../session.ts';
import type { Session } from '../session.ts';
import type { SharedHolds } from '../shared-holds.ts';
import { allEnded } from '../all-ended.ts';
import { deliver } from './deliver.ts';

export async function mint(session: Session, installation: string, sharedHolds: SharedHolds): Promise<void> {
  const { policy } = session.claim;
  const { rotation } = session.record;
  const provider = session.connections.provider(policy.provider);
  if (rotation === undefined || provider === undefined)
    throw new Error('a mint was decided without a rotation or provider');
  await ensureLease(session, provider.mintTimeLimitMs + 2 * storeTimeLimit(session) + LEASE_MARGIN_MS);
  const situation = situationOf(session);
  const preImage = preImageOf(situation);
  const attempt = rotation.attempts + 1;
  const name = `rekeyd/${installation}/${rotation.id}/${attempt}`;
  const accountId = accountToMintFor(situation);
  await commit(session, [
    {
      kind: 'mint-intended',
      attempt,
      targets: policy.targets,
      ...(preImage === undefined ? {} : { preImage }),
      ...(accountId === undefined ? {} : { accountId }),
      ...(provesFirst(policy.strategy) ? { name, provedFirst: true } : {}),
    },
  ]);
  // What is prepared after a request was sent lengthens its dark window.
  await othersFirst();
  const maySend = () => obstacleTo(session, rotation, provider.mintTimeLimitMs);
  const obstacle = maySend();
  if (obstacle !== undefined)
    return refused(session, { kind: 'not-connected', message: `not sent: ${obstacle}` });
  await send(session, provider, { name, maySend, sharedHolds });
}

/**
 * In place it is named as well: a single account may have become one of a pair before anybody knows what came of it. With overlap, what
 * was minted is found by its mark.
 */
function accountToMintFor({ policy, record }: Situation): string | undefined {
  if (policy.strategy === 'overlap') return undefined;
  if (policy.strategy === 'in-place') return policy.accountIds[0];
  const standby = standbyOf({ policy, record });
  if (standby === undefined)
    throw new Error('a mint was decided for a pair of which nobody knows the standby');
  return standby;
}

/** The same rows that decided for the mint, asked once more at the last moment. */
function obstacleTo(session: Session, rotation: OpenRotation, mintTimeLimitMs: number): string | undefined {
  const situation = situationOf(session);
  const obstacle = obstacleToSending(session, situation, mintTimeLimitMs);
  if (obstacle !== undefined) return obstacle;
  const hold = mintHold(situation, dueOf(rotation));
  if (hold !== undefined) return `held (${hold.kind}): ${hold.reason}`;
  const [unmet] = unmetForMint(situation);
  return unmet && `no longer known: ${unmet.need}`;
}

interface Sending {
  readonly name: string;
  readonly maySend: () => string | undefined;
  readonly sharedHolds: SharedHolds;
}

async function send(session: Session, provider: Provider, sending: Sending): Promise<void> {
  const { clock } = session.parts;
  const { policy } = session.claim;
  const { sharedHolds, ...named } = sending;
  const startedAt = clock.now();
  const from = clock.elapsed();
  let sentAt = startedAt;
  const onSent = (at: number) => {
    sentAt = at;
  };
  const result = await provider.mint(refOfIntent(session, provider), {
    ...named,
    signal: session.endSignal,
    onSent,
  });
  // Nothing that was seen of the account before is of any use after this, but for telling what is not new.
  const { account: before, accountFailure: _failure, ...seen } = session.seen;
  session.seen = { ...seen, tried: {} };
  const took = { step: 'mint', startedAt, tookMs: clock.elapsed() - from };
  if (result.ok) {
    await minted(session, provider, { minted: result.value, before, sharedHolds });
    recordStep(session, { ...took, outcome: 'ok' });
    return;
  }
  recordStep(session, { ...took, outcome: result.failure.kind });
  session.parts.telemetry.failure({ account: policy.name, step: 'mint' }, result.failure);
  if (result.failure.kind === 'credential-refused')
    await sharedHolds.managerRefused(provider.name, result.failure);
  if (FAILURES[result.failure.kind].effect === 'none') return refused(session, result.failure);
  const { kind: failure, message, declined: counts = false } = result.failure;
  await commit(session, [{ kind: 'mint-unknown', failure, message, sentAt, counts }]);
}

/** The account that the intent names, where it names one. */
function refOfIntent({ claim, record }: Session, provider: Provider): AccountRef {
  const ref = provider.refOf(claim.policy);
  return { ...ref, accountId: record.rotation?.intent?.accountId ?? ref.accountId };
}

async function refused(session: Session, failure: Failure): Promise<void> {
  const situation = situationOf(session);
  const body = {
    failure: failure.kind,
    message: failure.message,
    retryAt: retryAt(situation, failure, situation.record.retries + 1),
    counts: failure.kind === 'not-allowed',
  };
  await commit(session, [{ kind: 'mint-refused', ...body }]);
}

async function minted(
  session: Session,
  provider: Provider,
  {
    minted: answer,
    before,
    sharedHolds,
  }: {
    readonly minted: Minted;
    readonly before: AccountSeen | undefined;
    readonly sharedHolds: SharedHolds;
  },
): Promise<void> {
  const { credential, sentAt } = answer;
  const fingerprint = fingerprintOf(credential);
  const why = mismatch(session, answer, isKnown(session.record, before, answer));
  if (why !== undefined) return commit(session, [{ kind: 'account-mismatched', why, mintedAt: sentAt }]);
  session.values.set(fingerprint, credential);
  const fact = mintedFact(session, provider, answer);
  // Nothing is urgent while the old credential works: what was minted is durable before it is used.
  if (fact.provedFirst === true) return commit(session, [fact]);
  const noted = Promise.withResolvers<void>();
  const delivered = deliver(session, credential, targetsToWrite(session), {
    sharedHolds,
    noted: noted.promise,
  });
  const committed = othersFirst().then(() => {
    const durable = commit(session, [fact, ...reopened(session.record)]);
    noted.resolve();
    return durable;
  });
  await allEnded([committed, delivered]);
}

/** The answer to a mint in place shows that the account is open, whatever it was before. */
function reopened({ held }: AccountRecord): readonly NewFact[] {
  return held['closed'] === undefined ? [] : [{ kind: 'hold-lifted', hold: 'closed' }];
}

function mintedFact(
  { claim, record }: Session,
  provider: Provider,
  { credential, sentAt, reference }: Minted,
): Extract<NewFact, { readonly kind: 'credential-minted' }> {
  const { preImage, accountId, provedFirst } = record.rotation?.intent ?? {};
  return {
    kind: 'credential-minted',
    fingerprint: fingerprintOf(credential),
    sentAt,
    recovered: false,
    targets: claim.policy.targets,
    ...(preImage === undefined ? {} : { preImage }),
    ...(reference === undefined ? {} : { reference }),
    ...(credential.kind === 'client' ? { clientId: credential.clientId } : {}),
    ...(accountId === undefined || provedFirst === undefined ? {} : { accountId }),
    ...(provedFirst === undefined ? {} : { provedFirst }),
    ...provider.lifetimeOf(credential),
  };
}

/** All but those that hold something foreign which nobody has accepted. */
function targetsToWrite(session: Session) {
  const situation = situationOf(session);
  return targetsOf(situation).filter(
    (target) => session.record.targets[target.id]?.foreign === undefined || target.overwrite,
  );
}

/** Whether the account had this before: it is not what was minted, whatever the answer says. */
function isKnown(
  { live, superseded, old = [], rotation }: AccountRecord,
  before: AccountSeen | undefined,
  { credential, reference }: Minted,
): boolean {
  const known = [rotation?.intent?.preImage, live?.fingerprint, ...superseded];
  for (const one of old) known.push(one.fingerprint);
  if (known.includes(fingerprintOf(credential))) return true;
  const clientId = credential.kind === 'client' ? credential.clientId : undefined;
  const listed = before?.credentials ?? [];
  return listed.some((one) => one.reference === reference || (clientId && one.clientId === clientId));
}

/** What is wrong with the answer to a mint, if anything: such a credential is not delivered. */
function mismatch(session: Session, answer: Minted, isOld: boolean): string | undefined {
  const { policy } = session.claim;
  const accountId = session.record.rotation?.intent?.accountId ?? policy.accountIds[0];
  if (answer.accountId !== accountId) {
    return `the answer to the mint for ${accountId} names the account ${answer.accountId}`;
  }
  if (
    answer.organisation !== undefined &&
    policy.organisation !== '' &&
    answer.organisation !== policy.organisation
  ) {
    return `the answer to the mint names the organisation ${answer.organisation}, not ${policy.organisation}`;
  }
  return isOld ? 'the answer to the mint brings a credential that the account had before' : undefined;
}

function storeTimeLimit(session: Session): number {
  const limits = session.claim.policy.targets.map(
    ({ store }) => session.connections.store(store)?.abilities.timeLimitMs ?? 0,
  );
  return Math.max(...limits);
}
