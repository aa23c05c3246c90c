import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { preImageOf } from '../../src/domain/live.ts';
import { unmetForMint } from '../../src/domain/needs.ts';
import type { AccountRecord, OpenRotation } from '../../src/domain/record.ts';
import type { AccountSeen, MemberSeen, Situation, TargetSeen } from '../../src/domain/situation.ts';
import { account } from '../builders/account.ts';
import { CHECKOUT, confirmedWith, refreshing } from '../builders/refresh.ts';
import { ALL_SEEN, NOW, OPEN, record, situation, TARGET } from '../builders/situation.ts';

const BLUE: MemberSeen = { accountId: 'blue', state: 'open', live: { fingerprint: 'live' } };
const GREEN: MemberSeen = { accountId: 'green', state: 'open', live: { fingerprint: 'green-1' } };
const LIVE = { fingerprint: 'live', ownMint: true, proved: true, accountId: 'blue' };
const SEEN: AccountSeen = { requestedAt: NOW, state: 'open', certain: true, members: [BLUE, GREEN] };
const PAIR = account({ strategy: 'pair', accountIds: ['blue', 'green'], targets: [TARGET] });

interface Given {
  readonly holds?: TargetSeen['holds'];
  readonly known?: Partial<AccountRecord>;
  readonly account?: Partial<AccountSeen>;
  readonly tried?: Situation['seen']['tried'];
  readonly more?: Partial<Situation>;
}

/** A pair, of which blue's credential is live, that has everything it needs for a mint for green. */
function ready({ holds, known, account: seen, tried = {}, more }: Given = {}): Situation {
  const read: TargetSeen = {
    requestedAt: NOW,
    holds: holds ?? { kind: 'credential', fingerprint: 'live' },
    version: '1',
  };
  return situation({
    policy: PAIR,
    record: record({ live: LIVE, rotation: OPEN, ...known }),
    seen: { ...ALL_SEEN, account: { ...SEEN, ...seen }, targets: { [TARGET.id]: read }, tried },
    ...more,
  });
}

const held = (fingerprint: string): TargetSeen['holds'] => ({ kind: 'credential', fingerprint });

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

  it('waits for no target where what has leaked is to be ended now', () => {
    const leaked = (compromised: 'now' | 'after-delivery') =>
      unmetForMint(ready({ holds: held('green-1'), known: { rotation: { ...OPEN, compromised } } }));
    expect(leaked('now')).toStrictEqual([]);
    expect(leaked('after-delivery')).toMatchObject([{ by: 'standby', targets: [TARGET] }]);
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
      { need: 'the consumers of the last turn through', by: 'consumers', targets: [read] },
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
