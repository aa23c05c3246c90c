/** An account with overlap and an old credential, seen at its provider. */
import type { AccountRecord, KnownCredential } from '../../src/domain/record.ts';
import type { Retirable } from '../../src/domain/retire-needs.ts';
import type { AccountSeen, CredentialSeen, Situation } from '../../src/domain/situation.ts';
import { account } from './account.ts';
import { LIVE_THERE, NOW, record, situation, TARGET } from './situation.ts';

const HOUR_MS = 3_600_000;

export const INTENT = { attempt: 2, at: NOW, sentAt: NOW, targets: [], unknown: true, sightings: 0 };

export const LIVE: KnownCredential = {
  fingerprint: 'live',
  ownMint: true,
  proved: true,
  reference: 'ref-live',
  clientId: 'client-live',
};

export const OLD: Retirable = {
  why: 'replaced',
  since: NOW - 3 * HOUR_MS,
  graceFrom: NOW - 3 * HOUR_MS,
  fingerprint: 'old',
  reference: 'ref-old',
};

export const OVERLAP = account({
  strategy: 'overlap',
  targets: [TARGET],
  graceMs: 2 * HOUR_MS,
  retireHardLimitMs: 5 * HOUR_MS,
});

export interface Given {
  readonly record?: Partial<AccountRecord>;
  readonly credentials?: readonly CredentialSeen[];
  readonly account?: Partial<AccountSeen>;
  readonly seen?: Partial<Situation['seen']>;
  readonly more?: Partial<Situation>;
}

export function credential(name: string, more: Partial<CredentialSeen> = {}): CredentialSeen {
  return { reference: `ref-${name}`, name, createdAt: NOW - HOUR_MS, ...more };
}

export const BOTH = [credential('old'), credential('live')];

/** An account whose old credential may be retired now. */
export function given({
  record: known,
  credentials = BOTH,
  account: shown,
  seen,
  more,
}: Given = {}): Situation {
  return situation({
    policy: OVERLAP,
    record: record({ live: LIVE, old: [OLD], ...known }),
    seen: {
      account: { requestedAt: NOW, state: 'open', certain: true, credentials, ...shown },
      manager: { clientId: 'client-manager' },
      targets: { [TARGET.id]: LIVE_THERE },
      preflights: {},
      tried: {},
      ...seen,
    },
    ...more,
  });
}
