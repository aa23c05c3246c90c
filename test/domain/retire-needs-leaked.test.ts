import { describe, expect, it } from 'vitest';
import type { AccountRecord, KnownCredential, OldCredential } from '../../src/domain/record.ts';
import { isReplaced, retirables, unmetForRetire } from '../../src/domain/retire-needs.ts';
import type { Retirable } from '../../src/domain/retire-needs.ts';
import type { MemberSeen, Situation } from '../../src/domain/situation.ts';
import { target } from '../builders/account.ts';
import { NOW, OPEN, record, TARGET } from '../builders/situation.ts';
import { LIVE, OLD, POLICY, known, waits } from '../builders/retire-needs.ts';

const LEAKED: Retirable = { ...OLD, compromised: true };

describe('what has leaked', () => {
  it('needs neither grace nor quiet, nor that nobody holds it', () => {
    const held = {
      [TARGET.id]: { requestedAt: NOW, holds: { kind: 'credential', fingerprint: 'old' } },
    } as const;
    const { graceFrom: _, ...leaked } = LEAKED;
    expect(unmetForRetire(known({}, { targets: held }), leaked)).toBeUndefined();
  });

  it('waits until every required target holds another one', () => {
    expect(unmetForRetire(known({ targets: {} }), LEAKED)).toStrictEqual(
      waits('not every required target is known to hold another one'),
    );
  });

  it.each<[string, Situation, boolean]>([
    ['every target holds the newer one', known(), true],
    ['a required target does not', known({ targets: {} }), false],
    ['it is to be ended now', known({ targets: {}, rotation: { ...OPEN, compromised: 'now' } }), true],
    [
      'it is to be ended after delivery',
      known({ targets: {}, rotation: { ...OPEN, compromised: 'after-delivery' } }),
      false,
    ],
    ['the newer one is not proved', known({ live: { ...LIVE, proved: false } }), false],
    ['what is live has leaked as well', known({ live: { ...LIVE, compromised: true } }), false],
    [
      'what is live has leaked as well, and nothing is minted for an account that left',
      known({ live: { ...LIVE, compromised: true }, rotation: OPEN }, {}, { configured: false }),
      true,
    ],
    [
      'what is live has leaked as well, and an account that left has minted another one',
      known(
        {
          live: { ...LIVE, compromised: true },
          rotation: { ...OPEN, minted: { fingerprint: 'newer', sentAt: NOW, recovered: false } },
        },
        {},
        { configured: false },
      ),
      false,
    ],
    [
      'a target does not that is not required',
      known({}, {}, { policy: { ...POLICY, targets: [TARGET, target('x:y', { required: false })] } }),
      true,
    ],
    [
      'a target was changed by others, which is only reported',
      known(
        { targets: { [TARGET.id]: { failures: 0, accepted: false, drifted: { since: NOW } } } },
        {},
        { policy: { ...POLICY, onDrift: 'report' } },
      ),
      true,
    ],
  ])('is replaced where %s', (_name, given, want) => {
    expect(isReplaced(given)).toBe(want);
  });

  it('is replaced by nothing where nothing is live', () => {
    const { live: _, ...none } = record();
    expect(isReplaced(known({}, {}, { record: none }))).toBe(false);
  });
});

describe('what has leaked, where what replaces it is said to have leaked as well', () => {
  const minted = { fingerprint: LIVE.fingerprint, sentAt: NOW, recovered: false };
  const rotation = { ...OPEN, compromised: 'after-delivery', minted } as const;
  const waiting = { requests: ['q2'], cause: { actor: 'socket:0' }, at: NOW };
  const replaced = (changes: Partial<AccountRecord> = {}) =>
    isReplaced(known({ live: { ...LIVE, compromised: true }, rotation, waiting, ...changes }));

  it('is ended by the rotation that was opened to end it, before the next one begins', () => {
    expect(replaced()).toBe(true);
    expect(replaced({ waiting: { ...waiting, compromised: 'after-delivery' } })).toBe(true);
  });

  it('waits for its targets still', () => {
    expect(replaced({ targets: {} })).toBe(false);
    expect(replaced({ targets: {}, rotation: { ...rotation, compromised: 'now' } })).toBe(true);
  });

  it('is left to the next rotation where that has to begin at once', () => {
    expect(replaced({ waiting: { ...waiting, compromised: 'now' } })).toBe(false);
  });

  it('is ended as well where somebody has put another one in the place of what was minted', () => {
    expect(replaced({ rotation: { ...rotation, minted: { ...minted, fingerprint: 'another' } } })).toBe(true);
  });

  it('is left to the next rotation where the open one was not opened to end it, or what it minted is not live yet', () => {
    expect(replaced({ rotation: { ...OPEN, minted } })).toBe(false);
    const unproved = { ...minted, fingerprint: 'another', unproved: { targets: [] } };
    expect(replaced({ rotation: { ...rotation, minted: unproved } })).toBe(false);
    expect(replaced({ rotation: { ...OPEN, compromised: 'after-delivery' } })).toBe(false);
  });
});

describe('what has leaked of an account of a pair', () => {
  const { reference: _, ...rest } = LEAKED;
  const leaked: OldCredential = { ...rest, accountId: 'green' };
  const ofPair: Retirable = { ...leaked, reference: 'green' };
  const blue: MemberSeen = { accountId: 'blue', state: 'open' };
  const pair = (green: Partial<MemberSeen> = {}, live: Partial<KnownCredential> = {}, manager = {}) =>
    known(
      { live: { fingerprint: 'live', ownMint: true, proved: true, accountId: 'blue', ...live } },
      {
        account: {
          requestedAt: NOW,
          state: 'open',
          certain: true,
          members: [blue, { accountId: 'green', state: 'open', ...green }],
        },
        manager,
      },
    );

  it('may be ended where the other account is live, without a list', () => {
    expect(unmetForRetire(pair(), ofPair)).toBeUndefined();
  });

  it('waits while its account is closed', () => {
    expect(unmetForRetire(pair({ state: 'closed' }), ofPair)).toStrictEqual(waits('the account is closed'));
  });

  it('waits where its own account is the live one, or nobody knows which is', () => {
    const last = waits('the live credential is not seen beside it');
    expect(unmetForRetire(pair({}, { accountId: 'green' }), ofPair)).toStrictEqual(last);
    const given = pair();
    const { accountId: _accountId, ...live } = given.record.live ?? LIVE;
    expect(unmetForRetire({ ...given, record: { ...given.record, live } }, ofPair)).toStrictEqual(last);
  });

  it('waits where its account is the manager’s own', () => {
    expect(unmetForRetire(pair({}, {}, { accountId: 'green' }), ofPair)).toStrictEqual(
      waits('its account is the manager’s own; give the provider another one'),
    );
    expect(unmetForRetire(pair({}, {}, { accountId: 'blue' }), ofPair)).toBeUndefined();
  });

  it('is known by that account; what has not leaked ends with the next mint for it', () => {
    const { compromised: _c, ...clean } = leaked;
    const { accountId: _a, ...nameless } = leaked;
    const old = [OLD, leaked, clean, nameless];
    const policy = { ...POLICY, strategy: 'pair', accountIds: ['blue', 'green'] } as const;
    expect(retirables(known({ old }, {}, { policy }))).toStrictEqual([OLD, ofPair]);
    expect(retirables(known({}, {}, { policy }))).toStrictEqual([]);
  });

  it.each([
    ['is none of this pair', { strategy: 'pair', accountIds: ['blue', 'red'] }],
    ['is a single one', { strategy: 'in-place', accountIds: ['green'] }],
  ] as const)('awaits nothing where its account %s any more', (_name, changes) => {
    expect(retirables(known({ old: [leaked] }, {}, { policy: { ...POLICY, ...changes } }))).toStrictEqual([]);
  });
});
