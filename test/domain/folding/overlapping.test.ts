import { describe, expect, it } from 'vitest';
import type { AccountRecord, OldCredential, OpenRotation, TargetRecord } from '../../../src/domain/record.ts';
import { fact, folded, next, RECORD_OF_ALL as ALL } from '../../builders/fact.ts';
import { NOW, OPEN, record, TARGET } from '../../builders/situation.ts';
import { UNTOUCHED } from '../../builders/targets.ts';

const SENT = NOW - 40;
const MARK = { name: 'rekeyd/test/r1/1', rotation: 'r1' };
const OTHER_MARK = { name: 'rekeyd/test/r0/1', rotation: 'r0' };
const INTENT = {
  attempt: 1,
  at: NOW - 50,
  sentAt: NOW - 50,
  name: MARK.name,
  targets: [TARGET],
  unknown: false,
  sightings: 0,
};
/** Of an account with several credentials, and of a pair. */
const OLD: OldCredential = { reference: 'c1', fingerprint: 'one', why: 'replaced', since: NOW - 900 };
const OLD_OF_A: OldCredential = { accountId: 'a', fingerprint: 'of a', why: 'replaced', since: NOW - 900 };
const OTHER: OldCredential = { reference: 'c9', fingerprint: 'nine', why: 'replaced', since: NOW - 800 };

/** `count` of something, the oldest first. */
function many<One>(count: number, make: (index: number) => One): readonly One[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** With these old credentials and no mark of any mint. */
function having(...old: readonly OldCredential[]): AccountRecord {
  return record({ old });
}

describe('the mint of a credential beside the live one', () => {
  const body = {
    fingerprint: 'new',
    preImage: 'live',
    sentAt: SENT,
    recovered: false,
    expiresAt: NOW + 70,
    targets: [TARGET],
    reference: 'c2',
    clientId: 'client-2',
    provedFirst: true,
  } as const;
  const before = record({
    rotation: { ...OPEN, intent: INTENT },
    marks: [OTHER_MARK, MARK],
    retries: 3,
    retryAt: NOW + 5,
  });

  it('leaves what is live as it is, owes nothing yet, and takes its mark away', () => {
    expect(folded(before, fact('credential-minted', body))).toStrictEqual(
      next(
        before,
        {
          rotation: {
            ...OPEN,
            minted: {
              fingerprint: 'new',
              sentAt: SENT,
              recovered: false,
              preImage: 'live',
              reference: 'c2',
              clientId: 'client-2',
              expiresAt: NOW + 70,
              provedFirst: true,
              unproved: { targets: [TARGET] },
            },
          },
          marks: [OTHER_MARK],
          retries: 0,
          mintedAt: SENT,
          effectEndedAt: NOW,
        },
        'retryAt',
      ),
    );
  });

  it('for an account of a pair ends what that account had before', () => {
    const pair = { ...before, old: [OLD_OF_A, { ...OLD_OF_A, accountId: 'b', fingerprint: 'of b' }] };
    const { reference: _r, clientId: _c, ...minted } = body;
    const after = folded(
      pair,
      fact('credential-minted', { ...minted, preImage: 'seen of a', accountId: 'a' }),
    );
    expect(after.old).toEqual([{ ...OLD_OF_A, accountId: 'b', fingerprint: 'of b' }]);
    expect(after.superseded).toEqual(['seen of a', 'of a']);
    expect(after.live).toEqual(before.live);
  });
});

describe('the proof of what was minted beside the live one', () => {
  const minted: OpenRotation['minted'] = {
    fingerprint: 'new',
    sentAt: SENT,
    recovered: false,
    reference: 'c2',
    clientId: 'client-2',
    issuedAt: NOW - 30,
    expiresAt: NOW + 70,
    provedFirst: true,
    unproved: { targets: [TARGET] },
  };
  const proof = fact('credential-proved', { fingerprint: 'new' });
  const before = {
    ...ALL,
    rotation: { ...OPEN, minted },
    live: { fingerprint: 'live', ownMint: true, proved: true, reference: 'c1', clientId: 'client-1' },
  };

  it('makes it live and owes it to its targets; what was live is old', () => {
    const after = folded(before, proof);
    expect(after.live).toStrictEqual({
      fingerprint: 'new',
      mintedAt: SENT,
      ownMint: true,
      proved: true,
      issuedAt: NOW - 30,
      expiresAt: NOW + 70,
      reference: 'c2',
      clientId: 'client-2',
    });
    expect(after.old).toStrictEqual([
      {
        why: 'replaced',
        since: NOW,
        fingerprint: 'live',
        reference: 'c1',
        clientId: 'client-1',
        rotation: 'r1',
      },
    ]);
    const target = after.targets[TARGET.id];
    expect(target?.owed).toEqual({ fingerprint: 'new', target: TARGET });
    for (const gone of ['retryAt', 'confirmed', 'drifted']) expect(target).not.toHaveProperty(gone);
    expect(after.rotation?.minted).not.toHaveProperty('unproved');
    expect(after).toMatchObject({ ageFrom: { at: SENT, atLeast: false }, lifetimeMs: 100, retries: 0 });
    for (const gone of ['refused', 'liveMissingSince', 'retryAt']) expect(after).not.toHaveProperty(gone);
  });

  it.each<[string, TargetRecord, true | undefined]>([
    ['another one was owed', { ...UNTOUCHED, owed: { fingerprint: 'older', target: TARGET } }, true],
    ['it was to be put right', { ...UNTOUCHED, drifted: { since: NOW - 1 } }, true],
    ['nothing was on its way', UNTOUCHED, undefined],
  ])('keeps in mind for a target whether a write may be under way: %s', (_what, known, want) => {
    const after = folded({ ...before, targets: { [TARGET.id]: known } }, proof);
    expect(after.targets[TARGET.id]?.intended).toBe(want);
  });

  it('forgets which account a person named as the standby', () => {
    const named = { ...before, standby: { accountId: 'b', since: NOW - 1 } };
    expect(folded(named, proof)).not.toHaveProperty('standby');
  });

  it('keeps of what was live that it had leaked', () => {
    const leaked = { ...before, live: { ...before.live, compromised: true as const } };
    expect(folded(leaked, proof).old).toMatchObject([{ reference: 'c1', compromised: true }]);
  });

  it('only replaces what nothing tells apart from others', () => {
    const { reference: _r, clientId: _c, ...plain } = before.live;
    const after = folded({ ...before, live: plain }, proof);
    expect(after.old).toBeUndefined();
    expect(after.superseded).toEqual(['older', 'live']);
  });

  it('of something found by looking does not make it our own', () => {
    const found = { ...before, rotation: { ...OPEN, minted: { ...minted, recovered: true } } };
    expect(folded(found, proof).live?.ownMint).toBe(false);
  });
});

describe('a credential of no use', () => {
  const body = {
    why: 'value-lost',
    fingerprint: 'new',
    reference: 'c2',
    clientId: 'k2',
    mintedAt: SENT,
  } as const;
  const before = record({ rotation: { ...OPEN, intent: INTENT }, marks: [MARK], mintedAt: SENT - 1 });

  it('awaits its retirement, and its rotation mints again', () => {
    expect(folded(before, fact('credential-unusable', body))).toStrictEqual(
      next(before, {
        rotation: { ...OPEN, lost: true },
        marks: [],
        mintedAt: SENT,
        old: [
          { why: 'unused', since: NOW, reference: 'c2', clientId: 'k2', fingerprint: 'new', rotation: 'r1' },
        ],
      }),
    );
  });

  it('of which nothing is known but that it was minted is not kept', () => {
    const after = folded(before, fact('credential-unusable', { why: 'value-lost', mintedAt: SENT }));
    expect(after.old).toBeUndefined();
    expect(after.rotation?.lost).toBe(true);
  });

  it('was not lost where it is refused, and no mint is dated back', () => {
    const later = { ...before, mintedAt: NOW };
    const after = folded(later, fact('credential-unusable', { ...body, why: 'refused' }));
    expect(after.rotation?.lost).toBe(false);
    expect(after.mintedAt).toBe(NOW);
  });
});

describe('a credential that turns up late', () => {
  const body = { reference: 'c2', name: MARK.name, clientId: 'k2', createdAt: SENT };

  it('is old since it was made, is of the rotation of its mark, and takes the mark away', () => {
    const before = record({ marks: [OTHER_MARK, MARK] });
    expect(folded(before, fact('credential-found-late', body))).toStrictEqual(
      next(before, {
        marks: [OTHER_MARK],
        old: [{ why: 'late', since: SENT, reference: 'c2', clientId: 'k2', rotation: 'r1' }],
      }),
    );
  });

  it('replaces what was known of it', () => {
    const before = having(OTHER, { ...OLD, reference: 'c2' });
    const after = folded(before, fact('credential-found-late', body));
    expect(after.old?.map(({ reference, why }) => [reference, why])).toEqual([
      ['c9', 'replaced'],
      ['c2', 'late'],
    ]);
  });
});

describe('a credential that nobody knows', () => {
  const body = { reference: 'x', name: 'by hand', createdAt: NOW - 70 };

  it('is remembered, with when it was used last', () => {
    const one = fact('credential-unknown', { ...body, lastUsedAt: NOW - 5 });
    expect(folded(record(), one).unknown).toStrictEqual([{ ...body, lastUsedAt: NOW - 5, since: NOW }]);
    expect(folded(record(), fact('credential-unknown', body)).unknown).toStrictEqual([
      { ...body, since: NOW },
    ]);
  });

  it('is forgotten when it is gone', () => {
    const before = record({
      unknown: [
        { ...body, since: NOW },
        { ...body, reference: 'y', since: NOW },
      ],
    });
    const after = folded(before, fact('unknown-credential-gone', { reference: 'x' }));
    expect(after.unknown?.map(({ reference }) => reference)).toEqual(['y']);
  });
});

describe('what a record keeps of other credentials', () => {
  const oldOnes = many(64, (index) => ({ ...OLD, reference: `o${index}` }));
  const late = fact('credential-found-late', { reference: 'new', name: 'n', createdAt: NOW });
  const intended = fact('mint-intended', { attempt: 2, targets: [], name: 'new' });

  it('is the newest 64 old ones', () => {
    const { old = [] } = folded(having(...oldOnes), late);
    expect([old.length, old[0]?.reference, old.at(-1)?.reference]).toEqual([64, 'o1', 'new']);
  });

  it('is the newest 32 of each other kind', () => {
    const before = record({
      rotation: OPEN,
      old: [OLD],
      marks: many(32, (index) => ({ name: `m${index}`, rotation: 'r0' })),
      retired: many(32, (index) => `r${index}`),
      unknown: many(32, (index) => ({ reference: `u${index}`, name: 'x', createdAt: 0, since: 0 })),
      superseded: many(32, (index) => `s${index}`),
    });
    const { marks = [] } = folded(before, intended);
    const { retired = [], superseded } = folded(before, fact('credential-retired', { reference: 'c1' }));
    const unknown = fact('credential-unknown', { reference: 'new', name: 'x', createdAt: 0 });
    const strangers = folded(before, unknown).unknown ?? [];
    expect([marks.length, marks[0]?.name, marks.at(-1)?.name]).toEqual([32, 'm1', 'new']);
    expect([retired.length, retired[0], retired.at(-1)]).toEqual([32, 'r1', 'c1']);
    expect([superseded.length, superseded[0], superseded.at(-1)]).toEqual([32, 's1', 'one']);
    expect([strangers.length, strangers[0]?.reference, strangers.at(-1)?.reference]).toEqual([
      32,
      'u1',
      'new',
    ]);
  });
});
