import { describe, expect, it } from 'vitest';
import { consumerEntry } from '../../../src/consumers/registry.ts';

describe('the words of a webhook', () => {
  const entry = consumerEntry('webhook');
  const signingKey = { env: 'KEY' };

  it.each([
    [{ url: 'https://deploys.example/hooks', signingKey }],
    [{ url: 'http://127.0.0.1:9000/', signingKey: { file: '/key' }, timeout: '5s' }],
    [{ url: 'http://deploys.shop.svc/', signingKey, insecure: true }],
  ])('may be %j', (words) => {
    expect(entry?.schema.safeParse(words).success).toBe(true);
  });

  it.each([
    [{ url: 'https://deploys.example/hooks' }, /signingKey/],
    [{ url: 'deploys', signingKey }, /such as https/],
    [{ url: 'ftp://deploys.example', signingKey }, /such as https/],
    [{ url: 'http://deploys.example', signingKey }, /plain http to another machine/],
    [{ url: 'https://user:pass@deploys.example', signingKey }, /a login in an address/],
    [{ url: 'https://deploys.example', signingKey: 'whsec_abc' }, /signingKey/],
  ])('are not %j', (words, wantWhy) => {
    expect(entry?.schema.safeParse(words).error?.message).toMatch(wantWhy);
  });

  it('say nothing against any name of a webhook', () => {
    expect(entry?.addressProblem('webhook', 'deploys')).toBeUndefined();
    expect(entry?.addressProblem('restart', 'deploys')).toMatch(/allowed: webhook/);
  });
});
