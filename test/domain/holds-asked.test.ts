import { describe, expect, it } from 'vitest';
import type { Consumer } from '../../src/domain/consumer.ts';
import { hasOwnHold, holdsOf, mintHold } from '../../src/domain/holds.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import { restart, target } from '../builders/account.ts';
import { BECAUSE, CONTESTED, due, FOREIGN, FREEZE, known, shared, SINCE } from '../builders/held.ts';
import type { Given } from '../builders/held.ts';
import { NOW, REFUSED, TARGET } from '../builders/situation.ts';

const HOUR_MS = 3_600_000;

function kinds(given: Given): readonly string[] {
  return holdsOf(known(given)).map(({ kind }) => kind);
}

describe('a consumer that is unhealthy', () => {
  const CHECKOUT = restart({ onUnhealthy: 'hold' });
  const OTHER = restart({ address: 'Deployment shop/other', onUnhealthy: 'hold' });
  const unhealthy = [shared('consumer-unhealthy', CHECKOUT.id)];
  const read = (first: readonly Consumer[], second: readonly Consumer[] = []): Given => {
    const other = target('files:billing/other', { consumers: second });
    return { policy: { targets: [{ ...TARGET, consumers: first }, other] }, shared: unhealthy };
  };

  it.each<[string, Given]>([
    ['names it', read([CHECKOUT])],
    ['names it among others', read([OTHER, CHECKOUT])],
    ['names it at one of its targets', read([], [CHECKOUT])],
  ])('holds an account that %s and says that it waits', (_name, given) => {
    expect(kinds(given)).toEqual(['consumer-unhealthy']);
  });

  it.each<[string, Given]>([
    ['only reports it', read([{ ...CHECKOUT, onUnhealthy: 'report' }])],
    ['names another one', read([OTHER])],
    ['names another one, and only reports this one', read([OTHER, { ...CHECKOUT, onUnhealthy: 'report' }])],
    ['names none', { shared: unhealthy }],
  ])('does not hold an account that %s', (_name, given) => {
    expect(kinds(given)).toEqual([]);
  });
});

describe('a pair of which nobody knows the live account', () => {
  const undecided = (changes: Partial<AccountRecord>) =>
    holdsOf(known({ policy: { strategy: 'pair', accountIds: ['blue', 'green'] }, record: changes }))[0];

  it('is held since it was adopted, with what is wrong and what that would do', () => {
    expect(undecided({ adoptedAt: SINCE })).toStrictEqual({
      kind: 'undecided',
      subject: 'billing',
      since: SINCE,
      by: 'rekeyd',
      reason:
        'nothing shows which of blue and green is in use: no target holds a credential of either. ' +
        'A mint for the one that is in use would cut its consumers off',
    });
  });

  it('is held since that was seen, where it was known before', () => {
    expect(undecided({ adoptedAt: SINCE, liveMissingSince: NOW - 5 })).toMatchObject({ since: NOW - 5 });
  });
});

describe('whether anything of an account is held', () => {
  it.each<[string, Partial<AccountRecord>, boolean]>([
    ['is parked', { parked: BECAUSE }, true],
    ['has a foreign target', { targets: { [TARGET.id]: FOREIGN } }, true],
    ['has a contested target', { targets: { [TARGET.id]: CONTESTED } }, true],
    ['has nothing of that', {}, false],
    ['was minted for just now', { mintedAt: NOW }, false],
  ])('of one that %s: %s', (_name, changes, want) => {
    expect(hasOwnHold(known({ record: changes }))).toBe(want);
  });
});

describe('a hold that ends at this very instant', () => {
  it('holds nothing any more, whatever else does', () => {
    const refused = { ...REFUSED, limited: { since: SINCE, until: NOW, why: 'because' } };
    const ended = { mintedAt: NOW - 600_000, refused };
    expect(kinds({ record: ended, policy: { deny: [FREEZE] } })).toEqual(['deny-window']);
    expect(kinds({ record: ended })).toEqual([]);
  });
});

describe('a credential that dies before minInterval is over', () => {
  it('waits for that all the same: only the windows let it pass', () => {
    const live = { fingerprint: 'live', ownMint: true, proved: true, expiresAt: NOW + HOUR_MS };
    const dying = { live, lifetimeMs: 4 * HOUR_MS, mintedAt: NOW - 1 };
    const given: Given = { record: dying, policy: { minIntervalMs: 2 * HOUR_MS } };
    expect(mintHold(known(given), due('expiry'))?.kind).toBe('too-soon');
  });
});
