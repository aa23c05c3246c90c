/** Accounts that something holds: what a test says of them, and the holds that follow. */
import type { Account, Window } from '../../src/domain/account.ts';
import type { Due } from '../../src/domain/due.ts';
import type { Trigger } from '../../src/domain/fact.ts';
import type { Hold, HoldKind } from '../../src/domain/hold.ts';
import { mintHold } from '../../src/domain/holds.ts';
import type { Known } from '../../src/domain/holds.ts';
import type { AccountRecord, TargetRecord } from '../../src/domain/record.ts';
import { account } from './account.ts';
import { NOW, OPEN, record, TARGET } from './situation.ts';

const HOUR_MS = 3_600_000;

export const SINCE = NOW - HOUR_MS;

export const BECAUSE = { since: SINCE, why: 'because' };

export const FOREIGN: TargetRecord = {
  failures: 0,
  accepted: false,
  foreign: { since: SINCE, fingerprint: 'x' },
};

export const CONTESTED: TargetRecord = {
  failures: 0,
  accepted: false,
  contested: { since: SINCE },
  overwritten: [SINCE - HOUR_MS, SINCE],
  drifted: { since: SINCE, fingerprint: 'x', lastWrite: { at: SINCE, by: 'external-secrets' } },
};

/** Open from 11:00 to 14:00; `NOW` is 12:00. */
export const FREEZE: Window = { opens: { pattern: '0 11 * * *', zone: 'UTC' }, durationMs: 3 * HOUR_MS };

export const UNASKED: readonly Trigger[] = ['schedule', 'max-age', 'expiry', 'refused', 'adopt'];

export interface Given {
  readonly policy?: Partial<Account>;
  readonly record?: Partial<AccountRecord>;
  readonly shared?: readonly Hold[];
}

/** An account with a rotation that is open and has not minted, so that holds bound to time are in force. */
export function known({ policy, record: changes, shared = [] }: Given = {}): Known {
  return {
    policy: account({ targets: [TARGET], ...policy }),
    record: record({ rotation: OPEN, ...changes }),
    now: NOW,
    sharedHolds: shared,
  };
}

export function due(trigger: Trigger): Due {
  return { trigger, dueAt: NOW };
}

export function shared(kind: HoldKind, subject: string): Hold {
  return { kind, subject, since: SINCE, by: 'rekeyd', reason: 'because' };
}

/** The hold that stops a mint with this trigger. */
export function stopping(trigger: Trigger, given: Given): HoldKind | undefined {
  return mintHold(known(given), due(trigger))?.kind;
}
