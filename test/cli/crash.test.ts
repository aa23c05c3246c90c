import { describe, expect, it } from 'vitest';
import { crash } from '../../src/cli/crash.ts';
import { Secret } from '../../src/domain/secret.ts';
import { EXIT } from '../../src/ports/host.ts';
import { fakeHost } from '../world/fake-host.ts';

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5LXNpZ25hdHVyZS1vZi1hLXRva2Vu';

function saidOf(error: unknown): string {
  const host = fakeHost();
  expect(crash(host, error)).toBe(EXIT.failed);
  expect(host.written()).toBe('');
  return host.complained();
}

describe('an error that nobody foresaw', () => {
  it('is told with its kind, message, code, place and causes', () => {
    const cause = Object.assign(new TypeError('bad file'), { code: 'EBADF' });
    const text = saidOf(new RangeError('too far', { cause }));
    expect(text).toMatch(
      /^rekeyd: an unexpected error; this is a bug, please report it\nRangeError: too far\n +at /,
    );
    expect(text).toMatch(/\ncaused by TypeError: bad file \(EBADF\)\n +at .*crash\.test\.ts/);
  });

  it('is told without a credential, in use or of the shape of one', () => {
    const opaque = new Secret('opaque-canary-of-a-manager');
    const text = saidOf(new Error(`for ${JWT} and ${opaque.reveal()}`, { cause: new Error(JWT) }));
    expect(text).toContain('Error: for [secret] and [secret]\n');
    expect(text).toContain('caused by Error: [secret]\n');
  });

  it('is told without what hangs on it, such as requests and their headers', () => {
    const request = { headers: { authorization: 'Bearer x-y-z' }, body: 'a=b' };
    const text = saidOf(Object.assign(new Error('refused'), { request, response: request }));
    expect(text).not.toMatch(/x-y-z|a=b|authorization|request/);
  });

  it.each([
    ['a text', `it was ${JWT}`, '"it was [secret]"'],
    ['nothing', undefined, 'undefined'],
    ['an object', { headers: { a: 'b' }, why: 7 }, '{"headers":"[secret]","why":7}'],
  ])('may be %s', (_, value, want) => {
    expect(saidOf(value)).toBe(`rekeyd: an unexpected error; this is a bug, please report it\n${want}\n`);
  });
});
