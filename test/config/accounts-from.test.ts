import { describe, expect, it } from 'vitest';
import { accountOf, accountsFromOf, plainName } from '../../src/config/accounts-from.ts';
import type { FoundAccount, Found } from '../../src/ports/journal.ts';
import { BASE, configFolder } from './config-world.ts';

const FROM = `accountsFrom:
  provider: kronup
  match: ci-*
  template:
    schedule: 0 3 * * 1
    targets:
      - { store: files, address: <name>.token, consumerLag: 1m }
`;

function foundOf(...accounts: readonly (readonly [id: string, name: string])[]): Found {
  return new Map([['kronup', accounts.map(([id, name]): FoundAccount => ({ id, name }))]]);
}

/** The hashes of a reading, as if it had been applied. */
function appliedOf(config: ReturnType<typeof configFolder>, found: Found): Map<string, string> {
  const read = config.read(new Map(), found);
  if (!read.ok) throw new Error('the configuration is bad');
  return new Map(read.config.files.map(({ path, hash }) => [path, hash]));
}

describe('accounts that are taken by their names', () => {
  it('have what the template says, with their own name and id in it', () => {
    using config = configFolder({ 'rekeyd.yaml': BASE + FROM });
    const [account, ...others] = config.accounts(new Map(), foundOf(['a1', 'ci-billing'], ['a2', 'web']));
    expect(others).toEqual([]);
    expect(account).toMatchObject({ name: 'ci-billing', accountIds: ['a1'], provider: 'kronup' });
    expect(account?.targets[0].id).toBe('files:ci-billing.token');
    expect(account?.schedule).toEqual({ pattern: '0 3 * * 1', zone: 'UTC' });
  });

  it('fill <name> and <id> into every text of the template', () => {
    const [from] = accountsFromOf({
      provider: 'kronup',
      match: '*',
      template: {
        name: 'k-<name>',
        labels: { id: '<id>' },
        targets: [{ store: 'f', address: 'x/<id>', format: { kind: 'key', key: ['a', '<name>'] } }],
      },
    });
    if (from === undefined) throw new Error('it is not read');
    expect(accountOf(from, { id: 'i1', name: 'n1' })).toEqual({
      name: 'k-n1',
      provider: 'kronup',
      accountId: 'i1',
      labels: { id: 'i1' },
      targets: [{ store: 'f', address: 'x/i1', format: { kind: 'key', key: ['a', 'n1'] } }],
    });
  });

  it('leave the text of a format as it is', () => {
    const format = { kind: 'template', text: '<id>{{accountId}}</id><name>{{token}}</name>' };
    const template = { targets: [{ store: 'f', address: '<name>', format }] };
    const [from] = accountsFromOf({ provider: 'kronup', match: '*', template });
    if (from === undefined) throw new Error('it is not read');
    expect(accountOf(from, { id: 'i', name: 'n' })['targets']).toEqual([
      { store: 'f', address: 'n', format },
    ]);
  });

  it.each([
    ['Billing CI (prod)', 'Billing-CI-prod'],
    ['../../etc/shadow', 'etc-shadow'],
    ['Ünï', 'n'],
    ['***', 'the-id'],
    ['a'.repeat(300), 'a'.repeat(128)],
  ])('never lead a credential elsewhere by how they are called: %s', (name, want) => {
    expect(plainName({ id: 'the/id', name })).toBe(want);
  });

  it('may be left out by name', () => {
    using config = configFolder({
      'rekeyd.yaml': BASE + FROM.replace('match: ci-*', 'match: [ci-*, web]\n  except: "*-old"'),
    });
    const found = foundOf(['a1', 'ci-old'], ['a2', 'web'], ['a3', 'ci-new']);
    expect(config.accounts(new Map(), found).map(({ name }) => name)).toEqual(['web', 'ci-new']);
  });

  it('are not taken where they are written out, which says nothing', () => {
    const written = `accounts:
  - { name: mine, accountId: a1, targets: [{ store: files, address: mine, consumerLag: 1m }] }
`;
    using config = configFolder({ 'rekeyd.yaml': BASE + FROM + written });
    const found = foundOf(['a1', 'ci-billing'], ['a2', 'ci-web']);
    expect(config.accounts(new Map(), found).map(({ name }) => name)).toEqual(['mine', 'ci-web']);
    expect(config.warnings(found)).toEqual([]);
    const read = config.read(new Map(), found);
    expect(read.ok && read.config.accountsFrom).toEqual([
      expect.objectContaining({ matched: 2, written: 1, leftOut: 0 }),
    ]);
  });

  it('never make a configuration bad: who comes later and does not fit is left out, and said', () => {
    using config = configFolder({ 'rekeyd.yaml': BASE + FROM });
    const found = foundOf(['a1', 'ci-billing'], ['a2', 'ci billing'], ['a3', 'ci-billing'], ['a4', 'ci-web']);
    expect(config.accounts(new Map(), found).map(({ accountIds }) => accountIds)).toEqual([['a1'], ['a4']]);
    expect(config.warnings(found)).toEqual([
      expect.stringContaining('the account a3 (ci-billing) is left out: the name "ci-billing" is taken'),
    ]);
  });

  it('are at most as many as the limit, which is said', () => {
    using config = configFolder({
      'rekeyd.yaml': BASE + FROM.replace('match: ci-*', 'match: ci-*\n  limit: 1'),
    });
    const found = foundOf(['a1', 'ci-a'], ['a2', 'ci-b']);
    expect(config.accounts(new Map(), found).map(({ name }) => name)).toEqual(['ci-a']);
    expect(config.warnings(found)[0]).toContain('2 accounts match, more than the limit of 1');
  });

  it('are applied again only where they, the template or what is written out has changed', () => {
    using config = configFolder({ 'rekeyd.yaml': BASE + FROM });
    const found = foundOf(['a1', 'ci-billing']);
    const applied = appliedOf(config, found);
    expect(config.accounts(applied, found)).toEqual([]);
    expect(config.accounts(applied, foundOf(['a1', 'ci-other'])).map(({ name }) => name)).toEqual([
      'ci-other',
    ]);
    config.write({ 'rekeyd.yaml': BASE + FROM.replace('<name>.token', 'x-<name>') });
    expect(config.accounts(applied, found)[0]?.targets[0].address).toBe('x-ci-billing');
    const written = 'accounts: [{ name: m, accountId: b, targets: [{ store: files, address: m }] }]\n';
    config.write({ 'rekeyd.yaml': BASE + FROM + written });
    expect(config.accounts(applied, found).map(({ name }) => name)).toEqual(['m', 'ci-billing']);
  });

  it('are none without a list, and the configuration is good all the same', () => {
    using config = configFolder({ 'rekeyd.yaml': BASE + FROM });
    expect(config.problems()).toEqual([]);
    expect(config.accounts()).toEqual([]);
    expect(config.warnings()).toEqual([]);
  });
});

describe('a template', () => {
  it.each([
    ['store: files', 'store: nowhere', 'accountsFrom.template.targets[0].store: there is no store "nowhere"'],
    ['provider: kronup', 'provider: nobody', 'accountsFrom.provider: there is no provider "nobody"'],
    ['0 3 * * 1', 'sometimes', 'accountsFrom.template.schedule:'],
    ['<name>.token', 'one.token', 'put <name> or <id> into the name and into each address'],
    ['match: ci-*', 'match: []', 'accountsFrom.match'],
    ['match: ci-*', 'matches: ci-*', 'accountsFrom.matches: unknown key "matches"; did you mean "match"?'],
    ['    schedule:', '    accountId: a\n    schedule:', 'accountsFrom.template.accountId: unknown key'],
    [
      '  match: ci-*',
      '  match: ci-*\n  every: 5s',
      'accountsFrom.every: found "5s"; allowed: a duration from 1m to 1d',
    ],
    [
      '  match: ci-*',
      '  match: ci-*\n  limit: 0',
      'accountsFrom.limit: found 0; allowed: a number of at least 1',
    ],
  ])('with %s as %s is refused before there is any account', (right, wrong, want) => {
    using config = configFolder({ 'rekeyd.yaml': BASE + FROM.replace(right, wrong) });
    expect(config.problems().join('\n')).toContain(want);
  });

  it('is warned of as an account is', () => {
    using config = configFolder({ 'rekeyd.yaml': BASE + FROM.replace(', consumerLag: 1m', '') });
    expect(config.warnings()).toEqual([
      expect.stringContaining('accountsFrom.template.targets[0]: no consumerLag'),
    ]);
  });

  it('may be one of several, each with its place in the list', () => {
    const list = FROM.replace('  provider', '  - provider').replaceAll(/\n {2}(?! *-? ?provider)/g, '\n    ');
    using config = configFolder({ 'rekeyd.yaml': BASE + list.replace('store: files', 'store: nowhere') });
    expect(config.problems().join('\n')).toContain('accountsFrom[0].template.targets[0].store');
  });
});
