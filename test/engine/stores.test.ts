import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { target } from '../builders/account.ts';
import { engineWorld, HOUR_MS, HOURLY, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';

/** An account that is delivered to both stores, just before its slot; its one rotation of the day is at 01:00. */
async function twoStores(): Promise<EngineWorld & { billing: Account; id: string }> {
  const world = await engineWorld();
  const billing = world.account(0, {
    schedule: { pattern: '0 1 * * *', zone: 'UTC' },
    targets: [target('files:billing/token'), target('safe:billing/token')],
  });
  await world.configure(billing);
  await world.advance(59 * MINUTE_MS);
  return Object.assign(world, { billing, id: billing.accountIds[0] });
}

async function liveToken(world: EngineWorld & { id: string }): Promise<string> {
  return (await world.kronup.liveToken(world.id)).reveal();
}

describe('a store that is down before the mint', () => {
  it('stops the mint and keeps the slot until it is up', async () => {
    await using world = await twoStores();
    world.safe.down = DOWN;
    await world.advance(3 * HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
    delete world.safe.down;
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    const slots = world.factsOf('rotation-opened').map(({ slot }) => slot);
    expect(slots).toEqual([Date.parse('2026-01-05T01:00:00Z')]);
    expect(await world.file('billing/token', 'safe')).toBe(await liveToken(world));
  });

  it('stops the mint where it can be read and not written', async () => {
    await using world = await twoStores();
    world.safe.readOnly = { kind: 'target-refused', message: 'read-only in this test' };
    await world.advance(HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
    delete world.safe.readOnly;
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
  });

  it('is asked less and less often', async () => {
    await using world = await twoStores();
    world.safe.down = DOWN;
    await world.advance(HOUR_MS);
    const claims = world.claims;
    await world.advance(HOUR_MS);
    expect(world.claims - claims).toBeLessThanOrEqual(30);
  });
});

describe('what a write leaves beside the value', () => {
  it('is taken away by the time the rotation has succeeded', async () => {
    await using world = await twoStores();
    await world.advance(2 * MINUTE_MS);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(world.safe.writes).toBeGreaterThan(0);
    expect([...world.files.untidy, ...world.safe.untidy]).toEqual([]);
  });
});

describe('a store that goes down after the mint', () => {
  async function downAfterMint() {
    const world = await twoStores();
    world.onceMinted(() => {
      world.safe.down = DOWN;
    });
    await world.advance(2 * MINUTE_MS);
    return world;
  }

  it('leaves the others delivered, and is delivered to when it is up, without another mint', async () => {
    await using world = await downAfterMint();
    expect(world.kronup.mints(world.id)).toBe(1);
    expect(await world.file('billing/token')).toBe(await liveToken(world));
    expect(await world.file('billing/token', 'safe')).not.toBe(await liveToken(world));
    expect(world.factsOf('rotation-succeeded')).toEqual([]);
    delete world.safe.down;
    await world.advance(10 * MINUTE_MS);
    expect(await world.file('billing/token', 'safe')).toBe(await liveToken(world));
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(world.kronup.mints(world.id)).toBe(1);
  });

  it('with Retry-After of a day is tried again within five minutes', async () => {
    await using world = await downAfterMint();
    world.safe.down = { ...DOWN, retryAfterMs: 86_400_000 };
    await world.advance(HOUR_MS);
    delete world.safe.down;
    await world.advance(6 * MINUTE_MS);
    expect(await world.file('billing/token', 'safe')).toBe(await liveToken(world));
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });

  it('is retried for hours, through restarts, without another mint', async () => {
    await using world = await downAfterMint();
    await world.advance(2 * HOUR_MS);
    await world.restart();
    await world.advance(4 * HOUR_MS);
    await world.restart();
    expect(world.kronup.mints(world.id)).toBe(1);
    delete world.safe.down;
    await world.advance(10 * MINUTE_MS);
    expect(await world.file('billing/token', 'safe')).toBe(await liveToken(world));
  });

  it('is delivered to while the account is paused', async () => {
    await using world = await downAfterMint();
    await world.ask(world.billing, 'pause');
    delete world.safe.down;
    await world.advance(10 * MINUTE_MS);
    expect(await world.file('billing/token', 'safe')).toBe(await liveToken(world));
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });

  it('is delivered to although its target has left the configuration', async () => {
    await using world = await downAfterMint();
    await world.configure({ ...world.billing, targets: [target('files:billing/token')] });
    await world.advance(MINUTE_MS);
    delete world.safe.down;
    await world.advance(10 * MINUTE_MS);
    expect(await world.file('billing/token', 'safe')).toBe(await liveToken(world));
  });

  it('is delivered to although the account has left the configuration', async () => {
    await using world = await downAfterMint();
    await world.configure();
    await world.advance(MINUTE_MS);
    expect(world.factsOf('account-left')).toEqual([]);
    delete world.safe.down;
    await world.advance(10 * MINUTE_MS);
    expect(await world.file('billing/token', 'safe')).toBe(await liveToken(world));
    expect(await world.file('billing/token')).toBe(await liveToken(world));
    expect(world.factsOf('account-left')).toHaveLength(1);
  });

  it('holds the mints of other accounts that need it, until a real write there succeeds', async () => {
    await using world = await downAfterMint();
    const other = world.account(1, {
      schedule: { pattern: '30 1 * * *', zone: 'UTC' },
      targets: [target('safe:other/token')],
    });
    const elsewhere = world.account(2, {
      schedule: { pattern: '30 1 * * *', zone: 'UTC' },
      targets: [target('files:elsewhere/token')],
    });
    await world.configure(world.billing, other, elsewhere);
    await world.advance(HOUR_MS);
    expect((await world.journal.shared()).holds.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['store-down', 'safe'],
    ]);
    expect(world.kronup.mints(other.accountIds[0])).toBe(0);
    expect(world.kronup.mints(elsewhere.accountIds[0])).toBe(1);
    delete world.safe.down;
    await world.advance(15 * MINUTE_MS);
    expect((await world.journal.shared()).holds).toEqual([]);
    expect(world.kronup.mints(other.accountIds[0])).toBe(1);
    expect(world.events.filter((event) => event.startsWith('store-'))).toEqual(['store-down', 'store-up']);
  });

  it('does not keep the account busy while it is looked at again for another reason', async () => {
    await using world = await twoStores();
    world.kronup.fault({ kind: 'lost-answer', when: 'after', method: 'PUT', times: 1 });
    world.onceMinted(() => {
      world.safe.readOnly = DOWN;
    });
    await world.advance(30 * MINUTE_MS);
    expect(world.factsOf('rotation-succeeded')).toEqual([]);
    expect((await world.record(world.billing)).reobserveAt).toEqual([]);
    const claims = world.claims;
    await world.advance(HOUR_MS);
    expect(world.claims - claims).toBeLessThan(40);
  });
});

describe('a write whose answer is lost', () => {
  it('is found to have been done by reading back, and the rotation succeeds', async () => {
    await using world = await twoStores();
    world.safe.losesAnswers = true;
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    expect(await world.file('billing/token', 'safe')).toBe(await liveToken(world));
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });
});

describe('a delivery that is cut off by the end of the process', () => {
  it('is finished after the restart with what the provider shows, without another mint', async () => {
    await using world = await twoStores();
    world.killAt('credential-minted');
    await world.advance(5 * MINUTE_MS);
    await world.put('billing/token', 'not written yet');
    await world.revive();
    await world.advance(5 * MINUTE_MS);
    expect(await world.file('billing/token')).toBe(await liveToken(world));
    expect(await world.file('billing/token', 'safe')).toBe(await liveToken(world));
    expect(world.kronup.mints(world.id)).toBe(1);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });
});

describe('a target that somebody else changed', () => {
  it('is put right at the next look', async () => {
    await using world = await twoStores();
    await world.put('billing/token', 'somebody else');
    await world.ask(world.billing, 'reconcile');
    expect(await world.file('billing/token')).toBe(await liveToken(world));
    expect(world.factsOf('target-drifted')).toHaveLength(1);
    expect(world.kronup.mints()).toBe(0);
  });

  it('is only reported where the policy says so', async () => {
    await using world = await twoStores();
    await world.configure({ ...world.billing, onDrift: 'report' });
    await world.settle();
    await world.put('billing/token', 'somebody else');
    await world.ask(world.billing, 'reconcile');
    expect(await world.file('billing/token')).toBe('somebody else');
    expect(world.factsOf('target-drifted')).toHaveLength(1);
  });

  it('is left alone while the account is paused, and put right when it is resumed', async () => {
    await using world = await twoStores();
    await world.ask(world.billing, 'pause');
    await world.put('billing/token', 'somebody else');
    await world.ask(world.billing, 'reconcile');
    expect(await world.file('billing/token')).toBe('somebody else');
    await world.ask(world.billing, 'resume');
    await world.settle();
    expect(await world.file('billing/token')).toBe(await liveToken(world));
  });

  it('does not keep a paused account busy', async () => {
    await using world = await twoStores();
    await world.configure({ ...world.billing, schedule: HOURLY });
    await world.settle();
    world.files.readOnly = DOWN;
    await world.put('billing/token', 'somebody else');
    await world.ask(world.billing, 'reconcile');
    await world.ask(world.billing, 'pause');
    await world.advance(MINUTE_MS);
    const claims = world.claims;
    await world.advance(3 * HOUR_MS);
    expect(world.claims - claims).toBeLessThan(8);
  });
});

describe('a document that is large already', () => {
  it('of 900 KiB in a file is preflighted and delivered to', async () => {
    await using world = await engineWorld();
    const format = { kind: 'key', options: { key: 'token' } };
    const billing = world.account(0, { targets: [target('files:app.json', { format })] });
    await world.put('app.json', JSON.stringify({ others: 'x'.repeat(900 * 1_024) }));
    await world.configure(billing);
    await world.advance(MINUTE_MS);
    await world.ask(billing, 'rotate');
    const live = await world.kronup.liveToken(billing.accountIds[0]);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(JSON.parse((await world.file('app.json')) ?? '')).toMatchObject({ token: live.reveal() });
  });
});
