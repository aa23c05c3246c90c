/** What opens rotations or holds them back: an hourly schedule, a request by hand, holds that accounts share. */
import type { Account } from '../../src/domain/account.ts';
import type { Hold } from '../../src/domain/hold.ts';
import { NOW, TARGET } from './situation.ts';

export const ASKED = { requests: ['q1'], cause: { actor: 'socket:0' }, at: NOW - 5 };

export const HOURLY: Partial<Account> = {
  schedule: { pattern: '0 * * * *', zone: 'UTC' },
  targets: [TARGET],
};

export const STORE_DOWN: Hold = {
  kind: 'store-down',
  subject: 'files',
  since: NOW - 1,
  by: 'rekeyd',
  reason: 'x',
};

export const REFUSED: Hold = { ...STORE_DOWN, kind: 'manager-refused', subject: 'kronup' };
