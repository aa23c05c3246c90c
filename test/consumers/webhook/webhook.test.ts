// What a webhook sends, and what becomes of the answers.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signatureHeaders } from '../../../src/consumers/webhook/signing.ts';
import type { Result } from '../../../src/domain/failure.ts';
import { Secret } from '../../../src/domain/secret.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { ConsumerConnection, Progress, Refresh } from '../../../src/ports/consumer.ts';
import { TEST_CERTIFICATE } from '../../world/certificate.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { endless, openConsumers } from '../open.ts';
import { answerWith, isSignedWith, startReceiver } from './receiver.ts';
import type { Receiver } from './receiver.ts';

const KEY = keyOf('a-key-of-thirty-two-bytes-length');

const AT = Date.parse('2027-01-04T03:00:00.250Z');

const REFRESH: Refresh = {
  does: 'webhook',
  address: 'deploys',
  neededAt: AT - 1_250,
  token: '01979b1e-0000-7000-8000-000000000001',
  account: 'billing',
  target: 'secrets:shop/billing#token',
  fingerprint: '0123456789abcdef',
  rotation: '01979b1e-0000-7000-8000-000000000002',
};

let folder: string;

let receiver: Receiver;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rekeyd-webhook-'));
  receiver = await startReceiver();
});

afterEach(async () => {
  await receiver[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function keyOf(text: string): string {
  return `whsec_${Buffer.from(text).toString('base64')}`;
}

interface Words {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
}

function open({ config, environment, clock }: Words = {}): Promise<ConsumerConnection> {
  return openConsumers({
    kind: 'webhook',
    name: 'deploys',
    config: { url: `${receiver.url}/hooks?room=1`, signingKey: { env: 'KEY' }, ...config },
    environment: { KEY, ...environment },
    ...(clock && { clock }),
  });
}

async function refreshed(words: Words = {}): Promise<Result<Progress>> {
  await using connection = await open(words);
  return await connection.refresh(REFRESH, { signal: endless() });
}

describe('the call of a webhook', () => {
  it('says in names and a fingerprint what holds a new value, and since when', async () => {
    await refreshed();
    const [call] = receiver.received;
    expect(call).toMatchObject({ method: 'POST', path: '/hooks?room=1' });
    expect(call?.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'rekeyd' });
    expect(JSON.parse(call?.body ?? '')).toEqual({
      type: 'credential.delivered',
      timestamp: '2027-01-04T02:59:59.000Z',
      data: {
        installation: 'test',
        account: 'billing',
        target: 'secrets:shop/billing#token',
        fingerprint: '0123456789abcdef',
        rotation: '01979b1e-0000-7000-8000-000000000002',
      },
    });
  });

  it('is signed with the key, for this event and this second', async () => {
    await refreshed({ clock: new FakeClock(AT) });
    const [call] = receiver.received;
    if (call === undefined) throw new Error('it was not called');
    expect(call.headers).toMatchObject({
      'webhook-id': REFRESH.token,
      'webhook-timestamp': String(Math.floor(AT / 1_000)),
    });
    expect(isSignedWith(KEY, call)).toBe(true);
    expect(isSignedWith(keyOf('another-key-of-thirty-two-bytes-'), call)).toBe(false);
    expect(isSignedWith(KEY, { ...call, body: `${call.body} ` })).toBe(false);
  });

  it('is as the specification’s own example is signed', () => {
    // standardwebhooks.com and its libraries: key, id, timestamp and body with their signature.
    const signed = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      at: 1_614_265_330_000,
      body: '{"test": 2432232314}',
    };
    const key = new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    expect(signatureHeaders(key, signed, 'here')).toMatchObject({
      value: { 'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' },
    });
  });

  it('is signed with the new key where the file of it was renewed', async () => {
    const file = join(folder, 'key');
    await writeFile(file, KEY, { mode: 0o600 });
    await using connection = await open({ config: { signingKey: { file } } });
    await connection.refresh(REFRESH, { signal: endless() });
    const next = keyOf('the-next-key-of-thirty-two-bytes');
    await writeFile(file, next);
    await connection.refresh(REFRESH, { signal: endless() });
    expect(receiver.received.map((call) => [isSignedWith(KEY, call), isSignedWith(next, call)])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it('trusts the configured authorities alone', async () => {
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, TEST_CERTIFICATE, { mode: 0o600 });
    await using secure = await startReceiver({ tls: true });
    const url = `${secure.url}/hooks`;
    expect(await refreshed({ config: { url, ca } })).toMatchObject({ value: { state: 'through' } });
    expect(await refreshed({ config: { url } })).toMatchObject({
      failure: { kind: 'not-connected', message: expect.stringContaining('not trusted') as string },
    });
    expect(secure.received).toHaveLength(1);
  });

  it('goes through the proxy of the environment', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      asked.push(request.url);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const result = await refreshed({
      config: { url: 'https://deploys.example/hooks' },
      environment: { HTTPS_PROXY: `http://127.0.0.1:${port}` },
    });
    proxy.close();
    expect(asked).toEqual(['deploys.example:443']);
    expect(result.ok).toBe(false);
  });

  it('is not sent where the proxy of the environment is none, and that is said', async () => {
    const result = await refreshed({ environment: { HTTPS_PROXY: 'proxy:3128' } });
    expect(result).toMatchObject({
      failure: {
        kind: 'not-connected',
        message: expect.stringContaining('HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy') as string,
      },
    });
  });
});

describe('the answer to a webhook', () => {
  it.each([200, 201, 202])('of %i is that it is through, whatever else it says', async (status) => {
    receiver.answer((_, response) => {
      response.writeHead(status);
      // Of an answer without an end nothing more is waited for.
      response.write('x'.repeat(100_000));
    });
    expect(await refreshed({ clock: new FakeClock(AT) })).toEqual({
      ok: true,
      value: { state: 'through', at: AT },
    });
  });

  it.each<[status: number, wantKind: string, wantWords: RegExp]>([
    [301, 'consumer-refused', /redirect \(status 301\), and none is followed/],
    [307, 'consumer-refused', /redirect/],
    [400, 'consumer-refused', /refuses the call \(status 400\): no such thing; see its log/],
    [401, 'consumer-refused', /the same signing key/],
    [404, 'consumer-refused', /configured url/],
    [410, 'consumer-refused', /status 410/],
    [408, 'consumer-unavailable', /status 408.*called again/],
    [500, 'consumer-unavailable', /failed \(status 500\): no such thing; it is called again/],
    [503, 'consumer-unavailable', /status 503/],
  ])('of %i is %s, in words', async (status, wantKind, wantWords) => {
    receiver.answer(answerWith(status, 'no such\nthing', { location: `${receiver.url}/other` }));
    const result = await refreshed();
    expect(result).toMatchObject({ ok: false, failure: { kind: wantKind, status } });
    expect(result.ok ? '' : result.failure.message).toMatch(wantWords);
    expect(result.ok ? '' : result.failure.message).toContain(`the webhook deploys (${receiver.url})`);
    expect(receiver.received).toHaveLength(1);
  });

  it('of 429 says how long it is left alone', async () => {
    receiver.answer(answerWith(429, '', { 'retry-after': '7' }));
    expect(await refreshed()).toMatchObject({ failure: { kind: 'rate-limited', retryAfterMs: 7_000 } });
    receiver.answer(answerWith(429, '', { 'retry-after': '86400' }));
    expect(await refreshed()).toMatchObject({ failure: { retryAfterMs: 300_000 } });
  });

  it('is quoted in part, and without credentials', async () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.sensitive.value';
    receiver.answer((_, response) => {
      response.writeHead(400);
      response.write(`got ${token} ${KEY} ${KEY.replace('whsec_', '')} ${'x '.repeat(500_000)}`);
    });
    const result = await refreshed();
    const said = result.ok ? '' : result.failure.message;
    expect(said).toContain('got [secret] [secret] [secret] x x');
    expect(said).not.toMatch(/(x ){150}/);
  });

  it('is quoted without what is left of a credential where the reading of it ends', async () => {
    receiver.answer(answerWith(400, `${' '.repeat(4_066)}${KEY}`));
    const result = await refreshed();
    expect(result.ok ? '' : result.failure.message).toContain('(status 400): [secret];');
  });

  it('is waited for no longer than the time limit', async () => {
    receiver.answer(() => undefined);
    expect(await refreshed({ config: { timeout: '100ms' } })).toMatchObject({
      failure: { kind: 'consumer-unavailable', message: expect.stringContaining('within 100 ms') as string },
    });
  });

  it('may be a broken connection, after which it is called again', async () => {
    receiver.answer((_, response) => response.destroy());
    expect(await refreshed()).toMatchObject({
      failure: {
        kind: 'consumer-unavailable',
        message: expect.stringMatching(/broke.*called again/) as string,
      },
    });
    expect(receiver.received).toHaveLength(1);
  });

  it('is none where nothing listens', async () => {
    const { url } = receiver;
    await receiver[Symbol.asyncDispose]();
    const result = await refreshed({ config: { url } });
    expect(result).toMatchObject({ failure: { kind: 'not-connected', id: 'ECONNREFUSED' } });
  });
});

describe('a preflight of a webhook', () => {
  it('finds out that somebody answers, and sends no event', async () => {
    receiver.answer(answerWith(405));
    await using connection = await open();
    expect(await connection.preflight(REFRESH, { signal: endless() })).toMatchObject({
      value: expect.stringContaining('answers (status 405 to HEAD)') as string,
    });
    expect(receiver.received).toEqual([]);
  });

  it.each([
    ['absent', {}, /cannot read the secret in environment variable OTHER: it is not set/],
    [
      'without whsec_',
      { OTHER: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
      /in environment variable OTHER is none/,
    ],
    ['too short', { OTHER: keyOf('short') }, /24 to 64 bytes/],
    ['no base64', { OTHER: 'whsec_?????????????????????????????????' }, /make one with/],
  ])('fails where the key is %s, and so does a call', async (_, environment, wantWhy) => {
    const words = { config: { signingKey: { env: 'OTHER' } }, environment };
    await using connection = await open(words);
    for (const result of [
      await connection.preflight(REFRESH, { signal: endless() }),
      await connection.whoAmI({ signal: endless() }),
      await refreshed(words),
    ]) {
      expect(result).toMatchObject({ failure: { kind: 'credential-refused' } });
      expect(result.ok ? '' : result.failure.message).toMatch(wantWhy);
    }
    expect(receiver.received).toEqual([]);
  });
});
