/** Uses a credential and notes whose it is. Not the account's work: only what the provider says of the credential. */
import type { Fingerprint } from '../../domain/credential.ts';
import type { AccountRecord } from '../../domain/record.ts';
import type { Tried } from '../../domain/situation.ts';
import { recordStep } from '../measuring.ts';
import { signalOf } from '../session.ts';
import type { Session } from '../session.ts';

export async function prove(session: Session, fingerprint: Fingerprint): Promise<void> {
  const { clock } = session.parts;
  const startedAt = clock.now();
  const from = clock.elapsed();
  const outcome = await tryOut(session, fingerprint);
  session.seen = {
    ...session.seen,
    tried: { ...session.seen.tried, [fingerprint]: { at: startedAt, outcome } },
  };
  recordStep(session, { step: 'prove', startedAt, tookMs: clock.elapsed() - from, outcome: outcome.kind });
}

async function tryOut(session: Session, fingerprint: Fingerprint): Promise<Tried['outcome']> {
  const { policy } = session.claim;
  const provider = session.connections.provider(policy.provider);
  const credential = session.values.get(fingerprint);
  if (provider === undefined || credential === undefined) {
    const message = `a credential of ${policy.name} cannot be tried: its value or its provider is gone`;
    return { kind: 'unknown', failure: { kind: 'not-connected', message } };
  }
  const reference = referenceOf(session.record, fingerprint);
  const result = await provider.prove(credential, {
    account: provider.refOf(policy),
    ...(reference === undefined ? {} : { reference }),
    signal: signalOf(session),
  });
  if (result.ok) return { kind: 'accepted', accountId: result.value.accountId };
  const { kind, revoked, id } = result.failure;
  if (kind === 'credential-refused') {
    return { kind: 'refused', ...(revoked && { revoked }), ...(id !== undefined && { id }) };
  }
  return { kind: 'unknown', failure: result.failure };
}

/** What the provider knows it by, where the record says that. */
function referenceOf({ live, rotation, old = [] }: AccountRecord, fingerprint: Fingerprint) {
  return [live, rotation?.minted, ...old].find((one) => one?.fingerprint === fingerprint)?.reference;
}
