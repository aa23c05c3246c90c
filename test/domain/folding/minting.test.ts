import { describe, expect, it } from 'vitest';
import type { AccountRecord, OpenRotation } from '../../../src/domain/record.ts';
import { target } from '../../builders/account.ts';
import { fact, folded, next, RECORD_OF_ALL as ALL, TARGET_OF_ALL } from '../../builders/fact.ts';
import { NOW, OPEN, record, TARGET } from '../../builders/situation.ts';

const OTHER = target('vault:billing');
const SENT = NOW - 40;
const ROTATION: OpenRotation = ALL.rotation ?? OPEN;
const NOT_MINTED: AccountRecord = record();

describe('a mint that is intended', () => {
  it('is known with all that is needed to find out what came of it', () => {
    const before = record({ rotation: OPEN });
    const body = { attempt: 2, preImage: 'live', targets: [TARGET] };
    expect(folded(before, fact('mint-intended', body))).toStrictEqual(
      next(before, {
        rotation: {
          ...OPEN,
          attempts: 2,
          intent: {
            attempt: 2,
            at: NOW,
            preImage: 'live',
            targets: [TARGET],
            sentAt: NOW,
            unknown: false,
            sightings: 0,
          },
        },
      }),
    );
  });

  it('has no pre-image where none was seen', () => {
    const after = folded(record({ rotation: OPEN }), fact('mint-intended', { attempt: 1, targets: [] }));
    expect(Object.keys(after.rotation?.intent ?? {})).not.toContain('preImage');
  });

  it('belongs to an open rotation, and to nothing where none is', () => {
    expect(folded(NOT_MINTED, fact('mint-intended', { attempt: 1, targets: [] }))).toStrictEqual(
      next(NOT_MINTED, {}),
    );
  });
});

describe('a mint that happened', () => {
  const body = {
    fingerprint: 'new',
    preImage: 'seen',
    sentAt: SENT,
    recovered: false,
    issuedAt: NOW - 30,
    expiresAt: NOW + 70,
    targets: [TARGET, OTHER],
  };

  it('makes its credential live and owes it to every target; what was live never is again', () => {
    const { intent: _, ...rotation } = ROTATION;
    expect(folded(ALL, fact('credential-minted', body))).toStrictEqual(
      next(
        ALL,
        {
          superseded: ['older', 'seen', 'live'],
          rotation: {
            ...rotation,
            minted: { fingerprint: 'new', preImage: 'seen', sentAt: SENT, recovered: false },
          },
          targets: {
            [TARGET.id]: next(
              TARGET_OF_ALL,
              { owed: { fingerprint: 'new', target: TARGET } },
              'retryAt',
              'confirmed',
              'drifted',
            ),
            [OTHER.id]: { failures: 0, accepted: false, owed: { fingerprint: 'new', target: OTHER } },
          },
          retries: 0,
          live: {
            fingerprint: 'new',
            mintedAt: SENT,
            ownMint: true,
            proved: false,
            issuedAt: NOW - 30,
            expiresAt: NOW + 70,
          },
          mintedAt: SENT,
          ageFrom: { at: SENT, atLeast: false },
          lifetimeMs: 100,
          effectEndedAt: NOW,
        },
        'retryAt',
        'liveMissingSince',
      ),
    );
  });

  it('and was found by looking is not our own answer: it is proved before it is delivered', () => {
    const after = folded(ALL, fact('credential-minted', { ...body, recovered: true }));
    expect(after.live).toMatchObject({ ownMint: false, proved: false });
    expect(after.rotation?.minted?.recovered).toBe(true);
  });

  it('keeps nothing of the lifetime of the one before', () => {
    const bare = { fingerprint: 'new', sentAt: SENT, recovered: false, targets: [] };
    const after = folded(ALL, fact('credential-minted', bare));
    expect(Object.keys(after)).not.toContain('lifetimeMs');
    expect(after.live).toStrictEqual({ fingerprint: 'new', mintedAt: SENT, ownMint: true, proved: false });
    expect(after.rotation?.minted).toStrictEqual({ fingerprint: 'new', sentAt: SENT, recovered: false });
    expect(after.superseded).toStrictEqual(['older', 'live']);
  });

  it('lives from when it was noted where its issue is not known', () => {
    const { issuedAt: _, ...undated } = body;
    expect(folded(ALL, fact('credential-minted', undated)).lifetimeMs).toBe(70);
  });
});

describe('a mint that did not happen', () => {
  const body = { failure: 'not-allowed', message: 'no', retryAt: NOW + 60, counts: true } as const;

  it('leaves no intent, and is tried again later', () => {
    const { intent: _, ...rotation } = ROTATION;
    expect(folded(ALL, fact('mint-refused', body))).toStrictEqual(
      next(ALL, {
        rotation,
        lastFailure: { failure: 'not-allowed', message: 'no', at: NOW },
        retryAt: NOW + 60,
        retries: 5,
        failures: 4,
        effectEndedAt: NOW,
      }),
    );
  });

  it('is held against the account only where the failure was its own', () => {
    expect(folded(ALL, fact('mint-refused', { ...body, counts: false })).failures).toBe(3);
  });

  it('is tried again once it is settled that it did not', () => {
    const { intent: _, ...rotation } = ROTATION;
    expect(folded(ALL, fact('mint-settled', { attempt: 1 }))).toStrictEqual(next(ALL, { rotation }));
  });
});

describe('a mint of which nobody knows', () => {
  const body = { failure: 'no-answer', message: 'silence', sentAt: SENT, counts: false } as const;

  it('keeps its intent, counted from its request, and is looked for one, five and fifteen minutes after it', () => {
    expect(folded(ALL, fact('mint-unknown', body))).toStrictEqual(
      next(ALL, {
        ...(ROTATION.intent && {
          rotation: { ...ROTATION, intent: { ...ROTATION.intent, sentAt: SENT, unknown: true } },
        }),
        lastFailure: { failure: 'no-answer', message: 'silence', at: NOW },
        effectEndedAt: NOW,
        reobserveAt: [SENT + 60_000, SENT + 300_000, SENT + 900_000],
      }),
    );
  });

  it('counts each sight of the pre-image, and when the last was asked for', () => {
    expect(folded(ALL, fact('pre-image-seen', { requestedAt: NOW - 3 }))).toStrictEqual(
      next(ALL, {
        ...(ROTATION.intent && {
          rotation: { ...ROTATION, intent: { ...ROTATION.intent, sightings: 2, sightedAt: NOW - 3 } },
        }),
      }),
    );
  });

  it('needs an intent: without one nothing is known of a mint', () => {
    const { intent: _, ...rotation } = ROTATION;
    const before = record({ rotation });
    expect(folded(before, fact('mint-unknown', body)).rotation).toStrictEqual(rotation);
    expect(folded(before, fact('pre-image-seen', { requestedAt: NOW })).rotation).toStrictEqual(rotation);
  });
});

describe('a mint whose credential cannot be had', () => {
  it.each([
    ['reference', { reference: 'r' }],
    ['account of a pair', { accountId: 'blue' }],
  ])('may be what is live again, found in a target, where its %s tells it apart', (_name, which) => {
    const live = { fingerprint: 'live', ownMint: true, proved: true, ...which };
    const before = record({ live, lifetimeMs: 9 });
    expect(folded(before, fact('credential-lost', { preImage: 'live', mintedAt: SENT }))).toStrictEqual(
      next(
        before,
        {
          old: [{ why: 'replaced', since: NOW, fingerprint: 'live', ...which }],
          liveMissingSince: NOW,
          mintedAt: SENT,
        },
        'live',
        'lifetimeMs',
      ),
    );
  });

  it('leaves nothing live, and the rotation open for another mint', () => {
    const minted = { fingerprint: 'new', sentAt: SENT, recovered: false };
    const before: AccountRecord = { ...ALL, rotation: { ...ROTATION, minted } };
    const { intent: _, ...rotation } = ROTATION;
    expect(folded(before, fact('credential-lost', { preImage: 'seen', mintedAt: SENT }))).toStrictEqual(
      next(
        before,
        {
          superseded: ['older', 'seen', 'live'],
          // Which one it was, stays known: it may come to light again.
          rotation: { ...rotation, lost: true, mintedLost: 'new' },
          liveMissingSince: NOW,
          mintedAt: SENT,
        },
        'live',
        'lifetimeMs',
      ),
    );
  });

  it('is live like any other once it has come to light again', () => {
    const before: AccountRecord = { ...ALL, rotation: ROTATION, superseded: ['older', 'new'] };
    const again = { fingerprint: 'new', sentAt: SENT, recovered: true, targets: [] } as const;
    expect(folded(before, fact('credential-minted', again)).superseded).not.toContain('new');
  });
});

describe('an answer that names something else', () => {
  const { intent: _, ...rotation } = ROTATION;

  it('holds the account, counts as a mint, and may have ended what is live', () => {
    const mismatched = fact('account-mismatched', { why: 'account b2', mintedAt: SENT });
    const held = {
      rotation,
      mismatched: { since: NOW, why: 'account b2' },
      mintedAt: SENT,
      effectEndedAt: NOW,
    };
    expect(folded(ALL, mismatched)).toStrictEqual(
      next(ALL, { ...held, ...(ALL.live && { live: { ...ALL.live, doubted: true } }) }),
    );
  });

  it('is forgotten with its rotation when a person clears it, and the account is looked at again', () => {
    expect(folded(ALL, fact('mismatch-cleared', {}))).toStrictEqual(
      next(ALL, { reobserveAt: [NOW - 10, NOW, NOW + 10, NOW] }, 'mismatched', 'rotation'),
    );
  });

  const leaked = record({ mismatched: { since: NOW - 80, why: 'another account' } });
  const asked: OpenRotation = {
    ...OPEN,
    trigger: 'manual',
    cause: { actor: 'socket:0', reason: 'leaked' },
    requests: ['q1'],
    compromised: 'after-delivery',
  };

  it('leaves what its rotation was asked to end to another one, which no request is counted for twice', () => {
    const before = { ...leaked, rotation: asked };
    expect(folded(before, fact('mismatch-cleared', {}))).toStrictEqual(
      next(
        before,
        {
          reobserveAt: [NOW],
          waiting: { requests: [], cause: asked.cause, at: NOW, compromised: 'after-delivery' },
        },
        'mismatched',
        'rotation',
      ),
    );
  });

  it('leaves it to the one that waits already, as urgent as either of them', () => {
    const waiting = { requests: ['q2'], cause: { actor: 'socket:0' }, at: NOW - 30 };
    const before = { ...leaked, waiting, rotation: { ...asked, compromised: 'now' as const } };
    expect(folded(before, fact('mismatch-cleared', {})).waiting).toStrictEqual({
      ...waiting,
      compromised: 'now',
    });
  });

  it('leaves what nobody gave to anybody to be retired, also where the rotation is given up or its live one lost', () => {
    const minted = { fingerprint: 'n', sentAt: SENT, recovered: false, reference: 'r', clientId: 'c' };
    const before = record({
      rotation: { ...OPEN, minted: { ...minted, provedFirst: true, unproved: { targets: [] } } },
    });
    const want = [{ why: 'unused', since: NOW, fingerprint: 'n', reference: 'r', clientId: 'c' }];
    expect(folded(before, fact('mismatch-cleared', {})).old).toStrictEqual(want);
    expect(folded(before, fact('rotation-abandoned', { why: 'left' })).old).toStrictEqual(want);
    expect(folded(before, fact('credential-lost', { mintedAt: NOW })).old).toStrictEqual(want);
  });
});
