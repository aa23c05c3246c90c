// Providers that refuse many live credentials at once, though they show them as live. What keeps that from becoming a storm of
// mints, or a fleet of parked accounts:
//
// 1. A refusal counts only when the manager credential is accepted in the same minute, by the same endpoint: where the provider
//    refuses everything, it does not.
// 2. Before a refusal counts, the live credentials of three other accounts are tried as well. Where any is refused, the provider is
//    held as `many-refused`: however many accounts there are, nothing follows for any of them.
// 3. Should none of those three happen to be refused, 1 % of the accounts may be minted for in an hour, counted in the journal.

import { describe, expect, it, vi } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { createCallCounter, upkeep } from '../../src/engine/upkeep.ts';
import { engineWorld, HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';
import { PATIENCE_MS } from '../world/patience.ts';

// Some of these keep hundreds of accounts busy, on machines with much else to do.
vi.setConfig({ testTimeout: 300_000 });

const ACCOUNTS = 240;

/** A fleet that is verified every half hour; `policyOf` says what is special about the account with this index. */
async function fleet(policyOf: (index: number) => Partial<Account>, count = ACCOUNTS) {
  const world = await engineWorld({ emulator: { accounts: count } });
  const accounts = Array.from({ length: count }, (_, index) =>
    world.account(index, { verifyMs: HOUR_MS / 2, ...policyOf(index) }),
  );
  await world.configure(...accounts);
  await world.settle();
  return Object.assign(world, { accounts });
}

/** Half of the accounts are parked when refused, the others rotated. */
const BOTH = (index: number) => ({ onRefused: index % 2 === 0 ? 'park' : 'rotate' }) as const;

async function held(world: EngineWorld): Promise<string[]> {
  return (await world.journal.shared()).holds.map(({ kind }) => kind);
}

function wantNothing(world: EngineWorld): void {
  expect(world.kronup.mints()).toBe(0);
  expect(world.factsOf('account-parked')).toEqual([]);
  expect(world.factsOf('rotation-opened')).toEqual([]);
}

/** Others are tried beside the accounts' work, for whose end nobody else waits. */
async function untilLifted(world: EngineWorld): Promise<void> {
  await vi.waitFor(
    async () => {
      await world.advance(MINUTE_MS / 4);
      expect(await held(world)).toEqual([]);
    },
    { timeout: PATIENCE_MS, interval: 20 },
  );
}

describe('an hour in which the provider refuses every credential, the manager’s too', () => {
  it('causes no mint and parks nobody, whatever the policy says', async () => {
    await using world = await fleet(BOTH);
    const storm = world.kronup.fault({ kind: 'status', status: 401, id: 'auth-api-expired' });
    await world.advance(HOUR_MS);
    expect(await held(world)).toEqual(['manager-refused']);
    wantNothing(world);
    storm.lift();
    await world.engine.sharedHolds.managerAccepted('kronup');
    await world.advance(HOUR_MS);
    wantNothing(world);
  });
});

describe('an hour in which the provider refuses every live credential, and accepts the manager', () => {
  it('causes no mint and parks nobody; one hold says so, and it costs the manager few calls', async () => {
    await using world = await fleet(BOTH);
    const faults = world.accounts.map(({ accountIds: [caller] }) =>
      world.kronup.fault({ kind: 'refused-caller', caller }),
    );
    const ofManager = () => world.kronup.calls({ caller: world.kronup.manager.id });
    const before = ofManager();
    await world.advance(HOUR_MS);
    const refusals = world.factsOf('live-tried').length;
    expect(refusals).toBeGreaterThan(ACCOUNTS);
    expect(ofManager() - before).toBeLessThan(refusals / 2);
    expect(await held(world)).toEqual(['many-refused']);
    expect(world.events.filter((event) => event.startsWith('many-'))).toEqual(['many-refused']);
    wantNothing(world);
    for (const fault of faults) fault.lift();
    await world.advance(HOUR_MS);
    wantNothing(world);
  });
});

describe('a provider that refused several live credentials', () => {
  it('is held until those that are tried now and then are accepted', async () => {
    await using world = await fleet(() => ({}), 3);
    const faults = world.accounts.map(({ accountIds: [caller] }) =>
      world.kronup.fault({ kind: 'refused-caller', caller }),
    );
    const stopping = new AbortController();
    const kronup = world.parts.connections().provider('kronup');
    if (kronup === undefined) throw new Error('no kronup');
    await world.engine.others.tryOut(kronup, stopping);
    expect(await held(world)).toEqual(['many-refused']);
    for (const fault of faults) fault.lift();
    const calls = createCallCounter(world.parts);
    const { engine } = world;
    const beside = upkeep(world.parts, { engine, calls, signal: stopping.signal });
    await untilLifted(world);
    stopping.abort(new Error('the test is over'));
    await beside;
    expect(world.events).toContain('many-accepted');
  });
});

describe('a provider that refused several live credentials, of accounts that have left since', () => {
  it('is held no longer: none is left that it could be seen to accept', async () => {
    await using world = await engineWorld({ upkeep: true, emulator: { accounts: 2 } });
    const accounts = [0, 1].map((index) => world.account(index, { verifyMs: 10 * MINUTE_MS }));
    await world.configure(...accounts);
    await world.settle();
    for (const { accountIds: callers } of accounts)
      for (const caller of callers) world.kronup.fault({ kind: 'refused-caller', caller });
    await world.advance(HOUR_MS);
    expect(await held(world)).toEqual(['many-refused']);
    await world.configure();
    await vi.waitFor(
      async () => {
        await world.advance(MINUTE_MS);
        expect(await held(world)).toEqual([]);
      },
      { timeout: PATIENCE_MS, interval: 20 },
    );
  });
});

describe('an account that somebody regenerates while the provider refuses every live credential', () => {
  it('has the new one within minutes of the provider accepting it again, however long that took', async () => {
    await using world = await engineWorld({ upkeep: true, emulator: { accounts: 3 } });
    const accounts = [0, 1, 2].map((index) => world.account(index, { verifyMs: 10 * MINUTE_MS }));
    await world.configure(...accounts);
    await world.settle();
    const faults = accounts.map(({ accountIds: [caller] }) =>
      world.kronup.fault({ kind: 'refused-caller', caller }),
    );
    const [billing] = accounts;
    if (billing === undefined) throw new Error('no account');
    await world.kronup.person.regenerate(billing.accountIds[0]);
    await world.advance(5 * HOUR_MS);
    expect(await held(world)).toEqual(['many-refused']);
    for (const fault of faults) fault.lift();
    await untilLifted(world);
    await world.advance(10 * MINUTE_MS);
    const live = await world.kronup.liveToken(billing.accountIds[0]);
    expect(await world.file(`${billing.name}/token`)).toBe(live.reveal());
    expect(world.kronup.mints()).toBe(0);
  });
});

describe('an account that is rotated while the provider refuses every live credential', () => {
  it('is not parked for that, and its rotation succeeds when that is over', async () => {
    const daily = { schedule: { pattern: '0 1 * * *', zone: 'UTC' } };
    await using world = await fleet((index) => (index === 0 ? daily : {}), 4);
    const faults = world.accounts.map(({ accountIds: [caller] }) =>
      world.kronup.fault({ kind: 'refused-caller', caller }),
    );
    await world.advance(3 * HOUR_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(world.factsOf('account-parked')).toEqual([]);
    for (const fault of faults) fault.lift();
    await world.advance(6 * HOUR_MS);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(world.kronup.mints()).toBe(1);
  });
});

describe('refusals that no other account shares', () => {
  it('are minted for at most once an hour in a small fleet, and the limit outlives the process', async () => {
    await using world = await fleet(() => ({ onRefused: 'rotate', verifyMs: HOUR_MS / 4 }), 12);
    const [one, two] = world.accounts.map(({ accountIds }) => accountIds[0]);
    world.kronup.fault({ kind: 'refused-token', caller: one ?? '' });
    while (world.kronup.mints() === 0) await world.advance(MINUTE_MS);
    await world.restart();
    world.kronup.fault({ kind: 'refused-token', caller: two ?? '' });
    while (world.factsOf('mint-limited').length === 0) await world.advance(MINUTE_MS);
    const [limited] = world.factsOf('mint-limited');
    expect(limited?.why).toContain('of at most 1 at this provider');
    const [minted] = world.factsOf('rotation-opened');
    const until = (minted?.at ?? 0) + HOUR_MS;
    await world.advance(until - world.clock.now() - MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    await world.advance(HOUR_MS / 2);
    expect(world.kronup.mints(two)).toBe(1);
  });
});

describe('an account that is parked because its credential was revoked', () => {
  it('says nothing of the provider: of another one that is revoked later, that is known as well', async () => {
    await using world = await fleet(() => ({ onRefused: 'park' }), 3);
    const [one, two] = world.accounts.map(({ accountIds }) => accountIds[0]);
    world.kronup.fault({ kind: 'refused-token', caller: one ?? '' });
    while (world.factsOf('account-parked').length < 1) await world.advance(MINUTE_MS);
    world.kronup.fault({ kind: 'refused-token', caller: two ?? '' });
    await world.advance(2 * HOUR_MS);
    expect(world.factsOf('account-parked')).toHaveLength(2);
    expect(await held(world)).toEqual([]);
  });
});
