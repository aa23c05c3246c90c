import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import type { ToldTime } from '../../../src/ports/clock.ts';
import { failureIn, NapClock, never, valueOf } from './kronup-world.ts';
import { json, type Script } from '../scripted-server.ts';
import { ACCOUNT, world } from './client-world.ts';

const DATED = { date: 'Mon, 05 Jan 2026 00:10:00 GMT' };

describe('what is counted', () => {
  it('is every request that was sent, by the manager or by the fingerprint of who else sent it', async () => {
    const { client, calls, clock } = await world();
    valueOf(await client.read('a', { signal: never }));
    valueOf(await client.account({ as: new Secret('other-key'), signal: never }));
    // SHA-256 of the text `other-key`.
    expect(calls).toEqual([
      { caller: 'manager', at: clock.now() },
      { caller: '580843d03d2216ff', at: clock.now() },
    ]);
  });

  it("is taken off the manager's calls of the day only where the manager made it", async () => {
    const { client } = await world((_, response) => json(response, { id: 'a' }), {
      callsMade: 100,
      config: { dailyLimit: 1_000 },
    });
    valueOf(await client.read('a', { signal: never }));
    valueOf(await client.account({ as: new Secret('other-key'), signal: never }));
    expect(client.callsLeft().left).toBe(899);
  });

  it('is what the service says, where that is more', async () => {
    const { client } = await world((_, response) =>
      json(response, { ...ACCOUNT, roleOrg: [], apiCalls: { '2026-01-05': 321 } }),
    );
    valueOf(await client.account({ signal: never }));
    expect(client.callsLeft().left).toBe(10_000 - 321);
  });

  it("is nothing any more once the service refuses the manager's calls for the day", async () => {
    let status = 429;
    const { client, clock } = await world((_, response) =>
      json(response, { ...ACCOUNT, id: status === 429 ? 'auth-api-limited' : 'a', message: '' }, status),
    );
    const failure = failureIn(await client.account({ as: new Secret('other-key'), signal: never }));
    expect([failure.kind, client.callsLeft().left]).toEqual(['rate-limited', 10_000]);
    failureIn(await client.read('a', { signal: never }));
    expect(client.callsLeft().left).toBe(0);
    status = 200;
    await clock.advance(60_000);
    valueOf(await client.read('a', { signal: never }));
    expect(client.callsLeft().left).toBe(9_998);
  });
});

describe("the service's clock", () => {
  it('is compared with ours by the Date of its answers', async () => {
    const { client } = await world((_, response) =>
      json(response, ACCOUNT, 200, { date: 'Mon, 05 Jan 2026 00:10:00 GMT' }),
    );
    const { clockOffsetMs } = valueOf(await client.read('a', { signal: never }));
    expect(clockOffsetMs).toBe(600_500);
  });

  it('is told of with every answer of its own, refusals as well', async () => {
    let status = 200;
    const told: ToldTime[] = [];
    const { client } = await world(
      (_, response) =>
        json(response, status === 200 ? ACCOUNT : { id: 'not-found', message: '' }, status, DATED),
      { onTime: (time) => told.push(time) },
    );
    valueOf(await client.read('a', { signal: never }));
    status = 404;
    failureIn(await client.read('a', { signal: never }));
    const wanted = { date: Date.parse('2026-01-05T00:10:00.500Z'), sentAt: 0, receivedAt: 0 };
    expect(told).toEqual([wanted, wanted]);
  });

  it('is not believed where a cache kept the answer, or where something else gave it', async () => {
    const told: ToldTime[] = [];
    let [status, headers]: [number, Readonly<Record<string, string>>] = [200, { ...DATED, age: '0' }];
    const { client } = await world(
      (_, response) => json(response, status === 200 ? ACCOUNT : { error: 'denied' }, status, headers),
      { onTime: (time) => told.push(time) },
    );
    valueOf(await client.read('a', { signal: never }));
    [status, headers] = [403, DATED];
    failureIn(await client.read('a', { signal: never }));
    expect(told).toEqual([]);
  });

  it('is not known where there is no date, or none that can be read', async () => {
    const { client } = await world((_, response) => {
      response.sendDate = false;
      json(response, ACCOUNT, 200, { 'x-date': 'none' });
    });
    expect(valueOf(await client.read('a', { signal: never }))).not.toHaveProperty('clockOffsetMs');
  });
});

describe('an answer 429 to the manager credential', () => {
  const limited = (headers: Readonly<Record<string, string>> = {}): Script => {
    return (_, response) => json(response, { id: 'too-many', message: '' }, 429, headers);
  };

  it('stops all its calls for as long as is asked for, and says so', async () => {
    const told: number[] = [];
    const { client, server, clock } = await world(limited({ 'retry-after': '7' }), {
      onRateLimited: ({ retryAfterMs }) => told.push(retryAfterMs),
    });
    expect(failureIn(await client.read('a', { signal: never })).retryAfterMs).toBe(7_000);
    await clock.advance(3_000);
    const failure = failureIn(await client.read('b', { signal: never }));
    expect(failure).toMatchObject({ kind: 'rate-limited', retryAfterMs: 4_000 });
    expect(failure.message).toContain('left alone for 4s more');
    failureIn(await client.regenerate('b', { signal: never }));
    expect(server.received).toHaveLength(1);
    await clock.advance(4_000);
    failureIn(await client.read('b', { signal: never }));
    expect(server.received).toHaveLength(2);
    expect(told).toEqual([7_000, 7_000]);
  });

  it('stops them until an instant of the clock of the service, whatever ours says', async () => {
    const headers = { date: 'Sun, 01 Feb 2026 03:00:00 GMT', 'retry-after': 'Sun, 01 Feb 2026 03:00:07 GMT' };
    const { client } = await world(limited(headers));
    expect(failureIn(await client.read('a', { signal: never })).retryAfterMs).toBe(7_000);
  });

  it('lets calls with other credentials pass', async () => {
    const { client, server } = await world(limited({ 'retry-after': '7' }));
    failureIn(await client.read('a', { signal: never }));
    failureIn(await client.account({ as: new Secret('other-key'), signal: never }));
    expect(server.received).toHaveLength(2);
  });

  it('is waited out where that is short, and grows where nothing is asked for', async () => {
    const clock = new NapClock();
    const { client, server } = await world(limited(), { clock });
    for (let call = 0; call < 3; call++) failureIn(await client.read('a', { signal: never }));
    expect(server.received).toHaveLength(3);
    expect(clock.naps).toEqual([1_000, 2_000]);
    expect(failureIn(await client.read('a', { signal: never })).retryAfterMs).toBe(4_000);
    expect(server.received).toHaveLength(3);
  });

  it('to the credential of an account stops none of the calls of the manager', async () => {
    const { client, server } = await world(limited({ 'retry-after': '7' }));
    failureIn(await client.account({ as: new Secret('other-key'), signal: never }));
    failureIn(await client.read('a', { signal: never }));
    expect(server.received).toHaveLength(2);
  });
});
