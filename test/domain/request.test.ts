import { describe, expect, it } from 'vitest';
import { asksToRotate, compromiseOf, moreUrgent } from '../../src/domain/request.ts';

describe('a request', () => {
  it.each([
    ['rotate', true, undefined],
    ['rotate-compromised', true, 'after-delivery'],
    ['rotate-compromised-now', true, 'now'],
    ['accept', false, undefined],
    ['pause', false, undefined],
    ['resume', false, undefined],
    ['unpark', false, undefined],
    ['reconcile', false, undefined],
    ['standby', false, undefined],
  ] as const)('to %s asks for a rotation: %s; for the end of what has leaked: %s', (does, rotates, want) => {
    expect(asksToRotate(does)).toBe(rotates);
    expect(compromiseOf(does)).toBe(want);
  });
});

describe('the more urgent of two', () => {
  it.each([
    [undefined, undefined, undefined],
    ['after-delivery', undefined, 'after-delivery'],
    [undefined, 'after-delivery', 'after-delivery'],
    ['now', undefined, 'now'],
    [undefined, 'now', 'now'],
    ['now', 'after-delivery', 'now'],
    ['after-delivery', 'now', 'now'],
  ] as const)('of %s and %s is %s', (one, other, want) => {
    expect(moreUrgent(one, other)).toBe(want);
  });
});
