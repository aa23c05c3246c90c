import { describe, expect, it } from 'vitest';
import { beforeSlot, expectDelivered, holdsOf, ONCE } from '../world/before-slot.ts';
import { HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';

describe('an account that was closed at the provider', () => {
  it('is never re-opened', async () => {
    await using world = await beforeSlot();
    await world.kronup.person.close(world.id);
    await world.advance(5 * HOUR_MS);
    expect(world.kronup.mints(world.id)).toBe(0);
    expect(world.kronup.accounts[0]?.closed).toBe(true);
    expect(await holdsOf(world)).toContain('closed');
  });

  it('goes on by itself when a person re-opens it, also when nothing is due', async () => {
    await using world = await beforeSlot({ schedule: ONCE });
    await world.kronup.person.close(world.id);
    await world.ask(world.billing, 'reconcile');
    expect(await holdsOf(world)).toContain('closed');
    await world.kronup.person.reopen(world.id);
    await world.advance(30 * MINUTE_MS);
    expect(await holdsOf(world)).toEqual([]);
    await expectDelivered(world);
  });

  it('is looked at less and less often', async () => {
    await using world = await beforeSlot();
    await world.kronup.person.close(world.id);
    await world.advance(24 * HOUR_MS);
    const calls = world.kronup.calls();
    await world.advance(24 * HOUR_MS);
    expect(world.kronup.calls() - calls).toBeLessThan(200);
  });

  it('is re-opened where the policy says so', async () => {
    await using world = await beforeSlot({ reopenClosed: true });
    await world.kronup.person.close(world.id);
    await world.advance(30 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    await expectDelivered(world);
  });

  it('that a rotation re-opened gets a delivery that failed within minutes, and its rotation succeeds, with verify off', async () => {
    await using world = await beforeSlot({ reopenClosed: true, schedule: ONCE });
    await world.kronup.person.close(world.id);
    world.onceMinting(() => {
      world.files.down = DOWN;
    });
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    delete world.files.down;
    await world.advance(6 * MINUTE_MS);
    await expectDelivered(world);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(world.factsOf('hold-lifted').map(({ hold }) => hold)).toEqual(['closed']);
  });

  it('and was re-opened by a mint whose answer was lost is held no more once that is found', async () => {
    await using world = await beforeSlot({ reopenClosed: true, schedule: ONCE });
    await world.kronup.person.close(world.id);
    world.kronup.fault({ kind: 'lost-answer', when: 'after', method: 'PUT', times: 1 });
    await world.advance(5 * MINUTE_MS);
    await expectDelivered(world);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect((await world.record(world.billing)).held).toEqual({});
  });

  it('again after a rotation re-opened it, before that was through, is re-opened by the next slot', async () => {
    await using world = await beforeSlot({ reopenClosed: true });
    world.onceMinted(() => world.kronup.person.close(world.id));
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    await world.advance(HOUR_MS);
    expect(world.kronup.mints(world.id)).toBe(2);
    await expectDelivered(world);
    expect(world.factKinds().at(-1)).toBe('rotation-succeeded');
  });

  it('again after a rotation re-opened it goes on without a slot when a person opens it', async () => {
    await using world = await beforeSlot({ reopenClosed: true, schedule: ONCE });
    world.onceMinted(() => world.kronup.person.close(world.id));
    await world.advance(5 * MINUTE_MS);
    expect(world.factsOf('rotation-succeeded')).toEqual([]);
    await world.kronup.person.reopen(world.id);
    await world.advance(30 * MINUTE_MS);
    await expectDelivered(world);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });

  it('refuses a manual rotation, saying why', async () => {
    await using world = await beforeSlot();
    await world.kronup.person.close(world.id);
    await world.ask(world.billing, 'reconcile');
    const answer = await world.ask(world.billing, 'rotate');
    expect(answer).toMatchObject({ state: 'refused', why: expect.stringContaining('closed') as string });
  });

  it('takes a manual rotation as soon as it is open again', async () => {
    await using world = await beforeSlot();
    await world.kronup.person.close(world.id);
    await world.ask(world.billing, 'reconcile');
    await world.kronup.person.reopen(world.id);
    const answer = await world.ask(world.billing, 'rotate');
    expect(answer.state).toBe('taken');
    expect(world.kronup.mints(world.id)).toBe(1);
  });

  it('is not asked for in a storm where it has gone altogether and reopenClosed is set', async () => {
    await using world = await beforeSlot({ reopenClosed: true });
    await world.kronup.person.remove(world.id);
    await world.advance(HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
    const calls = world.kronup.calls();
    await world.advance(HOUR_MS);
    expect(world.kronup.calls() - calls).toBeLessThan(200);
    expect(world.events).not.toContain('loop-failed');
  });
});

describe('a mint of unknown outcome whose account is not open', () => {
  const NO_EFFECT = { kind: 'lost-answer', when: 'before', method: 'PUT', times: 1 } as const;

  it.each(['close', 'remove'] as const)(
    'costs fewer than 200 calls a day after a person did %s it, and delivers nothing',
    async (does) => {
      await using world = await beforeSlot();
      world.kronup.fault(NO_EFFECT);
      world.onceMinting(() => world.kronup.person[does](world.id));
      await world.advance(5 * MINUTE_MS);
      expect(world.factsOf('mint-unknown')).toHaveLength(1);
      const calls = world.kronup.calls();
      await world.advance(24 * HOUR_MS);
      expect(world.kronup.calls() - calls).toBeLessThan(200);
      expect(world.kronup.mints()).toBe(0);
    },
  );

  it('is found out within half an hour of a person opening it', async () => {
    await using world = await beforeSlot();
    world.kronup.fault(NO_EFFECT);
    world.onceMinting(() => world.kronup.person.close(world.id));
    await world.advance(5 * MINUTE_MS);
    await world.kronup.person.reopen(world.id);
    await world.advance(30 * MINUTE_MS);
    await expectDelivered(world);
    expect(world.kronup.mints(world.id)).toBe(0);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });

  it('is repeated once it has settled where the policy opens it again', async () => {
    await using world = await beforeSlot({ reopenClosed: true });
    await world.kronup.person.close(world.id);
    world.kronup.fault(NO_EFFECT);
    await world.advance(2 * MINUTE_MS);
    expect(world.factsOf('mint-unknown')).toHaveLength(1);
    expect(world.kronup.mints(world.id)).toBe(0);
    await world.advance(3 * MINUTE_MS);
    expect(world.kronup.mints(world.id)).toBe(1);
    await expectDelivered(world);
    const [unknown] = world.factsOf('mint-unknown');
    const [settled] = world.factsOf('mint-settled');
    expect((settled?.at ?? 0) - (unknown?.sentAt ?? 0)).toBeGreaterThanOrEqual(120_000);
  });
});
