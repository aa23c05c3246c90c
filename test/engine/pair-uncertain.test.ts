import { describe, expect, it } from 'vitest';
import { adoptedPair } from '../world/adopted.ts';
import { ONCE } from '../world/before-slot.ts';
import { HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';

describe('a pair whose provider hides tokens', () => {
  it('is not minted for while nobody can tell whether a target holds what that would end', async () => {
    await using world = await adoptedPair({ onDrift: 'report' }, { emulator: { hideTokens: true } });
    const inUse = await world.kronup.liveToken(world.a);
    await world.put(world.address, (await world.kronup.liveToken(world.b)).reveal());
    const limited = world.kronup.fault({ kind: 'status', status: 429, caller: world.b, retryAfter: 3_600 });
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    expect(world.factsOf('rotation-failed').at(-1)?.message).toContain('could not be tried');
    limited.lift();
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    await world.put(world.address, inUse.reveal());
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints(world.b)).toBe(1);
    expect(await world.file(world.address)).toBe((await world.kronup.liveToken(world.b)).reveal());
  });
});

describe('a pair', () => {
  it('is minted for once in an hour in which every credential is refused, and gets that when it is accepted', async () => {
    await using world = await adoptedPair({ schedule: ONCE });
    const faults = [world.a, world.b].map((caller) => world.kronup.fault({ kind: 'refused-caller', caller }));
    const inUse = await world.kronup.liveToken(world.a);
    await world.advance(HOUR_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(await world.file(world.address)).toBe(inUse.reveal());
    for (const fault of faults) fault.lift();
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(await world.file(world.address)).toBe((await world.kronup.liveToken(world.b)).reveal());
  });
});

describe('the standby of a pair', () => {
  it('is not minted for while a target holds what it has', async () => {
    await using world = await adoptedPair({ onDrift: 'report' });
    await world.put(world.address, (await world.kronup.liveToken(world.b)).reveal());
    await world.advance(20 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    expect(world.factsOf('rotation-failed').at(-1)?.message).toContain(world.b);
  });

  it('is what is live where that turns out to be refused, though a rotation waits for the target', async () => {
    await using world = await adoptedPair({ onDrift: 'report' });
    await world.put(world.address, (await world.kronup.liveToken(world.b)).reveal());
    await world.advance(20 * MINUTE_MS);
    world.kronup.fault({ kind: 'refused-token', caller: world.a });
    await world.advance(20 * MINUTE_MS);
    expect(world.factsOf('live-changed').map(({ accountId }) => accountId)).toEqual([world.b]);
    expect([world.kronup.mints(world.a), world.kronup.mints(world.b)]).toEqual([1, 0]);
    expect(await world.file(world.address)).toBe((await world.kronup.liveToken(world.a)).reveal());
  });
});

describe('a pair of which one account leaves while a mint for it is under way, and comes back', () => {
  it.each(['before', 'after'] as const)(
    'is minted for once, though the answer was lost %s the effect',
    async (when) => {
      await using world = await adoptedPair({ schedule: ONCE });
      world.kronup.fault({ kind: 'lost-answer', method: 'PUT', when, times: 1 });
      world.killAt('mint-unknown');
      await world.advance(5 * MINUTE_MS);
      await world.configure({ ...world.billing, strategy: 'in-place', accountIds: [world.a] });
      await world.revive();
      await world.advance(MINUTE_MS / 2);
      expect(world.factsOf('mint-settled')).toEqual([]);
      expect(world.factKinds()).toContain('policy-changed');
      await world.configure(world.billing);
      await world.advance(10 * MINUTE_MS);
      expect([world.kronup.mints(world.a), world.kronup.mints(world.b)]).toEqual([0, 1]);
      expect(await world.file(world.address)).toBe((await world.kronup.liveToken(world.b)).reveal());
    },
  );

  it('is not waited for longer than that mint may take', async () => {
    await using world = await adoptedPair({ schedule: ONCE });
    world.kronup.fault({ kind: 'lost-answer', method: 'PUT', when: 'before', times: 1 });
    world.killAt('mint-unknown');
    await world.advance(5 * MINUTE_MS);
    await world.configure({ ...world.billing, strategy: 'in-place', accountIds: [world.a] });
    await world.revive();
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('mint-settled')).toHaveLength(1);
    expect([world.kronup.mints(world.a), world.kronup.mints(world.b)]).toEqual([1, 0]);
    expect(await world.file(world.address)).toBe((await world.kronup.liveToken(world.a)).reveal());
  });
});
