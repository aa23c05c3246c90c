import { describe, expect, it } from 'vitest';
import type { AccountRecord } from '../../../src/domain/record.ts';
import { fact, folded } from '../../builders/fact.ts';
import { LEAKED_LIVE, NOW, OPEN, record } from '../../builders/situation.ts';

const LEAKED = { ...OPEN, compromised: 'after-delivery' } as const;
const WAITING = { requests: ['q1'], cause: { actor: 'socket:0' }, at: NOW - 5, compromised: 'now' } as const;
const MINTED = { fingerprint: 'new', sentAt: NOW - 4, recovered: false } as const;

/** Nothing is known to be live. */
function unknown(changes: Partial<AccountRecord> = {}): AccountRecord {
  const { live: _, ...rest } = record(changes);
  return rest;
}

function leaksWhenFound(known: AccountRecord): boolean {
  return folded(known, fact('live-found', { fingerprint: 'found' })).live?.compromised === true;
}

describe('what is found to be in use', () => {
  it('is what has leaked where somebody said so before anybody knew of it', () => {
    expect(leaksWhenFound(unknown({ waiting: WAITING }))).toBe(true);
    expect(leaksWhenFound(unknown({ rotation: LEAKED }))).toBe(true);
  });

  it('has not leaked where nobody said so, or something was minted in place of what has', () => {
    const { compromised: _, ...asked } = WAITING;
    expect(leaksWhenFound(unknown())).toBe(false);
    expect(leaksWhenFound(unknown({ waiting: asked }))).toBe(false);
    expect(leaksWhenFound(unknown({ rotation: OPEN }))).toBe(false);
    expect(leaksWhenFound(unknown({ rotation: { ...LEAKED, minted: MINTED } }))).toBe(false);
  });

  it('has not leaked where it was known then, and was none of those that have', () => {
    const old = [{ why: 'replaced', since: NOW - 9, fingerprint: 'found', accountId: 'b' }] as const;
    expect(leaksWhenFound(unknown({ rotation: LEAKED, old }))).toBe(false);
  });

  it('has leaked as well where it is of the other account of a pair; what the same account has since may be new', () => {
    const leaks = (accountId: string) => {
      const before = record({ live: LEAKED_LIVE, rotation: LEAKED });
      const after = folded(before, fact('live-changed', { fingerprint: 'found', was: 'live', accountId }));
      return after.live?.compromised === true;
    };
    expect(leaks('b')).toBe(true);
    expect(leaks('a')).toBe(false);
  });
});
