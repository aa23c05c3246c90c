import { describe, expect, it } from 'vitest';
import type { FactBodies } from '../../../src/domain/fact.ts';
import type { AccountRecord, Refusal } from '../../../src/domain/record.ts';
import { fact, folded, next } from '../../builders/fact.ts';
import { NOW, record, REFUSED } from '../../builders/situation.ts';

const LIMITED = { since: NOW - 9, until: NOW + 9, why: 'the limit' };
/** Refused before, with all that can be known of that. */
const KNOWN: Refusal = { ...REFUSED, triedAt: NOW - 9, lastAt: NOW - 9, why: 'doubtful', limited: LIMITED };
const BEFORE = record({ refused: KNOWN });

type TriedBody = FactBodies['live-tried'];

function tried(changes: Partial<TriedBody>, before: AccountRecord = BEFORE): AccountRecord {
  const body: TriedBody = {
    fingerprint: 'live',
    outcome: 'refused',
    triedAt: NOW - 1,
    counts: false,
    tryAt: NOW + 5,
    ...changes,
  };
  return folded(before, fact('live-tried', body));
}

/** What is known of the refusal after a try, beside what the try itself says. */
function refusal(changes: Partial<Refusal>, ...gone: (keyof Refusal)[]): AccountRecord {
  return next(BEFORE, { refused: next(KNOWN, { triedAt: NOW - 1, tryAt: NOW + 5, ...changes }, ...gone) });
}

describe('a try of a live credential that was refused before', () => {
  const AGAIN = { lastAt: NOW - 1, times: 3 };

  it('that is refused again and does not count says why, and leaves what limits its mints', () => {
    expect(tried({ why: 'others too' })).toStrictEqual(refusal({ ...AGAIN, why: 'others too' }, 'countedAt'));
    expect(tried({})).toStrictEqual(refusal(AGAIN, 'countedAt', 'why'));
  });

  it('together with those of others is known to be so until the next refusal', () => {
    const doubted = tried({ why: 'others too', othersRefused: true });
    expect(doubted.refused?.othersRefused).toBe(true);
    expect(tried({}, doubted).refused).not.toHaveProperty('othersRefused');
    expect(tried({ outcome: 'inconclusive' }, doubted).refused?.othersRefused).toBe(true);
  });

  it('that counts does so since the first that did, with the name that the service gives it now', () => {
    expect(tried({ counts: true, refusedAs: 'auth-api-invalid' })).toStrictEqual(
      refusal({ ...AGAIN, id: 'auth-api-invalid' }, 'why'),
    );
    const { countedAt: _, ...uncounted } = KNOWN;
    expect(tried({ counts: true }, record({ refused: uncounted })).refused).toHaveProperty('countedAt', NOW);
  });

  it('that told nothing counts no more, and says why', () => {
    const outcome = 'inconclusive';
    expect(tried({ outcome, why: 'silence' })).toStrictEqual(refusal({ why: 'silence' }, 'countedAt'));
    expect(tried({ outcome })).toStrictEqual(refusal({}, 'countedAt', 'why'));
  });

  it('that is accepted ends it', () => {
    const { live } = BEFORE;
    expect(tried({ outcome: 'accepted' })).toStrictEqual(
      next(BEFORE, { ...(live && { live: { ...live, proved: true } }) }, 'refused'),
    );
  });
});

describe('a try of a live credential that was not refused before', () => {
  const FIRST: Refusal = {
    fingerprint: 'live',
    since: NOW - 1,
    lastAt: NOW - 1,
    times: 1,
    triedAt: NOW - 1,
    tryAt: NOW + 5,
  };

  it('is the first, whatever was known of another one', () => {
    const of = (before: AccountRecord) => tried({}, before).refused;
    expect(of(record())).toStrictEqual(FIRST);
    expect(of(record({ refused: { ...KNOWN, fingerprint: 'older' } }))).toStrictEqual(FIRST);
    expect(tried({ refusedAs: 'auth-api-expired' }, record()).refused).toStrictEqual({
      ...FIRST,
      id: 'auth-api-expired',
    });
  });

  it('is nothing where it told nothing', () => {
    const before = record();
    expect(tried({ outcome: 'inconclusive' }, before)).toStrictEqual(next(before, {}));
  });

  it('is nothing where nothing is live', () => {
    const { live: _, ...unknown } = record();
    expect(tried({}, unknown)).toStrictEqual(next(unknown, {}));
  });
});

describe('what else is noted of a refusal', () => {
  it('limits its mints until a time, with the reason; without a refusal it is nothing', () => {
    const limited = fact('mint-limited', { until: NOW + 50, why: 'too many' });
    expect(folded(BEFORE, limited)).toStrictEqual(
      next(BEFORE, { refused: { ...KNOWN, limited: { since: NOW, until: NOW + 50, why: 'too many' } } }),
    );
    expect(folded(record(), limited)).toStrictEqual(next(record(), {}));
  });

  it('is found out anew under another policy: neither that it counted nor what limited it says anything', () => {
    const { refused } = folded(BEFORE, fact('policy-changed', { name: 'billing' }));
    expect(refused).toStrictEqual(next(KNOWN, { tryAt: NOW }, 'countedAt', 'limited'));
  });

  it('stays while another hold than that of a closed account is noted', () => {
    expect(folded(BEFORE, fact('account-held', { hold: 'own-account', why: 'x' })).refused).toStrictEqual(
      KNOWN,
    );
    expect(folded(BEFORE, fact('account-held', { hold: 'closed', why: 'x' }))).not.toHaveProperty('refused');
  });
});

describe('a live credential that was refused together with those of others, which are accepted again,', () => {
  const before = record({ refused: { ...KNOWN, othersRefused: true, times: 9 }, retryAt: NOW + 99 });
  const after = (fingerprint: string) => folded(before, fact('others-accepted', { fingerprint }));

  it('is to be tried now, and as soon again as if it had not been refused so often', () => {
    const { othersRefused: _, ...refused } = before.refused ?? KNOWN;
    expect(after('live')).toStrictEqual(
      next(before, { refused: { ...refused, times: 0, tryAt: NOW } }, 'retryAt'),
    );
  });

  it('is left as it is where another one is live by now', () => {
    expect(after('another')).toStrictEqual(next(before, {}));
  });
});
