import { describe, expect, it } from 'vitest';
import { SecretBytes } from '../../src/domain/secret.ts';
import { json } from '../../src/formats/json.ts';
import { bytesOf, clientCredential, tokenCredential } from '../contract/format-contract.ts';

describe('a whole JSON object', () => {
  it('has a token under the configured key and nothing else', () => {
    const format = json.create(json.schema.parse({ key: 'api "key"' }));
    const bytes = bytesOf(format.encode(tokenCredential('abc'), new SecretBytes('[1]')));
    expect(bytes.revealText()).toBe(String.raw`{"api \"key\"":"abc"}`);
  });

  it('has a client id and secret under their keys', () => {
    const format = json.create(json.schema.parse({ clientIdKey: 'id' }));
    const bytes = bytesOf(format.encode(clientCredential('abc', 'def'), undefined));
    expect(bytes.revealText()).toBe('{"id":"abc","client_secret":"def"}');
  });

  it.each<[text: string, wantState: string]>([
    ['{}', 'absent'],
    ['{"token":""}', 'absent'],
    ['{"token":null}', 'absent'],
    ['{ "token" : "abc" }\n', 'credential'],
    ['{"client_id":"a","client_secret":"b"}', 'credential'],
    ['{"token":"","client_id":"a","client_secret":"b"}', 'other'],
    ['{"client_id":"a"}', 'other'],
    ['{"token":"abc","note":"ours"}', 'other'],
    ['{"token":"abc","client_id":"a"}', 'other'],
    ['{"note":"ours"}', 'other'],
    ['{"token":7}', 'other'],
    ['["abc"]', 'other'],
    ['null', 'other'],
    ['abc', 'other'],
  ])('takes %s for %s', (text, wantState) => {
    const format = json.create(json.schema.parse({}));
    expect(format.decode(new SecretBytes(text)).state).toBe(wantState);
  });

  it.each([{ key: '' }, { key: 'client_id' }, { key: ['a'] }, { name: 'x' }])(
    'refuses the options %j',
    (options) => {
      expect(json.schema.safeParse(options).success).toBe(false);
    },
  );
});
