import { describe, expect, it } from 'vitest';
import { keycardHerd } from '../world/herd-world.ts';

const ACCOUNTS = 300;
const CALLS_PER_SECOND = 20;
const MINUTE_MS = 60_000;
/** Of real time, on a machine that does much else. */
const MINUTES_MS = 600_000;

/** A rotation is a look, a mint, an access token and a call with it. */
const CALLS_EACH = 4;
const WITHIN_MS = (CALLS_EACH * ACCOUNTS * 1_000) / CALLS_PER_SECOND + MINUTE_MS;

const herd = (concurrency: number, accounts = ACCOUNTS) =>
  keycardHerd({
    accounts,
    callsPerSecond: CALLS_PER_SECOND,
    concurrency,
    callsAtOnce: 32,
    priorities: 1,
    kinds: ['observe-failed', 'rotation-failed'],
  });

describe('accounts due in the same second at a provider without a list of credentials', () => {
  it.each([16, ACCOUNTS])(
    'are each minted for once, with fewer than five calls each: %i worked on at once',
    { timeout: MINUTES_MS },
    async (concurrency) => {
      await using world = await herd(concurrency);
      await world.until(() => world.count('rotation-succeeded') === ACCOUNTS, WITHIN_MS);
      const { emulator } = world;
      expect(world.accounts.filter(({ accountIds }) => emulator.mints(accountIds[0]) !== 1)).toEqual([]);
      expect(emulator.calls()).toBeLessThan((CALLS_EACH + 1) * ACCOUNTS);
      for (const account of world.accounts) expect(await world.isConverged(account)).toBe(true);
    },
  );

  it('are not delayed by one of them whose credentials cannot be read', { timeout: MINUTES_MS }, async () => {
    await using world = await herd(16, 48);
    const [, ill] = world.accounts;
    const accountId = ill?.accountIds[0] ?? '';
    world.emulator.fault({ kind: 'status', status: 403, operation: 'credentialList', accountId });
    const wantSucceeded = world.accounts.length - 1;
    await world.until(() => world.count('rotation-succeeded') === wantSucceeded, MINUTE_MS);
    expect(new Set(world.facts.map(({ account }) => account))).toEqual(new Set([ill?.name]));
    expect(world.emulator.mints(accountId)).toBe(0);
  });
});
