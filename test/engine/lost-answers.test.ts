import { describe, expect, it } from 'vitest';
import type { KronupFault } from '../../src/emulators/kronup/fault.ts';
import { target } from '../builders/account.ts';
import { beforeSlot, expectDelivered } from '../world/before-slot.ts';
import { MINUTE_MS } from '../world/engine-world.ts';

const PUT = { method: 'PUT', times: 1 } as const;

describe('a mint whose answer is lost', () => {
  const after: readonly [string, KronupFault][] = [
    ['the connection ends after the effect', { kind: 'lost-answer', when: 'after', ...PUT }],
    ['the answer is cut off', { kind: 'cut-body', ...PUT }],
    ['the answer is 500 after the effect', { kind: 'status', status: 500, when: 'after', ...PUT }],
    ['the answer is 402 after the effect', { kind: 'status', status: 402, when: 'after', ...PUT }],
    ['the answer is 409 after the effect', { kind: 'status', status: 409, when: 'after', ...PUT }],
    ['the answer is 422 after the effect', { kind: 'status', status: 422, when: 'after', ...PUT }],
    ['the answer is no JSON', { kind: 'content-type', text: 'sorry', ...PUT }],
    ['the answer has no token', { kind: 'rewrite', omit: ['serviceToken'], ...PUT }],
  ];
  for (const [name, fault] of after) {
    it(`is recovered by reading, without another mint, when ${name}`, async () => {
      await using world = await beforeSlot();
      world.kronup.fault(fault);
      await world.advance(5 * MINUTE_MS);
      expect(world.kronup.mints(world.id)).toBe(1);
      await expectDelivered(world, world.billing);
      expect(world.factsOf('credential-minted').map(({ recovered }) => recovered)).toEqual([true]);
      expect(world.factsOf('rotation-succeeded').map(({ estimated }) => estimated)).toEqual([true]);
    });
  }

  const before: readonly [string, KronupFault][] = [
    ['the connection ends before the effect', { kind: 'lost-answer', when: 'before', ...PUT }],
    ['the answer is 500 without an effect', { kind: 'status', status: 500, when: 'before', ...PUT }],
    ['the answer is 409 without an effect', { kind: 'status', status: 409, when: 'before', ...PUT }],
  ];
  for (const [name, fault] of before) {
    it(`is repeated once, and not before it has settled, when ${name}`, async () => {
      await using world = await beforeSlot();
      world.kronup.fault(fault);
      await world.advance(2 * MINUTE_MS);
      expect(world.factsOf('mint-unknown')).toHaveLength(1);
      expect(world.kronup.mints(world.id)).toBe(0);
      await world.advance(3 * MINUTE_MS);
      expect(world.kronup.mints(world.id)).toBe(1);
      await expectDelivered(world, world.billing);
      const [unknown] = world.factsOf('mint-unknown');
      const [settled] = world.factsOf('mint-settled');
      expect((settled?.at ?? 0) - (unknown?.sentAt ?? 0)).toBeGreaterThanOrEqual(120_000);
      expect(world.factsOf('pre-image-seen').length).toBeGreaterThan(0);
      await world.advance(30 * MINUTE_MS);
      expect(world.kronup.mints(world.id)).toBe(1);
    });
  }

  it('is recovered when the effect comes later, within the time in which it settles', async () => {
    await using world = await beforeSlot();
    world.kronup.fault({ kind: 'late-effect', ms: 60_000, ...PUT });
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    await expectDelivered(world, world.billing);
  });

  it('converges with one mint too many when the effect comes after it had settled', async () => {
    await using world = await beforeSlot();
    world.kronup.fault({ kind: 'late-effect', ms: 240_000, ...PUT });
    await world.advance(30 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(2);
    await expectDelivered(world, world.billing);
  });

  it('is recovered when the process ends after the effect and before the answer', async () => {
    await using world = await beforeSlot();
    const fault = world.kronup.fault({ kind: 'latency', ms: 20_000, when: 'after', ...PUT });
    void fault.hit.then(() => world.kronup.when(({ kind }) => kind === 'minted')).then(() => world.kill());
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    await world.revive();
    await world.advance(MINUTE_MS);
    expect(world.factsOf('mint-unknown')).toHaveLength(1);
    expect(world.kronup.mints(world.id)).toBe(1);
    await expectDelivered(world, world.billing);
    await world.advance(30 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
  });

  it.each([
    ['one target, where another has the old one', 1],
    ['every target', 2],
  ])(
    'is recovered though the provider hides it, when the process ends after it was put into %s',
    async (_name, put) => {
      const targets = [target('files:billing-api/token'), target('files:billing-api/other')] as const;
      await using world = await beforeSlot({ targets }, { emulator: { hideTokens: true } });
      const before = world.kronup.mints(world.id);
      const fault = world.kronup.fault({ kind: 'latency', ms: 20_000, when: 'after', ...PUT });
      void fault.hit.then(() => world.kronup.when(({ kind }) => kind === 'minted')).then(() => world.kill());
      await world.advance(5 * MINUTE_MS);
      const minted = (await world.kronup.liveToken(world.id)).reveal();
      for (const { address } of targets.slice(0, put)) await world.put(address, minted);
      await world.revive();
      await world.advance(MINUTE_MS);
      expect(world.kronup.mints(world.id) - before).toBe(1);
      expect(await Promise.all(targets.map(({ address }) => world.file(address)))).toEqual([minted, minted]);
      // The first one is that of first sight, where nothing was live.
      expect(world.factsOf('rotation-succeeded')).toHaveLength(2);
    },
  );

  it('is minted once it has settled when the process ends between the intent and the request', async () => {
    await using world = await beforeSlot();
    world.killAt('mint-intended');
    await world.advance(5 * MINUTE_MS);
    await world.revive();
    await world.advance(MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(0);
    await world.advance(4 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    await expectDelivered(world, world.billing);
  });

  it('keeps waiting while the provider cannot be read, and goes on when it can', async () => {
    await using world = await beforeSlot();
    world.kronup.fault({ kind: 'lost-answer', when: 'after', ...PUT });
    world.onceMinted(() => {
      world.kronup.fault({ kind: 'status', status: 503, method: 'GET', path: '/v1/service-accounts*' });
    });
    await world.advance(30 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    expect(world.factsOf('credential-minted')).toEqual([]);
    world.kronup.liftFaults();
    await world.advance(5 * MINUTE_MS);
    await expectDelivered(world, world.billing);
    expect(world.kronup.mints(world.id)).toBe(1);
  });

  it('is looked at again one, five and fifteen minutes later', async () => {
    await using world = await beforeSlot();
    world.kronup.fault({ kind: 'lost-answer', when: 'after', ...PUT });
    await world.advance(5 * MINUTE_MS);
    const reads = world.kronup.calls({ method: 'GET' });
    await world.advance(20 * MINUTE_MS);
    expect(world.kronup.calls({ method: 'GET' })).toBeGreaterThan(reads);
    expect((await world.record(world.billing)).reobserveAt).toEqual([]);
  });
});

describe('a mint of which it is known that it did not happen', () => {
  const refusals: readonly [string, number][] = [
    ['400', 400],
    ['403', 403],
    ['404', 404],
    ['429', 429],
  ];
  for (const [name, status] of refusals) {
    it(`is sent again soon after ${name}, for the same slot`, async () => {
      await using world = await beforeSlot();
      const body = { id: 'not-today', message: '' };
      world.kronup.fault({ kind: 'status', status, body, ...PUT });
      await world.advance(3 * MINUTE_MS);
      expect(world.factsOf('mint-refused')).toHaveLength(1);
      expect(world.factsOf('mint-unknown')).toEqual([]);
      expect(world.kronup.mints(world.id)).toBe(1);
      await expectDelivered(world, world.billing);
    });
  }
});
