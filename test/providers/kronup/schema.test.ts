import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { kronupSchema, originOf } from '../../../src/providers/kronup/schema.ts';
import { PROVIDERS, providerEntry } from '../../../src/providers/registry.ts';

const token = { env: 'KRONUP_TOKEN' };

function problems(config: object): string[] {
  const { error } = kronupSchema.safeParse({ token, ...config });
  return (error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

describe('the configuration of a Kronup provider', () => {
  it('needs nothing but where the manager credential is', () => {
    expect(kronupSchema.parse({ token })).toEqual({
      baseUrl: 'https://api.kronup.com/v1',
      token,
      timeout: 10_000,
      insecure: false,
      rate: 20,
      dailyLimit: 10_000,
      reserve: 500,
      freeze: { failures: 10, of: 20 },
      concurrency: 32,
    });
  });

  it('reads a duration in words, and drops a slash at the end of the base URL', () => {
    const config = kronupSchema.parse({
      token,
      timeout: '1m30s',
      baseUrl: 'https://proxy.example/kronup/v1/',
    });
    expect(config).toMatchObject({ timeout: 90_000, baseUrl: 'https://proxy.example/kronup/v1' });
  });

  it.each([
    ['http://localhost:4010/v1'],
    ['http://127.0.0.1:4010/v1'],
    ['http://127.8.8.8/v1'],
    ['http://[::1]:4010/v1'],
  ])('takes %s, which never leaves the machine', (baseUrl) => {
    expect(problems({ baseUrl })).toEqual([]);
  });

  it.each([
    ['http://api.kronup.com/v1', 'https, or http on this machine (localhost), or http with insecure: true'],
    [
      'http://localhost.example/v1',
      'https, or http on this machine (localhost), or http with insecure: true',
    ],
    ['ftp://api.kronup.com', 'a URL that begins with https://'],
    ['api.kronup.com', 'a URL such as https://api.kronup.com/v1'],
    ['https://user:pass@api.kronup.com', 'a URL without user name and password; see token'],
    ['https://api.kronup.com/v1?a=b', 'a URL without ? and #'],
  ])('refuses %s and says what is allowed', (baseUrl, want) => {
    expect(problems({ baseUrl })).toEqual([`baseUrl: ${want}`]);
  });

  it('takes plain http to another machine when told that it is insecure', () => {
    expect(problems({ baseUrl: 'http://kronup.internal/v1', insecure: true })).toEqual([]);
  });

  it('refuses time limits that are too short or too long', () => {
    expect(problems({ timeout: '10ms' })).toEqual(['timeout: a duration from 1s to 2m']);
    expect(problems({ timeout: '3m' })).toEqual(['timeout: a duration from 1s to 2m']);
  });

  it('refuses to be frozen by more failures than mints are looked at', () => {
    expect(problems({ freeze: { failures: 21 } })).toEqual(['freeze.failures: not more than of']);
    expect(problems({ freeze: { failures: 5, of: 4 } })).toEqual(['freeze.failures: not more than of']);
    expect(problems({ freeze: { failures: 4, of: 4 } })).toEqual([]);
    expect(problems({ freeze: { failures: 0 } })).toHaveLength(1);
  });

  it('refuses a reserve that no day could fill', () => {
    expect(problems({ dailyLimit: 100, reserve: 100 })).toEqual(['reserve: less than dailyLimit']);
  });

  it('refuses words that it does not know', () => {
    expect(problems({ tls: { caFile: 'x' } })[0]).toMatch(/caFile/);
  });

  it('has a JSON Schema in which every word is explained', () => {
    const schema = z.toJSONSchema(kronupSchema, { io: 'input' }) as {
      readonly properties: Record<string, { readonly description?: string; readonly default?: unknown }>;
    };
    const unexplained = Object.entries(schema.properties).filter(
      ([, { description }]) => description === undefined,
    );
    expect(unexplained).toEqual([]);
    expect(schema.properties['timeout']?.default).toBe('10s');
  });
});

describe('the registry of providers', () => {
  it('has Kronup, which rotates in place and is known by scheme, host and port', () => {
    expect(PROVIDERS.map(({ kind }) => kind)).toContain('kronup');
    expect(providerEntry('kronup')?.strategies).toEqual(['in-place', 'pair']);
    expect(originOf(kronupSchema.parse({ token, baseUrl: 'https://api.kronup.com:8443/v1' }))).toBe(
      'https://api.kronup.com:8443',
    );
  });

  it('knows no kind that is not there', () => {
    expect(providerEntry('elsewhere')).toBeUndefined();
  });
});
