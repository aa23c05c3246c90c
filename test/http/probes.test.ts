import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createProbes, startProbes, type Probes, type ProbesOptions } from '../../src/http/probes.ts';
import { FakeClock } from '../world/fake-clock.ts';

const SINCE = Date.parse('2026-01-05T10:00:00Z');

function optionsWith(more: Partial<ProbesOptions> = {}): ProbesOptions {
  return {
    clock: new FakeClock(),
    stuck: () => undefined,
    checks: () => [{ name: 'journal', ok: true }],
    account: async () => undefined,
    metrics: {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      async *render() {
        yield 'one 1\n';
        yield 'two 2\n';
      },
    },
    onError: (error) => {
      throw error;
    },
    ...more,
  };
}

async function ask(path: string, more?: Partial<ProbesOptions>) {
  const app = createProbes(optionsWith(more));
  const { statusCode, headers, body } = await app.inject({ method: 'GET', url: path });
  await app.close();
  return { statusCode, headers, body };
}

describe('/livez', () => {
  it('is 200 while the loop turns', async () => {
    const { statusCode, headers, body } = await ask('/livez');
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(headers['cache-control']).toBe('no-store');
    expect(JSON.parse(body)).toEqual({ status: 'live' });
  });

  it('is 503 with the reason when it does not', async () => {
    const { statusCode, body } = await ask('/livez', { stuck: () => 'the loop has not turned for 2m' });
    expect(statusCode).toBe(503);
    expect(JSON.parse(body)).toEqual({ status: 'stuck', reason: 'the loop has not turned for 2m' });
  });
});

describe('/readyz', () => {
  it('is 200 when every check is well', async () => {
    const { statusCode, body } = await ask('/readyz');
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toEqual({ status: 'ready', checks: [{ name: 'journal', ok: true }] });
  });

  it('is 503 with the reasons when one is not', async () => {
    const checks = [
      { name: 'journal', ok: true },
      { name: 'config', ok: false, reason: 'not applied yet' },
    ];
    const { statusCode, body } = await ask('/readyz', { checks: () => checks });
    expect(statusCode).toBe(503);
    expect(JSON.parse(body)).toEqual({ status: 'not ready', checks });
  });

  it('is 503 when the checks do not answer in time', async () => {
    const clock = new FakeClock();
    const asked = Promise.withResolvers<undefined>();
    const checks = () => {
      asked.resolve(undefined);
      return new Promise<never>(() => {});
    };
    const answer = ask('/readyz', { clock, checks });
    await asked.promise;
    await clock.advance(5_000);
    const { statusCode, body } = await answer;
    expect(statusCode).toBe(503);
    expect(body).toContain('no answer within 5000 ms');
  });

  it('is 500 without details, which the daemon is told of, when a check throws', async () => {
    const errors: Error[] = [];
    const { statusCode, body } = await ask('/readyz', {
      checks: () => Promise.reject(new Error('the inside of the daemon')),
      onError: (error) => void errors.push(error),
    });
    expect(statusCode).toBe(500);
    expect(JSON.parse(body)).toEqual({ error: 'internal error' });
    expect(errors.map(({ message }) => message)).toEqual(['the inside of the daemon']);
  });
});

describe('/readyz/accounts/{name}', () => {
  it('is 200 for one that is ready', async () => {
    const { statusCode, body } = await ask('/readyz/accounts/billing', {
      account: async (name) => (name === 'billing' ? { ready: true, converged: true, holds: [] } : undefined),
    });
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toEqual({ account: 'billing', status: 'ready', converged: true, holds: [] });
  });

  it('is 503 with its holds, and what lifts them, for one that is not', async () => {
    const hold = {
      subject: 'billing',
      since: SINCE,
      until: SINCE + 60_000,
      by: 'rekeyd',
      reason: 'closed there',
    };
    const { statusCode, body } = await ask('/readyz/accounts/billing', {
      account: async () => ({ ready: false, converged: false, holds: [{ kind: 'closed', ...hold }] }),
    });
    expect(statusCode).toBe(503);
    expect(JSON.parse(body)).toEqual({
      account: 'billing',
      status: 'not ready',
      converged: false,
      holds: [
        {
          hold: 'closed',
          subject: 'billing',
          since: '2026-01-05T10:00:00.000Z',
          until: '2026-01-05T10:01:00.000Z',
          by: 'rekeyd',
          reason: 'closed there',
          liftedBy: expect.stringContaining('re-opened') as unknown,
        },
      ],
    });
  });

  it('is 404 for one that is not configured', async () => {
    const { statusCode, body } = await ask('/readyz/accounts/nobody');
    expect(statusCode).toBe(404);
    expect(JSON.parse(body)).toEqual({ error: 'no such account', account: 'nobody' });
  });

  it('takes names with any characters', async () => {
    const asked: string[] = [];
    const name = `team a/${'long'.repeat(50)}é`;
    await ask(`/readyz/accounts/${encodeURIComponent(name)}`, {
      account: async (each) => void asked.push(each),
    });
    expect(asked).toEqual([name]);
  });

  it('is 503 when the journal does not answer in time', async () => {
    const clock = new FakeClock();
    const asked = Promise.withResolvers<undefined>();
    const account = () => {
      asked.resolve(undefined);
      return new Promise<never>(() => {});
    };
    const answer = ask('/readyz/accounts/billing', { clock, account });
    await asked.promise;
    await clock.advance(5_000);
    const { statusCode, body } = await answer;
    expect(statusCode).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ account: 'billing', status: 'unknown' });
  });
});

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
    expect(JSON.parse(body)).toEqual({ error: 'not found', path: url });
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
