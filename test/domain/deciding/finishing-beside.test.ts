import { describe, expect, it } from 'vitest';
import { finish } from '../../../src/domain/deciding/finishing.ts';
import type { AccountRecord, OldCredential, OpenRotation } from '../../../src/domain/record.ts';
import { account } from '../../builders/account.ts';
import { ALL_SEEN, NOW, OPEN, record, REFUSED, situation, TARGET } from '../../builders/situation.ts';
import { noted } from '../../builders/decision.ts';

const HOUR_MS = 3_600_000;
const MINTED: NonNullable<OpenRotation['minted']> = {
  fingerprint: 'live',
  preImage: 'old',
  sentAt: NOW - 5_000,
  recovered: false,
  provedFirst: true,
};
const OLD: OldCredential = { why: 'replaced', since: NOW - 9, fingerprint: 'old', reference: 'ref-old' };
const SUCCEEDED = { kind: 'rotation-succeeded', fingerprint: 'live', estimated: false };

/** What was minted beside the live credential was proved, is live, and is in every target. */
function finished(rotation: Partial<OpenRotation> = {}, changes: Partial<AccountRecord> = {}) {
  const live = { fingerprint: 'live', version: '1' };
  const targets = {
    [TARGET.id]: {
      failures: 0,
      accepted: false,
      confirmed: { ...live, at: NOW },
      written: { ...live, at: NOW - 40 },
    },
  };
  return finish(
    situation({
      policy: account({
        strategy: 'overlap',
        targets: [TARGET],
        graceMs: HOUR_MS,
        retireHardLimitMs: 2 * HOUR_MS,
      }),
      record: record({ targets, rotation: { ...OPEN, minted: MINTED, ...rotation }, ...changes }),
      seen: ALL_SEEN,
      inHand: new Set(['live', 'old']),
    }),
  );
}

describe('a rotation that minted beside the live credential', () => {
  it('succeeds without a dark window and without trying the old one, whose grace begins', () => {
    expect(finished({}, { old: [OLD] })).toStrictEqual(
      noted(SUCCEEDED, {
        kind: 'grace-begun',
        reference: 'ref-old',
        fingerprint: 'old',
        until: NOW + HOUR_MS,
        hardLimitAt: NOW + 2 * HOUR_MS,
      }),
    );
  });

  it('succeeds where nothing is old', () => {
    expect(finished()).toStrictEqual(noted(SUCCEEDED));
  });

  it('is open until what it minted was proved', () => {
    expect(finished({ minted: { ...MINTED, unproved: { targets: [] } } })).toBeUndefined();
  });

  it('waits until what has leaked was ended', () => {
    const leaked = { ...OLD, compromised: true } as const;
    expect(finished({ compromised: 'after-delivery' }, { old: [leaked] })).toBeUndefined();
  });

  it('waits no longer where what it minted is refused for certain: another one comes first, if anything asks for it', () => {
    const leaked = { old: [{ ...OLD, compromised: true }] } as const;
    const { countedAt: _, ...doubted } = REFUSED;
    const waiting = { requests: ['q1'], cause: { actor: 'socket:0' }, at: NOW };
    const ending = { compromised: 'after-delivery' } as const;
    const why = 'the provider refuses the credential live that it has just minted';
    const abandoned = noted({ kind: 'rotation-abandoned', why });
    expect(finished(ending, { ...leaked, refused: REFUSED, waiting })).toStrictEqual(abandoned);
    const parked = { since: NOW, why: 'refused' };
    expect(finished(ending, { ...leaked, refused: REFUSED, parked })).toStrictEqual(abandoned);
    expect(finished(ending, { ...leaked, refused: REFUSED })).toBeUndefined();
    expect(finished(ending, { ...leaked, refused: doubted, waiting })).toBeUndefined();
  });

  it('tries what has leaked and was ended, before it succeeds', () => {
    const untried = [{ fingerprint: 'old', endedAt: NOW - 3, replaced: true }];
    expect(finished({ compromised: 'after-delivery', untried })).toStrictEqual({
      do: 'try',
      fingerprint: 'old',
    });
    expect(finished({ compromised: 'after-delivery', untried: [] })).toStrictEqual(noted(SUCCEEDED));
  });
});

describe('a rotation whose own credential has leaked', () => {
  const waiting = { requests: ['q1'], cause: { actor: 'socket:0' }, at: NOW };

  it('is abandoned for one that was asked for at once', () => {
    const why = 'what it minted has leaked: another one is minted now, without waiting for its deliveries';
    const asked = { waiting: { ...waiting, compromised: 'now' }, targets: {} } as const;
    expect(finished({}, asked)).toStrictEqual(noted({ kind: 'rotation-abandoned', why }));
  });

  it('delivers what it minted before one that does not have to be had at once', () => {
    const asked = { waiting: { ...waiting, compromised: 'after-delivery' }, targets: {} } as const;
    expect(finished({}, asked)).toBeUndefined();
    expect(finished({}, { waiting, targets: {} })).toBeUndefined();
  });
});

describe('a rotation in place whose old credential has leaked', () => {
  const { provedFirst: _, ...inPlace } = MINTED;

  it('ends without success where nobody can see that it is refused', () => {
    const { preImage: _preImage, ...unknown } = inPlace;
    expect(finished({ minted: unknown, compromised: 'after-delivery' })).toMatchObject(
      noted({ kind: 'old-credential-tried', outcome: 'unknown' }, { kind: 'rotation-abandoned' }),
    );
  });

  it('tries it, and waits for the next attempt', () => {
    const leaked = { minted: inPlace, compromised: 'after-delivery' } as const;
    expect(finished(leaked)).toStrictEqual({ do: 'try', fingerprint: 'old' });
    expect(finished(leaked, { retryAt: NOW + 1 })).toBeUndefined();
  });
});
