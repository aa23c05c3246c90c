import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { prepare } from '../../src/domain/deciding/rotating.ts';
import { LIMITS } from '../../src/domain/limits.ts';
import { preImageOf } from '../../src/domain/live.ts';
import { unmetForMint } from '../../src/domain/needs.ts';
import type { OldCredential, OpenRotation } from '../../src/domain/record.ts';
import type { AccountSeen, Tried } from '../../src/domain/situation.ts';
import { account } from '../builders/account.ts';
import { BLUE, held, LIVE, PAIR, ready } from '../builders/pair-needs.ts';
import type { Given } from '../builders/pair-needs.ts';
import { CHECKOUT, confirmedWith, refreshing } from '../builders/refresh.ts';
import { NOW, OPEN, TARGET } from '../builders/situation.ts';

describe("a mint for a pair's standby", () => {
  const tried = (accountId: string) =>
    ({ stranger: { at: NOW, outcome: { kind: 'accepted', accountId } } }) as const;
  const old = [{ why: 'replaced', since: NOW, accountId: 'green', fingerprint: 'green-0' }] as const;

  it.each<[string, Given]>([
    ['what the standby shows', { holds: held('green-1') }],
    ['what the standby is known to have had', { holds: held('green-0'), known: { old } }],
    ['what is accepted as the standby', { holds: held('stranger'), tried: tried('green') }],
  ])('waits while a target holds %s', (_name, given) => {
    expect(unmetForMint(ready(given))).toStrictEqual([
      { need: "a pair's standby held by no target", by: 'standby', targets: [TARGET] },
    ]);
  });

  it.each<[string, Given]>([
    ['what is live', {}],
    [
      'what is live, although it is known as old too',
      { known: { old: [{ ...old[0], fingerprint: 'live' }] } },
    ],
    [
      'what the account that is in use had before',
      { holds: held('blue-0'), known: { old: [{ ...old[0], accountId: 'blue', fingerprint: 'blue-0' }] } },
    ],
    ['what is accepted as the live account', { holds: held('stranger'), tried: tried('blue') }],
    ['what nobody knows', { holds: held('stranger') }],
    [
      'what is refused',
      { holds: held('stranger'), tried: { stranger: { at: NOW, outcome: { kind: 'refused' } } } },
    ],
    ['nothing', { holds: { kind: 'nothing' } }],
  ])('does not wait for a target that holds %s', (_name, given) => {
    expect(unmetForMint(ready(given))).toStrictEqual([]);
  });

  describe('that hides what it has', () => {
    const HIDES: Given['account'] = { members: [BLUE, { accountId: 'green', state: 'open' }] };
    const failure = { kind: 'rate-limited', message: 'too many calls' } as const;
    const outcome = (what: Tried['outcome']): Given => ({ tried: { stranger: { at: NOW, outcome: what } } });
    const unmet = (given: Given) =>
      unmetForMint(ready({ holds: held('stranger'), account: HIDES, ...given })).map(({ by }) => by);

    it.each<[string, Given]>([
      ['was not tried', {}],
      ['could not be tried', outcome({ kind: 'unknown', failure })],
      ['is accepted as the standby', outcome({ kind: 'accepted', accountId: 'green' })],
    ])('waits while a target holds what %s: it may be that', (_name, given) => {
      expect(unmet(given)).toStrictEqual(['standby']);
    });

    it.each<[string, Given]>([
      ['is refused', outcome({ kind: 'refused' })],
      ['is accepted as the live account', outcome({ kind: 'accepted', accountId: 'blue' })],
      ['is live', { holds: held('live') }],
      [
        'the account that is in use had before',
        { known: { old: [{ ...old[0], accountId: 'blue', fingerprint: 'stranger' }] } },
      ],
    ])('does not wait for a target that holds what %s', (_name, given) => {
      expect(unmet(given)).toStrictEqual([]);
    });
  });

  it('waits for no target where what has leaked is to be ended now', () => {
    const leaked = (compromised: 'now' | 'after-delivery') =>
      unmetForMint(ready({ holds: held('green-1'), known: { rotation: { ...OPEN, compromised } } }));
    expect(leaked('now')).toStrictEqual([]);
    expect(leaked('after-delivery')).toMatchObject([{ by: 'standby', targets: [TARGET] }]);
  });

  describe('after a mint that was to end what it has, and had no answer,', () => {
    const leaked = { ...old[0], fingerprint: 'green-1', compromised: true } as const;
    const sent = (agoMs: number, given: Given = {}, changes: Partial<OldCredential> = {}) =>
      unmetForMint(
        ready({
          known: { old: [{ ...leaked, intendedAt: NOW - agoMs, ...changes }] },
          ...given,
        }),
      );
    const WAITS = [
      { need: 'no mint under way that was to end what the account has', by: 'ending', targets: [] },
    ];
    const hidden = { account: { members: [BLUE, { accountId: 'green', state: 'open' }] } } as const;

    it('waits until that has settled', () => {
      expect(sent(0)).toStrictEqual(WAITS);
      expect(sent(LIMITS.settleMs - 1)).toStrictEqual(WAITS);
      expect(sent(LIMITS.settleMs)).toStrictEqual([]);
      expect(sent(LIMITS.settleMs - 1, hidden)).toStrictEqual(WAITS);
      const known = {
        old: [{ ...leaked, intendedAt: NOW }],
        rotation: { ...OPEN, compromised: 'now' },
      } as const;
      expect(unmetForMint(ready({ known }))).toStrictEqual(WAITS);
    });

    it('counts that time from where the clock was set, if it was', () => {
      const set = { more: { clockSteadySince: NOW - LIMITS.settleMs + 1 } };
      expect(sent(LIMITS.settleMs * 2, set)).toStrictEqual(WAITS);
      expect(sent(LIMITS.settleMs * 2)).toStrictEqual([]);
    });

    it('does not wait where that is seen to have had its effect, or was for the account in use', () => {
      expect(sent(0, {}, { fingerprint: 'green-0' })).toStrictEqual([]);
      expect(sent(0, {}, { accountId: 'blue', fingerprint: 'blue-0' })).toStrictEqual([]);
      const { intendedAt: _, ...never } = { ...leaked, intendedAt: NOW };
      expect(unmetForMint(ready({ known: { old: [never] } }))).toStrictEqual([]);
    });

    it('waits as well where the account is no part of a pair any more', () => {
      const policy = account({ accountIds: ['green'], targets: [TARGET] });
      const green = {
        requestedAt: NOW,
        state: 'open',
        certain: true,
        live: { fingerprint: 'green-1' },
      } as const;
      const live = { fingerprint: 'green-1', ownMint: true, proved: true };
      const known = { live, old: [{ ...leaked, intendedAt: NOW }] };
      const single = (seen: AccountSeen) => {
        const given = ready({ known, holds: held('green-1'), more: { policy } });
        return unmetForMint({ ...given, seen: { ...given.seen, account: seen } });
      };
      expect(single(green)).toStrictEqual(WAITS);
      expect(single({ ...green, live: { fingerprint: 'green-2' } })).toStrictEqual([]);
    });

    it('waits as well where it is live by now', () => {
      const policy = account({ accountIds: ['green'], targets: [TARGET] });
      const green = { fingerprint: 'green-1', accountId: 'green', ownMint: false, proved: true } as const;
      const live = { fingerprint: 'green-1' };
      const since = (endingSince: number) => {
        const known = { live: { ...green, endingSince }, old: [] };
        const given = ready({ known, holds: held('green-1'), more: { policy } });
        const seen = { requestedAt: NOW, state: 'open', certain: true, live } as const;
        return unmetForMint({ ...given, seen: { ...given.seen, account: seen } });
      };
      expect(since(NOW - LIMITS.settleMs + 1)).toStrictEqual(WAITS);
      expect(since(NOW - LIMITS.settleMs)).toStrictEqual([]);
    });

    it('waits where nobody knows what that was to end', () => {
      const { fingerprint: _, ...unnamed } = leaked;
      const known = { old: [{ ...unnamed, intendedAt: NOW }] };
      expect(unmetForMint(ready({ known }))).toStrictEqual(WAITS);
    });

    it('is tried again at the instant at which that has settled', () => {
      const known = { old: [{ ...leaked, intendedAt: NOW - 20_000 }], rotation: OPEN };
      expect(prepare(ready({ known }))).toMatchObject({
        do: 'note',
        facts: [{ kind: 'rotation-failed', failure: 'no-answer', counts: false, retryAt: NOW + 100_000 }],
      });
    });

    it('looks before it waits: that may have had its effect', () => {
      const { account: _, ...seen } = ready().seen;
      const known = { old: [{ ...leaked, intendedAt: NOW }], rotation: OPEN };
      expect(prepare(ready({ known, more: { seen } }))).toMatchObject({ do: 'observe', account: true });
    });
  });

  it('is the only one that waits for that', () => {
    const policy = account({ strategy: 'overlap', accountIds: ['blue'], targets: [TARGET] });
    const given = { holds: held('green-0'), known: { old }, more: { policy } };
    expect(unmetForMint(ready(given))).toStrictEqual([]);
  });

  it.each<[string, Given]>([
    ['the standby is not among what was seen', { account: { members: [BLUE] } }],
    ['nothing shows which one the standby is', { known: { live: { ...LIVE, accountId: 'red' } } }],
    ['the standby shows what it had before its last turn', { known: { superseded: ['green-1'] } }],
  ])('needs another look where %s', (_name, given) => {
    expect(unmetForMint(ready(given))).toStrictEqual([
      { need: 'account open, pre-image seen', by: 'account', targets: [] },
    ]);
  });

  it('waits until the consumers of the last turn are through, unless what is live has leaked', () => {
    const read = { ...TARGET, consumers: [CHECKOUT] };
    const behind = (strategy: Account['strategy'], rotation: Partial<OpenRotation> = {}) =>
      unmetForMint(
        ready({
          known: {
            rotation: { ...OPEN, ...rotation },
            targets: {
              [TARGET.id]: {
                ...confirmedWith(refreshing(CHECKOUT)),
                realWrite: { at: NOW - 1_000, identity: 'me' },
              },
            },
          },
          more: { policy: { ...PAIR, strategy, targets: [read] } },
        }),
      );
    expect(behind('pair')).toStrictEqual([
      { need: 'the consumers of the last turn through', by: 'consumers', targets: [] },
    ]);
    expect(behind('pair', { compromised: 'after-delivery' })).toStrictEqual([]);
    expect(behind('overlap')).toStrictEqual([]);
  });

  it('needs no other look where the standby hides what it has', () => {
    const hidden = { account: { members: [BLUE, { accountId: 'green', state: 'open' }] } } as const;
    expect(unmetForMint(ready(hidden))).toStrictEqual([]);
  });
});

describe("the pre-image of a mint for a pair's standby", () => {
  it('is what the standby has, as far as it is seen or known', () => {
    expect(preImageOf(ready())).toBe('green-1');
    const members = [BLUE, { accountId: 'green', state: 'open' }] as const;
    const old = [{ why: 'replaced', since: NOW, accountId: 'green', fingerprint: 'green-0' }] as const;
    expect(preImageOf(ready({ account: { members }, known: { old } }))).toBe('green-0');
    expect(preImageOf(ready({ account: { members } }))).toBeUndefined();
  });

  it('is unknown where nothing shows which one the standby is, or nobody looked', () => {
    const old = [{ why: 'replaced', since: NOW, fingerprint: 'x' }] as const;
    expect(preImageOf(ready({ known: { live: { ...LIVE, accountId: 'red' }, old } }))).toBeUndefined();
    expect(
      preImageOf(ready({ known: { effectEndedAt: NOW + 5, old }, more: { now: NOW + 9 } })),
    ).toBeUndefined();
  });
});
