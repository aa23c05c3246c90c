import { afterEach, describe, expect, it } from 'vitest';
import { createConnectionPool } from '../../src/app/connections.ts';
import type { ConnectionPool } from '../../src/app/connections.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { Provider } from '../../src/ports/provider.ts';
import { kronupSchema } from '../../src/providers/kronup/schema.ts';
import { file } from '../../src/stores/file/entry.ts';
import { FakeClock } from '../world/fake-clock.ts';
import { seededRandom } from '../world/fake-random.ts';

const MINUTE_MS = 60_000;
const never = new AbortController().signal;

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

interface World {
  readonly clock: FakeClock;
  readonly kronup: KronupEmulator;
  readonly pool: ConnectionPool;
  /** Follows a configuration with the provider `kronup`, at this rate. */
  readonly follow: (rate: number) => Promise<Provider>;
}

async function world(): Promise<World> {
  const clock = new FakeClock();
  const random = seededRandom();
  const kronup = await startKronupEmulator({ clock, random });
  const pool = createConnectionPool({
    clock,
    random,
    environment: { TOKEN: kronup.manager.token.reveal() },
    installation: 'test',
    version: '1.2.3',
    calls: { count: () => undefined },
    callsMade: () => Promise.resolve(0),
  });
  cleanups.push(kronup, pool);
  const follow = async (rate: number): Promise<Provider> => {
    const config = kronupSchema.parse({ baseUrl: kronup.url, token: { env: 'TOKEN' }, rate });
    const connection = { name: 'kronup', kind: 'kronup', config, hash: `rate ${rate}` };
    await pool.update({ providers: [connection], stores: [], consumers: [] }, () => Promise.resolve());
    const provider = pool.current.provider('kronup');
    if (provider === undefined) throw new Error('there is no provider');
    return provider;
  };
  return { clock, kronup, pool, follow };
}

/** A mint that the service has taken and answers 5 s later. */
async function minting({ kronup }: World, provider: Provider) {
  const slow = kronup.fault({ kind: 'latency', method: 'PUT', ms: 5_000, times: 1 });
  const [account] = kronup.accounts;
  if (account === undefined) throw new Error('there is no account');
  const ref = { organisation: kronup.organisation, accountId: account.id };
  const answer = provider.mint(ref, { name: 'rekeyd/test/1', signal: never });
  await slow.hit;
  return { answer };
}

describe('a connection that was replaced', () => {
  it('carries its calls through, while others go to the new one', async () => {
    const here = await world();
    const old = await here.follow(1_000);
    const { answer } = await minting(here, old);
    const fresh = await here.follow(2_000);
    expect(fresh).not.toBe(old);
    expect((await fresh.manager({ signal: never })).ok).toBe(true);
    await here.clock.advance(5_000);
    expect((await answer).ok).toBe(true);
    expect(here.kronup.mints()).toBe(1);
  });

  it('serves whoever holds it between two calls, and is closed when nobody has used it for a while', async () => {
    const here = await world();
    const old = await here.follow(1_000);
    await here.follow(2_000);
    await here.clock.advance(90_000);
    expect((await old.manager({ signal: never })).ok).toBe(true);
    await here.clock.advance(90_000);
    expect((await old.manager({ signal: never, again: true })).ok).toBe(true);
    await here.clock.advance(5 * MINUTE_MS);
    expect((await old.manager({ signal: never, again: true })).ok).toBe(false);
    expect(here.clock.sleeping).toBe(0);
  });

  it('is closed at once with everything else', async () => {
    const here = await world();
    const { answer } = await minting(here, await here.follow(1_000));
    await here.follow(2_000);
    await here.pool[Symbol.asyncDispose]();
    expect(await answer).toMatchObject({ ok: false, failure: { kind: 'no-answer' } });
  });
});

describe('the name of a store', () => {
  it('leads to where the configuration in force says', async () => {
    const { pool } = await world();
    for (const directory of ['/srv/one', '/srv/other']) {
      const stores = [
        { name: 'files', kind: 'file', config: file.schema.parse({ directory }), hash: directory },
      ];
      await pool.update({ providers: [], stores, consumers: [] }, () => Promise.resolve());
      expect(pool.current.leadsTo?.('files')).toBe(`file:${directory}`);
    }
    expect(pool.current.leadsTo?.('another')).toBeUndefined();
  });
});

describe('a connection whose settings stay as they are', () => {
  it('stays open', async () => {
    const here = await world();
    const old = await here.follow(1_000);
    expect(await here.follow(1_000)).toBe(old);
    await here.clock.advance(MINUTE_MS);
    expect((await old.manager({ signal: never })).ok).toBe(true);
  });
});
