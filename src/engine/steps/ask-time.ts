/** Asks the provider what time it is, where no service has told: its answers carry a date. Changes nothing outside. */
import { signalOf } from '../session.ts';
import type { Session } from '../session.ts';

/** What it told is known to `Conditions`; that it could not be asked is in `session.seen`. */
export async function askTime(session: Session): Promise<void> {
  const { conditions, claim, parts } = session;
  const { timeFailure: _, ...seen } = session.seen;
  const asked = await conditions.askTime(claim.policy.provider, signalOf(session));
  if (asked.ok) session.seen = seen;
  else session.seen = { ...seen, timeFailure: { at: parts.clock.now(), failure: asked.failure } };
}
