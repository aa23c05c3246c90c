/** What operations answer with: rows as they are stored. Documents stay text; who asked parses them. */
import type { AccountTable, HoldTable, RequestTable, SharedHoldTable } from '../schema.ts';

/** The columns that an account's row is made from. */
export const ACCOUNT_COLUMNS = [
  'id',
  'name',
  'version',
  'policy',
  'record',
  'configured',
  'due_at',
  'due_why',
  'policy_version',
  'policy_decided',
] as const;

export type StoredAccount = Pick<AccountTable, (typeof ACCOUNT_COLUMNS)[number]>;

export interface AccountText extends StoredAccount {
  readonly holds: readonly HoldTable[];
}

export interface ClaimText extends AccountText {
  readonly fence: number;
  readonly leaseUntil: number;
  readonly requests: readonly RequestTable[];
}

export type SharedText = readonly SharedHoldTable[];
