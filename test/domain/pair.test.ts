import { describe, expect, it } from 'vitest';
import {
  isUndecided,
  liveAccountOf,
  memberOf,
  rolesDifferIn,
  standbyCredential,
  standbyOf,
} from '../../src/domain/pair.ts';
import type { AccountRecord, KnownCredential } from '../../src/domain/record.ts';
import type { AccountSeen } from '../../src/domain/situation.ts';
import { account } from '../builders/account.ts';
import { NOW, OPEN, record } from '../builders/situation.ts';

const PAIR = account({ strategy: 'pair', accountIds: ['blue', 'green'] });
const LIVE = { fingerprint: 'live', ownMint: true, proved: true };

function known(changes: Partial<AccountRecord>) {
  return { policy: PAIR, record: record(changes) };
}

const { live: _, ...nothingLive } = record();
const NOTHING_LIVE = { policy: PAIR, record: nothingLive };
const SEEN: AccountSeen = {
  requestedAt: NOW,
  state: 'open',
  certain: true,
  members: [
    { accountId: 'blue', state: 'open', live: { fingerprint: 'blue-1' } },
    { accountId: 'green', state: 'open' },
  ],
};

describe('a pair', () => {
  it.each<[string, { live: KnownCredential; standby?: string }, string | undefined]>([
    ['of the first, the second is', { live: { ...LIVE, accountId: 'blue' } }, 'green'],
    ['of the second, the first is', { live: { ...LIVE, accountId: 'green' } }, 'blue'],
    ['of neither, none is', { live: { ...LIVE, accountId: 'red' } }, undefined],
    ['of nobody knows which, none is', { live: LIVE }, undefined],
    ['of nobody knows which, the one that a person named is', { live: LIVE, standby: 'green' }, 'green'],
    [
      'of nobody knows which, one that a person named and that has left is not',
      { live: LIVE, standby: 'red' },
      undefined,
    ],
    [
      'of the first, a person who named it is not asked',
      { live: { ...LIVE, accountId: 'blue' }, standby: 'blue' },
      'green',
    ],
  ])('where the live credential is %s minted for next', (_name, { live, standby }, want) => {
    const named = standby === undefined ? {} : { standby: { accountId: standby, since: NOW } };
    expect(standbyOf(known({ live, ...named }))).toBe(want);
  });

  it('has the standby that a person named where nothing is live', () => {
    const named = { ...nothingLive, standby: { accountId: 'blue', since: NOW } };
    expect(standbyOf(NOTHING_LIVE)).toBeUndefined();
    expect(standbyOf({ policy: PAIR, record: named })).toBe('blue');
  });

  it('has the account whose credential is live, as long as it is one of the two', () => {
    expect(liveAccountOf(known({ live: { ...LIVE, accountId: 'green' } }))).toBe('green');
    expect(liveAccountOf(known({ live: { ...LIVE, accountId: 'red' } }))).toBeUndefined();
    expect(liveAccountOf(known({ live: LIVE }))).toBeUndefined();
    expect(liveAccountOf(NOTHING_LIVE)).toBeUndefined();
  });
});

describe('a pair of which nothing shows the live one', () => {
  it('waits for a person to decide', () => {
    expect(isUndecided(known({ live: LIVE }))).toBe(true);
    expect(isUndecided(NOTHING_LIVE)).toBe(true);
  });

  it('is decided when a person named the standby, or when it shows again', () => {
    expect(isUndecided(known({ live: LIVE, standby: { accountId: 'blue', since: NOW } }))).toBe(false);
    expect(isUndecided(known({ live: { ...LIVE, accountId: 'blue' } }))).toBe(false);
  });

  it('is nothing to decide for another strategy, nor before it was first seen', () => {
    expect(isUndecided({ ...known({ live: LIVE }), policy: account({ strategy: 'overlap' }) })).toBe(false);
    const { adoptedAt: _adoptedAt, ...unseen } = record({ live: LIVE });
    expect(isUndecided({ policy: PAIR, record: unseen })).toBe(false);
  });

  it('is nothing to decide once the open rotation has minted', () => {
    const minted = { fingerprint: 'new', sentAt: NOW, recovered: false };
    expect(isUndecided(known({ live: LIVE, rotation: OPEN }))).toBe(true);
    expect(isUndecided(known({ live: LIVE, rotation: { ...OPEN, minted } }))).toBe(false);
  });
});

describe('an account of a pair', () => {
  it('is found among what was seen', () => {
    expect(memberOf(SEEN, 'green')).toMatchObject({ accountId: 'green' });
    expect(memberOf(SEEN, 'red')).toBeUndefined();
    expect(memberOf(SEEN, undefined)).toBeUndefined();
    expect(memberOf(undefined, 'green')).toBeUndefined();
    expect(memberOf({ requestedAt: NOW, state: 'open', certain: true }, 'green')).toBeUndefined();
  });

  it('has the credential that is seen, else the one that is known of it, else none', () => {
    const old: NonNullable<AccountRecord['old']> = [
      { fingerprint: 'blue-0', accountId: 'blue', why: 'replaced', since: NOW },
      { fingerprint: 'green-0', accountId: 'green', why: 'replaced', since: NOW },
    ];
    expect(standbyCredential(known({ old }), SEEN, 'blue')).toBe('blue-1');
    expect(standbyCredential(known({ old }), SEEN, 'green')).toBe('green-0');
    expect(standbyCredential(known({ old }), SEEN, 'red')).toBeUndefined();
    expect(standbyCredential(known({}), SEEN, 'green')).toBeUndefined();
  });
});

describe('the different roles of a pair', () => {
  const rolesDiffer = { since: NOW, roles: { blue: 'admin', green: 'member' } };

  it('are known while both accounts are of it', () => {
    expect(rolesDifferIn(known({ rolesDiffer }))).toBe(rolesDiffer);
    expect(rolesDifferIn(known({}))).toBeUndefined();
  });

  it('are nothing to those who come after it', () => {
    const others = account({ strategy: 'pair', accountIds: ['blue', 'red'] });
    expect(rolesDifferIn({ ...known({ rolesDiffer }), policy: others })).toBeUndefined();
    const single = account({ strategy: 'in-place', accountIds: ['blue'] });
    expect(rolesDifferIn({ ...known({ rolesDiffer }), policy: single })).toBeUndefined();
  });
});
