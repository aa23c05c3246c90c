import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createProbes, startProbes, type Probes, type ProbesOptions } from '../../src/http/probes.ts';
import { ask, optionsWith } from './probes-world.ts';

describe('/metrics', () => {
  it('is what is rendered, with its media type', async () => {
    const { statusCode, headers, body } = await ask('/metrics');
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toBe('one 1\ntwo 2\n');
  });
});

describe('a scrape', () => {
  it('that fails half-way is cut off, and the daemon is told', async () => {
    const told = Promise.withResolvers<Error>();
    await using probes = await startProbes({
      ...optionsWith({
        metrics: {
          contentType: 'text/plain',
          async *render() {
            yield 'one 1\n';
            throw new Error('the journal is gone');
          },
        },
        onError: told.resolve,
      }),
      address: { host: '127.0.0.1', port: 0 },
    });
    await expect(fetch(`${probes.url}/metrics`).then((answer) => answer.text())).rejects.toThrow(
      /terminated|failed/,
    );
    expect((await told.promise).message).toBe('the journal is gone');
  });

  it('whose reader goes away is nobody’s failure', async () => {
    const ended = Promise.withResolvers<undefined>();
    const errors: Error[] = [];
    await using probes = await startProbes({
      ...optionsWith({
        metrics: {
          contentType: 'text/plain',
          async *render() {
            try {
              for (;;) yield 'x'.repeat(65_536);
            } finally {
              ended.resolve(undefined);
            }
          },
        },
        onError: (error) => void errors.push(error),
      }),
      address: { host: '127.0.0.1', port: 0 },
    });
    const scrape = await fetch(`${probes.url}/metrics`);
    await scrape.body?.cancel();
    await ended.promise;
    expect((await fetch(`${probes.url}/livez`)).status).toBe(200);
    expect(errors).toEqual([]);
  });
});

describe('everything else', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/v1/accounts'],
    ['POST', '/livez'],
    ['DELETE', '/metrics'],
  ] as const)('is 404 as JSON: %s %s', async (method, url) => {
    const app = createProbes(optionsWith());
    const { statusCode, body } = await app.inject({ method, url });
    await app.close();
    expect(statusCode).toBe(404);
    expect(JSON.parse(body)).toEqual({ error: 'not found' });
  });

  it('is refused when it is larger than a probe has reason to be', async () => {
    const app = createProbes(optionsWith());
    const { statusCode, body } = await app.inject({
      method: 'POST',
      url: '/livez',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify('x'.repeat(2_000)),
    });
    await app.close();
    expect(statusCode).toBe(413);
    expect(JSON.parse(body)).toEqual({ error: 'bad request' });
  });

  it('is refused when its path cannot be read', async () => {
    const { statusCode, body } = await ask('/readyz/accounts/%zz');
    expect(statusCode).toBe(400);
    expect(JSON.parse(body)).toEqual({ error: 'bad request' });
  });
});

describe('the listener', () => {
  const open: Probes[] = [];
  afterEach(async () => {
    for (const probes of open.splice(0)) await probes[Symbol.asyncDispose]();
  });
  const start = async (more: Partial<ProbesOptions> = {}, port = 0): Promise<Probes> => {
    const probes = await startProbes({ ...optionsWith(more), address: { host: '127.0.0.1', port } });
    open.push(probes);
    return probes;
  };

  it('answers on the address that it tells', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toBe('one 1\ntwo 2\n');
  });

  it('says in words that its address is taken, and what to change', async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    await expect(start({}, port)).rejects.toThrow(
      /cannot serve probes on 127.0.0.1:\d+ .*change probes.address/,
    );
  });

  it('closes although somebody reads slowly and others keep their connections', async () => {
    let ended = false;
    const probes = await start({
      metrics: {
        contentType: 'text/plain',
        async *render() {
          try {
            for (;;) yield 'x'.repeat(65_536);
          } finally {
            ended = true;
          }
        },
      },
      onError: () => {},
    });
    const idle = connect(Number(new URL(probes.url).port), '127.0.0.1');
    await once(idle, 'connect');
    idle.on('error', () => {});
    const scrape = await fetch(`${probes.url}/metrics`);
    await probes[Symbol.asyncDispose]();
    await expect(scrape.text()).rejects.toThrow('terminated');
    expect(ended).toBe(true);
    idle.destroy();
  });

  it('lets only a few scrapes run at a time', async () => {
    const { url } = await start({
      metrics: {
        contentType: 'text/plain',
        async *render() {
          for (;;) yield 'x'.repeat(65_536);
        },
      },
      onError: () => {},
    });
    const scrapes = await Promise.all(Array.from({ length: 4 }, () => fetch(`${url}/metrics`)));
    expect(scrapes.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await fetch(`${url}/metrics`)).status).toBe(503);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    for (const scrape of scrapes) await scrape.body?.cancel();
  });
});
