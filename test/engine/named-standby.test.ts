import { describe, expect, it } from 'vitest';
import { adoptedPair } from '../world/adopted.ts';
import type { PairWorld } from '../world/adopted.ts';
import { HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';

/** Its target holds what `b` has; what was minted after that, for `a`, is lost with its process, and hidden. */
async function lostPair(fault: 'auth-api-invalid' | 'jwt-issuer'): Promise<PairWorld> {
  const world = await adoptedPair({}, { emulator: { hideTokens: true } });
  await world.advance(5 * MINUTE_MS);
  world.kronup.fault({ kind: 'refused-token', caller: world.b, id: fault });
  world.killAt('credential-proved');
  await world.advance(HOUR_MS);
  await world.revive();
  await world.advance(MINUTE_MS);
  return world;
}

async function holdsTokenOf(world: PairWorld, accountId: string): Promise<boolean> {
  return (await world.file(world.address)) === (await world.kronup.liveToken(accountId)).reveal();
}

describe('a pair whose live credential is lost, and whose target holds what is refused of the other account,', () => {
  it('is minted for by nobody as long as nobody names the standby', async () => {
    await using world = await lostPair('auth-api-invalid');
    const row = await world.journal.account(world.billing.name);
    expect(row?.holds.map(({ kind }) => kind)).toContain('undecided');
    await world.advance(2 * HOUR_MS);
    expect([world.kronup.mints(world.a), world.kronup.mints(world.b)]).toEqual([1, 1]);
  });

  it.each(['a', 'b'] as const)('is minted for once a person has named %s', async (named) => {
    await using world = await lostPair('auth-api-invalid');
    await world.ask(world.billing, 'standby', { target: world[named] });
    await world.advance(15 * MINUTE_MS);
    expect(world.kronup.mints(world[named])).toBe(2);
    expect(await holdsTokenOf(world, world[named])).toBe(true);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(2);
  });

  it('is not minted for that account where it is refused for another reason', async () => {
    await using world = await lostPair('jwt-issuer');
    await world.ask(world.billing, 'standby', { target: world.b });
    await world.advance(HOUR_MS);
    expect(world.kronup.mints(world.b)).toBe(1);
    expect(world.factsOf('rotation-failed').at(-1)?.message).toContain(world.b);
  });
});
