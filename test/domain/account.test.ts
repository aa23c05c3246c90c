import { describe, expect, it } from 'vitest';
import { accountKeys } from '../../src/domain/account.ts';
import { account } from '../builders/account.ts';

describe('an account', () => {
  it('is found by each of its ids at its provider, whatever its name', () => {
    const at = { origin: 'https://api.kronup.com', organisation: 'org-1' };
    const pair = account({ ...at, accountIds: ['blue', 'green'] });
    expect(accountKeys(pair)).toEqual([
      { ...at, accountId: 'blue' },
      { ...at, accountId: 'green' },
    ]);
    expect(accountKeys(account({ ...at, accountIds: ['a1'] }))).toEqual([{ ...at, accountId: 'a1' }]);
  });
});
