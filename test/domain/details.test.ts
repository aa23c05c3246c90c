import { describe, expect, it } from 'vitest';
import { detailsOf } from '../../src/domain/details.ts';
import { account } from '../builders/account.ts';

describe('the details of a credential', () => {
  it('are what the policy, the provider and the credential say', () => {
    const policy = account({ organisation: 'org-1' });
    const sources = {
      tokenEndpoint: 'https://api.example/token',
      issuedAt: Date.parse('2027-01-01T04:00:00Z'),
      expiresAt: Date.parse('2027-01-31T04:00:00.5Z'),
    };
    expect(detailsOf(policy, sources)).toEqual({
      account: 'billing',
      accountId: 'a1',
      organisation: 'org-1',
      origin: 'https://api.kronup.com',
      tokenEndpoint: 'https://api.example/token',
      issuedAt: '2027-01-01T04:00:00Z',
      expiresAt: '2027-01-31T04:00:00.500Z',
    });
  });

  it('are left out where they are not known', () => {
    expect(detailsOf(account(), {})).toStrictEqual({
      account: 'billing',
      accountId: 'a1',
      origin: 'https://api.kronup.com',
    });
  });

  it('say which one of a pair it is where that is known', () => {
    const pair = account({ accountIds: ['a1', 'a2'] });
    expect(detailsOf(pair, {})).not.toHaveProperty('accountId');
    expect(detailsOf(pair, { accountId: 'a2' })).toMatchObject({ accountId: 'a2' });
  });
});
