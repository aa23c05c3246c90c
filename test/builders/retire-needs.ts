/** An old credential that may be retired now, unless a test changes something. */
import type { AccountRecord, KnownCredential } from '../../src/domain/record.ts';
import type { Retirable } from '../../src/domain/retire-needs.ts';
import type { AccountSeen, CredentialSeen, Situation } from '../../src/domain/situation.ts';
import { account } from './account.ts';
import { LIVE_THERE, NOW, record, situation, TARGET } from './situation.ts';

const HOUR_MS = 3_600_000;

export const LIVE: KnownCredential = {
  fingerprint: 'live',
  ownMint: true,
  proved: true,
  reference: 'r-live',
};

export const OLD: Retirable = {
  why: 'replaced',
  since: NOW - 3 * HOUR_MS,
  graceFrom: NOW - 3 * HOUR_MS,
  fingerprint: 'old',
  reference: 'r-old',
};

export const POLICY = account({
  strategy: 'overlap',
  targets: [TARGET],
  graceMs: 2 * HOUR_MS,
  retireHardLimitMs: 24 * HOUR_MS,
});

export function listed(name: string, more: Partial<CredentialSeen> = {}): CredentialSeen {
  return { reference: `r-${name}`, name, createdAt: NOW - 30 * HOUR_MS, ...more };
}

export const ACCOUNT: AccountSeen = {
  requestedAt: NOW,
  state: 'open',
  certain: true,
  credentials: [listed('old'), listed('live')],
};

export function known(
  changes: Partial<AccountRecord> = {},
  seen: Partial<Situation['seen']> = {},
  more: Partial<Situation> = {},
): Situation {
  return situation({
    policy: POLICY,
    dice: 1,
    record: record({ live: LIVE, ...changes }),
    seen: {
      account: ACCOUNT,
      manager: { clientId: 'c-manager' },
      targets: { [TARGET.id]: LIVE_THERE },
      preflights: {},
      tried: {},
      ...seen,
    },
    ...more,
  });
}

export function waits(need: string, tryAt = NOW + 60_000): object {
  return { need, by: 'waiting', tryAt };
}
