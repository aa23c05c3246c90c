import { describe, expect, it } from 'vitest';
import { stamped } from '../../../src/providers/keycard/stamp.ts';

describe('the line in a description', () => {
  it('comes after what people wrote', () => {
    expect(stamped('Billing.\nAsk Ada.', 'rotated')).toBe('Billing.\nAsk Ada.\n[rekeyd] rotated');
  });

  it('stands alone where nobody wrote anything', () => {
    expect(stamped('', 'rotated')).toBe('[rekeyd] rotated');
  });

  it('takes the place of the one before, wherever people moved it', () => {
    expect(stamped('[rekeyd] first\nBilling.', 'second')).toBe('Billing.\n[rekeyd] second');
    expect(stamped('[rekeyd] first', 'second')).toBe('[rekeyd] second');
  });

  it('is one line', () => {
    expect(stamped('', 'a\n b')).toBe('[rekeyd] a b');
  });

  it('is left out where there is no room for it, rather than a word of people', () => {
    const words = 'x'.repeat(485);
    expect(stamped(words, 'a')).toHaveLength(496);
    expect(stamped(words, 'a'.repeat(10))).toBeUndefined();
  });
});
