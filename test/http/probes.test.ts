import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';
import { FakeClock } from '../world/fake-clock.ts';
import { ask } from './probes-world.ts';

const SINCE = Date.parse('2026-01-05T10:00:00Z');

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
    expect(JSON.parse(body)).toEqual({ error: 'no such account' });
  });

  it.each(['/', '/?guess=', '/readyz/accounts/'])(
    'does not tell whether a guess of a secret is right: %s',
    async (path) => {
      const secret = new Secret('correct-horse-battery');
      const right = await ask(`${path}${secret.reveal()}`);
      const wrong = await ask(`${path}another-horse-battery`);
      expect(right.body).toBe(wrong.body);
    },
  );

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
    expect(JSON.parse(body)).toMatchObject({ status: 'unknown' });
  });
});
