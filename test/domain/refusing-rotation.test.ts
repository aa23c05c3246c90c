import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { LIMITS } from '../../src/domain/limits.ts';
import type { Refusal } from '../../src/domain/record.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { ALL_SEEN, NOW, OPEN, ready, record, REFUSED } from '../builders/situation.ts';
import { ALL_ACCEPTED, ONCE, SENT, fold, noted, refused, untilDone } from '../builders/refused.ts';
import type { Given } from '../builders/refused.ts';

const MINUTE_MS = 60_000;

const HOUR_MS = 3_600_000;

describe('a rotation because of a refusal', () => {
  const open = (refusal: Refusal | undefined, changes: Partial<Situation> = {}) => {
    const rotation = { ...OPEN, trigger: 'refused' } as const;
    const base = record({ rotation, ...(refusal && { refused: refusal }) });
    return ready({ record: base, inHand: new Set(['live']), ...changes });
  };

  it('is minted while the refusal is fresh', () => {
    expect(decide(open(REFUSED))).toEqual({ do: 'mint' });
  });

  it('is not minted for what was seen a minute ago: the credential is tried again first', () => {
    const old = { ...REFUSED, triedAt: NOW - MINUTE_MS };
    expect(decide(open(old))).toEqual({ do: 'try', fingerprint: 'live' });
  });

  it('is not minted once a try did not count', () => {
    const { countedAt: _, ...doubtful } = REFUSED;
    expect(decide(open(doubtful)).do).toBe('rest');
  });

  it('is given up when the credential is accepted again', () => {
    expect(noted(open(undefined))).toMatchObject([{ kind: 'rotation-abandoned' }]);
  });

  it('goes on when a person has asked for it as well', () => {
    const rotation = { ...OPEN, trigger: 'manual' } as const;
    expect(decide(ready({ record: record({ rotation }) }))).toEqual({ do: 'mint' });
  });

  it('is remembered by its mint, and its refusal ends with it', () => {
    const intended = fold(open(REFUSED).record, 'mint-intended', {
      attempt: 1,
      preImage: 'live',
      targets: [],
    });
    expect(intended.refusedMintAt).toBe(NOW);
    const minted = fold(intended, 'credential-minted', {
      fingerprint: 'new',
      preImage: 'live',
      sentAt: NOW,
      recovered: false,
      targets: [],
    });
    expect(minted.refused).toBeUndefined();
  });
});

describe('a credential that was just minted and is refused', () => {
  const made = { fingerprint: 'live', preImage: 'old', sentAt: NOW - 10 * MINUTE_MS, recovered: false };
  const minted = (given: Given = {}) =>
    refused({
      ...given,
      record: {
        refused: ONCE,
        live: { fingerprint: 'live', ownMint: true, proved: false },
        rotation: { ...OPEN, openedAt: NOW - HOUR_MS, minted: made },
        ...given.record,
      },
    });
  const doubtful = { others: { ...ALL_ACCEPTED, refused: 1 } };

  it('is tried again for as long as it is not certain, and parks nobody', () => {
    for (const onRefused of ['park', 'rotate'] as const) {
      const { facts, record: after } = untilDone(minted({ policy: { onRefused }, seen: doubtful }));
      expect(facts).toEqual(['live-tried', 'rotation-failed']);
      expect(after).toMatchObject({ failures: 0, retryAt: after.refused?.tryAt });
    }
  });

  it('is tried again soon at first, when it may not be known everywhere yet', () => {
    const { record: after } = untilDone(minted({ record: { refused: undefined as never } }));
    expect(after.retryAt).toBeLessThanOrEqual(NOW + LIMITS.recoverFirstMs);
  });

  it('is tried again calmly where nobody knows what the refusal says', () => {
    const tried = { live: { at: SENT, outcome: { kind: 'refused', id: 'jwt-issuer' } } } as const;
    const retryAt = (retries: number) =>
      untilDone(minted({ record: { refused: undefined as never, retries }, seen: { tried } })).record.retryAt;
    expect(retryAt(7)).toBeLessThanOrEqual(NOW + LIMITS.recoverMaxMs);
    expect(retryAt(8)).toBeGreaterThan(NOW + LIMITS.recoverMaxMs);
  });

  it('parks its account once it is certain, and does not stand in the way of the next rotation', () => {
    const { facts } = untilDone(minted());
    const want = ['live-tried', 'rotation-failed', 'account-parked', 'rotation-abandoned'];
    expect(facts.slice(0, want.length)).toEqual(want);
  });

  it('is rotated again where the policy says so', () => {
    const grant = { granted: true, lastHour: 0, atMost: 1, until: NOW };
    const { facts } = untilDone(minted({ policy: { onRefused: 'rotate' }, seen: { grant } }));
    expect(facts).toEqual(['live-tried', 'rotation-abandoned', 'rotation-opened']);
  });

  it('is given up at once for a rotation that a person asks for', () => {
    const waiting = { requests: ['q'], cause: { actor: 'person' }, at: NOW };
    const later = { ...ONCE, tryAt: NOW + 1 };
    const asked = minted({ record: { refused: later, waiting, retryAt: NOW + 1 } });
    const { facts } = untilDone({ ...asked, seen: { ...ALL_SEEN, tried: {} } });
    expect(facts.slice(0, 2)).toEqual(['rotation-abandoned', 'rotation-opened']);
  });
});
