import { describe, expect, it } from 'vitest';
import { SecretBytes } from '../../src/domain/secret.ts';
import { raw } from '../../src/formats/raw.ts';
import { bytesOf, tokenCredential } from '../contract/format-contract.ts';

const format = raw.create(raw.schema.parse({}));

describe('a raw token', () => {
  it('is written without anything around it', () => {
    expect(bytesOf(format.encode(tokenCredential('abc'), undefined)).revealText()).toBe('abc');
  });

  it.each<[text: string, wantState: string]>([
    ['abc', 'credential'],
    ['  abc\r\n', 'credential'],
    ['two words', 'other'],
    ['two\nlines', 'other'],
    ['abc\0', 'other'],
    ['{"user":"x","password":"y"}', 'other'],
    ['["x","y"]\n', 'other'],
    ['{abc}', 'credential'],
    ['12345', 'credential'],
    ['null', 'credential'],
    ['"abc"', 'credential'],
  ])('is read from %j as %s', (text, wantState) => {
    expect(format.decode(new SecretBytes(text)).state).toBe(wantState);
  });

  it.each(['{}', '["x"]'])('is not written where it is a JSON document itself, as %s', (token) => {
    expect(format.encode(tokenCredential(token), undefined)).toMatchObject({
      ok: false,
      failure: { kind: 'target-refused', message: expect.stringContaining('JSON document') as string },
    });
  });

  it('takes no options', () => {
    expect(raw.schema.safeParse({ key: 'token' }).success).toBe(false);
  });
});
