import { describe, expect, it } from 'vitest';
import { refreshToken } from '../../src/engine/write-token.ts';
import { account } from '../builders/account.ts';

const NEED = { consumer: 'deploys webhook deploys', fingerprint: 'live', version: '2', neededAt: 5 };
const PAIR = account({ strategy: 'pair', accountIds: ['blue', 'green'] });

describe('the name of a refresh', () => {
  const named = (changes: Partial<typeof NEED> = {}, policy = PAIR) =>
    refreshToken(policy, 'files:billing/token', { ...NEED, ...changes });

  it('is another one for each consumer and for whatever it has to take up, also for the same value once more', () => {
    const others = [{ consumer: 'other' }, { fingerprint: 'next' }, { version: '3' }, { neededAt: 6 }];
    const names = [named(), ...others.map((changes) => named(changes))];
    expect(new Set(names).size).toBe(names.length);
    expect(refreshToken(PAIR, 'files:billing/other', NEED)).not.toBe(named());
  });

  it('stays the same when an account of a pair becomes a single one, or a single one the second of a pair', () => {
    expect(named({}, account({ accountIds: ['green'] }))).toBe(named());
    expect(named({}, account({ strategy: 'pair', accountIds: ['green', 'blue'] }))).toBe(named());
  });
});
