import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret, SecretBytes } from '../../src/domain/secret.ts';
import { createLog, loadPrettify, type Log } from '../../src/telemetry/logger.ts';
import { FakeClock } from '../world/fake-clock.ts';

const JWT =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJvcmdfaWQiOiJvcmctMSIsInN1YiI6ImNhbmFyeSJ9.s3cr3tS1gnatur3CanaryCanary';
const CANARIES = {
  'a JWT': JWT,
  'an opaque value': 'canary7Qx0PzVh2LmN8aTgYkRw',
  'a value that JSON has to escape': 'canary"with\\quotes\nand lines/é+=&?',
};

/** Keeps secrets alive while a test looks at what came out. */
const living: Secret[] = [];
afterEach(() => {
  living.length = 0;
});

function secretOf(value: string): Secret {
  const secret = new Secret(value);
  living.push(secret);
  return secret;
}

function logInto(lines: string[], options: { readonly prettify?: (line: string) => string } = {}): Log {
  const destination = { write: (text: string) => void lines.push(text) };
  return createLog({ level: 'debug', destination, clock: new FakeClock('2026-01-05T10:00:00Z'), ...options });
}

/** Every form in which a value might come out. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const within = (before: string): string => {
    const start = Math.ceil((before.length * 8) / 6) + 1;
    return Buffer.from(before + value)
      .toString('base64')
      .slice(start, start + 12);
  };
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    bytes.toString('base64').replace(/=+$/, '').slice(0, -1),
    bytes.toString('base64url').slice(0, -1),
    bytes.toString('hex'),
    within('x'),
    within('xy'),
    within('user:'),
  ];
}

describe('a canary', () => {
  const ways: Readonly<Record<string, (log: Log, value: string, secret: Secret) => void>> = {
    'in a field': (log, value) => log.info('tried', { detail: `found ${value} there` }),
    'as a Secret': (log, _value, secret) => log.info('tried', { found: secret, list: [secret] }),
    'as bytes of a target': (log, value) =>
      log.info('tried', {
        found: new SecretBytes(value),
        raw: Buffer.from(value),
        view: new TextEncoder().encode(value),
      }),
    'in the message': (log, value) => log.warn(`tried ${value}`),
    'in the name of a field': (log, value) => log.warn('tried', { [value]: 1 }),
    'in an error': (log, value) => log.error('failed', { error: new Error(`cannot use ${value}`) }),
    'in the cause of an error': (log, value) =>
      log.error('failed', { error: new Error('outer', { cause: new TypeError(`inner ${value}`) }) }),
    'in what a library hangs on an error': (log, value) => {
      const more = {
        headers: { authorization: `Bearer ${value}` },
        body: value,
        request: { path: `/?t=${value}` },
      };
      log.error('failed', { error: Object.assign(new Error('refused'), more) });
    },
    'in one of many errors': (log, value) =>
      log.error('failed', { error: new AggregateError([new Error(value)], `all of them ${value}`) }),
    'deep in an object': (log, value) =>
      log.debug('tried', { a: { b: [{ c: value }, new Map([['d', value]])] } }),
    'in a URL': (log, value) =>
      log.info('tried', { url: new URL(`https://host/?q=${encodeURIComponent(value)}`) }),
    'in base64': (log, value) => log.info('tried', { detail: Buffer.from(value).toString('base64') }),
    'in base64 for URLs': (log, value) =>
      log.info('tried', { detail: Buffer.from(value).toString('base64url') }),
    'in base64 within something': (log, value) =>
      log.info('tried', {
        detail: ['x', 'xy', 'user:'].map((user) => Buffer.from(user + value).toString('base64')),
      }),
    'URL-encoded': (log, value) => log.info('tried', { detail: encodeURIComponent(value) }),
    'in JSON within a text': (log, value) => log.info('tried', { detail: JSON.stringify({ value }) }),
    'in a sensitive field, encoded by nobody knows what': (log, value) =>
      log.info('tried', {
        accessToken: Buffer.from(value).toString('hex'),
        headers: [value],
        body: { value },
      }),
    'through inspect': (log, _value, secret) =>
      log.info('tried', { detail: inspect({ secret }), text: String(secret) }),
  };
  const cases = Object.entries(CANARIES).flatMap(([what, value]) =>
    Object.entries(ways).map(([way, put]) => [what, way, value, put] as const),
  );

  it.each(cases)('that is %s never comes out when it is %s', (_what, _way, value, put) => {
    const lines: string[] = [];
    put(logInto(lines), value, secretOf(value));
    expect(lines).toHaveLength(1);
    const [line = ''] = lines;
    expect(() => JSON.parse(line) as unknown).not.toThrow();
    for (const form of formsOf(value)) expect(line).not.toContain(form);
  });

  it('in the shape of a JWT does not come out although nobody made a Secret of it', () => {
    const lines: string[] = [];
    logInto(lines).info('tried', { detail: `got ${JWT}`, encoded: Buffer.from(JWT).toString('base64') });
    expect(lines.join('')).not.toMatch(/s3cr3t|eyJ|Canary/);
  });

  it.each([
    ['Authorization: Bearer abcdefghijklmnop123', 'Authorization: Bearer [secret]'],
    ['https://user:hunter2hunter2@host/path', 'https://[secret]@host/path'],
    ['https://host/?access_token=hunter2hunter2&page=2', 'https://host/?access_token=[secret]&page=2'],
    ['-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----', '[secret]'],
  ])('with the looks of one does not come out: %s', (text, wantText) => {
    const lines: string[] = [];
    logInto(lines).info('tried', { detail: text });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ detail: wantText });
  });

  it('never comes out in lines for people either', async () => {
    const lines: string[] = [];
    const value = CANARIES['a value that JSON has to escape'];
    const secret = secretOf(value);
    const log = logInto(lines, { prettify: await loadPrettify({ colour: true }) });
    log.error('failed', { error: new Error(`cannot use ${value}`), secret, detail: { value } });
    for (const form of formsOf(value)) expect(lines.join('')).not.toContain(form);
  });
});

describe('the log', () => {
  it('is one object of JSON a line, with time, level and message', () => {
    const lines: string[] = [];
    logInto(lines).warn('store down', { store: 'files', retryAfterMs: 5 });
    expect(lines).toEqual([
      '{"level":"warn","time":"2026-01-05T10:00:00.000Z","store":"files","retryAfterMs":5,"message":"store down"}\n',
    ]);
  });

  it('leaves out what is below its level', () => {
    const lines: string[] = [];
    const destination = { write: (text: string) => void lines.push(text) };
    const log = createLog({ level: 'warn', destination, clock: new FakeClock() });
    log.info('not shown');
    log.error('shown');
    expect(lines).toHaveLength(1);
  });

  it('shows of an error its kind, message, code, frames and causes, and nothing else', () => {
    const lines: string[] = [];
    const error = Object.assign(new TypeError('refused', { cause: new Error('reset') }), {
      code: 'ECONNRESET',
      request: { path: '/v1' },
    });
    logInto(lines).error('failed', { error });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      error: {
        type: 'TypeError',
        message: 'refused',
        code: 'ECONNRESET',
        stack: expect.stringMatching(/^\s+at /) as unknown,
        cause: { type: 'Error', message: 'reset' },
      },
    });
    expect(lines[0]).not.toContain('/v1');
  });

  it('bounds what one line can hold', () => {
    const lines: string[] = [];
    const circle: Record<string, unknown> = { many: Array.from({ length: 10_000 }, () => 'x') };
    circle['self'] = circle;
    logInto(lines).info('tried', { circle, long: 'y'.repeat(1_000_000) });
    expect(lines[0]?.length).toBeLessThan(20_000);
    expect(lines[0]).toContain('… (991808 more characters)');
  });

  it('is in words for people on a terminal', async () => {
    const lines: string[] = [];
    logInto(lines, { prettify: await loadPrettify({ colour: false }) }).info('target written', {
      store: 'files',
    });
    expect(lines.join('')).toMatch(/INFO.*: target written \{"store":"files"\}\n$/);
  });
});
