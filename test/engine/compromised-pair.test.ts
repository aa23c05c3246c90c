import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { adoptedPair, NEVER } from '../world/adopted.ts';
import { lastOutcome, triesOfOld } from '../world/ended.ts';
import { engineWorld, MINUTE_MS } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';

/** A pair: adopted, with the token of the first account in its file. */
async function pair() {
  const world = await adoptedPair({ schedule: NEVER });
  world.facts.length = 0;
  return world;
}

describe('a compromised credential of a pair', () => {
  it('ends in the same rotation: the other account is minted for as well, and nobody is given what that brings', async () => {
    await using world = await pair();
    await world.ask(world.billing, 'rotate-compromised');
    await world.advance(MINUTE_MS);
    expect(world.kronup.mints(world.b)).toBe(1);
    expect(world.kronup.mints(world.a)).toBe(1);
    expect(await world.file(`${world.billing.name}/token`)).toBe(
      (await world.kronup.liveToken(world.b)).reveal(),
    );
    expect(triesOfOld(world)).toEqual(['refused']);
    expect(lastOutcome(world)).toBe('rotation-succeeded');
  });

  it('goes on taking turns afterwards', async () => {
    await using world = await pair();
    await world.ask(world.billing, 'rotate-compromised');
    await world.advance(MINUTE_MS);
    await world.ask(world.billing, 'rotate');
    await world.advance(MINUTE_MS);
    expect(await world.file(`${world.billing.name}/token`)).toBe(
      (await world.kronup.liveToken(world.a)).reveal(),
    );
    expect(lastOutcome(world)).toBe('rotation-succeeded');
  });

  it.each([
    ['and the mint did not happen', 'before', 0],
    ['although the mint happened', 'after', 1],
  ] as const)(
    'is not minted for again at once where the answer was lost, %s, and is hidden',
    async (...row) => {
      const [, when, wantMints] = row;
      await using world = await adoptedPair({ schedule: NEVER }, { emulator: { hideTokens: true } });
      world.facts.length = 0;
      world.kronup.fault({ kind: 'lost-answer', method: 'PUT', accountId: world.a, when, times: 1 });
      await world.ask(world.billing, 'rotate-compromised');
      await world.advance(110_000);
      expect(world.kronup.mints(world.a)).toBe(wantMints);
      expect(lastOutcome(world)).toBeUndefined();
      await world.advance(3 * MINUTE_MS);
      expect(world.kronup.mints(world.a)).toBe(wantMints + 1);
      expect(triesOfOld(world)).toEqual(['refused']);
      expect(lastOutcome(world)).toBe('rotation-succeeded');
    },
  );

  it('is not ended again where a target holds what the lost mint that was to end it brought', async () => {
    await using world = await adoptedPair({ schedule: NEVER }, { emulator: { hideTokens: true } });
    world.facts.length = 0;
    world.kronup.fault({ kind: 'lost-answer', method: 'PUT', accountId: world.a, when: 'after', times: 1 });
    await world.ask(world.billing, 'rotate-compromised');
    await world.advance(30_000);
    await world.put(world.address, (await world.kronup.liveToken(world.a)).reveal());
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints(world.a)).toBe(1);
    expect(await world.file(world.address)).toBe((await world.kronup.liveToken(world.b)).reveal());
    expect(triesOfOld(world)).toEqual(['refused']);
    expect(lastOutcome(world)).toBe('rotation-succeeded');
  });

  it.each(['shown', 'hidden'] as const)(
    'that leaks again, now, is minted for only after the lost mint that was to end it has settled; it is %s',
    async (how) => {
      const hideTokens = how === 'hidden';
      await using world = await adoptedPair({ schedule: NEVER }, { emulator: { hideTokens } });
      world.facts.length = 0;
      world.kronup.fault({ kind: 'late-effect', method: 'PUT', accountId: world.a, ms: 60_000, times: 1 });
      await world.ask(world.billing, 'rotate-compromised');
      await world.advance(30_000);
      expect(world.factsOf('retire-failed').map(({ failure }) => failure)).toEqual(['no-answer']);
      await world.ask(world.billing, 'rotate-compromised-now');
      await world.advance(5 * MINUTE_MS);
      expect(await world.file(`${world.billing.name}/token`)).toBe(
        (await world.kronup.liveToken(world.a)).reveal(),
      );
      expect(lastOutcome(world)).toBe('rotation-succeeded');
    },
  );

  it('may be one that was minted and is not proved yet: it ends as well, once it is replaced', async () => {
    await using world = await pair();
    const limited = world.kronup.fault({ kind: 'status', status: 429, caller: world.b });
    await world.ask(world.billing, 'rotate');
    const known = await Promise.all([world.kronup.liveToken(world.a), world.kronup.liveToken(world.b)]);
    await world.ask(world.billing, 'rotate-compromised');
    limited.lift();
    await world.advance(20 * MINUTE_MS);
    const live = await Promise.all([world.kronup.liveToken(world.a), world.kronup.liveToken(world.b)]);
    expect(live.map((token) => known.some((one) => one.reveal() === token.reveal()))).toEqual([false, false]);
    expect(await world.file(world.address)).toBe(live[0].reveal());
    expect(lastOutcome(world)).toBe('rotation-succeeded');
  });

  it('is ended now although a target holds what the mint for the standby ends', async () => {
    await using world = await adoptedPair({ schedule: NEVER, onDrift: 'report' });
    await world.put(world.address, (await world.kronup.liveToken(world.b)).reveal());
    await world.ask(world.billing, 'rotate-compromised');
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    await world.ask(world.billing, 'rotate-compromised-now');
    await world.advance(10 * MINUTE_MS);
    expect([world.kronup.mints(world.a), world.kronup.mints(world.b)]).toEqual([1, 1]);
    expect(await world.file(world.address)).toBe((await world.kronup.liveToken(world.b)).reveal());
    expect(lastOutcome(world)).toBe('rotation-succeeded');
  });

  it('is ended although what is live is refused, while a target holds what has leaked', async () => {
    await using world = await pair();
    await world.ask(world.billing, 'rotate');
    const leaked = await world.kronup.liveToken(world.b);
    world.files.down = DOWN;
    await world.ask(world.billing, 'rotate-compromised');
    world.kronup.fault({ kind: 'refused-token', caller: world.a });
    // As a single account it has what is refused.
    await world.configure({ ...world.billing, strategy: 'in-place', accountIds: [world.a] });
    await world.advance(MINUTE_MS);
    await world.configure(world.billing);
    delete world.files.down;
    await world.advance(30 * MINUTE_MS);
    expect(await world.file(world.address)).toBe((await world.kronup.liveToken(world.a)).reveal());
    expect((await world.kronup.liveToken(world.b)).reveal()).not.toBe(leaked.reveal());
    expect(lastOutcome(world)).toBe('rotation-succeeded');
  });

  it('is what is found to be in use where somebody said so before the account was seen', async () => {
    await using world = await engineWorld();
    const [a = '', b = ''] = world.kronup.accounts.map(({ id }) => id);
    const billing = world.account(0, { strategy: 'pair', accountIds: [a, b], schedule: NEVER });
    await world.put(`${billing.name}/token`, (await world.kronup.liveToken(a)).reveal());
    const down = world.kronup.fault({ kind: 'status', status: 503 });
    await world.configure(billing);
    await world.ask(billing, 'rotate-compromised');
    await world.advance(MINUTE_MS);
    down.lift();
    await world.advance(10 * MINUTE_MS);
    expect([world.kronup.mints(a), world.kronup.mints(b)]).toEqual([1, 1]);
    expect(triesOfOld(world)).toEqual(['refused']);
    expect(lastOutcome(world)).toBe('rotation-succeeded');
  });

  it('is ended once its account is one of the pair again, and keeps the other one from nothing while that is alone', async () => {
    await using world = await adoptedPair({ schedule: NEVER }, { emulator: { hideTokens: true } });
    const leaked = await world.kronup.liveToken(world.a);
    const single: Account = { ...world.billing, strategy: 'in-place', accountIds: [world.b] };
    await world.configure(single);
    await world.ask(single, 'rotate-compromised-now');
    await world.advance(MINUTE_MS);
    await world.ask(single, 'rotate');
    await world.advance(20 * MINUTE_MS);
    expect([world.kronup.mints(world.a), world.kronup.mints(world.b)]).toEqual([0, 2]);
    await world.configure(world.billing);
    await world.advance(60 * MINUTE_MS);
    expect((await world.kronup.liveToken(world.a)).reveal()).not.toBe(leaked.reveal());
    expect(await world.file(world.address)).toBe((await world.kronup.liveToken(world.b)).reveal());
  });

  it.each(['a', 'b'] as const)(
    'is waited for by nobody where its account is none of a pair any more, which its rotation says; %s is left',
    async (stays) => {
      await using world = await pair();
      world.onceMinted(() => {
        world.kronup.fault({ kind: 'status', status: 503, method: 'PUT', accountId: world.a, times: 3 });
      });
      await world.ask(world.billing, 'rotate-compromised');
      const leaked = await world.kronup.liveToken(world.a);
      const single: Account = { ...world.billing, strategy: 'in-place', accountIds: [world[stays]] };
      await world.configure(single);
      await world.advance(MINUTE_MS);
      expect((await world.kronup.liveToken(world.a)).reveal()).toBe(leaked.reveal());
      expect(lastOutcome(world)).toBe('rotation-abandoned');
      expect(world.factsOf('rotation-abandoned')[0]?.why).toContain(
        `what has leaked of ${world.a} works still`,
      );
      await world.ask(single, 'rotate');
      await world.advance(20 * MINUTE_MS);
      expect(lastOutcome(world)).toBe('rotation-succeeded');
      expect(await world.file(world.address)).toBe((await world.kronup.liveToken(world[stays])).reveal());
      await world.configure();
      await world.advance(MINUTE_MS);
      expect(world.factsOf('account-left')).toHaveLength(1);
    },
  );

  it('is ended although what somebody regenerated in the place of the newer one leaked as well; that ends next', async () => {
    await using world = await pair();
    world.onceMinted(() => {
      world.kronup.fault({ kind: 'status', status: 503, method: 'PUT', accountId: world.a, times: 1 });
    });
    await world.ask(world.billing, 'rotate-compromised');
    await world.advance(20_000);
    await world.kronup.person.regenerate(world.b);
    await world.ask(world.billing, 'reconcile');
    await world.advance(20_000);
    const liveTokens = async () =>
      await Promise.all([world.a, world.b].map(async (id) => (await world.kronup.liveToken(id)).reveal()));
    const leaked = await liveTokens();
    await world.ask(world.billing, 'rotate-compromised');
    await world.advance(20 * MINUTE_MS);
    const live = await liveTokens();
    expect(live).toContain(await world.file(world.address));
    for (const token of leaked) expect(live).not.toContain(token);
    expect(world.factKinds().filter((kind) => kind === 'rotation-succeeded')).toHaveLength(2);
    expect((await world.record(world.billing)).live).not.toHaveProperty('compromised');
  });

  it('does not open the other account again where a person closed it', async () => {
    await using world = await pair();
    world.onceMinted(() => world.kronup.person.close(world.a));
    await world.ask(world.billing, 'rotate-compromised');
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints(world.a)).toBe(0);
  });
});
