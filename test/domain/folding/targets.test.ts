import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../src/domain/fact.ts';
import type { TargetRecord } from '../../../src/domain/record.ts';
import { fact, folded, next, RECORD_OF_ALL as ALL, TARGET_OF_ALL as ONE } from '../../builders/fact.ts';
import { NOW, record, TARGET } from '../../builders/situation.ts';

/** What becomes of the target, all else being as it was. */
function becomes(one: Fact): TargetRecord | undefined {
  const after = folded(ALL, one);
  const target = after.targets[TARGET.id];
  expect(after).toStrictEqual(
    next(ALL, {
      targets: { ...(target && { [TARGET.id]: target }) },
      effectEndedAt: after.effectEndedAt ?? 0,
    }),
  );
  return target;
}

const target = TARGET.id;

describe('a target', () => {
  it('that was written holds what was acknowledged, and waits to be read back', () => {
    const body = { target, fingerprint: 'new', version: '2', acknowledgedAt: NOW - 5, identity: 'somebody' };
    expect(becomes(fact('target-written', body))).toStrictEqual(
      next(
        ONE,
        {
          written: { fingerprint: 'new', version: '2', at: NOW - 5 },
          failures: 0,
          realWrite: { at: NOW - 5, identity: 'somebody' },
        },
        'retryAt',
        'lastFailure',
        'foreign',
        'drifted',
        'confirmed',
      ),
    );
  });

  it('that was written by nobody knows whom keeps the proof that it had', () => {
    const body = { target, fingerprint: 'new', version: '2', acknowledgedAt: NOW - 5 };
    expect(becomes(fact('target-written', body))?.realWrite).toStrictEqual(ONE.realWrite);
  });

  it('that was written ends an effect: looks from before are of no use, whatever the order of facts', () => {
    const written = (acknowledgedAt: number): Fact =>
      fact('target-written', { target, fingerprint: 'new', version: '2', acknowledgedAt });
    expect(folded(ALL, written(NOW - 5)).effectEndedAt).toBe(NOW - 5);
    expect(folded(ALL, written(NOW - 5_000)).effectEndedAt).toBe(NOW - 1_000);
    expect(folded(record(), written(NOW - 5_000)).effectEndedAt).toBe(NOW - 5_000);
  });

  it('that was confirmed is owed nothing', () => {
    expect(becomes(fact('target-confirmed', { target, fingerprint: 'new', version: '2' }))).toStrictEqual(
      next(
        ONE,
        { confirmed: { fingerprint: 'new', version: '2', at: NOW }, failures: 0 },
        'retryAt',
        'lastFailure',
        'foreign',
        'drifted',
        'owed',
      ),
    );
  });

  it('that failed waits for its next attempt', () => {
    const failure = 'store-unavailable';
    const body = { target, failure, message: 'no', attempt: 3, retryAt: NOW + 60 } as const;
    expect(becomes(fact('target-failed', body))).toStrictEqual(
      next(ONE, { failures: 3, retryAt: NOW + 60, lastFailure: { failure, message: 'no' } }),
    );
  });

  it('that refused a write has to take a real one again before that counts', () => {
    const body = { target, failure: 'target-refused', message: 'no', attempt: 1, retryAt: NOW } as const;
    expect(becomes(fact('target-failed', body))).not.toHaveProperty('realWrite');
    const misread = { ...body, misread: true } as const;
    expect(becomes(fact('target-failed', misread))).toHaveProperty('realWrite', ONE.realWrite);
  });

  it('that is foreign is so since it was first seen, by what is in it now', () => {
    expect(becomes(fact('target-foreign', { target, fingerprint: 'another' }))).toStrictEqual(
      next(ONE, { foreign: { since: NOW - 3_000, fingerprint: 'another' } }, 'confirmed'),
    );
    expect(becomes(fact('target-foreign', { target }))?.foreign).toStrictEqual({ since: NOW - 3_000 });
  });

  it('that is seen for the first time and foreign is so from now on', () => {
    const after = folded(record({ targets: {} }), fact('target-foreign', { target, fingerprint: 'another' }));
    expect(after.targets).toStrictEqual({
      [target]: { failures: 0, accepted: false, foreign: { since: NOW, fingerprint: 'another' } },
    });
  });

  it('that a person accepted is ours, and is tried at once', () => {
    expect(becomes(fact('target-accepted', { target }))).toStrictEqual(
      next(ONE, { accepted: true }, 'foreign', 'retryAt', 'drifted'),
    );
  });

  it('of which what was foreign is gone is foreign no more', () => {
    expect(becomes(fact('target-cleared', { target }))).toStrictEqual(next(ONE, {}, 'foreign'));
  });

  it('that somebody changed holds nothing that was written or confirmed', () => {
    expect(becomes(fact('target-drifted', { target, fingerprint: 'theirs' }))).toStrictEqual(
      next(
        ONE,
        { drifted: { since: NOW - 4_000, fingerprint: 'theirs' }, overwritten: [NOW] },
        'confirmed',
        'written',
      ),
    );
    expect(becomes(fact('target-drifted', { target }))?.drifted).toStrictEqual({ since: NOW - 4_000 });
  });

  it.each([
    ['when', { writtenAt: NOW - 5 }, { at: NOW - 5 }],
    ['by whom', { writtenBy: 'external-secrets' }, { by: 'external-secrets' }],
    [
      'when and by whom',
      { writtenAt: NOW - 5, writtenBy: 'external-secrets' },
      { at: NOW - 5, by: 'external-secrets' },
    ],
  ])('that somebody changed tells %s, as far as the store does', (_what, told, lastWrite) => {
    expect(becomes(fact('target-drifted', { target, ...told }))?.drifted).toStrictEqual({
      since: NOW - 4_000,
      lastWrite,
    });
  });

  it('that is contested is so from now on', () => {
    expect(becomes(fact('target-contested', { target, why: 'because' }))).toStrictEqual(
      next(ONE, { contested: { since: NOW } }),
    );
  });

  it('that is put right and changed again by others counts as written over once for each delivery', () => {
    const misread = fact('target-failed', {
      target,
      failure: 'target-refused',
      message: 'something else',
      attempt: 1,
      retryAt: NOW,
      misread: true,
    });
    const written = { fingerprint: 'live', version: '1', at: NOW - 9 };
    const before = record({ targets: { [target]: { failures: 0, accepted: false, written } } });
    const putRight = folded(
      folded(before, misread),
      fact('target-confirmed', { target, fingerprint: 'live', version: '2' }),
    );
    expect(putRight.targets[target]).toMatchObject({ overwritten: [NOW], written });
    const changed = { ...fact('target-drifted', { target }), at: NOW + 3_600_000 };
    expect(folded(putRight, changed).targets[target]?.overwritten).toStrictEqual([NOW]);
    // What came within a minute of the one before was not counted.
    const another = fact('target-written', {
      target,
      fingerprint: 'live',
      version: '3',
      acknowledgedAt: NOW,
    });
    const uncounted = folded(folded(putRight, another), misread);
    expect(folded(uncounted, changed).targets[target]?.overwritten).toStrictEqual([NOW, NOW + 3_600_000]);
  });

  it('that reads back what was written is misread no more', () => {
    const before = record({ targets: { [target]: { ...ONE, misread: true } } });
    const confirmed = fact('target-confirmed', { target, fingerprint: 'live', version: '2' });
    expect(folded(before, confirmed).targets[target]).not.toHaveProperty('misread');
  });

  it('that took a real write keeps by whom and when', () => {
    expect(becomes(fact('write-proved', { target, identity: 'somebody' }))).toStrictEqual(
      next(ONE, { realWrite: { at: NOW, identity: 'somebody' } }),
    );
  });
});
