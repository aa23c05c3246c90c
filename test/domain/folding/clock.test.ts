import { describe, expect, it } from 'vitest';
import type { AccountRecord, OldCredential } from '../../../src/domain/record.ts';
import { fact, folded, next } from '../../builders/fact.ts';
import { NOW, OPEN, record, TARGET } from '../../builders/situation.ts';

const HOUR_MS = 3_600_000;
const AHEAD = NOW + HOUR_MS;
const BEFORE = NOW - HOUR_MS;
const PUT_BACK = fact('clock-put-back', { wasAt: AHEAD, confirmed: true });

const REPLACED: OldCredential = { why: 'replaced', since: AHEAD, fingerprint: 'old', reference: 'r-old' };

describe('old credentials in a record whose clock was put back', () => {
  const dated = (...old: readonly OldCredential[]) => folded(record({ old }), PUT_BACK).old;

  it('were replaced now at the latest, and so long their grace has been running', () => {
    expect(dated({ ...REPLACED, graceFrom: AHEAD })).toStrictEqual([
      { ...REPLACED, since: NOW, graceFrom: NOW },
    ]);
  });

  it('have a grace only where it has begun', () => {
    expect(dated(REPLACED)).toStrictEqual([{ ...REPLACED, since: NOW }]);
  });

  it('keep what was dated before', () => {
    const known = { ...REPLACED, since: BEFORE, graceFrom: BEFORE };
    expect(dated(known)).toStrictEqual([known]);
  });

  it('are looked into again with whatever is noted next, and their retirement may take effect from then on', () => {
    const waits = { times: 3, why: 'because', tryAt: AHEAD };
    const before = record({
      notedAt: AHEAD,
      old: [
        { ...REPLACED, waits, intendedAt: AHEAD },
        { ...REPLACED, reference: 'r-other' },
        { ...REPLACED, reference: 'r-before', intendedAt: BEFORE },
      ],
    });
    expect(folded(before, fact('account-resumed', {})).old).toStrictEqual([
      { ...REPLACED, intendedAt: NOW },
      { ...REPLACED, reference: 'r-other' },
      { ...REPLACED, reference: 'r-before', intendedAt: BEFORE },
    ]);
  });
});

describe('a live credential in a record whose clock was put back', () => {
  it('may be ended by a mint under way from then on', () => {
    const live = { fingerprint: 'live', ownMint: true, proved: true, endingSince: NOW + 9 * 60_000 };
    const known = record({ live, notedAt: NOW + 10 * 60_000 });
    expect(folded(known, fact('looked', { requestedAt: NOW })).live?.endingSince).toBe(NOW);
  });
});

describe('a record whose clock was put back', () => {
  it('keeps all that was dated before', () => {
    const before: AccountRecord = record({
      mintedAt: BEFORE,
      adoptedAt: BEFORE,
      ageFrom: { at: BEFORE, atLeast: true },
      heldSlot: BEFORE,
      pausedSlot: BEFORE,
      rotation: { ...OPEN, dueAt: BEFORE },
      targets: {
        [TARGET.id]: { failures: 0, accepted: false, realWrite: { at: BEFORE, identity: 'me' } },
      },
    });
    expect(folded(before, PUT_BACK)).toStrictEqual(next(before, {}));
    const slots = record({ heldSlot: NOW, pausedSlot: NOW });
    expect(folded(slots, PUT_BACK)).toStrictEqual(next(slots, {}));
  });

  it('learns nothing of what it does not know', () => {
    const { adoptedAt: _, ...before } = record();
    expect(folded(before, PUT_BACK)).toStrictEqual(next(before, {}));
  });
});
