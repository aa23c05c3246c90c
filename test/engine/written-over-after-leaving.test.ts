import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import type { Target } from '../../src/domain/target.ts';
import { target } from '../builders/account.ts';
import { adoptedWithGrace, GRACE_MS, NEVER, SHIPPING_FILE } from '../world/adopted.ts';
import type { OverlapWorld } from '../world/adopted.ts';
import { engineWorld, HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';
import { jsonOf } from '../world/overlap-service.ts';

const JSON_FORMAT = { format: { kind: 'json', options: {} } } as const;
const FILE = target(`files:${SHIPPING_FILE}`, JSON_FORMAT);
const OTHER = 'shipping/other';
const LAST = target('safe:shipping/client');

/** Whoever has the account's target from now on. */
const THEIRS = 'a value of their own';

/** Rotated a moment ago: what was live before is in its grace. */
async function rotated(changes: Partial<Account> = {}): Promise<OverlapWorld> {
  const world = await adoptedWithGrace({ schedule: NEVER, ...changes });
  await world.ask(world.shipping, 'rotate');
  await world.advance(MINUTE_MS);
  world.facts.length = 0;
  return world;
}

/**
 * What was minted is owed to the last of three targets, whose store is down. The account leaves the configuration, somebody writes over
 * the second one, a restart makes all of them be looked at, and then the store is up again.
 */
async function leaveOwing(
  world: EngineWorld,
  policy: Account,
  does: 'rotate' | 'rotate-compromised',
): Promise<void> {
  await world.ask(policy, does);
  await world.configure();
  await world.put(OTHER, THEIRS);
  await world.restart();
  await world.advance(10 * MINUTE_MS);
  expect(world.factsOf('target-drifted')).toMatchObject([{ target: `files:${OTHER}` }]);
  delete world.safe.readOnly;
}

/** The same with overlap. */
async function owing(
  does: 'rotate' | 'rotate-compromised',
  last: Partial<Target> = {},
): Promise<OverlapWorld> {
  const targets = [
    FILE,
    target(`files:${OTHER}`, JSON_FORMAT),
    { ...LAST, ...JSON_FORMAT, ...last },
  ] as const;
  const world = await adoptedWithGrace({ schedule: NEVER, targets });
  world.overlap.onMinted = () => {
    world.safe.readOnly = DOWN;
  };
  await leaveOwing(world, world.shipping, does);
  return world;
}

describe('what was replaced, of an account that left the configuration', () => {
  it('is retired though somebody has written over a target since: nobody delivers there any more', async () => {
    await using world = await rotated();
    await world.configure();
    await world.put(SHIPPING_FILE, THEIRS);
    await world.advance(5 * HOUR_MS);
    expect(world.factsOf('target-drifted')).toHaveLength(1);
    expect(world.factsOf('credential-retired')).toHaveLength(1);
    expect(world.factsOf('account-left')).toHaveLength(1);
    expect(await world.file(SHIPPING_FILE)).toBe(THEIRS);
    expect(world.overlap.names('o1')).toHaveLength(1);
  });

  it('is not retired while somebody uses it', async () => {
    await using world = await rotated({ retireHardLimitMs: 24 * HOUR_MS });
    await world.configure();
    await world.put(SHIPPING_FILE, THEIRS);
    for (let minutes = 0; minutes < 180; minutes += 20) {
      await world.advance(20 * MINUTE_MS);
      expect(world.overlap.use(world.first.credential)).toBe(true);
    }
    await world.advance(GRACE_MS + MINUTE_MS);
    expect(world.factsOf('credential-retired')).toHaveLength(1);
  });

  it('is not retired while a target holds it', async () => {
    await using world = await rotated();
    await world.configure();
    await world.put(SHIPPING_FILE, jsonOf(world.first.credential));
    await world.advance(5 * HOUR_MS);
    expect(world.factsOf('retire-waits').at(-1)?.why).toContain('holds it');
    expect(world.overlap.use(world.first.credential)).toBe(true);
    await world.put(SHIPPING_FILE, THEIRS);
    await world.advance(2 * HOUR_MS);
    expect(world.factsOf('credential-retired')).toHaveLength(1);
  });

  it('is retired though a target that had come just before never got the newer one', async () => {
    await using world = await rotated();
    world.safe.readOnly = DOWN;
    const targets = [FILE, { ...LAST, ...JSON_FORMAT }] as const;
    await world.configure({ ...world.shipping, targets });
    await world.advance(5 * MINUTE_MS);
    await world.configure();
    await world.advance(HOUR_MS);
    expect(world.factsOf('credential-retired')).toHaveLength(1);
    expect(world.factsOf('account-left')).toHaveLength(1);
    expect(await world.file('shipping/client', 'safe')).toBeUndefined();
  });
});

describe('what has leaked, of an account that left the configuration', () => {
  it('is ended though somebody has written over what is owed nothing any more', async () => {
    await using world = await owing('rotate-compromised');
    await world.advance(2 * HOUR_MS);
    expect(world.overlap.use(world.first.credential)).toBe(false);
    expect(world.factsOf('account-left')).toHaveLength(1);
  });
});

describe('a rotation of an account that left the configuration', () => {
  it('succeeds once what is still owed was delivered, whatever somebody has put elsewhere since', async () => {
    await using world = await owing('rotate');
    await world.advance(2 * HOUR_MS);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(world.factsOf('credential-retired')).toHaveLength(1);
    expect(world.factsOf('account-left')).toHaveLength(1);
    expect(await world.file(OTHER)).toBe(THEIRS);
  });

  it('succeeds so in place as well', async () => {
    await using world = await engineWorld();
    const billing = world.account(0, { targets: [target(FILE.id), target(`files:${OTHER}`), LAST] });
    await world.configure(billing);
    await world.settle();
    world.onceMinting(() => {
      world.safe.readOnly = DOWN;
    });
    await leaveOwing(world, billing, 'rotate');
    await world.advance(2 * HOUR_MS);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(world.factsOf('account-left')).toHaveLength(1);
    expect(await world.file(OTHER)).toBe(THEIRS);
  });

  it('begins the grace of what it replaced though another target was written over before that', async () => {
    await using world = await owing('rotate', { required: false });
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    await world.advance(2 * HOUR_MS);
    expect(world.factsOf('grace-begun')).toHaveLength(1);
    expect(world.factsOf('credential-retired')).toHaveLength(1);
  });
});

describe('what was replaced while changes are only reported', () => {
  it('waits for a target that somebody has written over until a person accepts that', async () => {
    await using world = await rotated({ onDrift: 'report' });
    await world.put(SHIPPING_FILE, THEIRS);
    await world.advance(5 * HOUR_MS);
    expect(world.factsOf('retire-waits').at(-1)?.why).toContain('is not known to hold the live credential');
    await world.ask(world.shipping, 'accept', { target: FILE.id });
    await world.advance(2 * HOUR_MS);
    expect(world.overlap.names('o1')).toHaveLength(1);
  });

  it('waits for it no longer than until the next rotation', async () => {
    await using world = await rotated({ onDrift: 'report' });
    await world.put(SHIPPING_FILE, THEIRS);
    await world.advance(5 * HOUR_MS);
    await world.ask(world.shipping, 'rotate');
    await world.advance(2 * HOUR_MS);
    expect(world.overlap.names('o1')).toHaveLength(1);
  });
});
