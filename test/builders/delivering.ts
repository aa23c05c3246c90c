/** What is live beside one target that holds something else, or cannot be read: what is decided of it. */
import type { AccountRecord, TargetRecord } from '../../src/domain/record.ts';
import type { Situation, TargetSeen } from '../../src/domain/situation.ts';
import { ALL_SEEN, NOW, TARGET, record, situation } from './situation.ts';
import { NOTHING, UNTOUCHED } from './targets.ts';

export const CONFIRMED: TargetRecord = {
  ...UNTOUCHED,
  confirmed: { fingerprint: 'live', version: '1', at: NOW - 1 },
};

export const OURS: TargetRecord = {
  ...UNTOUCHED,
  confirmed: { fingerprint: 'older', version: '1', at: NOW - 1 },
};

export const FOUND = { fingerprint: 'live', ownMint: false, proved: false };

export interface Given {
  readonly known?: TargetRecord;
  readonly record?: Partial<AccountRecord>;
  readonly read?: TargetSeen;
  readonly seen?: Partial<Situation['seen']>;
  readonly more?: Partial<Situation>;
}

/** An account whose one target is known like this, and was read as holding nothing; the live credential is in hand. */
export function given({
  known = OURS,
  record: changes = {},
  read = NOTHING,
  seen,
  more,
}: Given = {}): Situation {
  return situation({
    record: record({ targets: { [TARGET.id]: known }, ...changes }),
    seen: { ...ALL_SEEN, targets: { [TARGET.id]: read }, ...seen },
    inHand: new Set(['live']),
    ...more,
  });
}

export const NO_VALUE = { inHand: new Set<string>() };

export const LATER = { retryAt: NOW + 1 };
