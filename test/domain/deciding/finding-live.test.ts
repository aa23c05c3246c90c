import { describe, expect, it } from 'vitest';
import { noteLive } from '../../../src/domain/deciding/finding-live.ts';
import type { AccountRecord, KnownCredential } from '../../../src/domain/record.ts';
import type { AccountSeen, MemberSeen, Situation, TargetSeen, Tried } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { NOW, OPEN, record, REFUSED, situation, TARGET } from '../../builders/situation.ts';
import { noted } from '../../builders/decision.ts';

const LIVE: KnownCredential = { fingerprint: 'live', ownMint: true, proved: true };
const BLUE: MemberSeen = { accountId: 'blue', state: 'open', live: { fingerprint: 'blue-1' } };
const GREEN: MemberSeen = { accountId: 'green', state: 'open', live: { fingerprint: 'green-1' } };
const HELD: TargetSeen = { requestedAt: NOW, holds: { kind: 'credential', fingerprint: 'held' } };
const { live: _live, ...NONE_LIVE } = record();
const PAIR = account({ strategy: 'pair', accountIds: ['blue', 'green'], targets: [TARGET] });

interface Given {
  readonly members?: readonly MemberSeen[];
  readonly state?: AccountSeen['state'];
  readonly live?: Partial<KnownCredential>;
  readonly known?: Partial<AccountRecord>;
  readonly held?: TargetSeen;
  readonly tried?: Readonly<Record<string, Tried['outcome']>>;
  readonly more?: Partial<Situation>;
}

/** A pair that shows what each account has. */
function noticed({ members = [BLUE, GREEN], state = 'open', live, known, held, tried = {}, more }: Given) {
  const tries = Object.entries(tried).map(([name, outcome]) => [name, { at: NOW, outcome }] as const);
  return noteLive(
    situation({
      policy: PAIR,
      record: record({ live: { ...LIVE, ...live }, ...known }),
      seen: {
        account: { requestedAt: NOW, state, certain: true, members },
        targets: held === undefined ? {} : { [TARGET.id]: held },
        preflights: {},
        tried: Object.fromEntries(tries),
      },
      ...more,
    }),
  );
}

describe('the live credential of a pair', () => {
  it('is what the account shows that it belongs to', () => {
    const blue = { fingerprint: 'blue-1', accountId: 'blue' };
    expect(noticed({ live: blue })).toBeUndefined();
  });

  it('is another one where that account shows another one, whatever the other account has', () => {
    const live = { fingerprint: 'theirs', issuedAt: NOW - 5, expiresAt: NOW + 5 };
    const green = { fingerprint: 'green-1', accountId: 'green' };
    expect(noticed({ live: green, members: [BLUE, { ...GREEN, live }] })).toStrictEqual(
      noted({ kind: 'live-changed', ...live, was: 'green-1', accountId: 'green' }),
    );
    expect(noticed({ live: green, members: [{ ...BLUE, live }, GREEN] })).toBeUndefined();
  });

  it.each<[string, readonly MemberSeen[], Partial<AccountRecord>]>([
    ['it is known as replaced', [BLUE, { ...GREEN, live: { fingerprint: 'old' } }], { superseded: ['old'] }],
    ['it is hidden', [BLUE, { accountId: 'green', state: 'open' }], {}],
    ['its account is closed', [BLUE, { ...GREEN, state: 'closed', live: { fingerprint: 'x' } }], {}],
    ['nothing is seen of either', [], {}],
  ])('stays what it is where %s', (_name, members, known) => {
    expect(noticed({ live: { fingerprint: 'green-1', accountId: 'green' }, members, known })).toBeUndefined();
  });

  it('is that of the first account where its own has left the configuration', () => {
    expect(noticed({ live: { accountId: 'red' } })).toStrictEqual(
      noted({ kind: 'live-changed', fingerprint: 'blue-1', was: 'live', accountId: 'blue' }),
    );
  });
});

describe('the live credential of a pair that is refused for certain', () => {
  const { countedAt = NOW, ...refused } = { ...REFUSED, fingerprint: 'green-1' };
  const live = { fingerprint: 'green-1', accountId: 'green' };
  const held: TargetSeen = { requestedAt: NOW, holds: { kind: 'credential', fingerprint: 'blue-1' } };
  const tried = { 'blue-1': { kind: 'accepted', accountId: 'blue' } } as const;
  const counted = { live, held, tried, known: { refused: { ...refused, countedAt } } };
  const inHand = { inHand: new Set(['blue-1']) };
  const members: MemberSeen[] = ['blue', 'green'].map((accountId) => ({ accountId, state: 'open' }));
  const leaked = {
    fingerprint: 'blue-1',
    accountId: 'blue',
    why: 'replaced',
    since: 1,
    compromised: true,
  } as const;
  const changed = noted({
    kind: 'live-changed',
    fingerprint: 'blue-1',
    was: 'green-1',
    accountId: 'blue',
  });

  it('gives way to what the other account has, where a target holds it and it works', () => {
    expect(noticed({ ...counted, more: inHand, tried: {} })).toStrictEqual({
      do: 'try',
      fingerprint: 'blue-1',
    });
    expect(noticed({ ...counted, more: inHand })).toStrictEqual(changed);
  });

  it('gives way to it also where the provider hides what the accounts have', () => {
    expect(noticed({ ...counted, members, more: inHand })).toStrictEqual(changed);
  });

  it('gives way to it as soon as it is refused where the provider hides it: that the other is accepted shows whose trouble it is', () => {
    const both = (more: { readonly revoked?: true }) =>
      ({ ...tried, 'green-1': { kind: 'refused', ...more } }) as const;
    const hidden = { live, held, members, more: inHand };
    expect(noticed({ ...hidden, tried: both({ revoked: true }) })).toStrictEqual(changed);
    expect(noticed({ ...hidden, tried: both({}) })).toBeUndefined();
    const { members: _, ...shown } = hidden;
    expect(noticed({ ...shown, tried: both({ revoked: true }) })).toBeUndefined();
  });

  it('gives way to what has leaked where a rotation is to replace it: nothing would be minted else', () => {
    const known = { ...counted.known, old: [leaked], rotation: OPEN };
    expect(noticed({ ...counted, known, more: inHand })).toStrictEqual(changed);
  });

  it.each<[string, Given]>([
    ['the refusal does not count yet', { known: { refused } }],
    ['the value of what the target holds is not to be had', { more: { inHand: new Set() } }],
    ['that is refused as well', { tried: { 'blue-1': { kind: 'refused' } } }],
    ['that belongs to another account', { tried: { 'blue-1': { kind: 'accepted', accountId: 'red' } } }],
    ['the target holds something else', { held: HELD }],
    [
      'the target holds what is refused',
      { held: { ...held, holds: { kind: 'credential', fingerprint: 'green-1' } } },
    ],
    ['the target holds nothing', { held: { requestedAt: NOW, holds: { kind: 'nothing' } } }],
    ['that has leaked, and no rotation is to replace it', { known: { ...counted.known, old: [leaked] } }],
    [
      'the next one is minted already',
      {
        known: {
          ...counted.known,
          rotation: { ...OPEN, minted: { fingerprint: 'blue-2', sentAt: NOW, recovered: false } },
        },
      },
    ],
  ])('stays where %s', (_name, given) => {
    expect(noticed({ ...counted, more: inHand, ...given })).toBeUndefined();
  });
});

describe('the live credential of what has become a pair', () => {
  it('is located where one of its accounts shows it', () => {
    expect(noticed({ live: { fingerprint: 'green-1' } })).toStrictEqual(
      noted({ kind: 'live-located', fingerprint: 'green-1', accountId: 'green' }),
    );
  });

  it('is lost where both show another one: it is dated by the last mint, else by the first sight, else now', () => {
    const lost = { kind: 'credential-lost', preImage: 'live' };
    expect(noticed({ known: { mintedAt: 7 } })).toStrictEqual(noted({ ...lost, mintedAt: 7 }));
    expect(noticed({ known: { adoptedAt: 8 } })).toStrictEqual(noted({ ...lost, mintedAt: 8 }));
    const { adoptedAt: _, ...unseen } = record({ live: LIVE });
    expect(noticed({ more: { record: unseen } })).toStrictEqual(noted({ ...lost, mintedAt: NOW }));
  });

  it('is not lost while an account is closed', () => {
    expect(noticed({ state: 'closed' })).toBeUndefined();
  });

  describe('where one account hides what it has', () => {
    const members: readonly MemberSeen[] = [BLUE, { accountId: 'green', state: 'open' }];
    const inHand = { inHand: new Set(['live']) };

    it('is tried, where its value can be had', () => {
      expect(noticed({ members, more: inHand })).toStrictEqual({ do: 'try', fingerprint: 'live' });
      expect(noticed({ members })).toBeUndefined();
    });

    it('is located by its use', () => {
      const tried = { live: { kind: 'accepted', accountId: 'green' } } as const;
      expect(noticed({ members, more: inHand, tried })).toStrictEqual(
        noted({ kind: 'live-located', fingerprint: 'live', accountId: 'green' }),
      );
    });

    it.each<[string, Tried['outcome']]>([
      ['it is refused', { kind: 'refused' }],
      ['it is accepted as another account', { kind: 'accepted', accountId: 'red' }],
      ['nobody knows', { kind: 'unknown', failure: { kind: 'no-answer', message: 'silence' } }],
    ])('is not located where %s', (_name, outcome) => {
      expect(noticed({ members, more: inHand, tried: { live: outcome } })).toBeUndefined();
    });
  });
});

describe('a pair of which nothing is known to be live', () => {
  const none = { record: NONE_LIVE };
  const accepted = { held: { kind: 'accepted', accountId: 'green' } } as const;

  it('has live what most targets hold, once that was proved, and knows whose it is', () => {
    expect(noticed({ held: HELD, more: none })).toStrictEqual({ do: 'try', fingerprint: 'held' });
    expect(noticed({ held: HELD, tried: accepted, more: none })).toStrictEqual(
      noted({ kind: 'live-found', fingerprint: 'held', accountId: 'green' }),
    );
  });

  it('is left alone while an account is closed', () => {
    expect(noticed({ held: HELD, state: 'closed', more: none })).toBeUndefined();
  });
});

describe('an account that was one of a pair', () => {
  it('keeps the credential that it shows as that of its only account', () => {
    const seen = {
      account: { requestedAt: NOW, state: 'open', certain: true, live: { fingerprint: 'x' } },
    } as const;
    const known = situation({
      policy: account({ accountIds: ['blue'], targets: [TARGET] }),
      record: record({ live: { ...LIVE, accountId: 'green' } }),
      seen: { targets: {}, preflights: {}, tried: {}, ...seen },
    });
    expect(noteLive(known)).toStrictEqual(
      noted({ kind: 'live-changed', fingerprint: 'x', was: 'live', accountId: 'blue' }),
    );
  });
});
