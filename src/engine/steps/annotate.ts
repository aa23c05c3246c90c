/** Writes beside the account, where its provider has a place for it, when it was rotated. Best effort: no rotation fails by it. */
import type { Session } from '../session.ts';

/** `rotation`: the one that has just succeeded. */
export async function annotate(session: Session, rotation: string, installation: string): Promise<void> {
  const { parts, claim, stopSignal: signal } = session;
  const { policy } = claim;
  const provider = session.connections.provider(policy.provider);
  if (provider?.annotate === undefined || signal.aborted) return;
  const at = new Date(parts.clock.now()).toISOString();
  const line = `rotated at ${at} by ${installation}, rotation ${rotation}`;
  const result = await provider.annotate(provider.refOf(policy), { line, signal });
  if (!result.ok) {
    parts.telemetry.failure({ account: policy.name, rotation, step: 'annotate' }, result.failure);
  }
}
