// What waits until consumers have taken up what is live: the end of an old credential, the next turn of a pair, an account that left.

import { describe, expect, it } from 'vitest';
import { target } from '../builders/account.ts';
import { adoptedPair, adoptedWithOverlap, NEVER, SHIPPING_FILE } from '../world/adopted.ts';
import { HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import { CHECKOUT, UNDER_WAY, readBy, reading } from '../world/consumers-world.ts';

describe('an old credential', () => {
  it('is retired only after whoever reads the targets has taken the newer one up', async () => {
    const consumers = [CHECKOUT];
    const format = { kind: 'json', options: {} };
    await using world = await adoptedWithOverlap({
      schedule: NEVER,
      graceMs: 30 * MINUTE_MS,
      targets: [target(`files:${SHIPPING_FILE}`, { format, consumers })],
    });
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.ask(world.shipping, 'rotate');
    await world.advance(2 * HOUR_MS);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(world.factsOf('grace-begun')).toEqual([]);
    world.consumers.progress.clear();
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('grace-begun')).toHaveLength(1);
    expect(world.overlap.use(world.first.credential)).toBe(true);
    await world.advance(HOUR_MS);
    expect(world.factsOf('credential-retired')).toHaveLength(1);
  });

  it('that has leaked is ended without waiting for that', async () => {
    const consumers = [CHECKOUT];
    const format = { kind: 'json', options: {} };
    await using world = await adoptedWithOverlap({
      schedule: NEVER,
      targets: [target(`files:${SHIPPING_FILE}`, { format, consumers })],
    });
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.ask(world.shipping, 'rotate-compromised');
    await world.advance(5 * MINUTE_MS);
    expect(world.overlap.use(world.first.credential)).toBe(false);
  });
});

describe('a pair', () => {
  it('is not turned before the consumers of the last turn are through, which a request says', async () => {
    await using world = await adoptedPair({ targets: readBy('billing-api', CHECKOUT) });
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.advance(70 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    const { lastFailure } = await world.record(world.billing);
    expect(lastFailure?.message).toContain(`${CHECKOUT.id} of files:billing-api/token may still use`);
    world.consumers.progress.clear();
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints(world.a)).toBe(1);
    expect(world.kronup.mints(world.b)).toBe(1);
  });

  it('waits as well for those of a target that left the configuration, until their time limit is over', async () => {
    const other = readBy('other-api');
    const [read] = readBy('billing-api', CHECKOUT);
    await using world = await adoptedPair({ schedule: NEVER, targets: [read, ...other] });
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.ask(world.billing, 'rotate');
    await world.advance(2 * MINUTE_MS);
    const fewer = { ...world.billing, targets: other };
    await world.configure(fewer);
    await world.ask(fewer, 'rotate');
    await world.advance(MINUTE_MS);
    expect(world.kronup.mints(world.a)).toBe(0);
    const { lastFailure } = await world.record(fewer);
    expect(lastFailure?.message).toContain(`${CHECKOUT.id} of files:billing-api/token may still use`);
    await world.advance(20 * MINUTE_MS);
    expect(world.kronup.mints(world.a)).toBe(1);
  });

  it('that has leaked does not wait for them', async () => {
    await using world = await adoptedPair({ schedule: NEVER, targets: readBy('billing-api', CHECKOUT) });
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.ask(world.billing, 'rotate');
    await world.advance(2 * MINUTE_MS);
    await world.ask(world.billing, 'rotate-compromised');
    await world.advance(5 * MINUTE_MS);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(2);
  });
});

describe('an account that left the configuration', () => {
  it('waits for its consumers', async () => {
    await using world = await reading();
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.advance(MINUTE_MS);
    await world.configure();
    await world.advance(3 * MINUTE_MS);
    expect(world.factsOf('account-left')).toEqual([]);
    world.consumers.progress.clear();
    await world.advance(2 * MINUTE_MS);
    expect(world.factsOf('consumer-through')).toHaveLength(1);
    expect(world.factsOf('account-left')).toHaveLength(1);
  });

  it('waits for them no longer than their time limit', async () => {
    await using world = await reading();
    world.consumers.progress.set(CHECKOUT.address, UNDER_WAY);
    await world.advance(MINUTE_MS);
    await world.configure();
    await world.advance(15 * MINUTE_MS);
    expect(world.factsOf('consumer-given-up')).toHaveLength(1);
    expect(world.factsOf('account-left')).toHaveLength(1);
  });
});
