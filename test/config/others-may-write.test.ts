// Configuration files that somebody else could change: who may write them decides where credentials go.

import { chmodSync, chownSync, lchownSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountList, BASE, configFolder, target, withAccounts } from './config-world.ts';
import type { ConfigFolder } from './config-world.ts';

const isRoot = process.getuid?.() === 0;
const SOMEBODY = 4_711;

const ONE = `name: one\naccountId: one\n${target('one')}`;
const LINE = JSON.stringify({
  name: 'two',
  accountId: 'two',
  targets: [{ store: 'files', address: 'two', consumerLag: '1m' }],
});

function folderWith(): ConfigFolder {
  return configFolder({
    'rekeyd.yaml': `${BASE}include: more/*\n`,
    'more/a.yaml': accountList(ONE),
    'more/b.jsonl': `${LINE}\n`,
  });
}

describe('a file of the configuration', () => {
  it.each(['rekeyd.yaml', 'more/a.yaml', 'more/b.jsonl'])(
    'is refused where everybody may write it, and says what to do: %s',
    (name) => {
      using at = folderWith();
      chmodSync(join(at.folder, name), 0o646);
      const [problem, ...more] = at.problems();
      expect(more).toEqual([]);
      const words = `cannot read ${name}: others may write it, and what is in it is trusted: every user of this machine may`;
      const rights = String.raw`\(mode 0646, owner \S+ \(\d+\), group \S+ \(\d+\)\)`;
      const remedy = `chmod go-w ${name}, or mount it read-only`;
      expect(problem).toMatch(new RegExp(`^${name}:1:1: ${words} ${rights}; ${remedy}$`));
    },
  );

  it.each([0o600, 0o400, 0o644, 0o444, 0o640])('is read with the mode %o', (mode) => {
    using at = folderWith();
    for (const name of ['rekeyd.yaml', 'more/a.yaml', 'more/b.jsonl']) chmodSync(join(at.folder, name), mode);
    expect(at.problems()).toEqual([]);
  });

  it.each([0o777, 0o1777, 0o2775, 0o2777, 0o3777])('is read in a folder with the mode %o', (mode) => {
    using at = folderWith();
    for (const folder of [at.folder, join(at.folder, 'more')]) chmodSync(folder, mode);
    expect(at.problems()).toEqual([]);
  });

  it('is judged by where its links lead to, not by the links', () => {
    using at = folderWith();
    mkdirSync(join(at.folder, '..one'));
    renameSync(join(at.folder, 'more', 'a.yaml'), join(at.folder, '..one', 'a.yaml'));
    symlinkSync('..one', join(at.folder, '..data'));
    symlinkSync('../..data/a.yaml', join(at.folder, 'more', 'a.yaml'));
    expect(at.problems()).toEqual([]);
    chmodSync(join(at.folder, '..one', 'a.yaml'), 0o666);
    expect(at.problems()).toEqual([
      expect.stringMatching(/^more\/a\.yaml:1:1: .*; chmod go-w \.\.one\/a\.yaml,/),
    ]);
  });

  it('is refused once for each such file', () => {
    using at = folderWith();
    for (const name of ['rekeyd.yaml', 'more/a.yaml', 'more/b.jsonl'])
      chmodSync(join(at.folder, name), 0o666);
    // Without a main file, nobody knows of the others.
    expect(at.problems()).toHaveLength(1);
    chmodSync(at.main, 0o600);
    expect(at.problems()).toHaveLength(2);
  });
});

describe.skipIf(!isRoot)('a file of the configuration that root reads (skipped for others)', () => {
  it('is refused where another user owns it, whatever its mode', () => {
    using at = configFolder(withAccounts(ONE));
    chmodSync(at.main, 0o444);
    chownSync(at.main, SOMEBODY, SOMEBODY);
    const [problem] = at.problems();
    expect(problem).toContain(
      'its owner 4711 is neither root nor the user that rekeyd runs as (mode 0444, owner 4711',
    );
    expect(problem).toMatch(/; chown root rekeyd\.yaml, or mount it read-only$/);
  });

  it('is read where another user owns the link that leads to it', () => {
    using at = configFolder(withAccounts(ONE));
    renameSync(at.main, join(at.folder, 'real.yaml'));
    symlinkSync('real.yaml', at.main);
    lchownSync(at.main, SOMEBODY, SOMEBODY);
    expect(at.problems()).toEqual([]);
  });

  it.each([0, SOMEBODY])('is refused where the group %i may write it', (gid) => {
    using at = configFolder(withAccounts(ONE));
    chownSync(at.main, 0, gid);
    chmodSync(at.main, 0o664);
    expect(at.problems()).toEqual([expect.stringMatching(/the group .*4711|the group root \(0\) may/)]);
  });
});

describe('the secret that a connection refers to', () => {
  it('is warned of where every user of the machine may read it', () => {
    using at = configFolder({ 'rekeyd.yaml': '', token: 'abc' });
    const path = join(at.folder, 'token');
    at.write({ 'rekeyd.yaml': `${BASE.replace('{ env: TOKEN }', `{ file: ${path} }`)}${accountList(ONE)}` });
    const want =
      'rekeyd.yaml:4:20: providers.kronup.token.file: the secret in token: every user of this machine may read it ' +
      '(mode 0644); chmod o-r token';
    expect(at.warnings()).toEqual([want]);
    chmodSync(path, 0o440);
    expect(at.warnings()).toEqual([]);
  });

  it('is not looked for where it is in the environment, and not missed where it is not there', () => {
    using at = configFolder(withAccounts(ONE));
    expect(at.warnings()).toEqual([]);
    at.write({
      'rekeyd.yaml': `${BASE.replace('{ env: TOKEN }', '{ file: /nowhere/x }')}${accountList(ONE)}`,
    });
    expect(at.warnings()).toEqual([]);
  });
});

describe('the mode of the socket', () => {
  it.each(['0600', '660', '0660', '0750'])('may be %s', (mode) => {
    using at = configFolder({ 'rekeyd.yaml': `${BASE}socket: { mode: '${mode}' }\n${accountList(ONE)}` });
    expect(at.problems()).toEqual([]);
  });

  it.each(['0666', '0777', '0602', '662'])('may not be %s, by which every user could rotate', (mode) => {
    using at = configFolder({ 'rekeyd.yaml': `${BASE}socket: { mode: '${mode}' }\n${accountList(ONE)}` });
    const want = "such as '0600' or '0660', that gives everybody else no right to write";
    expect(at.problems()).toEqual([expect.stringContaining(want)]);
  });
});
