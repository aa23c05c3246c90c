import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import type { Target } from '../../src/domain/target.ts';
import { DOWN } from '../world/faulty-store.ts';
import { engineWorld, HOUR_MS, HOURLY } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';

const ADDRESS = 'billing-api/token';
const THEIRS = { theirs: 'a password of others' };

function targetsOf(billing: Account): { readonly whole: Target; readonly part: Target } {
  const [base] = billing.targets;
  const whole = { ...base, format: { kind: 'json', options: {} } };
  return {
    whole,
    part: {
      ...base,
      id: `${base.id}#token`,
      location: `${base.location}#token`,
      format: { kind: 'key', options: { key: 'token' } },
    },
  };
}

/** An account whose target is all of a document; its key; and then the policy changes to and fro. */
async function documents() {
  const world = await engineWorld();
  const billing = world.account(0, { schedule: HOURLY });
  const { whole, part } = targetsOf(billing);
  const live = async () => (await world.kronup.liveToken(billing.accountIds[0])).reveal();
  return Object.assign(world, {
    live,
    billing,
    toWhole: () => configured(world, { ...billing, targets: [whole] }),
    toPart: () => configured(world, { ...billing, targets: [part] }),
    whole,
  });
}

async function configured(world: EngineWorld, policy: Account): Promise<void> {
  await world.configure(policy);
  await world.settle();
}

async function holdsOf(world: EngineWorld, target: Target, billing: Account) {
  return (await world.record(billing)).targets[target.id]?.foreign;
}

describe('a target that becomes the whole of a document, after it was a key of it', () => {
  it('leaves what others keep there, and is held as foreign, though all of it was ours once', async () => {
    await using world = await documents();
    await world.toWhole();
    await world.toPart();
    const shared = JSON.stringify({ token: await world.live(), ...THEIRS });
    await world.put(ADDRESS, shared);
    await world.toWhole();
    await world.advance(3 * HOUR_MS);
    expect(await world.file(ADDRESS)).toBe(shared);
    expect(await holdsOf(world, world.whole, world.billing)).toBeDefined();
    expect(world.kronup.mints()).toBe(0);
  });

  it('is written once a person accepts it', async () => {
    await using world = await documents();
    await world.toPart();
    await world.put(ADDRESS, JSON.stringify({ token: await world.live(), ...THEIRS }));
    await world.toWhole();
    await world.ask(world.billing, 'accept', { target: world.whole.id });
    expect(await world.file(ADDRESS)).toBe(JSON.stringify({ token: await world.live() }));
  });

  it('goes on by itself where nobody else keeps anything there', async () => {
    await using world = await documents();
    await world.toPart();
    await world.toWhole();
    await world.advance(HOUR_MS);
    expect(await world.file(ADDRESS)).toBe(JSON.stringify({ token: await world.live() }));
    expect(world.kronup.mints()).toBe(1);
  });
});

describe('what was minted for the whole of a document', () => {
  it('is delivered into its key alone, where that is the target before it could be delivered', async () => {
    await using world = await documents();
    await world.toWhole();
    const before = await world.live();
    world.files.down = DOWN;
    await world.ask(world.billing, 'rotate-compromised-now');
    expect(world.kronup.mints()).toBe(1);
    await world.toPart();
    await world.put(ADDRESS, JSON.stringify({ token: before, ...THEIRS }));
    delete world.files.down;
    await world.advance(HOUR_MS);
    expect(JSON.parse((await world.file(ADDRESS)) ?? '')).toEqual({ token: await world.live(), ...THEIRS });
  });
});

describe('a target whose place is another one from now on', () => {
  it('leaves what it finds there', async () => {
    await using world = await engineWorld();
    const billing = world.account(0, { schedule: HOURLY });
    const [base] = billing.targets;
    await configured(world, billing);
    await world.put(ADDRESS, 'somebody else’s');
    await configured(world, { ...billing, targets: [{ ...base, location: 'another folder' }] });
    await world.advance(2 * HOUR_MS);
    expect(await world.file(ADDRESS)).toBe('somebody else’s');
    expect(world.factsOf('target-drifted')).toEqual([]);
  });
});

describe('an account that comes back', () => {
  it('leaves what others put into its target meanwhile', async () => {
    await using world = await engineWorld();
    const billing = world.account(0, { schedule: HOURLY });
    await configured(world, billing);
    await world.configure();
    await world.settle();
    expect(world.factsOf('account-left')).toHaveLength(1);
    await world.put(ADDRESS, 'somebody else’s');
    await configured(world, billing);
    await world.advance(2 * HOUR_MS);
    expect(await world.file(ADDRESS)).toBe('somebody else’s');
  });
});

describe('a leaked credential that is ended at once', () => {
  it('is replaced, and what is foreign in a target stays there', async () => {
    await using world = await engineWorld();
    const billing = world.account(0);
    await world.put(ADDRESS, 'somebody else’s');
    await configured(world, billing);
    await world.ask(billing, 'rotate-compromised-now');
    await world.advance(HOUR_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(await world.file(ADDRESS)).toBe('somebody else’s');
  });
});
