import { describe, expect, it } from 'vitest';
import { provesFirst, retires } from '../../src/domain/strategy.ts';

describe('a strategy', () => {
  it.each([
    ['in-place', 'delivers at once, because the old credential dies at the mint', false],
    ['overlap', 'proves the new credential first, because the old one goes on working', true],
    ['pair', 'proves the new credential first, because the other account goes on working', true],
  ] as const)('%s %s', (strategy, _why, want) => {
    expect(provesFirst(strategy)).toBe(want);
  });

  it('ends what was replaced by a call of its own where no mint ends it', () => {
    expect(retires('overlap')).toBe(true);
    expect(retires('in-place')).toBe(false);
    expect(retires('pair')).toBe(false);
  });
});
