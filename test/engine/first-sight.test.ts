import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/domain/credential.ts';
import { Secret } from '../../src/domain/secret.ts';
import { engineWorld, HOUR_MS, HOURLY, MINUTE_MS } from '../world/engine-world.ts';

const ADDRESS = 'billing-api/token';
const WEEKLY = { pattern: '0 1 * * 1', zone: 'UTC' };

describe('the first sight of an account', () => {
  it('is no reason to rotate it, and slots before it are not made up for', async () => {
    await using world = await engineWorld();
    await world.configure(world.account(0, { schedule: HOURLY }));
    await world.advance(50 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    expect(world.factsOf('account-adopted')).toHaveLength(1);
  });

  for (const name of [
    'its live credential cannot be proved',
    'nobody knows yet whose the manager credential is',
  ]) {
    it(`is tried again later where ${name}`, async () => {
      await using world = await engineWorld();
      const billing = world.account(0, { schedule: HOURLY });
      const caller = name.startsWith('its') ? billing.accountIds[0] : 'manager';
      const fault = world.kronup.fault({ kind: 'status', status: 500, path: '/v1/account', caller });
      await world.configure(billing);
      await world.advance(10 * MINUTE_MS);
      expect(world.events).not.toContain('loop-failed');
      expect(world.claims).toBeLessThan(30);
      fault.lift();
      await world.advance(10 * MINUTE_MS);
      expect(await world.file(ADDRESS)).toBe((await world.kronup.liveToken(billing.accountIds[0])).reveal());
    });
  }

  it('rotates it once where the policy says so', async () => {
    await using world = await engineWorld();
    const billing = world.account(0, { rotateOnAdopt: true });
    await world.configure(billing);
    await world.advance(24 * HOUR_MS);
    expect(world.kronup.mints(billing.accountIds[0])).toBe(1);
    expect(world.factsOf('rotation-opened').map(({ trigger }) => trigger)).toEqual(['adopt']);
  });
});

describe('the first sight of a target', () => {
  async function sight(text: string | undefined, overwrite = false) {
    const world = await engineWorld();
    const base = world.account(0, { schedule: HOURLY });
    const billing = { ...base, targets: [{ ...base.targets[0], overwrite }] as const };
    if (text !== undefined) await world.put(ADDRESS, text);
    await world.configure(billing);
    await world.settle();
    const live = (await world.kronup.liveToken(billing.accountIds[0])).reveal();
    return Object.assign(world, { billing, live });
  }

  it('writes nothing where it holds the live credential', async () => {
    await using world = await engineWorld();
    const billing = world.account(0);
    await world.put(ADDRESS, (await world.kronup.liveToken(billing.accountIds[0])).reveal());
    await world.configure(billing);
    await world.settle();
    expect(world.files.writes).toBe(0);
    expect(world.factsOf('target-confirmed')).toHaveLength(1);
  });

  it('brings an empty one to the live credential', async () => {
    await using world = await sight('');
    expect(await world.file(ADDRESS)).toBe(world.live);
  });

  it('takes a credential that the account’s use proves to be its own as replaced', async () => {
    await using world = await engineWorld({ emulator: { keepOldTokens: true } });
    const billing = world.account(0);
    const old = (await world.kronup.liveToken(billing.accountIds[0])).reveal();
    await world.kronup.person.regenerate(billing.accountIds[0]);
    await world.put(ADDRESS, old);
    await world.configure(billing);
    await world.settle();
    expect(await world.file(ADDRESS)).toBe((await world.kronup.liveToken(billing.accountIds[0])).reveal());
  });

  it('leaves a foreign value alone, and mints nothing', async () => {
    await using world = await sight('somebody else’s');
    await world.advance(5 * HOUR_MS);
    expect(await world.file(ADDRESS)).toBe('somebody else’s');
    expect(world.kronup.mints()).toBe(0);
    expect(world.factsOf('target-foreign')).toHaveLength(1);
    expect(await world.ask(world.billing, 'rotate')).toMatchObject({ state: 'refused' });
  });

  it.each(['when it is foreign', 'when it took the place of what was delivered'])(
    'tells no hash of what somebody chose, by which it could be guessed: %s',
    async (when) => {
      const chosen = 'correct-horse-battery-staple';
      await using world = await sight(when.includes('foreign') ? chosen : undefined);
      if (!when.includes('foreign')) await world.put(ADDRESS, chosen);
      await world.advance(2 * HOUR_MS);
      const { targets } = (await world.journal.account(world.billing.name))?.record ?? {};
      const told = JSON.stringify([
        targets,
        world.factsOf('target-foreign'),
        world.factsOf('target-drifted'),
      ]);
      expect(told).toMatch(/target-(?:foreign|drifted)/);
      expect(told).not.toContain(fingerprintOf({ kind: 'token', token: new Secret(chosen) }));
    },
  );

  it('leaves another account’s credential alone', async () => {
    await using world = await engineWorld();
    const other = world.account(1);
    const billing = world.account(0, { schedule: HOURLY });
    const theirs = (await world.kronup.liveToken(other.accountIds[0])).reveal();
    await world.put(ADDRESS, theirs);
    await world.configure(billing);
    await world.advance(2 * HOUR_MS);
    expect(await world.file(ADDRESS)).toBe(theirs);
    expect(world.kronup.mints()).toBe(0);
  });

  it('is written once a person accepts it', async () => {
    await using world = await sight('somebody else’s');
    await world.ask(world.billing, 'accept', { target: `files:${ADDRESS}` });
    expect(await world.file(ADDRESS)).toBe(world.live);
    await world.advance(2 * HOUR_MS);
    expect(world.kronup.mints()).toBe(2);
  });

  it('refuses to accept a target that the account does not have, naming those it has', async () => {
    await using world = await sight('somebody else’s');
    const answer = await world.ask(world.billing, 'accept', { target: 'files:other' });
    expect(answer.why).toContain(`files:${ADDRESS}`);
  });

  it('is written where overwrite is set', async () => {
    await using world = await sight('somebody else’s', true);
    expect(await world.file(ADDRESS)).toBe(world.live);
  });

  it('notices that what was foreign is gone, also when a person asks for a rotation', async () => {
    await using world = await sight('somebody else’s');
    await world.put(ADDRESS, '');
    expect(await world.ask(world.billing, 'rotate')).toMatchObject({ state: 'taken' });
    expect(world.kronup.mints()).toBe(1);
  });
});

describe('a provider that does not show what is live', () => {
  const hidden = { emulator: { hideTokens: true } };

  it('finds it by proving what the target holds, and rotates', async () => {
    await using world = await engineWorld(hidden);
    const billing = world.account(0, { schedule: WEEKLY });
    const live = (await world.kronup.liveToken(billing.accountIds[0])).reveal();
    await world.put(ADDRESS, live);
    await world.configure(billing);
    await world.settle();
    expect(world.factsOf('live-found')).toHaveLength(1);
    expect(world.kronup.mints()).toBe(0);
    await world.advance(2 * HOUR_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(await world.file(ADDRESS)).toBe((await world.kronup.liveToken(billing.accountIds[0])).reveal());
  });

  it('mints where nobody has the value', async () => {
    await using world = await engineWorld(hidden);
    const billing = world.account(0, { schedule: WEEKLY });
    await world.configure(billing);
    await world.settle();
    expect(world.kronup.mints()).toBe(1);
    expect(await world.file(ADDRESS)).toBe((await world.kronup.liveToken(billing.accountIds[0])).reveal());
  });

  for (const when of ['before', 'after'] as const) {
    it(`delivers after an answer that was lost ${when} the effect, with as few mints as can be`, async () => {
      await using world = await engineWorld(hidden);
      const billing = world.account(0, { schedule: WEEKLY });
      await world.put(ADDRESS, (await world.kronup.liveToken(billing.accountIds[0])).reveal());
      await world.configure(billing);
      await world.advance(59 * MINUTE_MS);
      world.kronup.fault({ kind: 'lost-answer', when, method: 'PUT', times: 1 });
      await world.advance(HOUR_MS);
      expect(world.kronup.mints()).toBe(when === 'after' ? 2 : 1);
      expect(await world.file(ADDRESS)).toBe((await world.kronup.liveToken(billing.accountIds[0])).reveal());
    });
  }

  it('mints again when the process ends with the only copy of a new credential', async () => {
    await using world = await engineWorld(hidden);
    const billing = world.account(0, { schedule: WEEKLY });
    await world.put(ADDRESS, (await world.kronup.liveToken(billing.accountIds[0])).reveal());
    await world.configure(billing);
    await world.advance(59 * MINUTE_MS);
    world.onceMinted(() => world.kill());
    await world.advance(5 * MINUTE_MS);
    await world.revive();
    await world.advance(HOUR_MS);
    expect(world.kronup.mints()).toBe(2);
    expect(await world.file(ADDRESS)).toBe((await world.kronup.liveToken(billing.accountIds[0])).reveal());
    await world.advance(5 * HOUR_MS);
    expect(world.kronup.mints()).toBe(2);
  });
});

describe('a journal that was lost', () => {
  it('is made again without a mint or a write, from what is there', async () => {
    await using world = await engineWorld();
    const billing = world.account(0, { schedule: HOURLY });
    await world.configure(billing);
    await world.advance(2 * HOUR_MS);
    const { writes } = world.files;
    const mints = world.kronup.mints();
    await world.restart({ loseJournal: true });
    await world.configure(billing);
    await world.advance(10 * MINUTE_MS);
    expect(world.files.writes).toBe(writes);
    expect(world.kronup.mints()).toBe(mints);
  });

  it('makes up for the slot that passed, where the store dates what we wrote', async () => {
    await using world = await engineWorld({ now: '2026-01-05T00:30:00Z' });
    const billing = world.account(0, { schedule: HOURLY, rotateOnAdopt: true });
    await world.put(ADDRESS, (await world.kronup.liveToken(billing.accountIds[0])).reveal());
    world.files.writtenByUsAt = world.clock.now() - HOUR_MS;
    await world.configure(billing);
    await world.settle();
    expect(world.kronup.mints()).toBe(0);
    await world.advance(20 * MINUTE_MS);
    expect(world.factsOf('rotation-opened').map(({ trigger }) => trigger)).toEqual(['schedule']);
    expect(world.kronup.mints()).toBe(1);
  });
});
