import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/domain/credential.ts';
import { adoptedWithGrace as adopted, GRACE_MS, NEVER } from '../world/adopted.ts';
import { HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';

/** A list that is asked later has, or has not, what there was. */
const SETTLED_MS = 2 * MINUTE_MS;

describe('a rotation that succeeded', () => {
  it('is written beside the account, once', async () => {
    await using world = await adopted();
    await world.advance(50 * MINUTE_MS);
    expect(world.overlap.lines).toEqual([
      expect.stringMatching(/^o1: rotated at 2026-01-\S+Z by \S+, rotation [0-9a-f-]{36}$/),
    ]);
  });

  it('has succeeded though that cannot be written', async () => {
    await using world = await adopted();
    world.overlap.refusesLines = true;
    await world.advance(20 * MINUTE_MS);
    expect(world.overlap.lines.length).toBe(1);
    expect(world.factKinds()).toContain('rotation-succeeded');
    expect(world.factKinds()).not.toContain('rotation-failed');
  });
});

describe('a rotation with overlap', () => {
  it('finds what is live in the target, and says which credential of the account it is', async () => {
    await using world = await adopted();
    expect((await world.record(world.shipping)).live).toMatchObject({
      fingerprint: fingerprintOf(world.first.credential),
      reference: world.first.reference,
      proved: true,
    });
    expect(world.overlap.received).toEqual([]);
  });

  it('mints, proves, delivers and confirms in this order, and retires the old one after the grace', async () => {
    await using world = await adopted();
    world.facts.length = 0;
    await world.advance(20 * MINUTE_MS);
    expect(world.factKinds()).toEqual([
      'rotation-opened',
      'write-proved',
      'mint-intended',
      'credential-minted',
      'credential-proved',
      'target-written',
      'target-confirmed',
      'rotation-succeeded',
      'grace-begun',
    ]);
    expect(world.overlap.use(world.first.credential)).toBe(true);
    world.facts.length = 0;
    await world.advance(39 * MINUTE_MS);
    expect(world.factKinds().filter((kind) => kind !== 'retire-waits')).toEqual([
      'retire-intended',
      'credential-retired',
    ]);
    expect(world.overlap.use(world.first.credential)).toBe(false);
    expect(world.overlap.names('o1')).toHaveLength(1);
  });

  it('names what it mints after the installation, the rotation and the attempt', async () => {
    await using world = await adopted();
    await world.advance(5 * MINUTE_MS);
    const [opened] = world.factsOf('rotation-opened');
    expect(world.overlap.names('o1')).toContain(`rekeyd/test/${opened?.rotation ?? ''}/1`);
  });

  it('measures no dark window, because nobody is ever without', async () => {
    await using world = await adopted();
    await world.advance(5 * MINUTE_MS);
    expect(world.factsOf('rotation-succeeded').map(({ darkWindowMs }) => darkWindowMs)).toEqual([undefined]);
  });

  it('says until when the old one goes on working', async () => {
    await using world = await adopted({ retireHardLimitMs: 5 * HOUR_MS });
    await world.advance(5 * MINUTE_MS);
    const [grace] = world.factsOf('grace-begun');
    expect(grace).toMatchObject({ reference: world.first.reference });
    expect(grace && grace.until - grace.at).toBe(GRACE_MS);
    expect(grace && grace.hardLimitAt - grace.at).toBe(5 * HOUR_MS);
  });

  it('does not deliver a credential before it is accepted', async () => {
    await using world = await adopted();
    world.overlap.consistentAfterMs = 8_000;
    await world.advance(5 * MINUTE_MS);
    const kinds = world.factKinds();
    expect(kinds).toContain('rotation-failed');
    expect(kinds.lastIndexOf('rotation-failed')).toBeLessThan(kinds.lastIndexOf('target-written'));
    expect(kinds.at(-2)).toBe('rotation-succeeded');
    expect(world.overlap.received.filter((what) => what.startsWith('mint'))).toHaveLength(1);
  });
});

describe('an old credential that is still used', () => {
  it('is retired once it was not used for as long as the grace', async () => {
    await using world = await adopted({ schedule: { pattern: '0 */12 * * *', zone: 'UTC' } });
    await world.ask(world.shipping, 'rotate');
    await world.advance(20 * MINUTE_MS);
    expect(world.overlap.use(world.first.credential)).toBe(true);
    await world.advance(25 * MINUTE_MS);
    expect(world.factsOf('credential-retired')).toEqual([]);
    expect(world.factsOf('retire-waits').at(-1)?.why).toContain('still used');
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('credential-retired')).toHaveLength(1);
    expect(world.factsOf('retire-intended').map(({ stillUsed }) => stillUsed)).toEqual([undefined]);
  });

  it("is retired once it was not used for as long as the grace by the provider's clock, which dates its use", async () => {
    await using world = await adopted({ schedule: NEVER });
    const [behindMs, sentAt] = [4 * MINUTE_MS, world.clock.elapsed()];
    world.overlap.behindMs = behindMs;
    const date = world.clock.now() - behindMs;
    world.parts.clocks.told('provider overlap', { date, sentAt, receivedAt: sentAt });
    await world.ask(world.shipping, 'rotate');
    await world.advance(20 * MINUTE_MS);
    expect(world.overlap.use(world.first.credential)).toBe(true);
    await world.advance(28 * MINUTE_MS);
    expect(world.factsOf('credential-retired')).toEqual([]);
    await world.advance(4 * MINUTE_MS);
    expect(world.factsOf('credential-retired')).toHaveLength(1);
  });

  it('is retired at the hard limit, which is said', async () => {
    await using world = await adopted({ schedule: NEVER, retireHardLimitMs: 2 * HOUR_MS });
    await world.ask(world.shipping, 'rotate');
    for (let minutes = 0; minutes < 119; minutes += 7) {
      await world.advance(7 * MINUTE_MS);
      if (minutes < 112) expect(world.overlap.use(world.first.credential)).toBe(true);
    }
    await world.advance(5 * MINUTE_MS);
    expect(world.factsOf('retire-intended').map(({ stillUsed }) => stillUsed)).toEqual([true]);
    expect(world.factsOf('credential-retired')).toHaveLength(1);
  });
});

describe('the retirement of an old credential', () => {
  it('waits while a target, though not required, does not hold the newer one', async () => {
    await using world = await adopted();
    const optional = {
      ...world.shipping.targets[0],
      id: 'safe:other',
      store: 'safe',
      address: 'other',
      required: false,
    };
    const shipping = { ...world.shipping, targets: [world.shipping.targets[0], optional] as const };
    await world.configure(shipping);
    await world.settle();
    world.safe.readOnly = DOWN;
    await world.advance(90 * MINUTE_MS);
    expect(world.factsOf('rotation-succeeded').length).toBeGreaterThan(0);
    expect(world.factsOf('retire-intended')).toEqual([]);
    expect(world.overlap.use(world.first.credential)).toBe(true);
  });

  it('is repeated where its answer was lost before the effect', async () => {
    await using world = await adopted();
    world.overlap.retirements.push('lost-before');
    await world.advance(58 * MINUTE_MS);
    expect(world.factsOf('retire-failed')).toHaveLength(1);
    expect(world.factsOf('credential-retired').map(({ gone }) => gone)).toEqual([undefined]);
    expect(world.overlap.names('o1')).toHaveLength(1);
  });

  it('is known from a look where its answer was lost after the effect', async () => {
    await using world = await adopted();
    world.overlap.retirements.push('lost-after');
    await world.advance(58 * MINUTE_MS);
    expect(world.overlap.received.filter((what) => what.startsWith('retire'))).toHaveLength(1);
    expect(world.factsOf('credential-retired').map(({ gone }) => gone)).toEqual([undefined]);
  });

  it('is repeated where a server did not know the credential, as long as the list has it', async () => {
    await using world = await adopted();
    world.overlap.retirements.push('not-found');
    await world.advance(58 * MINUTE_MS);
    expect(world.factsOf('retire-failed')).toHaveLength(1);
    expect(world.factsOf('credential-retired').map(({ gone }) => gone)).toEqual([undefined]);
    expect(world.overlap.use(world.first.credential)).toBe(false);
  });

  it('is over once a look shows that what was not found is gone', async () => {
    await using world = await adopted();
    world.overlap.retirements.push('not-found');
    while (world.factsOf('retire-failed').length === 0) await world.advance(MINUTE_MS / 2);
    expect(world.factsOf('credential-retired')).toEqual([]);
    world.overlap.end('o1', world.first.reference);
    await world.advance(5 * MINUTE_MS);
    expect(world.overlap.received.filter((what) => what.startsWith('retire'))).toHaveLength(1);
    expect(world.factsOf('credential-retired').map(({ gone }) => gone)).toEqual([true]);
  });

  it('is over no later than a list can tell that what was not found is gone, however often that was tried', async () => {
    await using world = await adopted({ graceMs: 1_000 });
    world.overlap.retirements.push('not-found');
    while (world.factsOf('retire-failed').length === 0) await world.advance(1_000);
    world.overlap.end('o1', world.first.reference);
    const { at = 0 } = world.factsOf('rotation-succeeded').at(-1) ?? {};
    await world.advance(at + SETTLED_MS - world.clock.now() + 1_000);
    expect(world.factsOf('credential-retired').map(({ reference }) => reference)).toEqual([
      world.first.reference,
    ]);
  });

  it('goes on when the process was killed between intent and outcome', async () => {
    await using world = await adopted();
    world.killAt('retire-intended');
    await world.advance(50 * MINUTE_MS);
    await world.revive();
    await world.advance(8 * MINUTE_MS);
    expect(world.factsOf('credential-retired')).toHaveLength(1);
    expect(world.overlap.names('o1')).toHaveLength(1);
  });

  it('comes after the account has left the configuration, which it leaves only then', async () => {
    await using world = await adopted();
    await world.advance(5 * MINUTE_MS);
    await world.configure(world.account(0));
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('account-left')).toEqual([]);
    await world.advance(40 * MINUTE_MS);
    expect(world.factsOf('credential-retired')).toHaveLength(1);
    expect(world.factsOf('account-left')).toHaveLength(1);
  });
});
