/** A mint whose outcome is unknown, and what is decided of it. */
import type { Decision } from '../../src/domain/decision.ts';
import { resolveMint } from '../../src/domain/deciding/recovering.ts';
import type { Intent } from '../../src/domain/record.ts';
import type { AccountSeen, Situation } from '../../src/domain/situation.ts';
import { ALL_SEEN, NOW, OPEN, record, situation, TARGET } from './situation.ts';

/** When a mint was sent whose outcome is unknown, and when that counts as settled. */
export const SENT = NOW - 130_000;
export const SETTLED = SENT + 120_000;
export const UNKNOWN: Intent = {
  attempt: 2,
  at: SENT - 10,
  preImage: 'live',
  sentAt: SENT,
  targets: [TARGET],
  unknown: true,
  sightings: 0,
};

interface Given {
  readonly intent?: Partial<Intent>;
  /** What the look showed; `undefined`: there was none. */
  readonly account?: Partial<AccountSeen> | undefined;
  readonly seen?: Partial<Situation['seen']>;
  readonly more?: Partial<Situation>;
  readonly retryAt?: number;
}

/** An account whose mint has an unknown outcome, and that was looked at after everything had settled. */
export function resolved({ intent, account = {}, seen, more, retryAt }: Given = {}): Decision | undefined {
  const rotation = { ...OPEN, intent: { ...UNKNOWN, ...intent } };
  const look: AccountSeen = { requestedAt: SETTLED, state: 'open', certain: true, ...account };
  return resolveMint(
    situation({
      record: record({ rotation, ...(retryAt !== undefined && { retryAt }) }),
      seen: { ...ALL_SEEN, account: look, ...seen },
      ...more,
    }),
  );
}
