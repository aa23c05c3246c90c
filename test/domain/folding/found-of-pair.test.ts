/** What is found live of what was one of a pair: a mint may be under way that ends it, or it may be what a rotation waits to prove. */
import { describe, expect, it } from 'vitest';
import type { OldCredential, OpenRotation } from '../../../src/domain/record.ts';
import { fact, folded } from '../../builders/fact.ts';
import { NOW, OPEN, record, TARGET } from '../../builders/situation.ts';

const LIVE = { fingerprint: 'live', ownMint: true, proved: true, accountId: 'blue' } as const;
const GREEN = { fingerprint: 'green-1', accountId: 'green' } as const;
const OLD: OldCredential = { ...GREEN, why: 'replaced', since: NOW - 9, intendedAt: NOW - 5 };

describe('a credential that a mint without an answer was to end, and that is live after all', () => {
  const before = record({ live: LIVE, old: [OLD] });

  it.each([
    ['was found', fact('live-found', GREEN)],
    ['is its account’s, which is in use', fact('live-changed', { ...GREEN, was: 'live' })],
  ])('may still be ended by it, where it %s', (_name, found) => {
    const { live, old } = folded(before, found);
    expect(live).toMatchObject({ ...GREEN, endingSince: NOW - 5 });
    expect(old?.map(({ fingerprint }) => fingerprint)).not.toContain('green-1');
  });

  it('may still be ended where it is old once more', () => {
    const found = folded(before, fact('live-found', GREEN));
    const { old } = folded(
      found,
      fact('live-changed', { fingerprint: 'blue-2', accountId: 'blue', was: 'green-1' }),
    );
    expect(old).toMatchObject([{ ...GREEN, intendedAt: NOW - 5 }]);
  });

  it('is nothing that any other mint, or one for another strategy, ends', () => {
    const { intendedAt: _, ...never } = OLD;
    const { accountId: _accountId, ...listed } = { ...OLD, reference: 'r-green' };
    for (const old of [[never], [listed], [{ ...OLD, fingerprint: 'green-0' }]]) {
      expect(folded(record({ live: LIVE, old }), fact('live-found', GREEN)).live).not.toHaveProperty(
        'endingSince',
      );
    }
  });
});

describe('a credential that a rotation waits to prove, and that is live by itself', () => {
  const minted = { fingerprint: 'green-1', sentAt: NOW - 9, recovered: false, provedFirst: true } as const;
  const rotation: OpenRotation = { ...OPEN, minted: { ...minted, unproved: { targets: [TARGET] } } };

  it.each([
    ['found', fact('live-found', GREEN)],
    ['in use', fact('live-changed', { ...GREEN, was: 'live' })],
  ])('is tried as what is live, once it is %s', (_name, found) => {
    expect(folded(record({ live: LIVE, rotation }), found).rotation?.minted).toStrictEqual(minted);
  });

  it('is proved first where another one is live', () => {
    const found = fact('live-found', { ...GREEN, fingerprint: 'green-0' });
    expect(folded(record({ live: LIVE, rotation }), found).rotation).toStrictEqual(rotation);
  });
});
