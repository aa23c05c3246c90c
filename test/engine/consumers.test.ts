// Consumers: whoever reads a target takes up what was confirmed there, once, and nothing else waits for it or is done because of it.

import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import type { FactKind } from '../../src/domain/fact.ts';
import type { FailureKind } from '../../src/domain/failure.ts';
import { target, restart } from '../builders/account.ts';
import { consumerContract } from '../contract/consumer-contract.ts';
import { NEVER } from '../world/adopted.ts';
import { engineWorld, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';
import { MemoryConsumers } from '../world/memory-consumers.ts';
import {
  CHECKOUT,
  HOLDING,
  UNDER_WAY,
  UNHEALTHY,
  configured,
  holdKinds,
  readBy,
  reading,
} from '../world/consumers-world.ts';
import type { World } from '../world/consumers-world.ts';

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

const SYNC = restart({ does: 'forceSync', address: 'ExternalSecret shop/payments' });

function consumerFacts(world: EngineWorld): FactKind[] {
  return world.facts.flatMap(({ kind }) => (kind.startsWith('consumer-') ? [kind] : []));
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

  it('takes it up as one of many, in the same go', async () => {
    const many = Array.from({ length: 240 }, (_, index) =>
      restart({ id: `restart-${index}`, address: `Deployment shop/checkout-${index}` }),
    );
    await using world = await reading(many);
    await world.advance(MINUTE_MS);
    expect(world.events).not.toContain('loop-failed');
    expect(world.consumers.begun).toHaveLength(240);
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
