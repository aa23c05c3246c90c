import { describe, expect, it } from 'vitest';
import { HOLDS, liftedBy, missesSlots } from '../../src/domain/hold.ts';
import type { Hold, HoldKind } from '../../src/domain/hold.ts';

function hold(kind: HoldKind, more: Partial<Hold> = {}): Hold {
  return { kind, subject: 'billing', since: 0, by: 'rekeyd', reason: 'because', ...more };
}

describe('what lifts a hold', () => {
  it('can be typed as it stands, with the names of what it holds', () => {
    expect(liftedBy(hold('parked'))).toContain('rekeyd unpark billing --reason …');
    expect(liftedBy(hold('foreign', { subject: 'vault:x', target: 'vault:x' }), 'billing')).toBe(
      'rekeyd accept billing vault:x --reason …, or overwrite: true',
    );
    expect(liftedBy(hold('frozen', { subject: 'kronup' }))).toBe(
      'a person: rekeyd unfreeze kronup --reason …',
    );
  });

  it('names no target where none is known', () => {
    expect(liftedBy(hold('foreign'))).toBe('rekeyd accept billing TARGET --reason …, or overwrite: true');
  });

  it('takes names literally, whatever they look like', () => {
    expect(liftedBy(hold('paused', { subject: '$&' }))).toContain('rekeyd resume $& --reason …');
  });
});

describe('slots that come while a hold stands', () => {
  it('are missed where a person ends it: paused and frozen; all others wait', () => {
    const kinds = Object.keys(HOLDS);
    expect(kinds.filter(missesSlots).toSorted()).toEqual(['frozen', 'paused']);
  });
});
