import { describe, expect, it } from 'vitest';
import type { AccountRecord, KnownCredential, OldCredential } from '../../../src/domain/record.ts';
import { fact, folded, next } from '../../builders/fact.ts';
import { NOW, OPEN, record, REFUSED, TARGET } from '../../builders/situation.ts';

const LIVE: KnownCredential = { fingerprint: 'live', ownMint: true, proved: true, accountId: 'blue' };
const GREEN: OldCredential = { why: 'replaced', since: NOW - 9, fingerprint: 'green-1', accountId: 'green' };
const BLUE: OldCredential = { ...GREEN, fingerprint: 'blue-0', accountId: 'blue' };
const ASIDE: OldCredential = { why: 'replaced', since: NOW, fingerprint: 'live', accountId: 'blue' };
const BEFORE = record({ live: LIVE, old: [GREEN], lifetimeMs: 90_000, refused: REFUSED });

describe('the live credential of a pair', () => {
  const changed = (before: AccountRecord, body: { fingerprint: string; accountId?: string }) =>
    folded(before, fact('live-changed', { was: 'live', ...body }));
  const theirs = { ownMint: false, proved: false };

  it('that is the other account’s from now on leaves what was live working: it is old, and not replaced for good', () => {
    expect(changed(BEFORE, { fingerprint: 'green-1', accountId: 'green' })).toStrictEqual(
      next(
        BEFORE,
        {
          live: { fingerprint: 'green-1', accountId: 'green', ...theirs },
          old: [ASIDE],
          ageFrom: { at: NOW, atLeast: true },
        },
        'lifetimeMs',
        'refused',
      ),
    );
  });

  it.each<[string, KnownCredential, string | undefined]>([
    ['is the same account’s', LIVE, 'blue'],
    ['is nobody knows whose', LIVE, undefined],
    [
      'is of an account, where nobody knew whose the one before was',
      { fingerprint: 'live', ownMint: true, proved: true },
      'blue',
    ],
  ])('that %s is replaced for good', (_name, live, accountId) => {
    const after = changed(record({ live, old: [GREEN] }), {
      fingerprint: 'theirs',
      ...(accountId !== undefined && { accountId }),
    });
    expect(after.superseded).toStrictEqual(['live']);
    expect(after.old).toStrictEqual([GREEN]);
  });

  it('takes the place of what its own account had before, and leaves the other one’s', () => {
    const before = record({ live: LIVE, old: [BLUE, { ...GREEN, fingerprint: 'green-0' }] });
    const after = changed(before, { fingerprint: 'green-1', accountId: 'green' });
    expect(after.old).toStrictEqual([{ ...GREEN, fingerprint: 'green-0' }, ASIDE]);
  });

  it('that is found is none of the old ones any more, and no person has to name the standby', () => {
    const before = record({
      old: [GREEN, BLUE],
      standby: { accountId: 'blue', since: NOW - 9 },
      refused: REFUSED,
      liveMissingSince: NOW - 9,
    });
    const after = folded(before, fact('live-found', { fingerprint: 'green-1', accountId: 'green' }));
    expect(after.old).toStrictEqual([BLUE]);
    for (const key of ['standby', 'refused', 'liveMissingSince']) expect(after).not.toHaveProperty(key);
  });
});

describe('a mint for the standby of a pair', () => {
  const body = {
    fingerprint: 'green-2',
    accountId: 'green',
    sentAt: NOW - 5,
    recovered: false,
    targets: [TARGET],
    provedFirst: true,
  } as const;
  const open = (old: readonly OldCredential[]) => record({ live: LIVE, rotation: OPEN, old });

  it('ends what that account had, and nothing else', () => {
    const after = folded(open([GREEN, BLUE]), fact('credential-minted', body));
    expect(after.superseded).toStrictEqual(['green-1']);
    expect(after.old).toStrictEqual([BLUE]);
  });

  it('ends nothing by name that nobody ever had', () => {
    const { fingerprint: _, ...nameless } = GREEN;
    expect(folded(open([nameless]), fact('credential-minted', body)).superseded).toStrictEqual([]);
  });

  it('that is proved is what lives, is refused and counts from now on', () => {
    const minted = folded(
      { ...open([]), lifetimeMs: 90_000, refused: REFUSED },
      fact('credential-minted', body),
    );
    const proved = folded(minted, fact('credential-proved', { fingerprint: 'green-2' }));
    expect(proved).not.toHaveProperty('lifetimeMs');
    expect(proved).not.toHaveProperty('refused');
    expect(proved.live).toMatchObject({ fingerprint: 'green-2', accountId: 'green' });
  });

  it('is not proved by a proof of what is live', () => {
    const minted = folded(open([]), fact('credential-minted', body));
    expect(folded(minted, fact('credential-proved', { fingerprint: 'live' }))).toStrictEqual(
      next(minted, {}),
    );
  });

  it('is intended with its mark, its account, and that it is proved first', () => {
    const intended = { attempt: 1, targets: [TARGET], name: 'rekeyd/a/b', accountId: 'green' };
    const after = folded(open([]), fact('mint-intended', { ...intended, provedFirst: true }));
    expect(after.rotation?.intent).toStrictEqual({
      ...intended,
      provedFirst: true,
      at: NOW,
      sentAt: NOW,
      unknown: false,
      sightings: 0,
    });
  });
});

describe('a mint for one of a pair that has become a single account', () => {
  const intent = { attempt: 1, at: NOW, sentAt: NOW, targets: [TARGET], unknown: false, sightings: 0 };
  const body = { fingerprint: 'new', sentAt: NOW - 5, recovered: false, targets: [TARGET] };
  const minted = (accountId: string, known: Partial<AccountRecord> = {}) =>
    folded(
      record({ live: LIVE, old: [GREEN], rotation: { ...OPEN, intent: { ...intent, accountId } }, ...known }),
      fact('credential-minted', { ...body, ...(accountId === 'green' ? { preImage: 'green-1' } : {}) }),
    );

  it('ends what that account had, and leaves what is live of the other one working, which may have leaked', () => {
    const after = minted('green', { live: { ...LIVE, compromised: true } });
    expect(after.superseded).toStrictEqual(['green-1']);
    expect(after.old).toStrictEqual([{ ...ASIDE, rotation: 'r1', compromised: true }]);
  });

  it('ends what is live where that is the same account’s', () => {
    const after = minted('blue');
    expect(after.superseded).toStrictEqual(['live']);
    expect(after.old).toStrictEqual([GREEN]);
  });

  it('brings what is known to be of that account, and of none where there was no pair', () => {
    expect(minted('green').live).toMatchObject({ fingerprint: 'new', accountId: 'green' });
    const { accountId: _, ...live } = LIVE;
    expect(minted('green', { live, old: [] }).live).not.toHaveProperty('accountId');
  });
});

describe('what is confirmed', () => {
  it('has all old credentials looked into again', () => {
    const waits = { times: 2, why: 'because', tryAt: NOW + 9 };
    const before = record({ old: [{ ...GREEN, waits }, BLUE] });
    const confirmed = fact('target-confirmed', { target: TARGET.id, fingerprint: 'live', version: '2' });
    expect(folded(before, confirmed).old).toStrictEqual([GREEN, BLUE]);
  });
});

describe('a value that was lost', () => {
  const lost = (preImage: string) =>
    folded({ ...BEFORE, rotation: OPEN }, fact('credential-lost', { preImage, mintedAt: NOW - 5 }));

  it('leaves what was live aside where the mint left it working: a target may show it', () => {
    const after = lost('live');
    expect(after.superseded).toStrictEqual([]);
    expect(after.old).toStrictEqual([GREEN, { ...ASIDE, rotation: 'r1' }]);
    for (const key of ['live', 'lifetimeMs', 'refused']) expect(after).not.toHaveProperty(key);
  });

  it('ends what the mint ended, where that was another one', () => {
    expect(lost('between').superseded).toStrictEqual(['between', 'live']);
  });
});

describe('a rotation for a leak that is dropped with a mismatch', () => {
  it('leaves the more urgent of what was asked to the next one', () => {
    const waiting = { requests: ['q2'], cause: { actor: 'socket:0' }, at: NOW - 5 };
    const cleared = (mine: 'now' | 'after-delivery', theirs?: 'now' | 'after-delivery') =>
      folded(
        record({
          mismatched: { since: NOW, why: 'because' },
          rotation: { ...OPEN, compromised: mine },
          ...(theirs && { waiting: { ...waiting, compromised: theirs } }),
        }),
        fact('mismatch-cleared', {}),
      ).waiting?.compromised;
    expect(cleared('after-delivery', 'now')).toBe('now');
    expect(cleared('now', 'after-delivery')).toBe('now');
    expect(cleared('after-delivery')).toBe('after-delivery');
  });
});
