// What a mint and a read become at servers that do what no good server does: over in time, in few bytes, and called by name.

import { afterEach, describe, expect, it } from 'vitest';
import { FAILURES } from '../../../src/domain/failure.ts';
import { FakeClock, settle } from '../../world/fake-clock.ts';
import { EXCESSIVE, SLOW, startRudeServer, SUDDEN } from '../../world/rude-server.ts';
import type { Rudeness } from '../../world/rude-server.ts';
import { failureIn, never, openClient, valueOf } from './kronup-world.ts';

/** What one answer may bring, and what lies on its way meanwhile. */
const SENT_BYTES_MAX = 16 * 1_024 * 1_024;

const ANSWER = JSON.stringify({ id: 'a', serviceToken: 'new-token' });
const GOOD = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${ANSWER.length}\r\n\r\n${ANSWER}`;

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

async function world(rudeness: Rudeness) {
  const server = await startRudeServer(rudeness);
  const clock = new FakeClock();
  const { client } = openClient({ url: `${server.origin}/v1`, clock });
  cleanups.push(server, client);
  return { server, client, clock, mint: () => client.regenerate('a', { signal: never }) };
}

describe('a mint at a server that', () => {
  it.each(Object.entries(SUDDEN))('%s is lost at once, and was sent once', async (_, rudeness) => {
    const { server, clock, mint } = await world(rudeness);
    const failure = failureIn(await mint());
    expect(failure.kind).toBe('no-answer');
    expect(FAILURES[failure.kind].effect).toBe('unknown');
    const wantStart = `kronup (${server.origin}/v1) was asked to mint for account a, but the answer was lost: `;
    expect(failure.message.startsWith(wantStart)).toBe(true);
    expect(failure.message).toMatch(
      /: \S.*\. Whether it was done is unknown, and is found out by looking\.$/,
    );
    expect(clock.sleeping).toBe(0);
    await server.quiet();
    expect(server.requests).toEqual(['PUT /v1/service-accounts/a HTTP/1.1']);
    expect(server.sent).toBeLessThan(SENT_BYTES_MAX);
  });

  it.each(Object.entries(EXCESSIVE))('%s is answered with nothing of use, at once', async (_, rudeness) => {
    const { server, mint } = await world(rudeness);
    const failure = failureIn(await mint());
    expect(failure).toMatchObject({ kind: 'answer-invalid', status: 200 });
    expect(failure.message).toMatch(/Check (that )?baseUrl/);
    expect(server.requests).toHaveLength(1);
    expect(server.sent).toBeLessThan(SENT_BYTES_MAX);
  });

  it.each(Object.entries(SLOW))('%s is over at the time limit', async (_, rudeness) => {
    const { server, clock, mint } = await world(rudeness);
    const minting = mint();
    await server.arrived(1);
    for (let second = 0; second < 10; second++) {
      server.goOn();
      await clock.advance(1_000);
    }
    const failure = failureIn(await minting);
    expect(failure.kind).toBe('no-answer');
    expect(failure.message).toContain('no whole answer came within 10s');
    await server.quiet();
    expect(server.requests).toHaveLength(1);
  });
});

describe('a connection that was kept', () => {
  it('and that the other side has closed meanwhile carries no mint: that goes by a new one, once', async () => {
    const { server, client, mint } = await world((socket, nth) => {
      socket.write(GOOD);
      if (nth === 1) socket.end();
    });
    valueOf(await client.read('a', { signal: never }));
    await server.quiet();
    expect(valueOf(await mint()).value.id).toBe('a');
    expect(server.requests.map((line) => line.split(' ')[0])).toEqual(['GET', 'PUT']);
    expect(server.connections).toBe(2);
  });

  it('and that is closed just when a mint is written loses it, and nothing repeats it', async () => {
    const { server, client, mint } = await world((socket, nth) => {
      if (nth === 1) socket.write(GOOD);
      else socket.end();
    });
    valueOf(await client.read('a', { signal: never }));
    await settle();
    expect(failureIn(await mint()).kind).toBe('no-answer');
    await server.quiet();
    expect(server.requests.map((line) => line.split(' ')[0])).toEqual(['GET', 'PUT']);
    expect(server.connections).toBe(1);
  });

  it('with an answer that nobody asked for on it is not taken for the answer to a mint', async () => {
    const { server, client, mint } = await world((socket, nth) => {
      const other = GOOD.replace('new-token', 'old-token');
      socket.write(nth === 1 ? `${GOOD}${other}` : GOOD);
    });
    valueOf(await client.read('a', { signal: never }));
    await server.quiet();
    expect(valueOf(await mint()).value.serviceToken.reveal()).toBe('new-token');
    expect(server.connections).toBe(2);
  });
});
