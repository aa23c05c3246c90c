// Consumers: whoever reads a target takes up what was confirmed there, once, and nothing else waits for it or is done because of it.

import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import type { Consumer } from '../../src/domain/consumer.ts';
import type { FactKind } from '../../src/domain/fact.ts';
import type { FailureKind } from '../../src/domain/failure.ts';
import { target, restart } from '../builders/account.ts';
import { consumerContract } from '../contract/consumer-contract.ts';
import { adoptedPair, adoptedWithOverlap, NEVER, SHIPPING_FILE } from '../world/adopted.ts';
import { engineWorld, HOUR_MS, HOURLY, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';
import { MemoryConsumers } from '../world/memory-consumers.ts';

consumerContract('an application in memory', () => {
  const consumers = new MemoryConsumers(Date.now);
  const connection = consumers.connection('cluster');
  const failsWith = (kind: FailureKind) => () => {
    consumers.down = { kind, message: 'it fails in this test; wait for it' };
    return Promise.resolve();
  };
  return Promise.resolve({
    connection,
    step: { does: 'restart', address: 'Deployment shop/checkout' },
    effects: () => Promise.resolve(consumers.begun.length),
    breaks: {
      unavailable: failsWith('consumer-unavailable'),
      denied: failsWith('consumer-refused'),
      missing: failsWith('consumer-refused'),
    },
    cleanup: async () => await connection[Symbol.asyncDispose](),
  });
});

const CHECKOUT = restart();
const HOLDING = restart({ onUnhealthy: 'hold' });
const SYNC = restart({ does: 'forceSync', address: 'ExternalSecret shop/payments' });
const HOOK = restart({ connection: 'deploys', does: 'webhook', address: 'deploys' });
const UNDER_WAY = { state: 'under-way', why: '1 of 2 pods is updated' } as const;
const UNHEALTHY = { state: 'unhealthy', why: 'ProgressDeadlineExceeded' } as const;
const REFUSED = { kind: 'consumer-refused', message: 'forbidden in this test; grant it' } as const;

function readBy(name: string, ...consumers: readonly Consumer[]): Account['targets'] {
  return [target(`files:${name}/token`, { consumers })];
}

interface World extends EngineWorld {
  readonly billing: Account;
}

/** An account that was adopted, whose hourly slot comes in half a minute, and whose target these consumers read. */
async function reading(
  consumers: readonly Consumer[] = [CHECKOUT],
  changes: Partial<Account> = {},
): Promise<World> {
  const world = await engineWorld({ now: '2026-01-05T00:58:30Z' });
  const billing = await configured(world, 0, consumers, changes);
  await world.configure(billing);
  await world.advance(MINUTE_MS);
  return Object.assign(world, { billing });
}

/** An account of the world whose target holds what is live. */
async function configured(
  world: EngineWorld,
  index: number,
  consumers: readonly Consumer[] = [CHECKOUT],
  changes: Partial<Account> = {},
): Promise<Account> {
  const { name } = world.account(index);
  const one = world.account(index, { schedule: HOURLY, targets: readBy(name, ...consumers), ...changes });
  await world.put(`${name}/token`, (await world.kronup.liveToken(one.accountIds[0])).reveal());
  return one;
}

function consumerFacts(world: EngineWorld): FactKind[] {
  return world.facts.flatMap(({ kind }) => (kind.startsWith('consumer-') ? [kind] : []));
}

async function holdKinds(world: EngineWorld): Promise<readonly string[]> {
  return (await world.journal.shared()).holds.map(({ kind }) => kind);
}

describe('a consumer', () => {
  it('is left alone when its target is seen to be right at first sight', async () => {
    await using world = await reading();
    expect(world.consumers.asked).toEqual([]);
    expect(world.factsOf('target-confirmed')).toHaveLength(1);
  });

  it('takes up what a rotation brought, once it is confirmed', async () => {
    await using world = await reading();
    await world.advance(MINUTE_MS);
    const [confirmed] = world.factsOf('target-confirmed').slice(-1);
    expect(world.consumers.begun).toMatchObject([
      {
        does: 'restart',
        address: 'Deployment shop/checkout',
        neededAt: confirmed?.at,
        account: world.billing.name,
        fingerprint: confirmed?.fingerprint,
        rotation: confirmed?.rotation,
      },
    ]);
    expect(consumerFacts(world)).toEqual(['consumer-refreshing', 'consumer-through']);
  });

  it('takes up what was put right after somebody had changed it', async () => {
    await using world = await reading([CHECKOUT], { schedule: NEVER });
    await world.put(`${world.billing.name}/token`, 'changed by hand');
    await world.ask(world.billing, 'reconcile');
    await world.advance(MINUTE_MS);
    expect(world.factsOf('target-drifted')).toHaveLength(1);
    expect(world.consumers.addresses()).toEqual([CHECKOUT.address]);
  });

  it('is not restarted because it is named for the first time', async () => {
    await using world = await reading([], { schedule: NEVER });
    await world.configure({ ...world.billing, targets: readBy(world.billing.name, CHECKOUT) });
    await world.advance(MINUTE_MS);
    expect(world.consumers.asked).toEqual([]);
  });

  it('is looked at until it is through, more and more rarely', async () => {
    await using world = await reading();
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.advance(4 * MINUTE_MS);
    const looks = world.consumers.asked.length;
    expect(looks).toBeGreaterThan(4);
    expect(looks).toBeLessThan(30);
    world.consumers.progress.clear();
    await world.advance(2 * MINUTE_MS);
    expect(world.consumers.begun).toHaveLength(1);
    const [through] = world.factsOf('consumer-through');
    expect(through?.rotation).toBe(world.factsOf('rotation-succeeded')[0]?.rotation);
  });

  it('has a lag that is measured, and kept with the rotation', async () => {
    await using world = await reading();
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.advance(MINUTE_MS);
    world.consumers.progress.clear();
    await world.advance(MINUTE_MS);
    const [through] = world.factsOf('consumer-through');
    const lagMs = through?.lagMs;
    expect(world.measures).toContainEqual({
      kind: 'consumer-lag',
      connection: 'cluster',
      does: 'restart',
      ms: lagMs,
    });
    const detail = await world.journal.rotation(through?.rotation ?? '');
    expect(detail?.rotation.consumerLagMs).toBe(lagMs);
    expect(detail?.steps.map(({ step, target: place }) => [step, place])).toContainEqual([
      'refresh',
      CHECKOUT.id,
    ]);
  });

  it('that a workload reads from is synchronised before the workload is restarted', async () => {
    await using world = await reading([SYNC, CHECKOUT]);
    world.consumers.progress.set(SYNC.address, UNDER_WAY);
    await world.advance(2 * MINUTE_MS);
    expect(world.consumers.addresses()).toEqual([SYNC.address]);
    world.consumers.progress.clear();
    await world.advance(2 * MINUTE_MS);
    expect(world.consumers.addresses()).toEqual([SYNC.address, CHECKOUT.address]);
    const [synced, restarted] = world.factsOf('consumer-through');
    expect(world.consumers.begun[1]?.neededAt).toBe(synced?.at);
    expect(restarted?.consumer).toBe(CHECKOUT.id);
  });

  it('is restarted once for two targets of an account, also where one of them is synchronised first', async () => {
    const targets: Account['targets'] = [
      target('files:billing/token', { consumers: [CHECKOUT] }),
      target('files:billing/synced', { consumers: [SYNC, CHECKOUT] }),
    ];
    await using world = await engineWorld({ now: '2026-01-05T00:58:30Z' });
    const billing = await configured(world, 0, [], { name: 'billing', targets });
    await world.put('billing/synced', (await world.kronup.liveToken(billing.accountIds[0])).reveal());
    await world.put('billing/token', (await world.kronup.liveToken(billing.accountIds[0])).reveal());
    await world.configure(billing);
    await world.advance(MINUTE_MS);
    world.consumers.progress.set(SYNC.address, UNDER_WAY);
    await world.advance(2 * MINUTE_MS);
    world.consumers.progress.clear();
    await world.advance(2 * MINUTE_MS);
    expect(world.consumers.addresses()).toEqual([SYNC.address, CHECKOUT.address]);
    const through = world.factsOf('consumer-through').map(({ consumer }) => consumer);
    expect(through).toEqual([SYNC.id, CHECKOUT.id, CHECKOUT.id]);
  });

  it('that no longer stands in the configuration is waited for by nobody', async () => {
    await using world = await reading([HOLDING]);
    world.consumers.progress.set(CHECKOUT.address, UNHEALTHY);
    await world.advance(2 * MINUTE_MS);
    expect(await holdKinds(world)).toEqual(['consumer-unhealthy']);
    await world.configure({ ...world.billing, targets: readBy(world.billing.name) });
    await world.advance(MINUTE_MS);
    expect(world.factsOf('consumer-given-up')).toMatchObject([{ consumer: CHECKOUT.id }]);
    expect(await holdKinds(world)).toEqual([]);
  });
});

describe('whoever goes on after a daemon', () => {
  it('that was restarted, asks no consumer again', async () => {
    await using world = await reading();
    await world.advance(MINUTE_MS);
    await world.restart();
    await world.advance(30 * MINUTE_MS);
    expect(world.consumers.asked).toHaveLength(1);
  });

  it('that died when a restart was sent, asks for the same, which restarts nothing', async () => {
    await using world = await reading();
    world.consumers.onceBegun = () => world.kill();
    await world.advance(MINUTE_MS);
    await world.revive();
    await world.advance(5 * MINUTE_MS);
    const [first, second] = world.consumers.asked;
    expect(second).toEqual(first);
    expect(world.consumers.begun).toHaveLength(1);
    expect(world.factsOf('consumer-through')).toHaveLength(1);
  });

  it.each(['target-written', 'target-confirmed', 'consumer-refreshing'] as const)(
    'that died at %s, makes its consumers take it up, once',
    async (kind) => {
      await using world = await reading();
      world.killAt(kind);
      await world.advance(MINUTE_MS);
      await world.revive();
      await world.advance(5 * MINUTE_MS);
      expect(world.consumers.begun).toHaveLength(1);
      expect(world.factsOf('consumer-through')).toHaveLength(1);
    },
  );

  it('that died between a write which no rotation owed and its fact, makes them take it up, once', async () => {
    await using world = await unwritten();
    world.files.onWrite = () => world.kill();
    await world.advance(MINUTE_MS);
    expect(await world.file(`${world.billing.name}/token`)).toBeDefined();
    expect(world.factsOf('target-written')).toEqual([]);
    await world.revive();
    await world.advance(5 * MINUTE_MS);
    expect(world.factsOf('target-written')).toEqual([]);
    expect(world.consumers.begun).toHaveLength(1);
    await world.restart();
    await world.advance(5 * MINUTE_MS);
    expect(world.consumers.begun).toHaveLength(1);
  });

  it('leaves them alone where the target holds what is live, and no daemon meant to deliver it', async () => {
    await using world = await unwritten();
    const live = await world.kronup.liveToken(world.billing.accountIds[0]);
    await world.put(`${world.billing.name}/token`, live.reveal());
    await world.advance(5 * MINUTE_MS);
    expect(world.factsOf('target-confirmed')).toHaveLength(1);
    expect(world.consumers.begun).toEqual([]);
  });
});

/** An account that no daemon has looked at yet, whose target is empty. */
async function unwritten(): Promise<World> {
  const world = await engineWorld();
  const { name } = world.account(0);
  const billing = world.account(0, { schedule: NEVER, targets: readBy(name, CHECKOUT) });
  await world.configure(billing);
  return Object.assign(world, { billing });
}

describe('a consumer of several accounts', () => {
  it('is restarted once when they rotate together, for the newest of their values', async () => {
    await using world = await engineWorld({ now: '2026-01-05T00:58:30Z' });
    const one = await configured(world, 0);
    const late = { pattern: '0 1 * * * *', zone: 'UTC' };
    const other = await configured(world, 1, [CHECKOUT], { schedule: late });
    await world.configure(one, other);
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(2);
    expect(world.consumers.begun).toHaveLength(1);
    const needed = world.factsOf('target-confirmed').map(({ at }) => at);
    expect(world.consumers.begun[0]?.neededAt).toBe(Math.max(...needed));
    expect(world.factsOf('consumer-through')).toHaveLength(2);
  });

  it('is not waited for longer than five minutes', async () => {
    await using world = await engineWorld({ now: '2026-01-05T00:58:30Z' });
    const one = await configured(world, 0);
    const { name } = world.account(1);
    const stuck = world.account(1, {
      schedule: HOURLY,
      targets: [target(`safe:${name}/token`, { consumers: [CHECKOUT] })],
    });
    await world.configure(one, stuck);
    await world.advance(MINUTE_MS);
    world.consumers.begun.length = 0;
    world.safe.down = DOWN;
    await world.advance(5 * MINUTE_MS);
    expect(world.consumers.begun).toEqual([]);
    expect(
      (await world.record(one)).targets[one.targets[0].id]?.refresh?.consumers[CHECKOUT.id]?.lastWhy,
    ).toBe('waits for other accounts that rotate now');
    await world.advance(2 * MINUTE_MS);
    expect(world.consumers.begun).toMatchObject([{ account: one.name }]);
  });

  it('that is a webhook is called for each of them, at once', async () => {
    await using world = await engineWorld({ now: '2026-01-05T00:58:30Z' });
    const late = { pattern: '0 1 * * * *', zone: 'UTC' };
    const one = await configured(world, 0, [HOOK]);
    const other = await configured(world, 1, [HOOK], { schedule: late });
    await world.configure(one, other);
    await world.advance(100_000);
    expect(world.consumers.begun.map(({ account }) => account)).toEqual([one.name]);
    await world.advance(10 * MINUTE_MS);
    expect(world.consumers.begun.map(({ account }) => account)).toEqual([one.name, other.name]);
  });
});

describe('a consumer that fails', () => {
  it('is asked again until it does not, mints nothing and parks nobody', async () => {
    await using world = await reading([CHECKOUT], { schedule: { pattern: '0 1 * * *', zone: 'UTC' } });
    world.consumers.down = REFUSED;
    await world.advance(6 * HOUR_MS);
    expect(world.factsOf('consumer-failed').length).toBeGreaterThan(20);
    expect(world.factsOf('consumer-unhealthy')).toHaveLength(1);
    expect(world.kronup.mints()).toBe(1);
    expect((await world.record(world.billing)).failures).toBe(0);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(await holdKinds(world)).toEqual([]);
    world.consumers.down = undefined;
    await world.advance(6 * MINUTE_MS);
    expect(world.factsOf('consumer-through')).toHaveLength(1);
  });

  it('delays neither the deliveries to other targets nor the next rotations', async () => {
    const name = 'billing-api';
    await using world = await reading([CHECKOUT], {
      targets: [...readBy(name, CHECKOUT), target(`safe:${name}/token`)],
    });
    world.consumers.down = REFUSED;
    world.onceMinted(() => {
      world.safe.down = DOWN;
    });
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('consumer-failed').length).toBeGreaterThan(2);
    delete world.safe.down;
    await world.advance(10 * MINUTE_MS);
    expect(await world.file(`${name}/token`, 'safe')).toBe(await world.file(`${name}/token`));
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    await world.advance(HOUR_MS);
    expect(world.kronup.mints()).toBe(2);
  });

  it('is given a newer value as soon as it is well again, and not the one before', async () => {
    await using world = await reading();
    world.consumers.down = REFUSED;
    await world.advance(70 * MINUTE_MS);
    world.consumers.down = undefined;
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(2);
    const newest = world.factsOf('target-confirmed').at(-1);
    expect(world.consumers.begun).toMatchObject([{ neededAt: newest?.at, fingerprint: newest?.fingerprint }]);
    expect(world.factsOf('consumer-through')).toHaveLength(1);
  });
});

describe('an unhealthy consumer', () => {
  it('is one that takes longer than its time limit as well, once', async () => {
    await using world = await reading();
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.advance(30 * MINUTE_MS);
    const [unhealthy, ...more] = world.factsOf('consumer-unhealthy');
    expect(unhealthy?.why).toBe('not through within 10m: 1 of 2 pods is updated');
    const [begun] = world.factsOf('consumer-refreshing');
    expect((unhealthy?.at ?? 0) - (begun?.at ?? 0)).toBe(10 * MINUTE_MS);
    expect(more).toEqual([]);
  });

  it('holds the next unasked rotations of those that wait for it, until it is through', async () => {
    await using world = await reading([HOLDING]);
    world.consumers.progress.set(CHECKOUT.address, UNHEALTHY);
    await world.advance(70 * MINUTE_MS);
    expect(await holdKinds(world)).toEqual(['consumer-unhealthy']);
    expect(world.kronup.mints()).toBe(1);
    expect(world.factsOf('slot-held')).toMatchObject([{ hold: 'consumer-unhealthy' }]);
    world.consumers.progress.clear();
    await world.advance(10 * MINUTE_MS);
    expect(await holdKinds(world)).toEqual([]);
    expect(world.kronup.mints()).toBe(2);
    expect(world.events).toEqual(expect.arrayContaining(['consumer-holds', 'consumer-released']));
  });

  it('holds nobody who only wants to hear of it, and no rotation that a person asks for', async () => {
    await using world = await engineWorld({ now: '2026-01-05T00:58:30Z' });
    const holding = await configured(world, 0, [HOLDING]);
    const reporting = await configured(world, 1);
    await world.configure(holding, reporting);
    await world.advance(MINUTE_MS);
    world.consumers.progress.set(CHECKOUT.address, UNHEALTHY);
    await world.advance(70 * MINUTE_MS);
    expect(world.kronup.mints(holding.accountIds[0])).toBe(1);
    expect(world.kronup.mints(reporting.accountIds[0])).toBe(2);
    await world.ask(holding, 'rotate');
    await world.advance(MINUTE_MS);
    expect(world.kronup.mints(holding.accountIds[0])).toBe(2);
  });
});

describe('an old credential', () => {
  it('is retired only after whoever reads the targets has taken the newer one up', async () => {
    const consumers = [CHECKOUT];
    const format = { kind: 'json', options: {} };
    await using world = await adoptedWithOverlap({
      schedule: NEVER,
      graceMs: 30 * MINUTE_MS,
      targets: [target(`files:${SHIPPING_FILE}`, { format, consumers })],
    });
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.ask(world.shipping, 'rotate');
    await world.advance(2 * HOUR_MS);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(world.factsOf('grace-begun')).toEqual([]);
    world.consumers.progress.clear();
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('grace-begun')).toHaveLength(1);
    expect(world.overlap.use(world.first.credential)).toBe(true);
    await world.advance(HOUR_MS);
    expect(world.factsOf('credential-retired')).toHaveLength(1);
  });

  it('that has leaked is ended without waiting for that', async () => {
    const consumers = [CHECKOUT];
    const format = { kind: 'json', options: {} };
    await using world = await adoptedWithOverlap({
      schedule: NEVER,
      targets: [target(`files:${SHIPPING_FILE}`, { format, consumers })],
    });
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.ask(world.shipping, 'rotate-compromised');
    await world.advance(5 * MINUTE_MS);
    expect(world.overlap.use(world.first.credential)).toBe(false);
  });
});

describe('a pair', () => {
  it('is not turned before the consumers of the last turn are through, which a request says', async () => {
    await using world = await adoptedPair({ targets: readBy('billing-api', CHECKOUT) });
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.advance(70 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    const { lastFailure } = await world.record(world.billing);
    expect(lastFailure?.message).toContain(`${CHECKOUT.id} of files:billing-api/token may still use`);
    world.consumers.progress.clear();
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints(world.a)).toBe(1);
    expect(world.kronup.mints(world.b)).toBe(1);
  });

  it('that has leaked does not wait for them', async () => {
    await using world = await adoptedPair({ schedule: NEVER, targets: readBy('billing-api', CHECKOUT) });
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.ask(world.billing, 'rotate');
    await world.advance(2 * MINUTE_MS);
    await world.ask(world.billing, 'rotate-compromised');
    await world.advance(5 * MINUTE_MS);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(2);
  });
});

describe('an account that left the configuration', () => {
  it('waits for its consumers', async () => {
    await using world = await reading();
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.advance(MINUTE_MS);
    await world.configure();
    await world.advance(3 * MINUTE_MS);
    expect(world.factsOf('account-left')).toEqual([]);
    world.consumers.progress.clear();
    await world.advance(2 * MINUTE_MS);
    expect(world.factsOf('consumer-through')).toHaveLength(1);
    expect(world.factsOf('account-left')).toHaveLength(1);
  });

  it('waits for them no longer than their time limit', async () => {
    await using world = await reading();
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.advance(MINUTE_MS);
    await world.configure();
    await world.advance(15 * MINUTE_MS);
    expect(world.factsOf('consumer-given-up')).toHaveLength(1);
    expect(world.factsOf('account-left')).toHaveLength(1);
  });
});
