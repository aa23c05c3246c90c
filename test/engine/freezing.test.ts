import { describe, expect, it } from 'vitest';
import type { Hold } from '../../src/domain/hold.ts';
import { HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';
import { byHand, expectDelivered, fleet } from '../world/fleet.ts';
import type { Fleet } from '../world/fleet.ts';

const PUT = { method: 'PUT' } as const;
const REFUSED = { kind: 'status', status: 403, ...PUT } as const;
const FAILED_BEFORE = { kind: 'status', status: 500, when: 'before', ...PUT } as const;
const LOST_AFTER = { kind: 'lost-answer', when: 'after', ...PUT } as const;

const ONE_AT_A_TIME = { concurrencyPerProvider: 1 };

/** Slots of the accounts ten minutes apart, so that each mint has ended before the next. */
function spread(index: number) {
  return { schedule: { pattern: `${index * 10} * * * *`, zone: 'UTC' } };
}

async function frozen(world: Fleet): Promise<Hold | undefined> {
  const { holds } = await world.journal.shared();
  return holds.find(({ kind }) => kind === 'frozen');
}

describe('a provider at which mints fail', () => {
  it('is frozen with the mint that reaches the limit, and nothing more is minted', async () => {
    const options = { provider: { freeze: { failures: 5, of: 20 } }, settings: ONE_AT_A_TIME };
    await using world = await fleet(8, {}, options);
    const fault = world.kronup.fault(REFUSED);
    await world.advance(2 * HOUR_MS);
    expect(fault.hits).toBe(5);
    expect(await frozen(world)).toMatchObject({
      subject: 'kronup',
      by: 'rekeyd',
      reason: expect.stringMatching(
        /^5 of the last 5 mints .* refused or unknown \(5 × not-allowed; /,
      ) as string,
    });
    expect(world.events.filter((kind) => kind === 'provider-frozen')).toHaveLength(1);
    expect(world.factsOf('account-parked')).toEqual([]);
    fault.lift();
    await world.advance(2 * HOUR_MS);
    await world.restart();
    await world.advance(2 * HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
  });

  it('has no more mints carried through than were under way', async () => {
    const [failures, concurrencyPerProvider] = [3, 4];
    const options = { provider: { freeze: { failures, of: 20 } }, settings: { concurrencyPerProvider } };
    await using world = await fleet(20, {}, options);
    const fault = world.kronup.fault(FAILED_BEFORE);
    await world.advance(2 * HOUR_MS);
    expect(fault.hits).toBeGreaterThanOrEqual(failures);
    expect(fault.hits).toBeLessThan(failures + concurrencyPerProvider);
    expect(world.kronup.mints()).toBe(0);
  });

  it('has no mint sent that waits for its turn when another one reaches the limit', async () => {
    await using world = await fleet(2, {}, { provider: { freeze: { failures: 1, of: 1 } } });
    const fault = world.kronup.fault(FAILED_BEFORE);
    const isFrozen = Promise.withResolvers<void>();
    const { telemetry } = world.parts;
    const event = telemetry.event.bind(telemetry);
    telemetry.event = (kind, body) => {
      event(kind, body);
      if (kind === 'provider-frozen') isFrozen.resolve();
    };
    world.onceMinting(() => isFrozen.promise);
    await world.advance(HOUR_MS);
    expect(fault.hits).toBe(1);
    const [held] = world.factsOf('mint-refused');
    expect(held).toMatchObject({ failure: 'not-connected', counts: false });
    expect(held?.message).toContain('held (frozen)');
  });

  it('is not frozen by answers that are lost now and then, each of which is found to have minted', async () => {
    await using world = await fleet(6, spread, { provider: { freeze: { failures: 2, of: 20 } } });
    world.kronup.fault(LOST_AFTER);
    await world.advance(HOUR_MS + 50 * MINUTE_MS);
    expect(world.factsOf('mint-unknown').length).toBeGreaterThan(6);
    expect(await frozen(world)).toBeUndefined();
    await expectDelivered(world);
  });

  it('is not frozen while most mints are good', async () => {
    await using world = await fleet(6, spread, { provider: { freeze: { failures: 3, of: 6 } } });
    const [bad] = world.accounts;
    const fault = world.kronup.fault({ ...FAILED_BEFORE, accountId: bad?.accountIds[0] ?? '', times: 2 });
    await world.advance(3 * HOUR_MS);
    expect(fault.hits).toBe(2);
    expect(await frozen(world)).toBeUndefined();
    await expectDelivered(world);
  });

  it('lets a rotation pass that a person asks for, which is not counted', async () => {
    await using world = await fleet(2, {}, { provider: { freeze: { failures: 1, of: 1 } } });
    const [first] = world.accounts;
    if (first === undefined) throw new Error('no account');
    const fault = world.kronup.fault({ ...REFUSED, times: 1 });
    await world.ask(first, 'rotate');
    expect(fault.hits).toBe(1);
    expect(await frozen(world)).toBeUndefined();
    await world.advance(MINUTE_MS);
    await expectDelivered(world);
  });
});

describe('what does not freeze a provider, however strict the limit', () => {
  const strict = { provider: { freeze: { failures: 1, of: 1 } } };

  it('a store that is down', async () => {
    await using world = await fleet(1, {}, strict);
    world.onceMinted(() => {
      world.files.down = DOWN;
    });
    await world.advance(3 * HOUR_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(await frozen(world)).toBeUndefined();
  });

  it('a limit of calls', async () => {
    await using world = await fleet(1, {}, strict);
    const fault = world.kronup.fault({ kind: 'status', status: 429, retryAfter: 60, ...PUT, times: 2 });
    await world.advance(HOUR_MS + 10 * MINUTE_MS);
    expect(fault.hits).toBe(2);
    expect(await frozen(world)).toBeUndefined();
    expect(world.kronup.mints()).toBe(1);
  });

  it('a manager credential that is refused', async () => {
    await using world = await fleet(1, {}, strict);
    const fault = world.kronup.fault({ kind: 'refused-caller', caller: 'manager', ...PUT });
    await world.advance(3 * HOUR_MS);
    expect(fault.hits).toBeGreaterThan(0);
    expect((await world.journal.shared()).holds.map(({ kind }) => kind)).toEqual(['manager-refused']);
  });

  it('the death of this process between a mint and its answer', async () => {
    await using world = await fleet(1, {}, strict);
    world.onceMinted(() => world.kill());
    await world.advance(HOUR_MS);
    await world.revive();
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('mint-unknown')).toMatchObject([{ interrupted: true }]);
    expect(world.factsOf('credential-minted')).toMatchObject([{ recovered: true }]);
    expect(await frozen(world)).toBeUndefined();
    await expectDelivered(world);
  });
});

describe('the count of failed mints', () => {
  it('outlasts a restart', async () => {
    await using world = await fleet(2, spread, { provider: { freeze: { failures: 3, of: 20 } } });
    world.kronup.fault({ ...REFUSED, times: 2 });
    await world.advance(HOUR_MS);
    expect(world.factsOf('mint-refused')).toHaveLength(2);
    expect(await frozen(world)).toBeUndefined();
    await world.restart();
    world.kronup.fault({ ...REFUSED, times: 1 });
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('mint-refused')).toHaveLength(3);
    expect(await frozen(world)).toBeDefined();
  });

  it('has a mint once, whose outcome became unknown just before this process died', async () => {
    await using world = await fleet(1, {}, { provider: { freeze: { failures: 2, of: 20 } } });
    const fault = world.kronup.fault({ ...FAILED_BEFORE, times: 1 });
    world.killAt('mint-unknown');
    await world.advance(HOUR_MS);
    await world.revive();
    await world.advance(20 * MINUTE_MS);
    expect(fault.hits).toBe(1);
    expect(world.kronup.mints()).toBe(1);
    expect(await frozen(world)).toBeUndefined();
    await expectDelivered(world);
  });

  it('begins anew when a person unfreezes it, and the fleet goes on, spread out', async () => {
    const options = { provider: { freeze: { failures: 3, of: 20 } }, settings: ONE_AT_A_TIME };
    await using world = await fleet(8, {}, options);
    const fault = world.kronup.fault(REFUSED);
    await world.advance(2 * HOUR_MS);
    expect(fault.hits).toBe(3);
    await byHand(world, 'unfreeze');
    await world.advance(10 * MINUTE_MS);
    expect(fault.hits).toBe(6);
    expect(await frozen(world)).toBeDefined();
    fault.lift();
    await byHand(world, 'unfreeze');
    await world.restart();
    await world.advance(20 * MINUTE_MS);
    expect(await frozen(world)).toBeUndefined();
    expect(world.kronup.mints()).toBe(8);
    const sent = world.factsOf('credential-minted').map(({ sentAt }) => sentAt);
    expect(Math.max(...sent) - Math.min(...sent)).toBeGreaterThan(MINUTE_MS);
    await expectDelivered(world);
  });
});
