/** The provider shows what was replaced, or seemed lost: an answer that was behind may have shown what took its place. */
import { describe, expect, it } from 'vitest';
import { noteLive } from '../../../src/domain/deciding/finding-live.ts';
import type { AccountRecord, KnownCredential } from '../../../src/domain/record.ts';
import type { AccountSeen, Tried } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { noted } from '../../builders/decision.ts';
import { fact, folded } from '../../builders/fact.ts';
import { NOW, OPEN, record, REFUSED, situation } from '../../builders/situation.ts';

const SHOWN = { fingerprint: 'shown', issuedAt: NOW - 9, expiresAt: NOW + 9 };
const LIVE: KnownCredential = { fingerprint: 'live', ownMint: false, proved: false };
const REFUSAL = { ...REFUSED, fingerprint: 'live', lastAt: NOW - 5 };
const KNOWN: Partial<AccountRecord> = { live: LIVE, refused: REFUSAL, superseded: ['older', 'shown'] };
const ACCEPTED = { kind: 'accepted', accountId: 'a1' } as const;
const { live: _, ...NOTHING_LIVE } = record({ superseded: ['shown'] });

function decided(
  known: AccountRecord,
  outcome?: Tried['outcome'],
  { requestedAt = NOW - 5, ...seen }: Partial<AccountSeen> = {},
) {
  return noteLive(
    situation({
      policy: seen.members === undefined ? account() : account({ strategy: 'pair', accountIds: ['b', 'a1'] }),
      record: known,
      seen: {
        account: { requestedAt, state: 'open', certain: true, live: SHOWN, ...seen },
        targets: {},
        preflights: {},
        tried: outcome === undefined ? {} : { shown: { at: NOW, outcome } },
      },
    }),
  );
}

describe('what is shown although it was replaced, while what took its place is refused', () => {
  const changed = { kind: 'live-changed', ...SHOWN, was: 'live' } as const;

  it('is tried, and live where it is accepted', () => {
    expect(decided(record(KNOWN))).toStrictEqual({ do: 'try', fingerprint: 'shown' });
    expect(decided(record(KNOWN), ACCEPTED)).toStrictEqual(noted(changed));
    const { live, superseded } = folded(record(KNOWN), fact('live-changed', changed));
    expect(live).toMatchObject({ fingerprint: 'shown' });
    expect(superseded).toStrictEqual(['older', 'live']);
  });

  it('is tried as well where the refusal was dated by a clock that was put back since', () => {
    const known = record({ ...KNOWN, refused: { ...REFUSAL, lastAt: NOW + 1 } });
    expect(decided(known)).toStrictEqual({ do: 'try', fingerprint: 'shown' });
  });

  it.each<[string, Partial<AccountRecord>, number?]>([
    ['another one was refused', { refused: { ...REFUSAL, fingerprint: 'other' } }],
    ['that was asked after this was shown', {}, NOW - 6],
    ['that came with the answer to our own mint', { live: { ...LIVE, ownMint: true } }],
  ])('is an old answer where %s', (_name, known, requestedAt = NOW - 5) => {
    expect(decided(record({ ...KNOWN, ...known }), undefined, { requestedAt })).toBeUndefined();
  });

  it('is an old answer where what is live is not refused', () => {
    const { refused: _refused, ...accepted } = record(KNOWN);
    expect(decided(accepted)).toBeUndefined();
  });

  it('is an old answer where it is refused, not answered for, or accepted as that of another account', () => {
    expect(decided(record(KNOWN), { kind: 'refused', revoked: true })).toBeUndefined();
    expect(decided(record(KNOWN), { kind: 'accepted', accountId: 'a2' })).toBeUndefined();
  });

  it('is that of the same account, of a pair', () => {
    const known = record({ ...KNOWN, live: { ...LIVE, accountId: 'a1' } });
    const members = [{ accountId: 'a1', state: 'open', live: SHOWN } as const];
    expect(decided(known, ACCEPTED, { members })).toStrictEqual(noted({ ...changed, accountId: 'a1' }));
    expect(decided(known, { kind: 'accepted', accountId: 'b' }, { members })).toBeUndefined();
  });
});

describe('what is shown although it seemed lost, while nothing is live', () => {
  it('is live where it is accepted', () => {
    expect(decided(NOTHING_LIVE)).toStrictEqual({ do: 'try', fingerprint: 'shown' });
    expect(decided(NOTHING_LIVE, ACCEPTED)).toStrictEqual(noted({ kind: 'live-found', ...SHOWN }));
    expect(decided(NOTHING_LIVE, { kind: 'refused', revoked: true })).toBeUndefined();
  });

  it('is what the open rotation has minted, where it is that', () => {
    const rotation = { ...OPEN, lost: true, mintedLost: 'shown' };
    expect(decided({ ...NOTHING_LIVE, rotation }, ACCEPTED)).toMatchObject(
      noted({ kind: 'credential-minted', ...SHOWN, recovered: true }),
    );
  });
});
