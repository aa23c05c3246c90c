import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { engineWorld, HOUR_MS, HOURLY, MINUTE_MS } from '../world/engine-world.ts';
import type { EngineWorld, EngineWorldOptions } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';

type World = EngineWorld & { billing: Account; id: string };

async function adopted(changes: Partial<Account> = {}, options: EngineWorldOptions = {}): Promise<World> {
  const world = await engineWorld(options);
  const billing = world.account(0, { schedule: HOURLY, ...changes });
  await world.configure(billing);
  await world.settle();
  return Object.assign(world, { billing, id: billing.accountIds[0] });
}

function slotsRun(world: World): string[] {
  return world
    .factsOf('rotation-opened')
    .flatMap(({ slot }) => (slot === undefined ? [] : [new Date(slot).toISOString().slice(11, 16)]));
}

describe('slots that pass', () => {
  for (const missed of ['run', 'skip'] as const) {
    it(`while the daemon is down: ${missed}`, async () => {
      await using world = await adopted({ missed });
      await world.engine.stop(1_000);
      world.clock.jump(5 * HOUR_MS + 10 * MINUTE_MS);
      await world.restart();
      await world.advance(20 * MINUTE_MS);
      expect(slotsRun(world)).toEqual(missed === 'run' ? ['05:00'] : []);
      expect(world.kronup.mints()).toBe(missed === 'run' ? 1 : 0);
      expect(world.factsOf(missed === 'run' ? 'slot-missed' : 'slot-skipped')).toHaveLength(1);
    });

    it(`while the process is stopped, as by SIGSTOP: ${missed}`, async () => {
      await using world = await adopted({ missed });
      // Nothing is let in between: the loop finds that hours have passed when it turns next.
      await world.clock.advance(5 * HOUR_MS + 10 * MINUTE_MS);
      await world.advance(20 * MINUTE_MS);
      expect(slotsRun(world)).toEqual(missed === 'run' ? ['05:00'] : []);
      expect(world.factsOf(missed === 'run' ? 'slot-missed' : 'slot-skipped')).toHaveLength(1);
    });

    it(`while the account is paused: ${missed}`, async () => {
      await using world = await adopted({ missed });
      await world.ask(world.billing, 'pause');
      await world.advance(5 * HOUR_MS + 10 * MINUTE_MS);
      expect(world.kronup.mints()).toBe(0);
      await world.ask(world.billing, 'resume');
      await world.advance(20 * MINUTE_MS);
      expect(slotsRun(world)).toEqual(missed === 'run' ? ['05:00'] : []);
      expect(world.factsOf('slot-missed')).toHaveLength(missed === 'run' ? 1 : 0);
    });
  }

  it('are spread out when many accounts have missed them', async () => {
    await using world = await engineWorld();
    const accounts = [0, 1, 2].map((index) => world.account(index, { schedule: HOURLY }));
    await world.configure(...accounts);
    await world.settle();
    await world.engine.stop(1_000);
    world.clock.jump(HOUR_MS + 10 * MINUTE_MS);
    await world.restart();
    await world.advance(20 * MINUTE_MS);
    const at = world.factsOf('rotation-opened').map((fact) => fact.at);
    expect(new Set(at).size).toBe(3);
    expect(world.kronup.mints()).toBe(3);
  });
});

describe('a clock that is set', () => {
  it('an hour ahead runs the slot that it jumped over once', async () => {
    await using world = await adopted();
    await world.advance(MINUTE_MS);
    world.clock.jump(HOUR_MS + 10 * MINUTE_MS);
    await world.advance(5 * MINUTE_MS);
    expect(slotsRun(world)).toEqual(['01:00']);
    await world.advance(50 * MINUTE_MS);
    expect(slotsRun(world)).toEqual(['01:00', '02:00']);
    expect(world.kronup.mints()).toBe(2);
  });

  it('an hour back runs no slot twice and loses none', async () => {
    await using world = await adopted();
    await world.advance(HOUR_MS + 10 * MINUTE_MS);
    expect(slotsRun(world)).toEqual(['01:00']);
    world.clock.jump(-HOUR_MS);
    await world.ask(world.billing, 'reconcile');
    expect(world.events).not.toContain('loop-failed');
    await world.advance(2 * HOUR_MS);
    expect(slotsRun(world)).toEqual(['01:00', '02:00']);
    expect(world.kronup.mints()).toBe(2);
    expect(world.events).not.toContain('loop-failed');
  });

  it('an hour back while a lost mint is looked for still finds it soon', async () => {
    await using world = await adopted();
    await world.advance(59 * MINUTE_MS);
    world.kronup.fault({ kind: 'lost-answer', when: 'after', method: 'PUT', times: 1 });
    const reads = { method: 'GET', path: '/v1/service-accounts*' } as const;
    const down = world.kronup.fault({ kind: 'status', status: 503, ...reads });
    await world.advance(MINUTE_MS);
    down.lift();
    world.clock.jump(-HOUR_MS);
    await world.ask(world.billing, 'reconcile');
    await world.advance(MINUTE_MS);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(world.kronup.mints()).toBe(1);
  });
});

describe('a manual request', () => {
  it('before the intent becomes part of the open rotation', async () => {
    await using world = await adopted();
    world.files.readOnly = { kind: 'target-refused', message: 'read-only in this test' };
    await world.advance(HOUR_MS);
    const answer = await world.ask(world.billing, 'rotate');
    expect(answer.rotation).toBe(world.factsOf('rotation-opened')[0]?.rotation);
    delete world.files.readOnly;
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
  });

  it('before the next intent, when a mint has not happened, becomes part of it as well', async () => {
    await using world = await adopted();
    await world.advance(59 * MINUTE_MS);
    world.kronup.fault({ kind: 'lost-answer', when: 'before', method: 'PUT', times: 1 });
    await world.advance(MINUTE_MS);
    await world.ask(world.billing, 'rotate');
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
  });

  it('after the mint waits its turn, and is one rotation of its own with others that wait', async () => {
    await using world = await adopted();
    world.onceMinted(() => {
      world.files.down = DOWN;
    });
    await world.advance(HOUR_MS);
    const asked = [await world.ask(world.billing, 'rotate'), await world.ask(world.billing, 'rotate')];
    expect(asked.map(({ rotation }) => rotation)).toEqual([undefined, undefined]);
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    delete world.files.down;
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(2);
    const wantRotation = world.factsOf('rotation-opened')[1]?.rotation;
    for (const { id } of asked) {
      expect((await world.journal.requestState(id))?.rotation).toBe(wantRotation);
    }
  });

  it('with an id that was used before causes no second rotation', async () => {
    await using world = await adopted();
    const { id } = await world.ask(world.billing, 'rotate');
    await world.ask(world.billing, 'rotate', { id });
    expect(world.kronup.mints()).toBe(1);
  });

  it('passes a pause and minInterval', async () => {
    await using world = await adopted();
    await world.ask(world.billing, 'rotate');
    await world.ask(world.billing, 'pause');
    await world.ask(world.billing, 'rotate');
    expect(world.kronup.mints()).toBe(2);
  });
});

describe('reasons other than slots', () => {
  const age = { pattern: '0 0 1 1 *', zone: 'UTC' };

  it('replaces a credential before it expires', async () => {
    const emulator = { tokenLifetimeMs: 3 * HOUR_MS };
    await using world = await adopted({ schedule: age, rotateBeforeExpiryMs: 24 * HOUR_MS }, { emulator });
    await world.advance(2 * HOUR_MS - 1_000);
    expect(world.kronup.mints()).toBe(0);
    await world.advance(5_000);
    expect(world.factsOf('rotation-opened').map(({ trigger }) => trigger)).toEqual(['expiry']);
    expect(world.kronup.mints()).toBe(1);
  });

  it('parks an account whose credentials expire within minInterval, after one mint', async () => {
    const emulator = { tokenLifetimeMs: 10 * MINUTE_MS };
    await using world = await adopted({ schedule: HOURLY }, { emulator });
    await world.advance(5 * HOUR_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(world.factsOf('account-parked')).toHaveLength(1);
  });

  it('replaces a credential that is too old', async () => {
    await using world = await adopted({ schedule: age, maxAgeMs: 2 * HOUR_MS });
    await world.advance(5 * HOUR_MS);
    expect(world.factsOf('rotation-opened').map(({ trigger }) => trigger)).toEqual(['max-age', 'max-age']);
    expect(world.kronup.mints()).toBe(2);
  });

  it('waits for minInterval after the last mint, and then runs the slot', async () => {
    await using world = await adopted({ minIntervalMs: 30 * MINUTE_MS });
    await world.advance(45 * MINUTE_MS);
    await world.ask(world.billing, 'rotate');
    await world.advance(29 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    await world.advance(2 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(2);
    expect(slotsRun(world)).toEqual(['01:00']);
  });

  it('waits for a window to open, and then runs the slot', async () => {
    const allow = [{ opens: { pattern: '30 * * * *', zone: 'UTC' }, durationMs: 10 * MINUTE_MS }];
    await using world = await adopted({ allow });
    await world.advance(HOUR_MS + 20 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    await world.advance(15 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(slotsRun(world)).toEqual(['01:00']);
  });
});
