/** What every connection to consumers must do, as `src/ports/consumer.ts` promises it. The tests of each kind bring a world of theirs. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../src/domain/failure.ts';
import type { ConsumerConnection, Progress, Refresh } from '../../src/ports/consumer.ts';

/** A consumer that can be refreshed, and how to break it. */
export interface ConsumerWorld {
  readonly connection: ConsumerConnection;
  readonly step: Pick<Refresh, 'does' | 'address'>;
  /** Grows by one with each effect on the consumer; asking for the same again is none. */
  readonly effects: () => Promise<number>;
  /** Where the consumer does not become through by itself: makes it so, once it was asked. */
  readonly settle?: () => Promise<void>;
  /** Makes it fail in one way. By name: `unavailable`, `denied`, `missing`. */
  readonly breaks: Readonly<Record<string, () => Promise<void>>>;
  /** What time it is where whoever asks runs, in ms since the epoch; absent: that of this machine. */
  readonly now?: () => number;
  /** What no answer and no failure may show. */
  readonly secret?: string;
  /** Undoes what was made, and disposes of the connection. */
  cleanup(): Promise<void>;
}

type Need = Pick<Refresh, 'neededAt' | 'token'>;

/** Runs the suite. `makeWorld` is called before each test. */
export function consumerContract(name: string, makeWorld: () => Promise<ConsumerWorld>): void {
  describe(`${name} as a consumer`, () => {
    let world: ConsumerWorld;
    beforeEach(async () => {
      world = await makeWorld();
    });
    afterEach(async () => await world.cleanup());
    const get = (): ConsumerWorld => world;
    describeRefreshing(get);
    describeLooking(get);
    describeFailing(get);
  });
}

function describeRefreshing(world: () => ConsumerWorld): void {
  it('is refreshed, and says when it was through', async () => {
    const need = newNeed(world());
    const { at } = await through(world(), need);
    expect(await world().effects()).toBe(1);
    expect(at).toBeGreaterThanOrEqual(need.neededAt);
    expect(at).toBeLessThanOrEqual(nowIn(world()));
  });

  it('is not refreshed a second time for the same need, by a connection of another process either', async () => {
    const need = newNeed(world());
    await refreshed(world(), need);
    await refreshed(world(), need);
    await through(world(), need);
    await refreshed(world(), need);
    expect(await world().effects()).toBe(1);
  });

  it('is refreshed once where the same is asked for twice at once', async () => {
    const need = newNeed(world());
    const both = await Promise.all([refreshResult(world(), need), refreshResult(world(), need)]);
    expect(both.map((one) => (one.ok ? 'ok' : one.failure.kind))).toEqual(['ok', 'ok']);
    expect(await world().effects()).toBe(1);
  });

  it('is refreshed again for a later need', async () => {
    const first = newNeed(world());
    const { at } = await through(world(), first);
    await through(world(), { ...newNeed(world()), neededAt: Math.max(nowIn(world()), at + 1) });
    expect(await world().effects()).toBe(2);
  });
}

function describeLooking(world: () => ConsumerWorld): void {
  it('says in a preflight that it may be refreshed, without an effect', async () => {
    const { connection, step, effects } = world();
    const said = await connection.preflight(step, { signal: endless() });
    expect(said).toMatchObject({ ok: true, value: expect.stringMatching(/\w+ \w+/) as string });
    expect(await effects()).toBe(0);
  });

  it('says who refreshes it', async () => {
    const who = await world().connection.whoAmI({ signal: endless() });
    expect(who.ok && who.value).toMatch(/\S/);
  });

  it('says how long a call can take', () => {
    expect(world().connection.timeLimitMs).toBeGreaterThan(0);
  });
}

function describeFailing(world: () => ConsumerWorld): void {
  it('throws the reason of a signal that is aborted already, and is left alone', async () => {
    const { connection, step, effects } = world();
    const wantReason = new Error('stopped by the test');
    const signal = AbortSignal.abort(wantReason);
    await expect(connection.refresh(refreshOf(world(), newNeed(world())), { signal })).rejects.toBe(
      wantReason,
    );
    await expect(connection.preflight(step, { signal })).rejects.toBe(wantReason);
    await expect(connection.whoAmI({ signal })).rejects.toBe(wantReason);
    expect(await effects()).toBe(0);
  });

  it('throws the reason of a signal that is aborted during a refresh', async () => {
    const wantReason = new Error('stopped by the test');
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const asking = world().connection.refresh(refreshOf(world(), newNeed(world())), options);
    controller.abort(wantReason);
    await expect(asking).rejects.toBe(wantReason);
  });

  it.for([
    ['unavailable', ['not-connected', 'consumer-unavailable']],
    ['denied', ['consumer-refused']],
    ['missing', ['consumer-refused']],
  ] as const)(
    'fails in words, with what to do next and without secrets, when it is %s',
    async ([how, wantKinds], context) => {
      const broken = world().breaks[how];
      if (broken === undefined) return context.skip(`this consumer cannot be made ${how} here`);
      await broken();
      const result = await refreshResult(world(), newNeed(world()));
      expect(result.ok ? 'ok' : result.failure.kind).toBeOneOf([...wantKinds]);
      // What and where, why; and what to do next.
      expect(result.ok ? '' : result.failure.message).toMatch(/\w+ .+[;:,] \w+/);
      expect(JSON.stringify(result)).not.toContain(world().secret ?? '\0');
      if (how !== 'unavailable') expect(await world().effects()).toBe(0);
    },
  );
}

function newNeed(world: ConsumerWorld): Need {
  return { neededAt: nowIn(world), token: randomUUID() };
}

function nowIn({ now = Date.now }: ConsumerWorld): number {
  return now();
}

function refreshOf({ step }: ConsumerWorld, need: Need): Refresh {
  return {
    ...step,
    ...need,
    account: 'billing',
    target: 'cluster-secrets:shop/billing#token',
    fingerprint: '0123456789abcdef',
    rotation: 'rotation-1',
  };
}

function refreshResult(world: ConsumerWorld, need: Need): Promise<Result<Progress>> {
  return world.connection.refresh(refreshOf(world, need), { signal: endless() });
}

async function refreshed(world: ConsumerWorld, need: Need): Promise<Progress> {
  const result = await refreshResult(world, need);
  if (!result.ok) throw new Error(`${result.failure.kind}: ${result.failure.message}`);
  return result.value;
}

/** Asks until it is through, as the engine does; a test's own time limit ends it. */
async function through(world: ConsumerWorld, need: Need): Promise<Extract<Progress, { state: 'through' }>> {
  let progress = await refreshed(world, need);
  while (progress.state !== 'through') {
    await world.settle?.();
    progress = await refreshed(world, need);
  }
  return progress;
}

/** A signal that nothing aborts. */
function endless(): AbortSignal {
  return new AbortController().signal;
}
