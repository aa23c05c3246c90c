import { describe, expect, it } from 'vitest';
import { engineWorld, HOUR_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';

const VERIFY_MS = 6 * HOUR_MS;
const ACCOUNTS = 60;

async function verified(changes: object = {}) {
  const world = await engineWorld();
  const billing = world.account(0, { verifyMs: VERIFY_MS, ...changes });
  await world.configure(billing);
  await world.settle();
  return Object.assign(world, { billing, id: billing.accountIds[0], path: `${billing.name}/token` });
}

function looks({ kronup }: EngineWorld): number {
  return (
    kronup.calls({ operation: 'serviceAccountList' }) + kronup.calls({ operation: 'serviceAccountRead' })
  );
}

describe('an account that nothing is due for', () => {
  it('is looked at once in each span', async () => {
    await using world = await verified();
    const before = looks(world);
    await world.advance(5 * VERIFY_MS);
    expect(looks(world) - before).toBeGreaterThanOrEqual(5);
    expect(looks(world) - before).toBeLessThanOrEqual(7);
    expect(world.kronup.mints()).toBe(0);
  });

  it('writes no fact where all is as it was', async () => {
    await using world = await verified();
    await world.advance(VERIFY_MS);
    const facts = world.facts.length;
    await world.advance(5 * VERIFY_MS);
    expect(world.facts).toHaveLength(facts);
  });

  it('is not looked at where that is off', async () => {
    await using world = await verified({ verifyMs: undefined });
    const before = looks(world);
    await world.advance(5 * VERIFY_MS);
    expect(looks(world) - before).toBe(0);
  });

  it('counts from the look before a restart', async () => {
    await using world = await verified();
    await world.advance(HOUR_MS);
    const { lookedAt } = await world.record(world.billing);
    await world.restart();
    await world.advance(HOUR_MS);
    expect((await world.record(world.billing)).lookedAt).toBe(lookedAt);
    await world.advance(VERIFY_MS);
    expect((await world.record(world.billing)).lookedAt).toBeGreaterThan(lookedAt ?? 0);
  });
});

describe('a look for another reason', () => {
  it('counts: after a rotation the account is verified a whole span later', async () => {
    await using world = await verified();
    await world.advance(4 * HOUR_MS);
    await world.ask(world.billing, 'rotate');
    const rotatedAt = world.clock.now();
    await world.advance(3 * HOUR_MS);
    expect((await world.record(world.billing)).lookedAt).toBeLessThanOrEqual(rotatedAt);
    await world.advance(3 * HOUR_MS);
    expect((await world.record(world.billing)).lookedAt).toBeGreaterThan(rotatedAt);
  });
});

describe('accounts that are verified at one instant', () => {
  it('share their list calls', async () => {
    await using world = await engineWorld({ emulator: { accounts: ACCOUNTS } });
    const accounts = Array.from({ length: ACCOUNTS }, (_, index) =>
      world.account(index, { verifyMs: VERIFY_MS }),
    );
    await world.configure(...accounts);
    await world.settle();
    const before = looks(world);
    await world.advance(VERIFY_MS);
    for (const one of accounts)
      expect((await world.record(one)).lookedAt).toBeGreaterThan(world.clock.now() - VERIFY_MS / 2);
    expect(looks(world) - before).toBeLessThan(ACCOUNTS / 4);
  });
});

describe('a credential that somebody regenerated in the console', () => {
  it('is delivered when the account is verified, after it was proved, without a mint', async () => {
    await using world = await verified();
    await world.kronup.person.regenerate(world.id);
    await world.advance(VERIFY_MS);
    expect(await world.file(world.path)).toBe((await world.kronup.liveToken(world.id)).reveal());
    expect(world.kronup.mints()).toBe(0);
    expect(world.factsOf('live-changed')).toHaveLength(1);
    expect(world.factsOf('credential-proved').length).toBeGreaterThan(0);
  });
});
