import { describe, expect, it } from 'vitest';
import { aheadOf, judgeClock, skewText } from '../../src/domain/clock-skew.ts';
import type { ClockSeen } from '../../src/domain/clock-skew.ts';
import { NOW } from '../builders/situation.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ELAPSED = 1_000_000_000;
const CLOCKS = { now: NOW, elapsed: ELAPSED };

/** An answer that has just come. */
function seen(service: string, skewMs: number, changes: Partial<ClockSeen> = {}): ClockSeen {
  return { service, skewMs, at: ELAPSED, offsetMs: NOW - ELAPSED, ...changes };
}

function verdict(...given: readonly ClockSeen[]) {
  return judgeClock(given, CLOCKS).kind;
}

describe("the machine's clock", () => {
  it('is not known to be right or wrong while no service has told the time', () => {
    expect(verdict()).toBe('unknown');
  });

  it('agrees with a service up to a difference of five minutes, in either direction', () => {
    expect(verdict(seen('provider kronup', 5 * MINUTE_MS))).toBe('agrees');
    expect(verdict(seen('provider kronup', -5 * MINUTE_MS))).toBe('agrees');
    expect(verdict(seen('provider kronup', 5 * MINUTE_MS + 1))).toBe('differs');
    expect(verdict(seen('provider kronup', -5 * MINUTE_MS - 1))).toBe('differs');
  });

  it('is right where one service agrees, however many do not: theirs are wrong', () => {
    const wrong = [seen('provider a', DAY_MS), seen('store b', -DAY_MS)];
    expect(verdict(...wrong)).toBe('differs');
    expect(verdict(...wrong, seen('store aws', 1_000))).toBe('agrees');
  });

  it('is judged by an answer of up to a day ago, because our clocks go on together', () => {
    expect(verdict(seen('provider kronup', DAY_MS, { at: ELAPSED - DAY_MS }))).toBe('differs');
    expect(verdict(seen('provider kronup', DAY_MS, { at: ELAPSED - DAY_MS - 1 }))).toBe('unknown');
  });

  it('is unknown again once it was set, or stood still while the machine slept', () => {
    expect(verdict(seen('provider kronup', 0, { offsetMs: NOW - ELAPSED - DAY_MS }))).toBe('unknown');
    expect(verdict(seen('provider kronup', 0, { offsetMs: NOW - ELAPSED + DAY_MS }))).toBe('unknown');
  });

  it('is judged by answers from before it was moved by up to a minute', () => {
    expect(verdict(seen('provider kronup', 0, { offsetMs: NOW - ELAPSED - MINUTE_MS }))).toBe('agrees');
    expect(verdict(seen('provider kronup', 0, { offsetMs: NOW - ELAPSED + MINUTE_MS }))).toBe('agrees');
    expect(verdict(seen('provider kronup', 0, { offsetMs: NOW - ELAPSED - MINUTE_MS - 1 }))).toBe('unknown');
    expect(verdict(seen('provider kronup', 0, { offsetMs: NOW - ELAPSED + MINUTE_MS + 1 }))).toBe('unknown');
  });

  it('is judged with what it was moved by since, where that is little', () => {
    const skewMs = 5 * MINUTE_MS - 1;
    expect(verdict(seen('provider kronup', skewMs, { offsetMs: NOW - ELAPSED + 2 }))).toBe('differs');
  });

  it('is named beside those of the services that differ', () => {
    const judged = judgeClock([seen('provider kronup', -3 * DAY_MS), seen('store aws', -DAY_MS)], CLOCKS);
    if (judged.kind !== 'differs') throw new Error(judged.kind);
    const text = skewText(judged.services, NOW);
    expect(text).toContain("this machine's clock says 2026-01-05T12:00:00Z");
    expect(text).toContain('that of provider kronup says 2026-01-02T12:00:00Z');
    expect(text).toContain('that of store aws says 2026-01-04T12:00:00Z');
  });

  it('differs from the services with the newest answer first', () => {
    const answers = [1, 3, 2].map((ago) => seen(`store ${ago}`, DAY_MS, { at: ELAPSED - ago }));
    const judged = judgeClock(answers, CLOCKS);
    const services = judged.kind === 'differs' ? judged.services.map(({ service }) => service) : [];
    expect(services).toEqual(['store 1', 'store 2', 'store 3']);
  });

  it.each([
    [1, 'that of store 1 says 2026-01-06T12:00:00Z; '],
    [3, 'Z, that of store 3 says 2026-01-06T12:00:00Z; '],
    [4, 'that of store 3 says 2026-01-06T12:00:00Z, and 1 more disagree; '],
    [9, 'that of store 3 says 2026-01-06T12:00:00Z, and 6 more disagree; '],
  ])('is named beside those of three services at most, here of %d', (count, want) => {
    const [first, ...others] = Array.from({ length: count }, (_, index) =>
      seen(`store ${index + 1}`, DAY_MS),
    );
    if (first === undefined) throw new Error('at least one');
    const text = skewText([first, ...others], NOW);
    expect(text).toContain(
      `${want}nothing is minted unasked and no slot is used up until they agree: set the clock that is wrong`,
    );
    expect(text).not.toContain('store 4');
  });

  it('is named also where a service says something that is no time', () => {
    const text = skewText([seen('store 1', Infinity)], NOW);
    expect(text).toContain('that of store 1 says something impossible; ');
  });
});

describe("how far a service's clock is ahead of ours", () => {
  it.each([3 * MINUTE_MS, -3 * MINUTE_MS])('is what its answer told: %d ms', (skewMs) => {
    expect(aheadOf(seen('provider kronup', skewMs), CLOCKS)).toBe(skewMs);
  });

  it('is less by what ours was moved forward by since, where that is little', () => {
    const moved = seen('provider kronup', 3 * MINUTE_MS, { offsetMs: NOW - ELAPSED - MINUTE_MS });
    expect(aheadOf(moved, CLOCKS)).toBe(2 * MINUTE_MS);
  });

  it('is not known any more once ours was set, or after a day', () => {
    expect(aheadOf(seen('provider kronup', 0, { offsetMs: NOW - ELAPSED - DAY_MS }), CLOCKS)).toBeUndefined();
    expect(aheadOf(seen('provider kronup', 0, { at: ELAPSED - DAY_MS - 1 }), CLOCKS)).toBeUndefined();
  });
});
