import { describe, expect, it } from 'vitest';
import { configFolder, target, withAccounts } from './config-world.ts';

function problemsOf(...accounts: readonly string[]): string[] {
  using folder = configFolder(withAccounts(...accounts));
  return folder.problems();
}

describe('an account with a mistake', () => {
  it.each([
    [
      'a key that does not exist',
      `name: a\naccuntId: a1\n${target('a')}`,
      ['rekeyd.yaml:11:5: accounts[0].accuntId: unknown key "accuntId"; did you mean "accountId"?'],
    ],
    [
      'an id that YAML takes for a number',
      `name: a\naccountId: 17\n${target('a')}`,
      ['rekeyd.yaml:11:16: accounts[0].accountId: found 17; allowed: a text (in quotes)'],
    ],
    [
      'no id',
      `name: a\n${target('a')}`,
      ['rekeyd.yaml:10:5: accounts[0]: accountId is missing; give the account’s id at the provider'],
    ],
    [
      'an id in both ways',
      `name: a\naccountId: a1\naccountIds: [a1]\n${target('a')}`,
      ['rekeyd.yaml:12:5: accounts[0].accountIds: stands beside accountId; give one of the two'],
    ],
    [
      'two ids that rotate in place',
      `name: a\naccountIds: [a1, a2]\n${target('a')}`,
      ['rekeyd.yaml:11:5: accounts[0].accountIds: found 2 account ids; strategy in-place takes one'],
    ],
    [
      'a strategy that its provider cannot follow',
      `name: a\naccountId: a1\nstrategy: overlap\n${target('a')}`,
      [
        'rekeyd.yaml:12:15: accounts[0].strategy: found overlap; providers of kind kronup allow: in-place, pair',
      ],
    ],
    [
      'a provider that is not configured',
      `name: a\naccountId: a1\nprovider: kronop\n${target('a')}`,
      [
        'rekeyd.yaml:12:15: accounts[0].provider: there is no provider "kronop"; configured: kronup; did you mean "kronup"?',
      ],
    ],
    [
      'no target',
      'name: a\naccountId: a1\ntargets: []',
      ['rekeyd.yaml:12:14: accounts[0].targets: found an empty list; allowed: a list that is not empty'],
    ],
    [
      'a name that cannot stand in a path',
      `name: a/b\naccountId: a1\n${target('a')}`,
      [
        'rekeyd.yaml:10:11: accounts[0].name: found "a/b"; allowed: letters, digits, ".", "_" and "-", ' +
          'beginning with a letter or digit, 128 at most',
      ],
    ],
    [
      'a duration without a unit',
      `name: a\naccountId: a1\nmaxAge: 30\n${target('a')}`,
      ['rekeyd.yaml:12:13: accounts[0].maxAge: found 30; allowed: a duration such as 90s, 10m, 36h or 1d12h'],
    ],
    [
      'a grace that is meant to be for ever, and would be none at all',
      `name: a\naccountId: a1\ngrace: 999999999999d\n${target('a')}`,
      [
        'rekeyd.yaml:12:12: accounts[0].grace: found "999999999999d"; allowed: a duration of 36500d (a hundred years) or less',
      ],
    ],
    [
      'an age that no date is left for',
      `name: a\naccountId: a1\nmaxAge: 36501d\n${target('a')}`,
      [
        'rekeyd.yaml:12:13: accounts[0].maxAge: found "36501d"; allowed: a duration of 36500d (a hundred years) or less',
      ],
    ],
  ])('has %s', (_what, account, want) => {
    expect(problemsOf(account)).toEqual(want);
  });
});

describe('a target with a mistake', () => {
  const withTarget = (words: string): string[] =>
    problemsOf(`name: a\naccountId: a1\ntargets: [{ ${words} }]`);

  it.each([
    [
      'a store that is not configured',
      'store: file, address: a',
      'rekeyd.yaml:12:24: accounts[0].targets[0].store: there is no store "file"; configured: files, aws; did you mean "files"?',
    ],
    [
      'an address that the store refuses',
      'store: files, address: ../a',
      'rekeyd.yaml:12:40: accounts[0].targets[0].address: found "../a"; it has an empty part, “.” or “..” ' +
        'in it: a plain path below the store’s directory is needed',
    ],
    [
      'a word of another kind of store',
      'store: files, address: a, kmsKeyId: k',
      'rekeyd.yaml:12:43: accounts[0].targets[0].kmsKeyId: unknown key "kmsKeyId"; allowed: store, ' +
        'address, format, required, overwrite, consumerLag, consumers, mode, owner, group',
    ],
    [
      'a common word that is misspelt',
      'store: files, address: a, consumerlag: 5m',
      'rekeyd.yaml:12:43: accounts[0].targets[0].consumerlag: unknown key "consumerlag"; did you mean "consumerLag"?',
    ],
    [
      'a format that does not exist',
      'store: files, address: a, format: jsn',
      'rekeyd.yaml:12:51: accounts[0].targets[0].format: found "jsn"; allowed: raw, json, dotenv, key, template; did you mean "json"?',
    ],
    [
      'a word of a format with its letters in disorder',
      'store: files, address: a, format: { kind: json, kye: token }',
      'rekeyd.yaml:12:65: accounts[0].targets[0].format.kye: unknown key "kye"; did you mean "key"?',
    ],
    [
      'a format without what it needs',
      'store: files, address: a, format: { kind: key }',
      'rekeyd.yaml:12:51: accounts[0].targets[0].format: either key (for a token), or clientIdKey and ' +
        'clientSecretKey (for a client) is needed',
    ],
    [
      'a format that cannot hold what is minted',
      'store: files, address: a, format: { kind: key, clientIdKey: a, clientSecretKey: b }',
      'rekeyd.yaml:12:51: accounts[0].targets[0].format: format key cannot hold a token as it is configured, which is ' +
        'what providers of kind kronup mint',
    ],
    [
      'a detail that a token does not have',
      'store: files, address: a, format: { kind: json, details: { tokenEndpoint: url } }',
      'rekeyd.yaml:12:51: accounts[0].targets[0].format: there is no tokenEndpoint: what providers of kind kronup ' +
        'mint is a token, which is used as it is',
    ],
    [
      'a detail that does not exist',
      'store: files, address: a, format: { kind: json, details: { expires: x } }',
      'rekeyd.yaml:12:76: accounts[0].targets[0].format.details.expires: unknown key "expires"; did you mean "expiresAt"?',
    ],
    [
      'a detail where the token goes',
      'store: files, address: a, format: { kind: json, details: { account: token } }',
      'rekeyd.yaml:12:51: accounts[0].targets[0].format: each key has to be different from all others',
    ],
    [
      'a template from which the token cannot be read back',
      String.raw`store: files, address: a, format: { kind: template, text: "a\n{{token}}, b" }`,
      'rekeyd.yaml:12:75: accounts[0].targets[0].format.text: line 2 of the template: {{token}} could not be read ' +
        'back, because it cannot be told where its value ends: ",", which follows, may be part of it; it has to be ' +
        'followed by white space or a line break, or stand last, or be written in another encoding (json, url, ' +
        'base64, xml), such as {{token|json}} between double quotes',
    ],
  ])('has %s', (_what, words, want) => {
    expect(withTarget(words)).toEqual([want]);
  });
});

describe('mistakes in the defaults', () => {
  it('are reported once, where the defaults are', () => {
    const [a, b] = ['a', 'b'].map((name) => `name: ${name}\naccountId: ${name}\n${target(name)}`);
    const files = withAccounts(a ?? '', b ?? '');
    const main = files['rekeyd.yaml']?.replace(
      'defaults: { provider: kronup }',
      'defaults: { provider: kronup, schedule: 0 3 31 2 * }',
    );
    using folder = configFolder({ 'rekeyd.yaml': main ?? '' });
    expect(folder.problems()).toEqual([
      "rekeyd.yaml:8:41: defaults.schedule: the schedule '0 3 31 2 *' never fires: no date fits its day and month",
    ]);
  });

  it('are reported without hiding those of accounts', () => {
    const files = withAccounts(`name: a\naccountId: a\nschedule: nonsense\n${target('a')}`);
    const main = files['rekeyd.yaml']?.replace('provider: kronup }', 'provider: kronup, misssed: skip }');
    using folder = configFolder({ 'rekeyd.yaml': main ?? '' });
    expect(folder.problems().map((line) => line.split(': ', 2).join(': '))).toEqual([
      'rekeyd.yaml:8:31: defaults.misssed',
      'rekeyd.yaml:12:15: accounts[0].schedule',
    ]);
  });
});
