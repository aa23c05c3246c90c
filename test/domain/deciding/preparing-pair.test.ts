import { describe, expect, it } from 'vitest';
import type { Account } from '../../../src/domain/account.ts';
import { prepare } from '../../../src/domain/deciding/rotating.ts';
import type { AccountRecord, TargetRecord } from '../../../src/domain/record.ts';
import type { AccountSeen, Situation } from '../../../src/domain/situation.ts';
import type { Target } from '../../../src/domain/target.ts';
import { account, target } from '../../builders/account.ts';
import { CHECKOUT, confirmedWith, HOOK, READ, refreshing, SYNC } from '../../builders/refresh.ts';
import { ALL_SEEN, NOW, OPEN, record, situation } from '../../builders/situation.ts';
import { holding } from '../../builders/targets.ts';

const LIVE = { fingerprint: 'live', ownMint: true, proved: true, accountId: 'blue' };
const OTHER = target('files:billing/other', { consumers: [SYNC] });
const SEEN: AccountSeen = {
  requestedAt: NOW,
  state: 'open',
  certain: true,
  members: [
    { accountId: 'blue', state: 'open', live: { fingerprint: 'live' } },
    { accountId: 'green', state: 'open', live: { fingerprint: 'green-1' } },
  ],
};

/** A pair of which blue's credential is live, with an open rotation; its targets hold this credential. */
function pair(targets: Account['targets'], held: string, known: AccountRecord['targets']): Situation {
  return situation({
    policy: account({ strategy: 'pair', accountIds: ['blue', 'green'], targets }),
    record: record({ live: LIVE, rotation: OPEN, targets: known }),
    seen: {
      ...ALL_SEEN,
      account: SEEN,
      targets: Object.fromEntries(targets.map(({ id }) => [id, holding(held)])),
      preflights: Object.fromEntries(targets.map(({ id }) => [id, { at: NOW, identity: 'me' }])),
    },
  });
}

const WRITTEN = { realWrite: { at: NOW - 1_000, identity: 'me' } };

function failed(message: string) {
  const facts = [
    {
      kind: 'rotation-failed',
      failure: 'target-refused',
      message,
      attempt: 1,
      retryAt: NOW + 3_750,
      counts: false,
    },
  ];
  return { do: 'note', facts };
}

describe("a rotation whose mint would end what a pair's consumers use", () => {
  it('fails with the target that holds it, and the account that it is of', () => {
    const known = { [READ.id]: { failures: 0, accepted: false, ...WRITTEN } };
    expect(prepare(pair([READ], 'green-1', known))).toStrictEqual(
      failed(
        'files:billing/token holds what a mint for green would end; it is minted for once no target holds that any more',
      ),
    );
  });

  it('tries what is live before it fails so: where that is dead, the target holds what works', () => {
    const known = { [READ.id]: { failures: 0, accepted: false, ...WRITTEN } };
    const given = { ...pair([READ], 'green-1', known), inHand: new Set(['live', 'green-1']) };
    expect(prepare(given)).toStrictEqual({ do: 'try', fingerprint: 'live' });
    const live = { at: NOW, outcome: { kind: 'accepted', accountId: 'blue' } } as const;
    expect(prepare({ ...given, seen: { ...given.seen, tried: { live } } })).toMatchObject({ do: 'note' });
  });

  it('fails with the target whose credential could not be tried, and why, where it may be the standby’s', () => {
    const known = { [READ.id]: { failures: 0, accepted: false, ...WRITTEN } };
    const given = pair([READ], 'stranger', known);
    const members = [
      { accountId: 'blue', state: 'open' },
      { accountId: 'green', state: 'open' },
    ] as const;
    const failure = { kind: 'rate-limited', message: 'too many calls', retryAfterMs: 3_600_000 } as const;
    const stranger = { at: NOW, outcome: { kind: 'unknown', failure } } as const;
    const seen = { ...given.seen, account: { ...SEEN, members }, tried: { stranger } };
    expect(prepare({ ...given, seen })).toStrictEqual(
      failed(
        'files:billing/token may hold what a mint for green would end: what it holds could not be tried (too many calls); ' +
          'it is minted for once that is known',
      ),
    );
  });

  it('fails with those of the target who have not taken up what is live, and with what to do', () => {
    const known = {
      [READ.id]: { ...confirmedWith(refreshing(CHECKOUT), refreshing(HOOK)), ...WRITTEN },
      [OTHER.id]: { ...confirmedWith(refreshing(SYNC)), ...WRITTEN },
    };
    const read = { ...READ, consumers: [CHECKOUT, HOOK] };
    expect(prepare(pair([read, OTHER], 'live', known))).toStrictEqual(
      failed(
        'cluster restart Deployment shop/checkout, deploys webhook of files:billing/token may still use what a mint for ' +
          'green would end; it is minted for once they have taken up what is live, or at once with --compromised',
      ),
    );
  });

  describe('with a target to which what is live was written, and which was not seen to hold it since,', () => {
    const read = { ...READ, consumers: [CHECKOUT] };
    const written = { fingerprint: 'live', version: '3', at: NOW - 1_000 };
    const unconfirmed = { failures: 1, accepted: false, written, retryAt: NOW + 500, ...WRITTEN };
    const prepared = (of: Target, known: Partial<TargetRecord> = {}) =>
      prepare(pair([of], 'stranger', { [READ.id]: { ...unconfirmed, ...known } }));

    it('fails until then: its consumers may have read what stood there before', () => {
      expect(prepared(read, { misread: true })).toStrictEqual(
        failed(
          'files:billing/token was written and not seen to hold what is live since; whoever reads it may still use what a mint ' +
            'for green would end; it is minted for once they have taken up what is live, or at once with --compromised',
        ),
      );
    });

    it('is minted for where nobody reads it, where others write over it all day, and where it holds something else', () => {
      expect(prepared({ ...READ, consumers: [] })).toStrictEqual({ do: 'mint' });
      expect(prepared({ ...read, required: false }, { contested: { since: NOW - 2 } })).toStrictEqual({
        do: 'mint',
      });
      expect(prepared(read, { written: { ...written, fingerprint: 'green-0' } })).toStrictEqual({
        do: 'mint',
      });
    });
  });
});
