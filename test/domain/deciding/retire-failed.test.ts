import { describe, expect, it } from 'vitest';
import { retireFailed } from '../../../src/domain/deciding/retiring.ts';
import type { Failure } from '../../../src/domain/failure.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import type { Retirable } from '../../../src/domain/retire-needs.ts';
import { OLD } from '../../builders/retiring.ts';
import { NOW, situation } from '../../builders/situation.ts';

const GONE: Failure = { kind: 'not-found', message: 'there is none' };
const SILENT: Failure = { kind: 'no-answer', message: 'silence' };

/** How long after a failed request it is retired again, in ms; `dice`: 1 is the longest. */
function waitMs(failure: Failure, changes: Partial<Retirable> = {}): number {
  const fact = retireFailed(situation({ dice: 1 }), { ...OLD, since: NOW, ...changes }, failure);
  return 'tryAt' in fact && fact.tryAt !== undefined ? fact.tryAt - NOW : Number.NaN;
}

const waited = (times: number) => ({ waits: { times, why: 'because', tryAt: NOW } });

describe('a retirement that failed', () => {
  it('says of what, and why', () => {
    expect(retireFailed(situation(), OLD, SILENT)).toMatchObject({
      kind: 'retire-failed',
      reference: OLD.reference,
      failure: 'no-answer',
      message: 'silence',
    });
  });

  it('is tried again later each time, and no sooner than the provider asks for', () => {
    expect(waitMs(SILENT)).toBe(LIMITS.retireTryMs);
    expect(waitMs(SILENT, waited(1))).toBe(2 * LIMITS.retireTryMs);
    expect(waitMs({ ...SILENT, retryAfterMs: 9 * LIMITS.retireTryMs })).toBe(9 * LIMITS.retireTryMs);
  });

  it('is tried again as soon as a list can tell, where it may have been retired by a request without an answer', () => {
    expect(waitMs(GONE, waited(9))).toBe(LIMITS.settleMs);
    expect(waitMs(SILENT, waited(9))).toBe(LIMITS.retireTryMaxMs);
    const since = NOW - LIMITS.settleMs;
    expect(waitMs(GONE, { ...waited(9), since: since + 1 })).toBe(1);
    expect(waitMs(GONE, { ...waited(9), since })).toBe(LIMITS.retireTryMaxMs);
  });
});
