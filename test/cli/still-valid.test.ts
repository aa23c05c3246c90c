import { describe, expect, it } from 'vitest';
import { stillValidText, withStillValid } from '../../src/cli/still-valid.ts';
import type { HeldRotation } from '../../src/cli/held.ts';
import { askedText } from '../../src/cli/rotate-text.ts';
import type { Reached } from '../../src/cli/reach.ts';
import type { OldCredentialView } from '../../src/http/views.ts';
import type { RotationRow } from '../../src/ports/journal.ts';

const NOW = Date.parse('2026-01-05T12:00:00Z');
const REPLACED: OldCredentialView = { why: 'replaced', since: NOW, reference: 'r1', until: NOW + 3_600_000 };

function succeeded(account: string, more: Partial<RotationRow> = {}): HeldRotation {
  const rotation = {
    id: 'x',
    accountName: account,
    trigger: 'manual',
    openedAt: NOW,
    outcome: 'succeeded',
    ...more,
  };
  return { account, state: 'taken', rotation: rotation as RotationRow };
}

function reaching(old: readonly OldCredentialView[], asked: string[] = []): Reached {
  return {
    ask: ({ path }: { readonly path: string }) => {
      asked.push(path);
      return Promise.resolve({ old });
    },
  } as unknown as Reached;
}

describe('what a rotation replaced', () => {
  it('is said to work until its grace is over, at least', () => {
    expect(stillValidText(REPLACED, NOW)).toContain('2026-01-05 13:00:00');
  });

  it('is said to work until every target holds the new one, where the grace has not begun', () => {
    const { until: _, ...waiting } = REPLACED;
    expect(stillValidText(waiting, NOW)).toContain('every target');
  });

  it('is said to work until the next rotation of a pair', () => {
    expect(stillValidText({ why: 'replaced', since: NOW, accountId: 'a' }, NOW)).toContain('next rotation');
  });

  it('is printed with the rotation that was waited for', async () => {
    const rotations = await withStillValid(reaching([REPLACED]), [succeeded('billing')], NOW);
    expect(askedText(rotations, { now: NOW, waited: true })).toContain('the credential before works until');
  });

  it('is not asked for after a rotation in place, nor for one that has not succeeded', async () => {
    const asked: string[] = [];
    const open: HeldRotation = { account: 'shipping', state: 'taken' };
    const rotations = [succeeded('billing', { darkWindowMs: 5 }), open];
    expect(await withStillValid(reaching([REPLACED], asked), rotations, NOW)).toEqual(rotations);
    expect(asked).toEqual([]);
  });
});
