import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountList, BASE, configFolder, target } from './config-world.ts';

function account(name: string): string {
  return accountList(`name: ${name}\naccountId: ${name}\n${target(name)}`);
}

function withInclude(patterns: string): string {
  return `${BASE}include: ${patterns}\n`;
}

describe('included files', () => {
  it('are found by patterns, ordered by name, each once, and never the main file', () => {
    using folder = configFolder({
      'rekeyd.yaml': withInclude('[accounts.d/*.yaml, "**/*.yaml", "*.yml"]') + account('main'),
      'accounts.d/b.yaml': account('b'),
      'accounts.d/a.yaml': account('a'),
      'accounts.d/deep/c.yaml': account('c'),
      'd.yml': account('d'),
    });
    expect(folder.accounts().map(({ name }) => name)).toEqual(['main', 'a', 'b', 'c', 'd']);
  });

  it('are read through the links that Kubernetes makes, once', () => {
    using folder = configFolder({ 'rekeyd.yaml': withInclude('accounts.d/*') });
    const accounts = join(folder.folder, 'accounts.d');
    mkdirSync(join(accounts, '..2026_03'), { recursive: true });
    writeFileSync(join(accounts, '..2026_03', 'a.yaml'), account('a'));
    symlinkSync('..2026_03', join(accounts, '..data_tmp'));
    renameSync(join(accounts, '..data_tmp'), join(accounts, '..data'));
    symlinkSync('..data/a.yaml', join(accounts, 'a.yaml'));
    expect(folder.accounts().map(({ name }) => name)).toEqual(['a']);
  });

  it('may be none where a pattern could match some, which is warned of', () => {
    using folder = configFolder({ 'rekeyd.yaml': withInclude('accounts.d/*.yaml') });
    expect(folder.problems()).toEqual([]);
    expect(folder.warnings()).toEqual([
      'rekeyd.yaml:9:10: include: include "accounts.d/*.yaml" matches no *.yaml or *.jsonl file',
      'rekeyd.yaml:1:1: there are no accounts',
    ]);
  });

  it('must be there where they are named', () => {
    using folder = configFolder({ 'rekeyd.yaml': withInclude('more.yaml') });
    expect(folder.problems()).toEqual(['more.yaml:1:1: cannot read more.yaml: there is no such file']);
  });

  it('have accounts and nothing else', () => {
    using folder = configFolder({
      'rekeyd.yaml': withInclude('[a.yaml, b.yaml, c.yaml, d.txt]'),
      'a.yaml': `stores: {}\n${account('a')}`,
      'b.yaml': '- name: b\n',
      'c.yaml': 'accounts: none\n',
      'd.txt': '',
    });
    expect(folder.problems()).toEqual([
      'rekeyd.yaml:9:10: include: found "d.txt"; allowed: names that end with .yaml, .yml or .jsonl',
      'a.yaml:1:1: stores: unknown key "stores"; allowed: accounts (included files have accounts only)',
      'b.yaml:1:1: found a list; allowed: a mapping with the key accounts',
      'c.yaml:1:11: accounts: found "none"; allowed: a list of accounts',
    ]);
  });
});

describe('files that were applied before', () => {
  const files = {
    'rekeyd.yaml': withInclude('accounts.d/*'),
    'accounts.d/a.yaml': account('a'),
    'accounts.d/b.yaml': account('b'),
  };

  function hashes(folder: ReturnType<typeof configFolder>): Map<string, string> {
    const outcome = folder.read();
    if (!outcome.ok) throw new Error('refused');
    return new Map(outcome.config.files.map(({ path, hash }) => [path, hash]));
  }

  it('are known by their names below the main file', () => {
    using folder = configFolder(files);
    expect([...hashes(folder).keys()]).toEqual(['rekeyd.yaml', 'accounts.d/a.yaml', 'accounts.d/b.yaml']);
  });

  it('are not parsed again while nothing has changed', () => {
    using folder = configFolder(files);
    const applied = hashes(folder);
    const outcome = folder.read(applied);
    expect(outcome.ok && outcome.config.accounts).toBeUndefined();
    expect(folder.accounts(applied)).toEqual([]);
  });

  it('are handed out again only where they changed themselves', () => {
    using folder = configFolder(files);
    const applied = hashes(folder);
    folder.write({ 'accounts.d/b.yaml': account('c') });
    expect(folder.accounts(applied).map(({ name }) => name)).toEqual(['c']);
  });

  it('are still compared with a file that changed', () => {
    using folder = configFolder(files);
    const applied = hashes(folder);
    folder.write({ 'accounts.d/b.yaml': account('a') });
    expect(folder.read(applied).ok).toBe(false);
  });

  it('are handed out again when what all accounts take from the main file changes', () => {
    using folder = configFolder(files);
    const applied = hashes(folder);
    folder.write({
      'rekeyd.yaml': files['rekeyd.yaml'].replace('provider: kronup }', 'provider: kronup, priority: 1 }'),
    });
    expect(folder.accounts(applied).map(({ priority }) => priority)).toEqual([1, 1]);
  });

  it('stay as they are when only the daemon’s own settings change', () => {
    using folder = configFolder(files);
    const applied = hashes(folder);
    folder.write({ 'rekeyd.yaml': `${files['rekeyd.yaml']}log: { level: debug }\nparkAfter: 9\n` });
    expect(folder.accounts(applied)).toEqual([]);
    expect(hashes(folder)).toEqual(applied);
  });

  it('are parsed again when a file of theirs is gone', () => {
    using folder = configFolder(files);
    const applied = hashes(folder);
    applied.set('accounts.d/gone.yaml', 'x');
    const outcome = folder.read(applied);
    expect(outcome.ok && outcome.config.accounts).toBe(2);
    expect(folder.accounts(applied)).toEqual([]);
  });
});
