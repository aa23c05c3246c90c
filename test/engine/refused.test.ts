import { describe, expect, it, vi } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { engineWorld, HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';

// Hours go by in each of them, on machines with much else to do.
vi.setConfig({ testTimeout: 120_000 });

/** With one account that is verified every hour, among others that are as they should be. */
async function watched(changes: Partial<Account> = {}, accounts = 5) {
  const world = await engineWorld({ emulator: { accounts } });
  const [billing, ...others] = Array.from({ length: accounts }, (_, index) =>
    world.account(index, { verifyMs: HOUR_MS, ...changes }),
  );
  if (billing === undefined) throw new Error('no account');
  await world.configure(billing, ...others);
  await world.settle();
  return Object.assign(world, { billing, others, id: billing.accountIds[0] });
}

/** Outcomes of the tries that were noted, and whether they counted. */
function tries(world: EngineWorld): string[] {
  return world.factsOf('live-tried').map(({ outcome, counts }) => (counts ? `${outcome}, counts` : outcome));
}

/** Lets time pass until the first refusal was noted. */
async function untilRefused(world: EngineWorld): Promise<void> {
  while (tries(world).length === 0) await world.advance(MINUTE_MS);
}

describe('a live credential', () => {
  it('is tried when its account is verified, with one call of its own and none of the manager', async () => {
    await using world = await watched();
    await world.advance(2 * HOUR_MS);
    expect(world.kronup.calls({ operation: 'accountRead', caller: world.id })).toBeGreaterThanOrEqual(2);
    expect(world.kronup.calls({ operation: 'accountRead', caller: world.kronup.manager.id })).toBe(1);
    expect(world.factsOf('live-tried')).toEqual([]);
  });
});

describe('a credential that somebody else minted and put into every target', () => {
  it('is rotated when its provider refuses it for certain, where the policy says so', async () => {
    await using world = await watched({ onRefused: 'rotate' });
    await world.kronup.person.regenerate(world.id);
    const theirs = await world.kronup.liveToken(world.id);
    await world.put(`${world.billing.name}/token`, theirs.reveal());
    await world.advance(2 * HOUR_MS);
    world.kronup.fault({ kind: 'refused-token', caller: world.id });
    await world.advance(2 * HOUR_MS);
    expect(world.factsOf('rotation-opened').map(({ trigger }) => trigger)).toEqual(['refused']);
    expect(world.kronup.mints()).toBe(1);
    const live = await world.kronup.liveToken(world.id);
    expect(await world.file(`${world.billing.name}/token`)).toBe(live.reveal());
  });
});

describe('a refused credential', () => {
  it('parks its account when it is refused again later, while those of others are accepted', async () => {
    await using world = await watched();
    world.kronup.fault({ kind: 'refused-token', caller: world.id });
    await world.advance(2 * HOUR_MS);
    const [first, second] = world.factsOf('live-tried');
    expect(tries(world).slice(0, 2)).toEqual(['refused', 'refused, counts']);
    expect((second?.triedAt ?? 0) - (first?.triedAt ?? 0)).toBeGreaterThanOrEqual(5 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    const { parked } = await world.record(world.billing);
    expect(parked?.why).toMatch(/^kronup refuses the live credential \w{16} \(auth-api-\w+\), seen 2 times/);
    expect(world.factsOf('account-parked')).toHaveLength(1);
  });

  it('is rotated where the policy says so, and its targets get the new one', async () => {
    await using world = await watched({ onRefused: 'rotate' });
    world.kronup.fault({ kind: 'refused-token', caller: world.id });
    await world.advance(2 * HOUR_MS);
    expect(world.factsOf('rotation-opened').map(({ trigger }) => trigger)).toEqual(['refused']);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(world.kronup.mints()).toBe(1);
    const live = await world.kronup.liveToken(world.id);
    expect(await world.file(`${world.billing.name}/token`)).toBe(live.reveal());
  });

  it('is rotated once a day; then a person is called', async () => {
    await using world = await watched({ onRefused: 'rotate' });
    world.kronup.fault({ kind: 'refused-token', caller: world.id });
    await world.advance(2 * HOUR_MS);
    world.kronup.fault({ kind: 'refused-token', caller: world.id });
    await world.advance(3 * HOUR_MS);
    expect(world.kronup.mints()).toBe(1);
    expect((await world.record(world.billing)).parked?.why).toContain('One such mint a day');
  });

  it('is tried again when the daemon was started anew in between', async () => {
    await using world = await watched();
    world.kronup.fault({ kind: 'refused-token', caller: world.id });
    await untilRefused(world);
    await world.restart();
    await world.advance(HOUR_MS);
    expect(world.factsOf('account-parked')).toHaveLength(1);
  });
});

describe.each(['park', 'rotate'] as const)('with onRefused: %s nothing follows', (onRefused) => {
  const wantNothing = (world: EngineWorld) => {
    expect(world.kronup.mints()).toBe(0);
    expect(world.factsOf('account-parked')).toEqual([]);
    expect(world.factsOf('rotation-opened')).toEqual([]);
  };

  it('from one refusal', async () => {
    await using world = await watched({ onRefused });
    world.kronup.fault({ kind: 'refused-token', caller: world.id, times: 1 });
    await world.advance(3 * HOUR_MS);
    expect(tries(world)).toEqual(['refused', 'accepted']);
    expect((await world.record(world.billing)).refused).toBeUndefined();
    wantNothing(world);
  });

  it('from refusals with an acceptance between each two', async () => {
    await using world = await watched({ onRefused });
    for (let hour = 0; hour < 3; hour++) {
      world.kronup.fault({ kind: 'refused-token', caller: world.id, times: 1 });
      await world.advance(2 * HOUR_MS);
    }
    expect(tries(world).filter((outcome) => outcome === 'refused')).toHaveLength(3);
    wantNothing(world);
  });

  it('from refusals with another id', async () => {
    await using world = await watched({ onRefused });
    world.kronup.fault({ kind: 'refused-token', caller: world.id, id: 'jwt-issuer' });
    await world.advance(3 * HOUR_MS);
    expect(world.factsOf('live-tried')).toEqual([]);
    wantNothing(world);
  });

  it('from a limit of calls that the account itself has reached', async () => {
    await using world = await watched({ onRefused });
    world.kronup.fault({ kind: 'status', status: 429, caller: world.id });
    await world.advance(3 * HOUR_MS);
    expect(world.factsOf('live-tried')).toEqual([]);
    wantNothing(world);
  });

  it.each([
    ['for everything', {}],
    ['when it asks who it is', { operation: 'accountRead' as const }],
  ])('while the manager is refused %s', async (_name, where) => {
    await using world = await watched({ onRefused });
    world.kronup.fault({ kind: 'refused-token', caller: world.id });
    await untilRefused(world);
    world.kronup.fault({ kind: 'refused-caller', caller: 'manager', ...where });
    await world.advance(3 * HOUR_MS);
    expect(tries(world)).not.toContain('refused, counts');
    wantNothing(world);
  });

  it('from refusals of a credential that a person replaced in between', async () => {
    await using world = await watched({ onRefused });
    world.kronup.fault({ kind: 'refused-token', caller: world.id });
    await untilRefused(world);
    await world.kronup.person.regenerate(world.id);
    await world.advance(3 * HOUR_MS);
    expect(tries(world)).toEqual(['refused']);
    const live = await world.kronup.liveToken(world.id);
    expect(await world.file(`${world.billing.name}/token`)).toBe(live.reveal());
    wantNothing(world);
  });

  it('while the account is closed', async () => {
    await using world = await watched({ onRefused });
    world.kronup.fault({ kind: 'refused-token', caller: world.id });
    await untilRefused(world);
    await world.kronup.person.close(world.id);
    await world.advance(3 * HOUR_MS);
    expect(tries(world)).toEqual(['refused']);
    wantNothing(world);
  });
});
