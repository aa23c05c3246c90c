/** What a refused credential needs before anything follows: other accounts tried, and a place within the provider's limit. */
import type { Others } from '../others.ts';
import { signalOf } from '../session.ts';
import type { Session } from '../session.ts';

export async function tryOthers(session: Session, others: Others): Promise<void> {
  const { policy } = session.claim;
  const provider = session.connections.provider(policy.provider);
  const tried =
    provider === undefined
      ? { at: session.parts.clock.now(), accepted: 0, refused: 0, unknown: 1 }
      : await others.tryOut(provider, { except: policy.name, signal: signalOf(session) });
  session.seen = { ...session.seen, others: tried };
}

export async function grant(session: Session): Promise<void> {
  const { clock, journal } = session.parts;
  const { id: account, policy } = session.claim;
  const granted = await journal.grantRefused({ provider: policy.provider, account, now: clock.now() });
  session.seen = { ...session.seen, grant: granted };
}
