import { describe, expect, it } from 'vitest';
import { startEngine } from '../../src/engine/loop.ts';
import { JournalError } from '../../src/ports/journal.ts';
import { target } from '../builders/account.ts';
import { beforeSlot } from '../world/before-slot.ts';
import { engineWorld, HOUR_MS, HOURLY, MINUTE_MS } from '../world/engine-world.ts';

describe('a stop', () => {
  it('carries a mint that was sent through to its targets', async () => {
    await using world = await beforeSlot();
    let stopped: Promise<void> | undefined;
    world.onceMinted(() => {
      stopped = world.engine.stop(50_000);
    });
    await world.clock.advance(MINUTE_MS);
    world.engine.wake();
    await world.kronup.when(({ kind }) => kind === 'minted');
    while (stopped === undefined) await new Promise((resolve) => setImmediate(resolve));
    await stopped;
    expect(world.kronup.mints()).toBe(1);
    expect(await world.file(`${world.billing.name}/token`)).toBe(
      (await world.kronup.liveToken(world.id)).reveal(),
    );
  });

  it('sends no mint any more, and the rotation goes on after the next start', async () => {
    await using world = await beforeSlot();
    let stopped: Promise<void> | undefined;
    const { preflights } = world.files;
    const { telemetry } = world.parts;
    const fact = telemetry.fact.bind(telemetry);
    telemetry.fact = (subject, what) => {
      fact(subject, what);
      if (what.kind === 'rotation-opened') stopped = world.engine.stop(50_000);
    };
    await world.clock.advance(MINUTE_MS);
    world.engine.wake();
    while (stopped === undefined) await new Promise((resolve) => setImmediate(resolve));
    await stopped;
    expect(world.kronup.mints()).toBe(0);
    expect(world.files.preflights).toBe(preflights);
    expect(world.factsOf('mint-refused')).toEqual([]);
    await world.revive();
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(world.factsOf('rotation-opened')).toHaveLength(1);
  });

  it('ends at once where nothing is being worked on', async () => {
    await using world = await beforeSlot();
    await world.engine.stop(50_000);
    await expect(world.engine.ended).resolves.toBeUndefined();
    expect(world.engine.busy()).toBe(0);
  });
});

describe('a journal that fails', () => {
  it('ends the loop with its error, after what was minted was delivered', async () => {
    await using world = await beforeSlot();
    const { journal } = world.parts;
    const failing = new JournalError('full', 'the disk is full in this test');
    world.onceMinted(() => {
      journal.commit = () => Promise.reject(failing);
    });
    const ended = world.engine.ended.catch((error: unknown) => error);
    await world.clock.advance(MINUTE_MS);
    world.engine.wake();
    expect(await ended).toBe(failing);
    expect(await world.file(`${world.billing.name}/token`)).toBe(
      (await world.kronup.liveToken(world.id)).reveal(),
    );
    await world.revive();
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });
});

describe('two holders of one journal', () => {
  it('do not work on an account twice, and both find work', async () => {
    await using world = await engineWorld({ emulator: { accounts: 20 } });
    const accounts = world.kronup.accounts.map((_, index) => world.account(index, { schedule: HOURLY }));
    const settings = { ...world.parts.settings, holder: 'second' };
    const second = await startEngine({ ...world.parts, settings }, 'test');
    await world.configure(...accounts);
    second.wake();
    await Promise.all([world.settle(), second.idle()]);
    await world.advance(HOUR_MS);
    await second.idle();
    expect(world.kronup.mints()).toBe(20);
    await second.stop(1_000);
  });

  it('commit nothing under a stale fence', async () => {
    await using world = await beforeSlot();
    const { journal, settings, clock } = world.parts;
    await world.engine.stop(1_000);
    world.clock.jump(MINUTE_MS);
    const given = { now: clock.now(), leaseMs: 1_000, limit: 1 };
    const [stale] = await journal.claim({ ...given, holder: settings.holder });
    const [fresh] = await journal.claim({ ...given, now: clock.now() + 1_000, holder: 'second' });
    if (stale === undefined || fresh === undefined) throw new Error('nothing was claimed');
    expect(fresh.fence).toBeGreaterThan(stale.fence);
    const commit = { account: stale.id, version: stale.version, facts: [], record: stale.record, holds: [] };
    expect(await journal.commit({ ...commit, fence: stale.fence, release: true })).toEqual({
      outcome: 'stale',
    });
    expect((await journal.commit({ ...commit, fence: fresh.fence, release: true })).outcome).toBe(
      'committed',
    );
  });

  it('lets go of an account whose lease ran out while it is worked on, and the other finishes it', async () => {
    await using world = await beforeSlot();
    world.onceMinted(() => {
      world.clock.jump(2 * HOUR_MS);
      world.engine.wake();
    });
    await world.advance(15 * MINUTE_MS);
    await world.advance(15 * MINUTE_MS);
    expect(await world.file(`${world.billing.name}/token`)).toBe(
      (await world.kronup.liveToken(world.id)).reveal(),
    );
    expect((await world.record(world.billing)).rotation).toBeUndefined();
    expect(world.engine.busy()).toBe(0);
  });
});

describe('two hundred accounts that are due together', () => {
  it('converge, the most important first, never more at once than allowed', async () => {
    await using world = await engineWorld({ emulator: { accounts: 200, dailyLimit: 1_000_000 } });
    const accounts = world.kronup.accounts.map((_, index) =>
      world.account(index, { schedule: HOURLY, priority: index % 2, targets: [target(`files:t${index}`)] }),
    );
    await world.configure(...accounts);
    await world.advance(59 * MINUTE_MS);
    let busiest = 0;
    world.files.onWrite = () => {
      busiest = Math.max(busiest, world.engine.busy());
    };
    await world.advance(5 * MINUTE_MS);
    expect(busiest).toBeLessThanOrEqual(8);
    expect(busiest).toBeGreaterThan(1);
    expect(world.kronup.mints()).toBe(200);
    for (const { targets, accountIds } of accounts) {
      const live = await world.kronup.liveToken(accountIds[0]);
      expect(await world.file(targets[0].address)).toBe(live.reveal());
    }
    const important = new Set(
      accounts.filter(({ priority }) => priority === 1).map(({ accountIds }) => accountIds[0]),
    );
    const minted = world.kronup.events.flatMap((event) => (event.kind === 'minted' ? [event.accountId] : []));
    expect(minted.slice(0, 92).filter((id) => !important.has(id))).toEqual([]);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(200);
  });
});
