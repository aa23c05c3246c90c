/**
 * Ends an old credential: the only caller of a provider's `retire`. The intent is durable before the request is sent, and the rows
 * that decided for it are asked once more in the turn in which it is.
 */
import type { Account } from '../../domain/account.ts';
import { retireFailed, retireIntent } from '../../domain/deciding/retiring.ts';
import type { Result } from '../../domain/failure.ts';
import { isStillUsed, retirables, unmetForRetire } from '../../domain/retire-needs.ts';
import type { Retirable } from '../../domain/retire-needs.ts';
import type { Provider } from '../../ports/provider.ts';
import { recordStep } from '../measuring.ts';
import { commit, ensureLease, LEASE_MARGIN_MS, obstacleToSending, situationOf } from '../session.ts';
import type { Session } from '../session.ts';
import type { SharedHolds } from '../shared-holds.ts';

export async function retire(session: Session, reference: string, sharedHolds: SharedHolds): Promise<void> {
  const { policy } = session.claim;
  const { clock, telemetry } = session.parts;
  const provider = session.connections.provider(policy.provider);
  const situation = situationOf(session);
  const old = retirables(situation).find((one) => one.reference === reference);
  if (old === undefined || provider === undefined)
    throw new Error('a retirement was decided without an old credential, or of a provider that has none');
  await ensureLease(session, provider.mintTimeLimitMs + LEASE_MARGIN_MS);
  await commit(session, [retireIntent(situation, old, isStillUsed(situation, old))]);
  const startedAt = clock.now();
  const from = clock.elapsed();
  const maySend = () => obstacleTo(session, old, provider.mintTimeLimitMs);
  const result = await end(provider, policy, old, { signal: session.endSignal, maySend });
  // What was seen of the account before is of no use after this.
  const { account: _, accountFailure: _failure, ...seen } = session.seen;
  session.seen = seen;
  const took = { step: 'retire', startedAt, tookMs: clock.elapsed() - from };
  const rotation = old.rotation === undefined ? {} : { rotation: old.rotation };
  recordStep(session, { ...took, ...rotation, outcome: result.ok ? 'ok' : result.failure.kind });
  if (result.ok) {
    const { fingerprint } = old;
    const body = { reference, ...(fingerprint === undefined ? {} : { fingerprint }) };
    return commit(session, [{ kind: 'credential-retired', ...body }]);
  }
  telemetry.failure({ account: policy.name, step: 'retire' }, result.failure);
  if (result.failure.kind === 'credential-refused')
    await sharedHolds.managerRefused(provider.name, result.failure);
  await commit(session, [retireFailed(situationOf(session), old, result.failure)]);
}

/** Of a pair there is nothing to delete: a mint for its account ends what it had, and nobody is given what it brings. */
async function end(
  provider: Provider,
  policy: Account,
  { reference, accountId }: Retirable,
  options: { readonly signal: AbortSignal; readonly maySend: () => string | undefined },
): Promise<Result<unknown>> {
  const ref = provider.refOf(policy);
  if (accountId !== undefined) {
    return provider.mint({ ...ref, accountId }, { ...options, name: `rekeyd/ended/${accountId}` });
  }
  if (provider.retire === undefined) throw new Error(`${provider.name} cannot retire a credential by itself`);
  return provider.retire(ref, { ...options, reference });
}

function obstacleTo(session: Session, old: Retirable, timeLimitMs: number): string | undefined {
  const situation = situationOf(session);
  const obstacle = obstacleToSending(session, situation, timeLimitMs);
  if (obstacle !== undefined) return obstacle;
  const unmet = unmetForRetire(situation, old);
  return unmet && `not known to be right: ${unmet.need}`;
}
