import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SecretBytes } from '../../src/domain/secret.ts';
import { key } from '../../src/formats/key.ts';
import type { Format } from '../../src/ports/format.ts';
import { bytesOf, clientCredential, fingerprintIn, tokenCredential } from '../contract/format-contract.ts';
import { fingerprintOf } from '../../src/domain/credential.ts';

const TOKEN = 'eyJh.new.one';
const credential = tokenCredential(TOKEN);

describe('a key in a document', () => {
  it.each<[what: string, path: string | string[], before: string, wantAfter: string]>([
    ['replaces a value', 'token', '{"token":"old"}', `{"token":"${TOKEN}"}`],
    [
      'keeps indentation and the last line break',
      'token',
      '{\n\t"token": "old",\n\t"b": 1\n}\n',
      `{\n\t"token": "${TOKEN}",\n\t"b": 1\n}\n`,
    ],
    [
      'keeps numbers as they are written',
      'token',
      '{"n":12345678901234567890.10e5,"token":""}',
      `{"n":12345678901234567890.10e5,"token":"${TOKEN}"}`,
    ],
    [
      'keeps escapes of other keys',
      'token',
      String.raw`{"\u0061":"\/é","token":"x"}`,
      String.raw`{"\u0061":"\/é","token":"${TOKEN}"}`,
    ],
    [
      'keeps keys that occur twice elsewhere',
      'token',
      '{"a":1,"a":2,"token":"x"}',
      `{"a":1,"a":2,"token":"${TOKEN}"}`,
    ],
    ['keeps a byte order mark', 'token', '\uFEFF{"token":"old"}', `\uFEFF{"token":"${TOKEN}"}`],
    [
      'finds a key that is written with escapes',
      'token',
      String.raw`{"t\u006fken":"old"}`,
      String.raw`{"t\u006fken":"${TOKEN}"}`,
    ],
    [
      'leaves the same token alone however it is escaped',
      'token',
      String.raw`{"token":"e\u0079Jh.new.one"}`,
      String.raw`{"token":"e\u0079Jh.new.one"}`,
    ],
    [
      'replaces what is no string',
      'token',
      '{"token":{"a":[1,"}"]},"b":null}',
      `{"token":"${TOKEN}","b":null}`,
    ],
    ['takes a dot for a part of the key', 'a.b', '{"a":{"b":1}}', `{"a":{"b":1},"a.b":"${TOKEN}"}`],
    [
      'adds a key last, on a line of its own where the others are',
      'token',
      '{\n  "a": 1,\n  "b": [2]\n}',
      `{\n  "a": 1,\n  "b": [2],\n  "token": "${TOKEN}"\n}`,
    ],
    ['adds a key in one line', 'token', '{ "a": 1 }', `{ "a": 1, "token": "${TOKEN}" }`],
    ['adds a key to an empty object', 'token', '{}\n', `{"token":"${TOKEN}"}\n`],
    [
      'replaces a value in a nested object',
      ['a', 'b'],
      '{"b":1,"a":{"x":"}","b":"old"}}',
      `{"b":1,"a":{"x":"}","b":"${TOKEN}"}}`,
    ],
    ['adds the objects on the way', ['a', 'b', 'c'], '{"a":{"x":1}}', `{"a":{"x":1,"b":{"c":"${TOKEN}"}}}`],
    ['makes a document where none is', ['a', 'b'], '', `{"a":{"b":"${TOKEN}"}}`],
  ])('%s', (_, path, before, wantAfter) => {
    expect(encoded(keyFormat(path), before)).toBe(wantAfter);
  });

  it.each<[what: string, path: string | string[], before: string]>([
    ['a list', 'token', '["token"]'],
    ['a string', 'token', '"token"'],
    ['broken JSON', 'token', '{"token":"old"'],
    ['JSON with comments', 'token', '{/* */"token":"old"}'],
    ['a key that is there twice', 'token', '{"token":"one","token":"two"}'],
    ['a path through a string', ['a', 'b'], '{"a":"text"}'],
    ['a path through a list', ['a', '0'], '{"a":["text"]}'],
  ])('takes %s for something else and refuses to change it', (_, path, before) => {
    const format = keyFormat(path);
    expect(format.decode(new SecretBytes(before)).state).toBe('other');
    expect(format.encode(credential, new SecretBytes(before))).toMatchObject({
      ok: false,
      failure: { kind: 'target-refused' },
    });
  });

  it.each<[before: string, wantState: string]>([
    ['{}', 'absent'],
    ['{"token":null}', 'absent'],
    ['{"token":""}', 'absent'],
    ['{"token":7}', 'other'],
    ['{"token":"two words"}', 'other'],
    [String.raw`{"token":"\ud800"}`, 'other'],
  ])('takes %s for %s', (before, wantState) => {
    expect(keyFormat('token').decode(new SecretBytes(before)).state).toBe(wantState);
  });

  it('says what is in the way, without any value', () => {
    const result = keyFormat(['db', 'token']).encode(credential, new SecretBytes('{"db":"sensitive"}'));
    expect(result.ok ? '' : result.failure.message).toMatch(/key "db" is no object/);
    expect(JSON.stringify(result)).not.toContain('sensitive');
  });

  it('takes half a client for somebody else’s', () => {
    const format = key.create({ clientIdKey: 'id', clientSecretKey: 'secret' });
    expect(format.decode(new SecretBytes('{"id":"client-1"}')).state).toBe('other');
  });

  it('keeps two accounts’ clients apart in one document', () => {
    const first = key.create({ clientIdKey: ['a', 'id'], clientSecretKey: ['a', 'secret'] });
    const second = key.create({ clientIdKey: ['b', 'id'], clientSecretKey: ['b', 'secret'] });
    const one = clientCredential('id-1', 'secret-1');
    const both = bytesOf(
      second.encode(clientCredential('id-2', 'secret-2'), bytesOf(first.encode(one, undefined))),
    );
    expect(fingerprintIn(first.decode(both))).toBe(fingerprintOf(one));
  });
});

describe('a key in any document', () => {
  it('changes only what stands at the key where the key is there', () => {
    fc.assert(
      fc.property(anyObject(), anyLayout(), fc.string(), (object, layout, old) => {
        const before = JSON.stringify({ first: 1, ...object, token: old, last: object }, null, layout);
        const after = encoded(keyFormat('token'), before);
        expect(after.replace(JSON.stringify(TOKEN), () => JSON.stringify(old))).toBe(before);
      }),
    );
  });

  it('only adds something in one place where the key is not there', () => {
    fc.assert(
      fc.property(
        anyObject(),
        anyLayout(),
        fc.array(fc.string({ minLength: 1 }), { minLength: 1 }),
        (object, layout, path) => {
          const before = JSON.stringify({ ...object, deep: object }, null, layout);
          const after = encoded(keyFormat(['deep', 'not there', ...path]), before);
          expect(isInsertedInto(after, before)).toBe(true);
          expect(JSON.parse(after)).toMatchObject(JSON.parse(before) as object);
        },
      ),
    );
  });
});

describe('the options of a key', () => {
  it.each<[options: object, wantPart: string]>([
    [{ key: 'token' }, 'token'],
    [{ key: ['token'] }, 'token'],
    [{ key: ['a', 'b'] }, '/a/b'],
    [{ key: '/a/b' }, '/~1a~1b'],
    [{ key: ['a/b', 'c~'] }, '/a~1b/c~0'],
    [{ clientIdKey: 'id', clientSecretKey: ['x', 'secret'] }, 'id,/x/secret'],
  ])('%j name the part %s', (options, wantPart) => {
    expect(key.partOf(key.schema.parse(options))).toBe(wantPart);
  });

  it.each([
    {},
    { key: '' },
    { key: [] },
    { clientIdKey: 'id' },
    { key: 'token', clientIdKey: 'id', clientSecretKey: 'secret' },
    { clientIdKey: 'same', clientSecretKey: ['same'] },
    { key: 'token', other: 1 },
  ])('%j are refused', (options) => {
    expect(key.schema.safeParse(options).success).toBe(false);
  });
});

function keyFormat(path: string | string[]): Format {
  return key.create(key.schema.parse({ key: path }));
}

function encoded(format: Format, before: string): string {
  return bytesOf(format.encode(credential, new SecretBytes(before))).revealText() ?? 'no text';
}

function anyObject(): fc.Arbitrary<Record<string, unknown>> {
  const value = fc.jsonValue({ depthSize: 'small' });
  return fc.dictionary(
    fc.string().filter((name) => name !== '__proto__' && name !== 'token'),
    value,
  );
}

function anyLayout(): fc.Arbitrary<string> {
  return fc.constantFrom('', '  ', '\t', '    ');
}

/** Whether the longer text is the shorter one with one piece put in. */
function isInsertedInto(longer: string, shorter: string): boolean {
  let same = 0;
  while (same < shorter.length && longer[same] === shorter[same]) same += 1;
  return longer.endsWith(shorter.slice(same));
}
