/** A pair of the accounts blue and green, and what a mint for one of them needs. */
import type { AccountRecord } from '../../src/domain/record.ts';
import type { AccountSeen, MemberSeen, Situation, TargetSeen } from '../../src/domain/situation.ts';
import { account } from './account.ts';
import { ALL_SEEN, NOW, OPEN, record, situation, TARGET } from './situation.ts';

export const BLUE: MemberSeen = { accountId: 'blue', state: 'open', live: { fingerprint: 'live' } };
const GREEN: MemberSeen = { accountId: 'green', state: 'open', live: { fingerprint: 'green-1' } };
export const LIVE = { fingerprint: 'live', ownMint: true, proved: true, accountId: 'blue' };
const SEEN: AccountSeen = { requestedAt: NOW, state: 'open', certain: true, members: [BLUE, GREEN] };
export const PAIR = account({ strategy: 'pair', accountIds: ['blue', 'green'], targets: [TARGET] });

export interface Given {
  readonly holds?: TargetSeen['holds'];
  readonly known?: Partial<AccountRecord>;
  readonly account?: Partial<AccountSeen>;
  readonly tried?: Situation['seen']['tried'];
  readonly more?: Partial<Situation>;
}

/** A pair, of which blue's credential is live, that has everything it needs for a mint for green. */
export function ready({ holds, known, account: seen, tried = {}, more }: Given = {}): Situation {
  const read: TargetSeen = {
    requestedAt: NOW,
    holds: holds ?? { kind: 'credential', fingerprint: 'live' },
    version: '1',
  };
  return situation({
    policy: PAIR,
    record: record({ live: LIVE, rotation: OPEN, ...known }),
    seen: { ...ALL_SEEN, account: { ...SEEN, ...seen }, targets: { [TARGET.id]: read }, tried },
    ...more,
  });
}

export const held = (fingerprint: string): TargetSeen['holds'] => ({ kind: 'credential', fingerprint });
