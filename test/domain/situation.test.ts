import { describe, expect, it } from 'vitest';
import type { AccountSeen, MemberSeen, Situation } from '../../src/domain/situation.ts';
import {
  accountSeen,
  isClockDoubtful,
  isOwnAccount,
  storesOf,
  targetSeen,
  targetsOf,
} from '../../src/domain/situation.ts';
import { account, target } from '../builders/account.ts';
import { LIVE_THERE, NOW, record, situation, TARGET } from '../builders/situation.ts';

type Seen = Situation['seen'];
const OPEN_NOW: AccountSeen = { requestedAt: NOW, state: 'open', certain: true };

function seeing(seen: Partial<Seen>, changes: Partial<Situation> = {}): Situation {
  return situation({ seen: { targets: {}, preflights: {}, tried: {}, ...seen }, ...changes });
}

describe("the machine's clock", () => {
  const skew = { kind: 'clock-skew', subject: 'all', since: 0, by: 'rekeyd', reason: 'an hour' } as const;
  const frozen = { kind: 'frozen', subject: 'kronup', since: 0, by: 'rekeyd', reason: 'many' } as const;

  it('is doubtful while no service has told the time, and while one says another', () => {
    expect(isClockDoubtful(situation())).toBe(false);
    expect(isClockDoubtful(situation({ timeUnknown: true }))).toBe(true);
    expect(isClockDoubtful(situation({ sharedHolds: [frozen, skew] }))).toBe(true);
    expect(isClockDoubtful(situation({ sharedHolds: [frozen] }))).toBe(false);
  });
});

describe('the manager credential', () => {
  const policy = account({ accountIds: ['a1', 'a2'] });
  const credentials = (...clientIds: (string | undefined)[]) => ({
    ...OPEN_NOW,
    credentials: clientIds.map((clientId, index) => ({
      reference: `r${index}`,
      name: 'n',
      createdAt: 0,
      ...(clientId === undefined ? {} : { clientId }),
    })),
  });

  it.each<[string, Partial<Seen>, boolean | undefined]>([
    ['is of nobody knows whom before it was asked', { account: OPEN_NOW }, undefined],
    ['is of this account where it names it', { manager: { accountId: 'a2' } }, true],
    ['is of another account where it names that one', { manager: { accountId: 'a3' } }, false],
    [
      'is of another account where it names that one, whatever client ids there are',
      { manager: { accountId: 'a3', clientId: 'c1' }, account: credentials('c1') },
      false,
    ],
    [
      'is of the account that has a credential with its client id',
      { manager: { clientId: 'c2' }, account: credentials('c1', 'c2') },
      true,
    ],
    [
      'is of another account where no credential has its client id',
      { manager: { clientId: 'c3' }, account: credentials('c1', 'c2') },
      false,
    ],
    [
      'is of another account where nothing has a client id',
      { manager: {}, account: credentials(undefined) },
      false,
    ],
    [
      'is of nobody knows whom while the credentials of the account are not seen',
      { manager: { clientId: 'c1' }, account: OPEN_NOW },
      undefined,
    ],
    ['is of nobody knows whom while the account is not seen', { manager: { clientId: 'c1' } }, undefined],
  ])('%s', (_name, seen, want) => {
    expect(isOwnAccount(seeing(seen, { policy }))).toBe(want);
  });
});

describe('the targets that matter', () => {
  it('are those configured, and those that left while something is owed to them', () => {
    const [stays, left, settled] = ['files:stays', 'files:left', 'files:settled'].map((id) => target(id));
    if (stays === undefined || left === undefined || settled === undefined) throw new Error('three targets');
    const known = { failures: 0, accepted: false };
    const targets = {
      [stays.id]: { ...known, owed: { fingerprint: 'live', target: { ...stays, required: false } } },
      [left.id]: { ...known, owed: { fingerprint: 'live', target: left } },
      [settled.id]: known,
    };
    const want = [stays, left];
    expect(targetsOf({ policy: account({ targets: [stays] }), record: record({ targets }) })).toEqual(want);
    const elsewhere = { ...left, store: 'vault' };
    const owed = { [left.id]: { ...known, owed: { fingerprint: 'live', target: elsewhere } } };
    const moved = { policy: account({ targets: [stays, settled] }), record: record({ targets: owed }) };
    expect([...storesOf(moved)]).toEqual(['files', 'vault']);
    const both = account({ targets: [settled, stays] });
    expect(targetsOf({ policy: both, record: record({ targets }) })).toEqual([settled, stays, left]);
  });
});

describe('an account that was looked at', () => {
  it.each([
    ['before the last effect ended, is not seen', NOW - 1, false],
    ['when the last effect ended, is seen', NOW, true],
    ['after the last effect ended, is seen', NOW + 1, true],
  ])('%s', (_name, requestedAt, want) => {
    const seen = { account: { ...OPEN_NOW, requestedAt } };
    const looked = accountSeen(seeing(seen, { record: record({ effectEndedAt: NOW }) }));
    expect(looked !== undefined).toBe(want);
  });

  it('is seen where nothing had an effect yet, and not where nobody looked', () => {
    expect(accountSeen(seeing({ account: { ...OPEN_NOW, requestedAt: 0 } }))).toBeDefined();
    expect(accountSeen(situation())).toBeUndefined();
  });

  it('is seen where the last effect ended in the future: the clock was put back since', () => {
    const changes = { record: record({ effectEndedAt: NOW + 2 }) };
    expect(accountSeen(seeing({ account: { ...OPEN_NOW, requestedAt: NOW } }, changes))).toBeDefined();
  });
});

describe('a pair that was looked at', () => {
  const blue: MemberSeen = { accountId: 'blue', state: 'open', live: { fingerprint: 'blue-1' } };
  const green: MemberSeen = { accountId: 'green', state: 'open', live: { fingerprint: 'green-1' } };
  const account: AccountSeen = { ...OPEN_NOW, live: { fingerprint: 'shown' }, members: [blue, green] };
  const live = { fingerprint: 'x', ownMint: true, proved: true };

  it('shows as live what the account shows that the live credential belongs to', () => {
    const changes = { record: record({ live: { ...live, accountId: 'green' } }) };
    expect(accountSeen(seeing({ account }, changes))).toEqual({
      ...account,
      live: { fingerprint: 'green-1' },
    });
  });

  it('shows as live what it shows as a whole where that account shows nothing, or nobody knows which it is', () => {
    const closed: AccountSeen = { ...account, members: [blue, { accountId: 'green', state: 'closed' }] };
    const changes = { record: record({ live: { ...live, accountId: 'green' } }) };
    expect(accountSeen(seeing({ account: closed }, changes))).toEqual(closed);
    expect(accountSeen(seeing({ account }, { record: record({ live }) }))).toEqual(account);
    const { live: _, ...nothingLive } = record();
    expect(accountSeen(seeing({ account }, { record: nothingLive }))).toEqual(account);
  });
});

describe('a target that was read', () => {
  const targets = { [TARGET.id]: { ...LIVE_THERE, requestedAt: NOW } };
  const writtenAt = (at: number) =>
    record({
      targets: {
        [TARGET.id]: { failures: 0, accepted: false, written: { fingerprint: 'live', version: '1', at } },
      },
    });

  it('before the last write to it, is not seen; else it is', () => {
    const later = NOW + 5;
    expect(
      targetSeen(seeing({ targets }, { now: later, record: writtenAt(NOW + 1) }), TARGET.id),
    ).toBeUndefined();
    expect(targetSeen(seeing({ targets }, { now: later, record: writtenAt(NOW) }), TARGET.id)).toBeDefined();
    expect(targetSeen(seeing({ targets }, { now: later }), TARGET.id)).toBeDefined();
  });

  it('is not seen where it was not read, and is where nothing is known of it', () => {
    expect(targetSeen(situation(), TARGET.id)).toBeUndefined();
    expect(targetSeen(seeing({ targets }, { record: record({ targets: {} }) }), TARGET.id)).toBeDefined();
  });
});
