import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import type { KronupFault } from '../../src/emulators/kronup/fault.ts';
import { target } from '../builders/account.ts';
import { engineWorld, HOUR_MS, HOURLY, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld, EngineWorldOptions } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';

/** At the slot that tests wait for, and not again in a week. */
const ONCE = { pattern: '0 1 * * 1', zone: 'UTC' };

type World = EngineWorld & { billing: Account; id: string };

async function beforeSlot(changes: Partial<Account> = {}, options: EngineWorldOptions = {}): Promise<World> {
  const world = await engineWorld(options);
  const billing = world.account(0, { schedule: HOURLY, ...changes });
  await world.configure(billing);
  await world.advance(59 * MINUTE_MS);
  return Object.assign(world, { billing, id: billing.accountIds[0] });
}

async function expectDelivered(world: World): Promise<void> {
  const live = await world.kronup.liveToken(world.id);
  expect(await world.file(`${world.billing.name}/token`)).toBe(live.reveal());
}

async function holdsOf(world: World): Promise<string[]> {
  const row = await world.journal.account(world.billing.name);
  return row?.holds.map(({ kind }) => kind) ?? [];
}

describe('an account that was closed at the provider', () => {
  it('is never re-opened', async () => {
    await using world = await beforeSlot();
    await world.kronup.person.close(world.id);
    await world.advance(5 * HOUR_MS);
    expect(world.kronup.mints(world.id)).toBe(0);
    expect(world.kronup.accounts[0]?.closed).toBe(true);
    expect(await holdsOf(world)).toContain('closed');
  });

  it('goes on by itself when a person re-opens it, also when nothing is due', async () => {
    await using world = await beforeSlot({ schedule: ONCE });
    await world.kronup.person.close(world.id);
    await world.ask(world.billing, 'reconcile');
    expect(await holdsOf(world)).toContain('closed');
    await world.kronup.person.reopen(world.id);
    await world.advance(30 * MINUTE_MS);
    expect(await holdsOf(world)).toEqual([]);
    await expectDelivered(world);
  });

  it('is looked at less and less often', async () => {
    await using world = await beforeSlot();
    await world.kronup.person.close(world.id);
    await world.advance(24 * HOUR_MS);
    const calls = world.kronup.calls();
    await world.advance(24 * HOUR_MS);
    expect(world.kronup.calls() - calls).toBeLessThan(200);
  });

  it('is re-opened where the policy says so', async () => {
    await using world = await beforeSlot({ reopenClosed: true });
    await world.kronup.person.close(world.id);
    await world.advance(30 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    await expectDelivered(world);
  });

  it('that a rotation re-opened gets a delivery that failed within minutes, and its rotation succeeds, with verify off', async () => {
    await using world = await beforeSlot({ reopenClosed: true, schedule: ONCE });
    await world.kronup.person.close(world.id);
    world.onceMinting(() => {
      world.files.down = DOWN;
    });
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    delete world.files.down;
    await world.advance(6 * MINUTE_MS);
    await expectDelivered(world);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(world.factsOf('hold-lifted').map(({ hold }) => hold)).toEqual(['closed']);
  });

  it('and was re-opened by a mint whose answer was lost is held no more once that is found', async () => {
    await using world = await beforeSlot({ reopenClosed: true, schedule: ONCE });
    await world.kronup.person.close(world.id);
    world.kronup.fault({ kind: 'lost-answer', when: 'after', method: 'PUT', times: 1 });
    await world.advance(5 * MINUTE_MS);
    await expectDelivered(world);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect((await world.record(world.billing)).held).toEqual({});
  });

  it('again after a rotation re-opened it, before that was through, is re-opened by the next slot', async () => {
    await using world = await beforeSlot({ reopenClosed: true });
    world.onceMinted(() => world.kronup.person.close(world.id));
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    await world.advance(HOUR_MS);
    expect(world.kronup.mints(world.id)).toBe(2);
    await expectDelivered(world);
    expect(world.factKinds().at(-1)).toBe('rotation-succeeded');
  });

  it('again after a rotation re-opened it goes on without a slot when a person opens it', async () => {
    await using world = await beforeSlot({ reopenClosed: true, schedule: ONCE });
    world.onceMinted(() => world.kronup.person.close(world.id));
    await world.advance(5 * MINUTE_MS);
    expect(world.factsOf('rotation-succeeded')).toEqual([]);
    await world.kronup.person.reopen(world.id);
    await world.advance(30 * MINUTE_MS);
    await expectDelivered(world);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });

  it('refuses a manual rotation, saying why', async () => {
    await using world = await beforeSlot();
    await world.kronup.person.close(world.id);
    await world.ask(world.billing, 'reconcile');
    const answer = await world.ask(world.billing, 'rotate');
    expect(answer).toMatchObject({ state: 'refused', why: expect.stringContaining('closed') as string });
  });

  it('takes a manual rotation as soon as it is open again', async () => {
    await using world = await beforeSlot();
    await world.kronup.person.close(world.id);
    await world.ask(world.billing, 'reconcile');
    await world.kronup.person.reopen(world.id);
    const answer = await world.ask(world.billing, 'rotate');
    expect(answer.state).toBe('taken');
    expect(world.kronup.mints(world.id)).toBe(1);
  });

  it('is not asked for in a storm where it has gone altogether and reopenClosed is set', async () => {
    await using world = await beforeSlot({ reopenClosed: true });
    await world.kronup.person.remove(world.id);
    await world.advance(HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
    const calls = world.kronup.calls();
    await world.advance(HOUR_MS);
    expect(world.kronup.calls() - calls).toBeLessThan(200);
    expect(world.events).not.toContain('loop-failed');
  });
});

describe('a mint of unknown outcome whose account is not open', () => {
  const NO_EFFECT = { kind: 'lost-answer', when: 'before', method: 'PUT', times: 1 } as const;

  it.each(['close', 'remove'] as const)(
    'costs fewer than 200 calls a day after a person did %s it, and delivers nothing',
    async (does) => {
      await using world = await beforeSlot();
      world.kronup.fault(NO_EFFECT);
      world.onceMinting(() => world.kronup.person[does](world.id));
      await world.advance(5 * MINUTE_MS);
      expect(world.factsOf('mint-unknown')).toHaveLength(1);
      const calls = world.kronup.calls();
      await world.advance(24 * HOUR_MS);
      expect(world.kronup.calls() - calls).toBeLessThan(200);
      expect(world.kronup.mints()).toBe(0);
    },
  );

  it('is found out within half an hour of a person opening it', async () => {
    await using world = await beforeSlot();
    world.kronup.fault(NO_EFFECT);
    world.onceMinting(() => world.kronup.person.close(world.id));
    await world.advance(5 * MINUTE_MS);
    await world.kronup.person.reopen(world.id);
    await world.advance(30 * MINUTE_MS);
    await expectDelivered(world);
    expect(world.kronup.mints(world.id)).toBe(0);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });

  it('is repeated once it has settled where the policy opens it again', async () => {
    await using world = await beforeSlot({ reopenClosed: true });
    await world.kronup.person.close(world.id);
    world.kronup.fault(NO_EFFECT);
    await world.advance(2 * MINUTE_MS);
    expect(world.factsOf('mint-unknown')).toHaveLength(1);
    expect(world.kronup.mints(world.id)).toBe(0);
    await world.advance(3 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    await expectDelivered(world);
    const [unknown] = world.factsOf('mint-unknown');
    const [settled] = world.factsOf('mint-settled');
    expect((settled?.at ?? 0) - (unknown?.sentAt ?? 0)).toBeGreaterThanOrEqual(120_000);
  });
});

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
