import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAsking } from '../../src/engine/asking.ts';
import { target } from '../builders/account.ts';
import { engineWorld, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';

/** An account whose one slot of the day is at 01:00, and what asks now and then beside it. */
async function beforeSlot() {
  const world = await engineWorld();
  const targets = [target('safe:billing/token')] as const;
  const billing = world.account(0, { schedule: { pattern: '0 1 * * *', zone: 'UTC' }, targets });
  await world.configure(billing);
  await world.advance(59 * MINUTE_MS);
  const asking = createAsking(world.parts, world.engine);
  const held = async () => (await world.journal.shared()).holds.map(({ kind, subject }) => [kind, subject]);
  async function asks({ rounds, everyMs }: { readonly rounds: number; readonly everyMs: number }) {
    for (let round = 0; round < rounds; round++) {
      world.clock.pass(everyMs);
      await asking.round(new AbortController().signal);
    }
  }
  return Object.assign(world, { billing, held, asks });
}

/** The slot comes, and the store takes what is delivered and loses its answers. */
async function loseAnswers(world: Awaited<ReturnType<typeof beforeSlot>>): Promise<void> {
  world.onceMinted(() => {
    world.safe.losesAnswers = true;
  });
  await world.advance(2 * MINUTE_MS);
  expect(await world.held()).toEqual([['store-down', 'safe']]);
}

/** The store took the delivery and lost its answer: the target is found to hold what is live, and nothing waits to be written there. */
async function downAndDelivered() {
  const world = await beforeSlot();
  await loseAnswers(world);
  expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  return world;
}

const tried = async ({ safe }: Pick<EngineWorld, 'safe'>, during: () => Promise<void>): Promise<number> => {
  const { preflights } = safe;
  await during();
  return safe.preflights - preflights;
};

describe('a store that is held as down although nothing waits to be delivered there', () => {
  it('is held no longer once it takes a write beside what stands there', async () => {
    await using world = await downAndDelivered();
    const { writes } = world.safe;
    await world.asks({ rounds: 2, everyMs: MINUTE_MS });
    expect(await world.held()).toEqual([]);
    expect(world.safe.writes).toBe(writes);
    expect(world.events.filter((event) => event.startsWith('store-'))).toEqual(['store-down', 'store-up']);
  });

  it('stays held while it takes none, and is tried less and less often', async () => {
    await using world = await downAndDelivered();
    world.safe.readOnly = DOWN;
    expect(await tried(world, () => world.asks({ rounds: 40, everyMs: MINUTE_MS / 4 }))).toBe(3);
    expect(await world.held()).toEqual([['store-down', 'safe']]);
  });

  it('is not tried at the targets of an account that is paused', async () => {
    await using world = await downAndDelivered();
    await world.ask(world.billing, 'pause');
    expect(await tried(world, () => world.asks({ rounds: 3, everyMs: MINUTE_MS }))).toBe(0);
  });
});

describe('a store that is held as down is held no longer, whatever else is in it', () => {
  it('such as a target that is broken itself', async () => {
    await using world = await beforeSlot();
    const broken = world.account(1, { targets: [target('safe:broken/token')] });
    await world.configure(world.billing, broken);
    await world.settle();
    const path = join(world.folder, 'safe', 'broken', 'token');
    await rm(path);
    await mkdir(path);
    await world.ask(broken, 'reconcile');
    expect((await world.record(broken)).targets['safe:broken/token']?.failures).toBe(1);
    await loseAnswers(world);
    await world.asks({ rounds: 2, everyMs: MINUTE_MS });
    expect(await world.held()).toEqual([]);
  });

  it('such as nothing that a mint needs, so that no rotation tries it beforehand', async () => {
    await using world = await beforeSlot();
    const targets = [
      target('files:billing/token'),
      target('safe:billing/token', { required: false }),
    ] as const;
    await world.configure({ ...world.billing, targets });
    await loseAnswers(world);
    await world.asks({ rounds: 2, everyMs: MINUTE_MS });
    expect(await world.held()).toEqual([]);
  });

  it('such as what was delivered at first sight alone', async () => {
    await using world = await engineWorld();
    world.safe.losesAnswers = true;
    await world.configure(world.account(0, { targets: [target('safe:billing/token')] }));
    await world.advance(MINUTE_MS);
    const held = async () => (await world.journal.shared()).holds.map(({ kind }) => kind);
    expect(await held()).toEqual(['store-down']);
    const asking = createAsking(world.parts, world.engine);
    for (let round = 0; round < 2; round++) {
      world.clock.pass(MINUTE_MS);
      await asking.round(new AbortController().signal);
    }
    expect(await held()).toEqual([]);
  });
});

describe('stores that are held as down and have many accounts', () => {
  it('are tried by some of these at a time, so that each has its turn', async () => {
    await using world = await downAndDelivered();
    const { journal } = world.parts;
    const asked: unknown[] = [];
    // Of the first page none fits, as if another store had all of its accounts.
    const accounts: typeof journal.accounts = async (filter) => {
      asked.push(filter.after);
      return filter.after === undefined
        ? { items: [], next: 'b' }
        : journal.accounts({ limit: filter.limit });
    };
    const asking = createAsking({ ...world.parts, journal: { ...journal, accounts } }, world.engine);
    for (const held of [[['store-down', 'safe']], [['store-down', 'safe']], []]) {
      world.clock.pass(MINUTE_MS);
      await asking.round(new AbortController().signal);
      expect(await world.held()).toEqual(held);
    }
    expect(asked).toEqual([undefined, 'b']);
  });
});

describe('a store that is held as down while a delivery waits for it', () => {
  it('is tried by that delivery alone', async () => {
    await using world = await beforeSlot();
    world.onceMinted(() => {
      world.safe.readOnly = DOWN;
    });
    await world.advance(2 * MINUTE_MS);
    expect(await tried(world, () => world.asks({ rounds: 3, everyMs: MINUTE_MS }))).toBe(0);
    expect(await world.held()).toEqual([['store-down', 'safe']]);
    delete world.safe.readOnly;
    await world.advance(10 * MINUTE_MS);
    expect(await world.held()).toEqual([]);
  });
});
