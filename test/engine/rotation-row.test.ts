import { describe, expect, it } from 'vitest';
import { evolve } from '../../src/domain/evolve.ts';
import { rotationRow } from '../../src/engine/rotation-row.ts';
import { fact } from '../builders/fact.ts';
import { NOW, record } from '../builders/situation.ts';

const FAILED = { failure: 'no-answer', message: 'silence' } as const;

describe('a rotation as history shows it', () => {
  function rowAfter(failedAt: number) {
    const opened = fact('rotation-opened', { trigger: 'manual', dueAt: NOW });
    const before = record({ lastFailure: { ...FAILED, at: failedAt } });
    const after = evolve(before, opened);
    return rotationRow({ account: 1, name: 'a', before, after, facts: [opened] });
  }

  it('has what failed last in it', () => {
    expect(rowAfter(NOW)).toMatchObject({ failure: 'silence' });
  });

  it('does not have what failed in the one before', () => {
    expect(rowAfter(NOW - 1)).not.toHaveProperty('failure');
  });
});
