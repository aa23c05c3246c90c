import { describe, expect, it } from 'vitest';
import { fact, folded } from '../../builders/fact.ts';
import { NOW, record } from '../../builders/situation.ts';

it('what the list calls the live credential is found, and what else is known of it stays', () => {
  const live = { fingerprint: 'live', ownMint: false, proved: true, clientId: 'c' };
  const after = folded(record({ live }), fact('live-located', { fingerprint: 'live', reference: 'r' }));
  expect(after.live).toStrictEqual({ ...live, reference: 'r' });
});

describe('the account of a pair', () => {
  it('that the live credential is of is found', () => {
    const located = { fingerprint: 'live', accountId: 'a' };
    expect(folded(record(), fact('live-located', located)).live).toMatchObject({ accountId: 'a' });
    const other = folded(record(), fact('live-located', { ...located, fingerprint: 'other' }));
    expect(other.live).not.toHaveProperty('accountId');
  });

  it('that is the standby is named by a person', () => {
    const after = folded(record(), fact('standby-named', { accountId: 'b' }));
    expect(after.standby).toEqual({ accountId: 'b', since: NOW });
  });

  it('that has another role than the other one is known until both have the same', () => {
    const roles = { a: 'admin', b: 'member' };
    const differ = folded(record(), fact('pair-roles-differ', { roles }));
    expect(differ.rolesDiffer).toEqual({ since: NOW, roles });
    const same = { a: 'member', b: 'member' };
    const agree = folded(differ, fact('pair-roles-agree', { roles: same }));
    expect(agree).not.toHaveProperty('rolesDiffer');
  });
});
