import { describe, expect, it } from 'vitest';
import { accountList, BASE, configFolder, target, withAccounts } from './config-world.ts';

function problemsOf(...accounts: readonly string[]): string[] {
  using folder = configFolder(withAccounts(...accounts));
  return folder.problems();
}

function withFormat(name: string, address: string, format: string): string {
  return `name: ${name}\naccountId: ${name}\ntargets: [{ store: files, address: ${address}, format: ${format}, consumerLag: 1m }]`;
}

describe('two accounts', () => {
  it('cannot have one name', () => {
    expect(
      problemsOf(`name: a\naccountId: a\n${target('a')}`, `name: a\naccountId: b\n${target('b')}`),
    ).toEqual([
      'rekeyd.yaml:13:11: accounts[1].name: the name "a" is taken by the account at rekeyd.yaml:10; names are unique',
    ]);
  });

  it('cannot be the same account of one provider, even through two connections', () => {
    const base = BASE.replace('stores:', '  again: { kind: kronup, token: { env: OTHER } }\nstores:');
    const accounts = accountList(
      `name: a\naccountId: a1\norganisation: o1\n${target('a')}`,
      `name: b\nprovider: again\naccountId: a1\norganisation: o1\n${target('b')}`,
      `name: c\naccountId: a1\norganisation: o2\n${target('c')}`,
    );
    using folder = configFolder({ 'rekeyd.yaml': base + accounts });
    expect(folder.problems()).toEqual([
      'rekeyd.yaml:17:16: accounts[1].accountId: the same account of https://api.kronup.com stands at rekeyd.yaml:11 already',
    ]);
  });

  it('cannot have one id where the organisation of one is not said', () => {
    const [problem] = problemsOf(
      `name: a\naccountId: a1\n${target('a')}`,
      `name: b\naccountId: a1\norganisation: o1\n${target('b')}`,
    );
    expect(problem).toBe(
      'rekeyd.yaml:14:16: accounts[1].accountId: the same account of https://api.kronup.com stands at ' +
        'rekeyd.yaml:10 already; give both their organisation if they are not the same',
    );
  });

  it('cannot have one target, whatever its store is called', () => {
    const base = BASE.replace('  aws:', '  other: { kind: file, directory: /srv }\n  aws:');
    const accounts = accountList(
      `name: a\naccountId: a\n${target('x')}`,
      `name: b\naccountId: b\ntargets: [{ store: other, address: consumers/x, consumerLag: 1m }]`,
    );
    using folder = configFolder({ 'rekeyd.yaml': base + accounts });
    expect(folder.problems()).toEqual([
      'rekeyd.yaml:16:15: accounts[1].targets[0]: the same target belongs to the account at rekeyd.yaml:11 already; ' +
        'each target has one account',
    ]);
  });

  it('can have two parts of one value', () => {
    expect(
      problemsOf(
        withFormat('a', 'x', '{ kind: key, key: one }'),
        withFormat('b', 'x', '{ kind: key, key: two }'),
      ),
    ).toEqual([]);
  });

  it.each([
    ['the same part of one value', '{ kind: key, key: one }', 'the same target belongs to'],
    ['a key inside the key of another', '{ kind: key, key: [one, a] }', 'do not fit into one value'],
    [
      'a key that is where details of another go',
      '{ kind: key, key: two, details: { account: one } }',
      'do not fit into one value',
    ],
    ['a value and a template', '{ kind: template, text: "{{token}}" }', 'do not fit into one value'],
    ['a value and a part of it', 'raw', 'the two formats do not fit into one value'],
    [
      'parts of one value in different formats',
      '{ kind: dotenv, variable: ONE }',
      'do not fit into one value',
    ],
  ])('cannot have %s', (_what, format, want) => {
    const problems = problemsOf(
      withFormat('a', 'x', '{ kind: key, key: one }'),
      withFormat('b', 'x', format),
    );
    expect(problems).toEqual([expect.stringContaining(want)]);
  });

  it('cannot share anything across files either', () => {
    using folder = configFolder({
      'rekeyd.yaml': `${BASE}include: accounts.d/*\n`,
      'accounts.d/a.yaml': accountList(`name: a\naccountId: a\n${target('x')}`),
      'accounts.d/b.jsonl':
        '\n{"name":"b","accountId":"a","targets":[{"store":"files","address":"x","consumerLag":"1m"}]}',
    });
    expect(folder.problems()).toEqual([
      'accounts.d/b.jsonl:2:25: accountId: the same account of https://api.kronup.com stands at accounts.d/a.yaml:2 already',
      'accounts.d/b.jsonl:2:40: targets[0]: the same target belongs to the account at accounts.d/a.yaml:2 ' +
        'already; each target has one account',
    ]);
  });

  it('are compared although one of them has another mistake', () => {
    const problems = problemsOf(
      `name: a\naccountId: a\npriority: high\n${target('a')}`,
      `name: a\naccountId: a\n${target('a')}`,
    );
    expect(problems.map((line) => line.split(': ', 2)[1])).toEqual([
      'accounts[0].priority',
      'accounts[1].name',
      'accounts[1].accountId',
      'accounts[1].targets[0]',
    ]);
  });
});

it('one account cannot have one target twice', () => {
  const targets = 'targets: [{ store: files, address: x }, { store: files, address: x }]';
  expect(problemsOf(`name: a\naccountId: a\n${targets}`)).toEqual([
    'rekeyd.yaml:12:45: accounts[0].targets[1]: the same target belongs to the account at rekeyd.yaml:10 ' +
      'already; each target has one account',
  ]);
});
