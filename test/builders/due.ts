/** What is due of an account by a schedule, an age or an expiry. */
import type { Account, Schedule, Window } from '../../src/domain/account.ts';
import { dueNow } from '../../src/domain/due.ts';
import type { Due } from '../../src/domain/due.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import { account } from './account.ts';
import { NOW, record, TARGET } from './situation.ts';

export const HOURLY: Schedule = { pattern: '0 * * * *', zone: 'UTC' };

export const FLEET = Array.from({ length: 200 }, (_, index) => `fleet-${index}`);

/** A time on the day of `NOW`, which is 12:00. */
export function at(time: string): number {
  return Date.parse(`2026-01-05T${time.length === 5 ? `${time}:00` : time}Z`);
}

export function policyOf(changes: Partial<Account> = {}): Account {
  return account({ targets: [TARGET], ...changes });
}

export function window(pattern: string, durationMs: number): Window {
  return { opens: { pattern, zone: 'UTC' }, durationMs };
}

/** What is due now of a converged account that was adopted the day before. */
export function due(
  policy: Partial<Account>,
  known: Partial<AccountRecord> = {},
  now = NOW,
): Due | undefined {
  return dueNow({ policy: policyOf(policy), record: record(known), now });
}

export function live(expiresAt: number): NonNullable<AccountRecord['live']> {
  return { fingerprint: 'live', ownMint: true, proved: true, expiresAt };
}
