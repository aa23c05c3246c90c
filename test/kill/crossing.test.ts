import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { createCrossings } from './crossing.ts';

it('a crossing is quiet only when what a daemon sent before it was killed has had its effect', async () => {
  const upstream = createServer();
  onTestFinished(() => void upstream.close());
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const told: string[] = [];
  const crossings = createCrossings({ at: () => Promise.resolve(true), onAnswer: (body) => told.push(body) });
  onTestFinished(() => crossings[Symbol.asyncDispose]());
  await crossings.quiet();

  const { port } = upstream.address() as AddressInfo;
  const origin = await crossings.put('service', `http://127.0.0.1:${port}`, () => 'mint');
  const daemon = connect(Number(new URL(origin).port), '127.0.0.1');
  daemon.write('PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n');
  const [, response] = (await once(upstream, 'request')) as [IncomingMessage, ServerResponse];
  daemon.resetAndDestroy();
  const quiet = crossings.quiet().then(() => told.push('quiet'));
  // Enough for the crossing to hear of its end as well.
  for (let turns = 0; turns < 10; turns++) await setImmediate();
  response.end('minted');
  await quiet;
  expect(told).toEqual(['minted', 'quiet']);
});
