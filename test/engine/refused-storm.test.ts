// Providers that refuse many live credentials at once, though they show them as live. What keeps that from becoming a storm of
// mints, or a fleet of parked accounts:
//
// 1. A refusal counts only when the manager credential is accepted in the same minute, by the same endpoint: where the provider
//    refuses everything, it does not.
// 2. Before a refusal counts, the live credentials of three other accounts are tried as well. Where any is refused, the provider is
//    held as `many-refused`: however many accounts there are, nothing follows for any of them.
// 3. Should none of those three happen to be refused, 1 % of the accounts may be minted for in an hour, counted in the journal.

import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { createCallCounter, upkeep } from '../../src/engine/upkeep.ts';
import { engineWorld, HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';

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

/** What is done beside the accounts, until it is disposed of. */
function keepUp(world: EngineWorld): AsyncDisposable {
  const stopping = new AbortController();
  const calls = createCallCounter(world.parts);
  const done = upkeep(world.parts, { engine: world.engine, calls, signal: stopping.signal });
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the test is over'));
      await done;
    },
  };
}

async function held(world: EngineWorld): Promise<string[]> {
  return (await world.journal.shared()).holds.map(({ kind }) => kind);
}

function wantNothing(world: EngineWorld): void {
  expect(world.kronup.mints()).toBe(0);
  expect(world.factsOf('account-parked')).toEqual([]);
  expect(world.factsOf('rotation-opened')).toEqual([]);
}

describe('an hour in which the provider refuses every credential, the manager’s too', () => {
  it('causes no mint and parks nobody, whatever the policy says, and is over by itself', async () => {
    await using world = await fleet(BOTH);
    const storm = world.kronup.fault({ kind: 'status', status: 401, id: 'auth-api-expired' });
    await using _beside = keepUp(world);
    await world.advance(HOUR_MS);
    expect(await held(world)).toContain('manager-refused');
    wantNothing(world);
    storm.lift();
    await world.advance(2 * HOUR_MS);
    expect(await held(world)).toEqual([]);
    wantNothing(world);
  });
});

describe('an hour in which the provider refuses every live credential, and accepts the manager', () => {
  it('causes no mint and parks nobody; one hold says that the provider is at fault until it is over', async () => {
    await using world = await fleet(BOTH);
    const faults = world.accounts.map(({ accountIds: [caller] }) =>
      world.kronup.fault({ kind: 'refused-caller', caller }),
    );
    await using _beside = keepUp(world);
    await world.advance(HOUR_MS);
    expect(world.factsOf('live-tried').length).toBeGreaterThan(ACCOUNTS);
    expect(await held(world)).toEqual(['many-refused']);
    expect(world.events.filter((event) => event.startsWith('many-'))).toEqual(['many-refused']);
    wantNothing(world);
    for (const fault of faults) fault.lift();
    await world.advance(2 * HOUR_MS);
    expect(await held(world)).toEqual([]);
    expect(world.events.filter((event) => event.startsWith('many-'))).toEqual([
      'many-refused',
      'many-accepted',
    ]);
    wantNothing(world);
  });

  it('costs the manager far fewer calls than there are refusals', async () => {
    await using world = await fleet(BOTH);
    for (const { accountIds } of world.accounts) {
      world.kronup.fault({ kind: 'refused-caller', caller: accountIds[0] });
    }
    const before = world.kronup.calls({ caller: world.kronup.manager.id });
    await world.advance(HOUR_MS);
    const refusals = world.factsOf('live-tried').length;
    expect(world.kronup.calls({ caller: world.kronup.manager.id }) - before).toBeLessThan(refusals / 2);
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
