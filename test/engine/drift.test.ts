import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { accountView } from '../../src/http/views.ts';
import { target } from '../builders/account.ts';
import { engineWorld, HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld, EngineWorldOptions } from '../world/engine-world.ts';

const DAY_MS = 24 * HOUR_MS;
const PATH = 'billing/token';
const ID = `files:${PATH}`;
/** Just before the first slot of the day, at 12:00. */
const DAILY = { pattern: '0 12 * * *', zone: 'UTC' };

type Drifting = EngineWorld & { billing: Account; id: string };

/** An account with a file in each of two stores, both holding what is live, that is verified each hour. */
async function verified(changes: Partial<Account> = {}, options: EngineWorldOptions = {}): Promise<Drifting> {
  const world = await engineWorld(options);
  const targets = [target(ID), target(`safe:${PATH}`)] as const;
  const billing = world.account(0, { verifyMs: HOUR_MS, targets, ...changes });
  await world.configure(billing);
  await world.settle();
  return Object.assign(world, { billing, id: billing.accountIds[0] });
}

async function liveToken({ kronup, id }: Drifting): Promise<string> {
  return (await kronup.liveToken(id)).reveal();
}

async function viewOf({ journal, clock, billing }: Drifting) {
  const row = await journal.account(billing.name);
  if (row === undefined) throw new Error('the journal has no such account');
  return accountView(row, await journal.shared(), clock.now());
}

describe('a target that somebody else changed', () => {
  it.each([
    ['changed', async (world: Drifting) => world.put(PATH, 'somebody else')],
    ['emptied', async (world: Drifting) => world.put(PATH, '')],
    ['deleted', async (world: Drifting) => rm(join(world.folder, 'files', PATH))],
  ])('is put right when it was %s and the account is verified', async (_what, change) => {
    await using world = await verified();
    await change(world);
    await world.advance(HOUR_MS);
    expect(await world.file(PATH)).toBe(await liveToken(world));
    expect(world.factsOf('target-drifted').map((fact) => fact.target)).toEqual([ID]);
    expect(world.kronup.mints()).toBe(0);
  });

  it('is only reported where the policy says so, and the account has not converged', async () => {
    await using world = await verified({ onDrift: 'report' });
    world.files.writtenBy = 'a test';
    await world.put(PATH, 'somebody else');
    await world.advance(5 * HOUR_MS);
    expect(await world.file(PATH)).toBe('somebody else');
    expect(world.factsOf('target-drifted')).toHaveLength(1);
    const { converged, targets } = await viewOf(world);
    expect(converged).toBe(false);
    expect(targets[0]).toMatchObject({ state: 'drifted', drifted: { writtenBy: 'a test' } });
    expect((await world.journal.summary(world.clock.now())).notConverged).toBe(1);
  });

  it('counts as right again once somebody has put it right', async () => {
    await using world = await verified({ onDrift: 'report' });
    const live = await liveToken(world);
    await world.put(PATH, 'somebody else');
    await world.advance(HOUR_MS);
    await world.put(PATH, live);
    await world.advance(HOUR_MS);
    expect(await viewOf(world)).toMatchObject({ converged: true });
  });

  it('gets what is minted although it is only reported', async () => {
    await using world = await verified({ onDrift: 'report' });
    await world.put(PATH, 'somebody else');
    await world.advance(HOUR_MS);
    await world.ask(world.billing, 'rotate');
    expect(await world.file(PATH)).toBe(await liveToken(world));
    expect(await viewOf(world)).toMatchObject({ converged: true });
  });

  it('is put right once when a person accepts it, and is only reported again after that', async () => {
    await using world = await verified({ onDrift: 'report' });
    await world.put(PATH, 'somebody else');
    await world.advance(HOUR_MS);
    await world.ask(world.billing, 'accept', { target: ID });
    expect(await world.file(PATH)).toBe(await liveToken(world));
    expect(await viewOf(world)).toMatchObject({ converged: true });
    await world.put(PATH, 'somebody else again');
    await world.advance(HOUR_MS);
    expect(await world.file(PATH)).toBe('somebody else again');
    expect(world.kronup.mints()).toBe(0);
  });

  it('is reported and left alone while the account is paused', async () => {
    await using world = await verified();
    await world.ask(world.billing, 'pause');
    await world.put(PATH, 'somebody else');
    await world.advance(5 * HOUR_MS);
    expect(await world.file(PATH)).toBe('somebody else');
    expect(world.factsOf('target-drifted')).toHaveLength(1);
    await world.ask(world.billing, 'resume');
    expect(await world.file(PATH)).toBe(await liveToken(world));
  });
});

describe('a credential that somebody regenerated in the console', () => {
  it('goes to targets that nobody changed, also where changes are only reported', async () => {
    await using world = await verified({ onDrift: 'report' });
    await world.kronup.person.regenerate(world.id);
    await world.advance(HOUR_MS);
    expect(await world.file(PATH)).toBe(await liveToken(world));
    expect(await world.file(PATH, 'safe')).toBe(await liveToken(world));
    expect(world.factsOf('target-drifted')).toEqual([]);
    expect(world.kronup.mints()).toBe(0);
  });

  it('is taken from the target that it was pasted into where the provider does not show it', async () => {
    await using world = await verified({}, { emulator: { hideTokens: true } });
    expect(world.kronup.mints()).toBe(1);
    await world.kronup.person.regenerate(world.id);
    const pasted = await liveToken(world);
    await world.put(PATH, pasted);
    await world.advance(HOUR_MS);
    expect(await world.file(PATH)).toBe(pasted);
    expect(await world.file(PATH, 'safe')).toBe(pasted);
    expect(world.kronup.mints()).toBe(1);
  });
});

describe('a second writer that never stops', () => {
  /** Writes its own value whenever that is not there, each half hour. */
  async function fight(world: Drifting, ms: number): Promise<void> {
    const end = world.clock.now() + ms;
    while (world.clock.now() < end) {
      if ((await world.file(PATH)) !== 'the other') await world.put(PATH, 'the other');
      await world.advance(30 * MINUTE_MS);
    }
  }

  it('is answered by a few writes, and by no mint of a slot that comes meanwhile', async () => {
    await using world = await verified({ schedule: DAILY });
    await fight(world, 3 * DAY_MS);
    expect(world.factsOf('target-contested').map((fact) => fact.target)).toEqual([ID]);
    expect(world.files.writes).toBeLessThanOrEqual(1 + 3 + 3);
    expect(world.kronup.mints()).toBe(0);
    expect(await world.file(PATH, 'safe')).toBe(await liveToken(world));
    expect((await viewOf(world)).holds).toMatchObject([
      { kind: 'contested', subject: ID, stops: ['unasked-mint', 'healing'] },
    ]);
  });

  it('does not keep the account busy', async () => {
    await using world = await verified();
    await fight(world, 6 * HOUR_MS);
    const claims = world.claims;
    await fight(world, 6 * HOUR_MS);
    expect(world.claims - claims).toBeLessThan(12);
  });

  it('does not stop what somebody asks for, which is delivered', async () => {
    await using world = await verified();
    await fight(world, 6 * HOUR_MS);
    expect(await world.ask(world.billing, 'rotate')).toMatchObject({ state: 'taken' });
    expect(world.kronup.mints()).toBe(1);
    expect(await world.file(PATH)).toBe(await liveToken(world));
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    const writes = world.files.writes;
    await fight(world, 12 * HOUR_MS);
    expect(world.files.writes).toBe(writes);
  });

  it('stops no mint where the target is optional', async () => {
    const targets = [target(ID, { required: false }), target(`safe:${PATH}`)] as const;
    await using world = await verified({ schedule: DAILY, targets });
    await fight(world, 13 * HOUR_MS);
    expect(world.factsOf('target-contested')).toHaveLength(1);
    expect(world.kronup.mints()).toBe(1);
  });

  it('is over when a person says so: the target is put right, and the slot runs', async () => {
    await using world = await verified({ schedule: DAILY });
    await fight(world, 13 * HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
    await world.ask(world.billing, 'accept', { target: ID });
    await world.settle();
    expect(world.kronup.mints()).toBe(1);
    expect(await world.file(PATH)).toBe(await liveToken(world));
    expect((await viewOf(world)).holds).toEqual([]);
  });

  it('is over by itself when what was delivered has stood for a day: then the slot runs', async () => {
    await using world = await verified({ schedule: DAILY });
    await fight(world, 6 * HOUR_MS);
    await world.advance(DAY_MS);
    expect(await world.file(PATH)).toBe(await liveToken(world));
    expect(world.kronup.mints()).toBe(0);
    await world.advance(DAY_MS);
    expect(world.factsOf('target-uncontested')).toHaveLength(1);
    expect(world.kronup.mints()).toBe(1);
    expect(await viewOf(world)).toMatchObject({ converged: true, holds: [] });
  });

  it('stays answered so after a restart', async () => {
    await using world = await verified({ schedule: DAILY });
    await fight(world, 6 * HOUR_MS);
    const writes = world.files.writes;
    await world.restart();
    await fight(world, 12 * HOUR_MS);
    expect(world.files.writes).toBe(writes);
    expect(world.kronup.mints()).toBe(0);
  });
});

describe('a second writer that is there before anything can be read back', () => {
  async function hasty(changes: Partial<Account> = {}): Promise<Drifting> {
    const world = await verified(changes);
    world.files.onWrite = (address) => world.put(address, 'the other');
    return world;
  }

  it('is answered by a few writes, and by no mint', async () => {
    await using world = await hasty({ schedule: DAILY });
    await world.put(PATH, 'the other');
    await world.advance(DAY_MS);
    expect(world.factsOf('target-contested')).toHaveLength(1);
    expect(world.files.writes).toBeLessThanOrEqual(20);
    expect(world.kronup.mints()).toBe(0);
  });

  it('does not end the delivery of what was minted, which is tried again each hour', async () => {
    await using world = await hasty();
    await world.ask(world.billing, 'rotate');
    await world.advance(12 * HOUR_MS);
    expect(world.kronup.mints()).toBe(1);
    const writes = world.files.writes;
    await world.advance(6 * HOUR_MS);
    expect(world.files.writes - writes).toBeGreaterThanOrEqual(5);
    expect(world.files.writes - writes).toBeLessThanOrEqual(13);
    delete world.files.onWrite;
    await world.advance(HOUR_MS);
    expect(await world.file(PATH)).toBe(await liveToken(world));
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });
});
