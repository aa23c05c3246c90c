import { describe, expect, it } from 'vitest';
import type { KronupFault } from '../../src/emulators/kronup/fault.ts';
import { target } from '../builders/account.ts';
import { beforeSlot, expectDelivered, holdsOf, ONCE } from '../world/before-slot.ts';
import { engineWorld, HOUR_MS, HOURLY, MINUTE_MS } from '../world/engine-world.ts';

describe('an answer to a mint that does not fit', () => {
  const faults: readonly [string, KronupFault][] = [
    ['names another account', { kind: 'other-account', method: 'PUT', times: 1 }],
    ['names another organisation', { kind: 'other-organisation', method: 'PUT', times: 1 }],
    ['brings the token that was live before', { kind: 'same-token', method: 'PUT', times: 1 }],
  ];
  for (const [name, fault] of faults) {
    it(`is not delivered when it ${name}, until a person lifts the hold`, async () => {
      await using world = await engineWorld();
      const billing = world.account(0, { schedule: HOURLY, organisation: world.kronup.organisation });
      await world.configure(billing);
      await world.advance(59 * MINUTE_MS);
      const before = await world.file(`${billing.name}/token`);
      world.kronup.fault(fault);
      await world.advance(30 * MINUTE_MS);
      expect(await world.file(`${billing.name}/token`)).toBe(before);
      expect(world.factsOf('account-mismatched')).toHaveLength(1);
      const mints = world.kronup.mints();
      await world.advance(5 * HOUR_MS);
      expect(world.kronup.mints()).toBe(mints);
      await world.ask(billing, 'unpark');
      await world.advance(15 * MINUTE_MS);
      const live = await world.kronup.liveToken(billing.accountIds[0]);
      expect(await world.file(`${billing.name}/token`)).toBe(live.reveal());
    });
  }

  it('is delivered to nobody, and what is live is delivered without waiting for a slot once the hold is lifted', async () => {
    await using world = await beforeSlot({ schedule: ONCE });
    world.kronup.fault({ kind: 'other-account', method: 'PUT', times: 1 });
    await world.advance(30 * MINUTE_MS);
    await world.ask(world.billing, 'unpark');
    await expectDelivered(world);
    expect(world.kronup.mints(world.id)).toBe(1);
  });

  it('is not left dead in the targets once the hold is lifted, where the provider hides what is live: another one is minted', async () => {
    await using world = await beforeSlot({ schedule: ONCE }, { emulator: { hideTokens: true } });
    const before = world.kronup.mints(world.id);
    world.kronup.fault({ kind: 'other-account', method: 'PUT', times: 1 });
    await world.advance(30 * MINUTE_MS);
    await world.ask(world.billing, 'unpark');
    await expectDelivered(world);
    expect(world.kronup.mints(world.id) - before).toBe(2);
  });
});

describe('the account that the daemon authenticates with', () => {
  it('is never rotated', async () => {
    await using world = await engineWorld();
    const own = world.account(0, { name: 'own', accountIds: [world.kronup.manager.id], schedule: HOURLY });
    await world.configure(own);
    await world.advance(3 * HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
    const row = await world.journal.account('own');
    expect(row?.holds.map(({ kind }) => kind)).toContain('own-account');
    expect(await world.ask(own, 'rotate')).toMatchObject({ state: 'refused' });
  });
});

describe('a credential that somebody made in the console', () => {
  it('is proved and delivered at the next look, without a mint', async () => {
    await using world = await beforeSlot({ schedule: ONCE });
    await world.kronup.person.regenerate(world.id);
    await world.ask(world.billing, 'reconcile');
    await expectDelivered(world);
    expect(world.kronup.mints()).toBe(0);
    expect(world.factsOf('live-changed')).toHaveLength(1);
    expect(world.factsOf('credential-proved')).toHaveLength(2);
  });

  it('does not cause another mint than that of the slot', async () => {
    await using world = await beforeSlot();
    await world.kronup.person.regenerate(world.id);
    await world.advance(10 * MINUTE_MS);
    await expectDelivered(world);
    expect(world.kronup.mints(world.id)).toBe(1);
  });
});

describe('a provider that refuses or limits', () => {
  it('is held when it refuses the manager credential, parks nobody and tells it once', async () => {
    await using world = await beforeSlot({}, { settings: { parkAfter: 2 } });
    const fault = world.kronup.fault({ kind: 'refused-caller', caller: 'manager' });
    await world.advance(6 * HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
    expect(world.events.filter((event) => event === 'manager-refused')).toHaveLength(1);
    expect(world.factsOf('account-parked')).toEqual([]);
    fault.lift();
    await world.engine.sharedHolds.managerAccepted('kronup');
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    await expectDelivered(world);
  });

  it('takes a limit on the account’s own token as no word against the credential', async () => {
    await using world = await beforeSlot();
    world.kronup.fault({
      kind: 'status',
      status: 429,
      path: '/v1/account',
      caller: world.id,
      retryAfter: 60,
    });
    await world.advance(5 * MINUTE_MS);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect((await world.record(world.billing)).failures).toBe(0);
    await expectDelivered(world);
  });

  it('waits as long as it is told when the manager is limited', async () => {
    await using world = await beforeSlot();
    world.kronup.fault({ kind: 'status', status: 429, caller: 'manager', retryAfter: 600, times: 1 });
    await world.advance(9 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    await world.advance(20 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
  });

  it('parks an account after enough failures of its own, which a manual rotation that succeeds lifts', async () => {
    await using world = await beforeSlot({}, { settings: { parkAfter: 3 } });
    const fault = world.kronup.fault({ kind: 'status', status: 403, method: 'PUT' });
    await world.advance(HOUR_MS);
    expect(world.factsOf('account-parked')).toHaveLength(1);
    expect(fault.hits).toBe(3);
    fault.lift();
    await world.advance(2 * HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
    expect((await world.ask(world.billing, 'rotate')).state).toBe('taken');
    expect(world.kronup.mints(world.id)).toBe(1);
    expect(await holdsOf(world)).toEqual([]);
  });

  it('does not let a rotation whose new credential is refused stand in the way of the next', async () => {
    await using world = await beforeSlot({}, { settings: { parkAfter: 3 } });
    const fault = world.kronup.fault({ kind: 'refused-caller', caller: world.id });
    await world.advance(2 * HOUR_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    expect(await holdsOf(world)).toContain('parked');
    fault.lift();
    await world.ask(world.billing, 'rotate');
    await world.advance(MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(2);
    await expectDelivered(world);
  });
});

describe('an account that leaves the configuration', () => {
  it('is left as it is, and nothing is deleted', async () => {
    await using world = await beforeSlot();
    await world.configure();
    await world.advance(5 * HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
    await expectDelivered(world);
    expect(world.factsOf('account-left')).toHaveLength(1);
  });

  it('gives up a rotation that has not minted, and rests', async () => {
    await using world = await beforeSlot({
      targets: [target('files:billing/token'), target('safe:b/token')],
    });
    world.safe.down = { kind: 'store-unavailable', message: 'down' };
    await world.advance(10 * MINUTE_MS);
    await world.configure();
    await world.advance(MINUTE_MS);
    expect(world.factsOf('rotation-abandoned')).toHaveLength(1);
    const claims = world.claims;
    await world.advance(5 * HOUR_MS);
    expect(world.claims).toBe(claims);
  });
});
