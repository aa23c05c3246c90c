import { describe, expect, it } from 'vitest';
import { EMPTY_RECORD } from '../../../src/domain/evolve.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import { fact, folded, next, RECORD_OF_ALL as ALL } from '../../builders/fact.ts';
import { NOW, record } from '../../builders/situation.ts';

describe('an account that is adopted', () => {
  it('counts its age from first sight where nothing tells more, and has no slot behind it', () => {
    const wantRecord: AccountRecord = next(EMPTY_RECORD, {
      adoptedAt: NOW,
      ageFrom: { at: NOW, atLeast: true },
    });
    expect(folded(EMPTY_RECORD, fact('account-adopted', { evidence: 'none' }))).toStrictEqual(wantRecord);
  });

  it('counts the age of what is live from its issue, and knows how long it lives', () => {
    const body = { live: 'seen', issuedAt: NOW - 400, expiresAt: NOW + 600, evidence: 'issued-at' } as const;
    expect(folded(EMPTY_RECORD, fact('account-adopted', body))).toStrictEqual(
      next(EMPTY_RECORD, {
        adoptedAt: NOW,
        ageFrom: { at: NOW - 400, atLeast: false },
        live: {
          fingerprint: 'seen',
          issuedAt: NOW - 400,
          expiresAt: NOW + 600,
          ownMint: false,
          proved: false,
        },
        lifetimeMs: 1_000,
      }),
    );
  });

  it('of which a store shows that we delivered it goes on from there', () => {
    const body = { live: 'seen', evidence: 'store', slotFrom: NOW - 300 } as const;
    expect(folded(EMPTY_RECORD, fact('account-adopted', body))).toStrictEqual(
      next(EMPTY_RECORD, {
        adoptedAt: NOW,
        ageFrom: { at: NOW - 300, atLeast: false },
        slot: NOW - 300,
        knownBefore: true,
        live: { fingerprint: 'seen', ownMint: false, proved: false },
      }),
    );
  });

  it('has a lifetime that counts from first sight where the issue is not known', () => {
    const body = { live: 'seen', expiresAt: NOW + 600, evidence: 'none' } as const;
    expect(folded(EMPTY_RECORD, fact('account-adopted', body)).lifetimeMs).toBe(600);
  });

  it('has no lifetime below nothing', () => {
    const body = { live: 'seen', expiresAt: NOW - 600, evidence: 'none' } as const;
    expect(folded(EMPTY_RECORD, fact('account-adopted', body)).lifetimeMs).toBe(0);
  });
});

describe('a look', () => {
  const wait = { retryAt: NOW, retries: 2, reobserveAt: [NOW - 10, NOW, NOW + 10] };

  it('ends the back-off that is over, and is one of the looks that were planned until its request', () => {
    const before = record(wait);
    expect(folded(before, fact('looked', { requestedAt: NOW }))).toStrictEqual(
      next(before, { retries: 0, reobserveAt: [NOW + 10] }, 'retryAt'),
    );
  });

  it('leaves alone what waits for its time', () => {
    const before = record({ ...wait, retryAt: NOW + 1 });
    expect(folded(before, fact('looked', { requestedAt: NOW - 20 }))).toStrictEqual(next(before, {}));
  });

  it('forgets how often was tried where nothing waits', () => {
    const before = record({ retries: 2 });
    expect(folded(before, fact('looked', { requestedAt: NOW })).retries).toBe(0);
  });

  it('leaves alone what an open rotation tries again', () => {
    const { rotation } = ALL;
    if (rotation === undefined) throw new Error('the record has a rotation');
    const before = record({ ...wait, rotation });
    expect(folded(before, fact('looked', { requestedAt: NOW - 20 }))).toStrictEqual(next(before, {}));
  });

  it('that failed waits for its next attempt', () => {
    const body = { failure: 'not-connected', message: 'no way', attempt: 5, retryAt: NOW + 50 } as const;
    expect(folded(ALL, fact('observe-failed', body))).toStrictEqual(
      next(ALL, {
        lastFailure: { failure: 'not-connected', message: 'no way', at: NOW },
        retryAt: NOW + 50,
        retries: 5,
      }),
    );
  });
});

describe('the live credential', () => {
  it('that was found in the targets is proved, and counts its age from its issue', () => {
    const body = { fingerprint: 'found', issuedAt: NOW - 300, expiresAt: NOW + 700 };
    expect(folded(ALL, fact('live-found', body))).toStrictEqual(
      next(
        ALL,
        {
          live: {
            fingerprint: 'found',
            issuedAt: NOW - 300,
            expiresAt: NOW + 700,
            ownMint: false,
            proved: true,
          },
          ageFrom: { at: NOW - 300, atLeast: false },
          lifetimeMs: 1_000,
        },
        'liveMissingSince',
      ),
    );
  });

  it('that was found keeps the age that is known where it tells none', () => {
    const after = folded(ALL, fact('live-found', { fingerprint: 'found' }));
    expect(after).toStrictEqual(
      next(ALL, { live: { fingerprint: 'found', ownMint: false, proved: true } }, 'liveMissingSince'),
    );
  });

  it.each(['live-found', 'live-changed'] as const)(
    'that is %s among the old ones has leaked still, where somebody said so',
    (kind) => {
      const replaced = { why: 'replaced', since: NOW } as const;
      const before = record({
        old: [
          { ...replaced, fingerprint: 'a', reference: 'ref-a', compromised: true },
          { ...replaced, fingerprint: 'b', reference: 'ref-b' },
        ],
      });
      expect(folded(before, fact(kind, { fingerprint: 'a' })).live?.compromised).toBe(true);
      expect(folded(before, fact(kind, { fingerprint: 'b' })).live).not.toHaveProperty('compromised');
    },
  );

  it('is missing since nobody could tell what it is', () => {
    expect(folded(record(), fact('live-missing', {}))).toStrictEqual(
      next(record(), { liveMissingSince: NOW }),
    );
  });

  it('that somebody replaced is never live again, and the new one is to be proved', () => {
    expect(folded(ALL, fact('live-changed', { fingerprint: 'theirs', was: 'between' }))).toStrictEqual(
      next(
        ALL,
        {
          live: { fingerprint: 'theirs', ownMint: false, proved: false },
          superseded: ['older', 'between', 'live'],
          ageFrom: { at: NOW, atLeast: true },
        },
        'liveMissingSince',
        'lifetimeMs',
      ),
    );
  });

  it('that somebody replaced counts its age from its issue', () => {
    const body = { fingerprint: 'theirs', issuedAt: NOW - 300, expiresAt: NOW + 700 };
    expect(folded(ALL, fact('live-changed', body))).toMatchObject({
      ageFrom: { at: NOW - 300, atLeast: false },
      lifetimeMs: 1_000,
    });
  });

  it('is proved by a proof of it, and by no other', () => {
    expect(folded(ALL, fact('credential-proved', { fingerprint: 'live' })).live?.proved).toBe(true);
    expect(folded(ALL, fact('credential-proved', { fingerprint: 'older' }))).toStrictEqual(next(ALL, {}));
  });

  it('that nobody knows is proved by nothing', () => {
    const { live: _, ...unknown } = record();
    expect(folded(unknown, fact('credential-proved', { fingerprint: 'live' }))).toStrictEqual(
      next(unknown, {}),
    );
  });

  it('is remembered as replaced once, and at most 32 of them, the newest', () => {
    const superseded = Array.from({ length: 32 }, (_, index) => `old-${index}`);
    const after = folded(
      record({ superseded }),
      fact('live-changed', { fingerprint: 'theirs', was: 'live' }),
    );
    expect(after.superseded).toStrictEqual([...superseded.slice(1), 'live']);
  });
});

describe('what holds an account', () => {
  it('holds it since it was first noted, with the newest reason', () => {
    expect(folded(ALL, fact('account-held', { hold: 'closed', why: 'still closed' })).held).toStrictEqual({
      closed: { since: NOW - 90, why: 'still closed' },
    });
    expect(folded(ALL, fact('account-held', { hold: 'own-account', why: 'its own' })).held).toStrictEqual({
      closed: { since: NOW - 90, why: 'closed' },
      'own-account': { since: NOW, why: 'its own' },
    });
  });

  it('is lifted by itself alone', () => {
    expect(folded(ALL, fact('hold-lifted', { hold: 'closed' }))).toStrictEqual(next(ALL, { held: {} }));
    expect(folded(ALL, fact('hold-lifted', { hold: 'own-account' }))).toStrictEqual(next(ALL, {}));
  });

  it('is known with its reason when it is parked', () => {
    expect(folded(ALL, fact('account-parked', { why: 'five failures' }))).toStrictEqual(
      next(ALL, { parked: { since: NOW, why: 'five failures' } }),
    );
  });

  it.each([
    ['unparked', fact('account-unparked', {})],
    ['given another policy', fact('policy-changed', { name: 'billing' })],
  ])('is forgotten with all back-off, of its targets too, when it is %s', (_, one) => {
    const after = folded(ALL, one);
    const target = Object.values(ALL.targets)[0] ?? { failures: 0, accepted: false };
    expect(after).toStrictEqual(
      next(
        ALL,
        { targets: { 'files:billing/token': next(target, {}, 'retryAt') }, failures: 0, retries: 0 },
        'parked',
        'retryAt',
      ),
    );
  });

  it('is who paused it, until it is resumed', () => {
    const cause = { actor: 'socket:0', reason: 'moving house' };
    expect(folded(record(), fact('account-paused', {}, { cause }))).toStrictEqual(
      next(record(), { paused: { since: NOW, cause } }),
    );
    expect(folded(ALL, fact('account-resumed', {}))).toStrictEqual(next(ALL, {}, 'paused'));
  });
});

describe('an account that left', () => {
  it('waits for nothing any more', () => {
    expect(folded(ALL, fact('account-left', {}))).toStrictEqual(
      next(ALL, { leftAt: NOW, places: {} }, 'waiting', 'missed'),
    );
  });

  it('is back with the next fact', () => {
    const left = record({ leftAt: NOW - 1 });
    expect(folded(left, fact('live-missing', {}))).toStrictEqual(
      next(left, { liveMissingSince: NOW }, 'leftAt'),
    );
  });
});
