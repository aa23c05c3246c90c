import { describe, expect, it } from 'vitest';
import { endingOf, tryEnded } from '../../../src/domain/deciding/trying-ended.ts';
import type { Account } from '../../../src/domain/account.ts';
import type { AccountRecord, OpenRotation } from '../../../src/domain/record.ts';
import type { Tried } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import {
  ALL_SEEN,
  LEAKED_LIVE as live,
  NOW,
  OPEN,
  record,
  situation,
  TARGET,
} from '../../builders/situation.ts';

const ENDED_AT = NOW - 5_000;
const LEAKED: OpenRotation = { ...OPEN, compromised: 'after-delivery' };

function tried(
  kind: Tried['outcome'] | undefined,
  { at = NOW, inHand = true, retryAt = NOW, replaced = true, endedAt = ENDED_AT } = {},
) {
  const tries = kind === undefined ? {} : { old: { at, outcome: kind } };
  return tryEnded(
    situation({
      record: record({ rotation: LEAKED, retryAt }),
      seen: { ...ALL_SEEN, tried: tries },
      inHand: new Set(inHand ? ['old'] : []),
    }),
    { fingerprint: 'old', endedAt, replaced },
  );
}

function unseen(which: string): string {
  return (
    `a new credential is live, and ${which} was ended, but nobody has its value any more, so that it is refused was not seen: ` +
    'try it yourself where it leaked'
  );
}

describe('a leaked credential that was ended', () => {
  it('is tried', () => {
    expect(tried(undefined)).toEqual({ do: 'try', fingerprint: 'old' });
  });

  it('is tried again where it was tried before it ended', () => {
    expect(tried({ kind: 'refused' }, { at: ENDED_AT - 1 })).toEqual({ do: 'try', fingerprint: 'old' });
  });

  it('is done with once it was refused', () => {
    expect(tried({ kind: 'refused' }, { at: ENDED_AT })).toEqual({
      do: 'note',
      facts: [{ kind: 'old-credential-tried', fingerprint: 'old', outcome: 'refused' }],
    });
  });

  it('is not tried without end where it ended in the future: the clock was put back since', () => {
    expect(tried({ kind: 'refused' }, { endedAt: NOW + 1 })).toMatchObject({
      facts: [{ kind: 'old-credential-tried', outcome: 'refused' }],
    });
    expect(tried(undefined, { endedAt: NOW + 1 })).toEqual({ do: 'try', fingerprint: 'old' });
  });

  it('keeps its rotation open while it is accepted', () => {
    expect(tried({ kind: 'accepted', accountId: 'a1' })).toMatchObject({
      do: 'note',
      facts: [
        {
          kind: 'rotation-failed',
          failure: 'answer-invalid',
          message:
            'kronup still accepts the compromised credential old, although it was ended; it is tried again. ' +
            'If this goes on, close the account at the provider',
          counts: false,
        },
      ],
    });
  });

  it('keeps its rotation open while nobody knows', () => {
    const failure = { kind: 'no-answer', message: 'silence' } as const;
    expect(tried({ kind: 'unknown', failure })).toMatchObject({
      facts: [{ kind: 'rotation-failed', failure: 'no-answer', message: 'silence', counts: false }],
    });
  });

  it('waits for the next attempt', () => {
    expect(tried(undefined, { retryAt: NOW + 1 })).toBe('wait');
  });

  it('whose value nobody has ends its rotation without success', () => {
    expect(tried(undefined, { inHand: false })).toMatchObject({
      facts: [
        { kind: 'old-credential-tried', fingerprint: 'old', outcome: 'unknown' },
        { kind: 'rotation-abandoned', why: unseen('the credential old') },
      ],
    });
  });

  it('that an earlier rotation replaced does not have to be tried where its value is gone', () => {
    expect(tried(undefined, { inHand: false, replaced: false })).toEqual({
      do: 'note',
      facts: [{ kind: 'old-credential-tried', fingerprint: 'old', outcome: 'unknown' }],
    });
  });

  it('that nobody knew ends its rotation without success', () => {
    expect(
      tryEnded(situation(), { fingerprint: undefined, endedAt: ENDED_AT, replaced: true }),
    ).toMatchObject({
      facts: [
        { kind: 'old-credential-tried', fingerprint: '', outcome: 'unknown' },
        { kind: 'rotation-abandoned', why: unseen('what was live before') },
      ],
    });
  });
});

describe('a rotation that was to end what has leaked of a pair', () => {
  const old = { why: 'replaced', since: NOW, fingerprint: 'old', accountId: 'a', compromised: true } as const;
  const minted = { fingerprint: 'new', sentAt: NOW, recovered: false, accountId: 'b' };
  function ending(policy: Partial<Account>, changes: Partial<AccountRecord>, rotation = LEAKED) {
    const known = record({
      live: { fingerprint: 'live', ownMint: true, proved: true },
      ...changes,
      rotation,
    });
    return endingOf(
      situation({ policy: account({ ...policy, targets: [TARGET] }), record: known }),
      rotation,
    );
  }
  const abandoned = (whose: string, end: string) => ({
    do: 'note',
    facts: [
      {
        kind: 'rotation-abandoned',
        why: `what has leaked of ${whose} works still, because that account is not one of a pair any more; ${end}`,
      },
    ],
  });
  const BY_HAND = 'regenerate its token in the console, or close the account at the provider';
  const BY_ROTATING = 'end it by: rekeyd rotate billing --compromised --reason …';

  it('is abandoned where its account is none of the pair any more', () => {
    expect(ending({ accountIds: ['b'] }, { old: [old] })).toEqual(abandoned('a', BY_HAND));
    expect(ending({ strategy: 'pair', accountIds: ['b', 'c'] }, { old: [old] })).toEqual(
      abandoned('a', BY_HAND),
    );
  });

  it('is abandoned where the other account is left alone, and has what has leaked', () => {
    const rotation = { ...LEAKED, minted };
    expect(ending({ accountIds: ['a'] }, { live }, rotation)).toEqual(abandoned('a', BY_ROTATING));
    const { accountId: _, ...unnamed } = live;
    expect(ending({ accountIds: ['a'] }, { live: unnamed }, rotation)).toEqual(abandoned('a', BY_ROTATING));
  });

  it('goes on where the account is one of the pair still, or only what it minted has leaked since', () => {
    expect(ending({ strategy: 'pair', accountIds: ['a', 'b'] }, { old: [old] })).toBe('wait');
    const { compromised: _, ...sound } = old;
    expect(ending({ accountIds: ['b'] }, { old: [sound] })).toBeUndefined();
    const { compromised: _leaked, ...unharmed } = live;
    expect(ending({ accountIds: ['a'] }, { live: unharmed }, { ...LEAKED, minted })).toBeUndefined();
    const { live: _live, ...nothing } = record({ rotation: LEAKED });
    expect(endingOf(situation({ record: nothing }), LEAKED)).toBeUndefined();
    const ofMinted = { ...live, accountId: 'b' };
    expect(ending({ accountIds: ['b'] }, { live: ofMinted }, { ...LEAKED, minted })).toBeUndefined();
  });
});

describe('a rotation', () => {
  const old = { why: 'replaced', since: NOW, fingerprint: 'old', reference: 'r' } as const;
  const ending = (rotation: OpenRotation, changes = {}) =>
    endingOf(situation({ record: record({ rotation, ...changes }) }), rotation);

  it('has nothing to end where nothing leaked', () => {
    expect(ending(OPEN, { old: [old] })).toBeUndefined();
  });

  it('waits until all that leaked was ended, and for nothing else', () => {
    expect(ending(LEAKED, { old: [{ ...old, compromised: true }] })).toBe('wait');
    expect(ending(LEAKED, { old: [old] })).toBeUndefined();
  });

  it('tries one after the other of what was ended', () => {
    const untried = [{ fingerprint: 'old', endedAt: ENDED_AT, replaced: true }];
    const rotation = { ...LEAKED, untried };
    const known = situation({ record: record({ rotation }), inHand: new Set(['old']) });
    expect(endingOf(known, rotation)).toEqual({ do: 'try', fingerprint: 'old' });
    expect(ending({ ...LEAKED, untried: [] })).toBeUndefined();
  });
});
