import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountList, BASE, configFolder, target, withAccounts } from './config-world.ts';

function problemsOf(main: string): string[] {
  using folder = configFolder({ 'rekeyd.yaml': main });
  return folder.problems();
}

describe('the main file', () => {
  it('reports every mistake at once, each where it stands', () => {
    const main = `instalation: x
journal: { path: 1, retention: '12' }
providers:
  kronup: { kind: kronop }
  other: { kind: kronup, token: eyJhbGciOi.J9.x, timeout: 10h }
stores:
  files: { kind: file }
  b c: { kind: file, directory: /srv }
socket: { mode: 0600 }
log: { level: inf }
probes: { address: 'localhost' }
include: 7
`;
    expect(problemsOf(main)).toEqual([
      'rekeyd.yaml:1:1: instalation: unknown key "instalation"; did you mean "installation"?',
      'rekeyd.yaml:2:18: journal.path: found 1; allowed: a text (in quotes)',
      'rekeyd.yaml:2:32: journal.retention: found "12"; allowed: a duration such as 90s, 10m, 36h or 1d12h',
      'rekeyd.yaml:4:19: providers.kronup.kind: found "kronop"; allowed: kronup, keycard; did you mean "kronup"?',
      'rekeyd.yaml:5:33: providers.other.token: found a text; allowed: { file: … } or { env: … }',
      'rekeyd.yaml:5:59: providers.other.timeout: found "10h"; allowed: a duration from 1s to 2m',
      'rekeyd.yaml:7:10: stores.files.directory: is missing; give a text: the folder that all of this store’s files are in',
      'rekeyd.yaml:8:3: stores["b c"]: found "b c"; allowed: letters, digits, ".", "_" and "-", beginning ' +
        'with a letter or digit, 63 at most',
      "rekeyd.yaml:9:17: socket.mode: found 600; allowed: a mode of three octal digits in quotes, such as '0600'",
      'rekeyd.yaml:10:15: log.level: found "inf"; allowed: debug, info, warn, error; did you mean "info"?',
      'rekeyd.yaml:12:10: include: found 7; allowed: a text or a list',
    ]);
  });

  it('never repeats what may be a secret', () => {
    const secret = 'hunter2-hunter2-hunter2';
    const valid = `providers:
  kronup: { kind: kronup, token: ${secret}, baseUrl: 'https://me:${secret}@x', tls: ${secret} }
stores: ${secret}
`;
    const broken = valid.replace('stores', `  ${secret}\nstores`);
    expect(problemsOf(broken).join('\n')).not.toContain(secret);
    expect(problemsOf(valid)).toHaveLength(4);
    expect(problemsOf(valid).join('\n')).not.toContain(secret);
  });

  it('asks for providers and stores', () => {
    expect(problemsOf('accounts: []\n')).toEqual([
      'rekeyd.yaml:1:1: providers: is missing; give a mapping: connections to the APIs that mint, by name',
      'rekeyd.yaml:1:1: stores: is missing; give a mapping: connections to the systems that keep secrets, by name',
    ]);
  });

  it.each([
    ['an address without a port', 'localhost'],
    ['a port that does not exist', '0.0.0.0:70000'],
    ['an IPv6 address without brackets', '::1:8080'],
  ])('refuses %s for probes', (_what, address) => {
    expect(problemsOf(`${BASE}probes: { address: '${address}' }\n`)).toEqual([
      `rekeyd.yaml:9:20: probes.address: found "${address}"; allowed: a host and a port, such as 0.0.0.0:8080 or [::]:8080`,
    ]);
  });

  it('refuses a socket whose path no system allows', () => {
    const [problem] = problemsOf(`${BASE}socket: { path: /${'x'.repeat(120)} }\n`);
    expect(problem).toMatch(
      /^rekeyd\.yaml:9:17: socket\.path: the path of the socket has more than 107 bytes/,
    );
  });

  it('refuses a shutdownGrace that leaves no time for a mint under way and its deliveries', () => {
    const slow = BASE.replace('directory: /srv/consumers', 'directory: /srv/consumers, timeout: 20s');
    expect(problemsOf(`${slow}shutdownGrace: 54s\n`)).toEqual([
      'rekeyd.yaml:9:16: shutdownGrace: found 54s; allowed: 55s or more, which is the longest provider timeout ' +
        '(10s), twice the longest store timeout (20s) and 5s; lengthen it or shorten a timeout',
    ]);
    expect(problemsOf(`${slow}shutdownGrace: 55s\n`)).toEqual([]);
  });

  it('says nothing of shutdownGrace while no provider or no store is good', () => {
    const text = BASE.replace('kind: kronup', 'kind: kronap');
    expect(problemsOf(`${text}shutdownGrace: 6s\n`)).toEqual([
      expect.stringContaining('providers.kronup.kind: found "kronap"') as unknown,
    ]);
  });

  it('refuses accounts that are no list', () => {
    expect(problemsOf(`${BASE}accounts: { a: {} }\n`)).toEqual([
      'rekeyd.yaml:9:11: accounts: found a mapping; allowed: a list of accounts',
    ]);
  });
});

describe('a main file that cannot be read at all', () => {
  it.each([
    ['is empty', '', 'rekeyd.yaml:1:1: there is nothing in the file'],
    ['has comments only', '# nothing\n', 'rekeyd.yaml:1:1: there is nothing in the file'],
    [
      'is a list',
      '- a\n',
      'rekeyd.yaml:1:1: found a list; allowed: a mapping with providers, stores and accounts',
    ],
    [
      'is a text',
      'hello\n',
      'rekeyd.yaml:1:1: found a text; allowed: a mapping with providers, stores and accounts',
    ],
    ['is indented by a tab', 'a:\n\tb: 1\n', 'rekeyd.yaml:2:1: tabs cannot indent in YAML; use spaces'],
    [
      'has a quote that is not closed',
      "a: 'b\n",
      'rekeyd.yaml:2:1: the line is indented less than what it belongs to, or a bracket or quote is not closed',
    ],
  ])('%s', (_what, text, want) => {
    expect(problemsOf(text)).toEqual([want]);
  });

  it('is missing', () => {
    using folder = configFolder({});
    expect(folder.problems()).toEqual(['rekeyd.yaml:1:1: cannot read rekeyd.yaml: there is no such file']);
  });

  it('is a folder', () => {
    using folder = configFolder({});
    mkdirSync(join(folder.folder, 'rekeyd.yaml'));
    expect(folder.problems()).toEqual(['rekeyd.yaml:1:1: cannot read rekeyd.yaml: it is a folder']);
  });

  it('is not text', () => {
    using folder = configFolder({ 'rekeyd.yaml': 'x' });
    folder.write({ 'rekeyd.yaml': Buffer.from([0xff, 0xfe, 0x41]) as unknown as string });
    expect(folder.problems()).toEqual(['rekeyd.yaml:1:1: cannot read rekeyd.yaml: it is not UTF-8 text']);
  });
});

describe('settings', () => {
  it('have defaults that need one writable folder', () => {
    using folder = configFolder(withAccounts(`name: a\naccountId: a1\n${target('a')}`));
    const outcome = folder.read();
    expect(outcome.ok && outcome.config.settings).toEqual({
      installation: 'rekeyd',
      journal: {
        path: '/var/lib/rekeyd/journal.db',
        retentionMs: 90 * 86_400_000,
        requestRetentionMs: 30 * 86_400_000,
      },
      probes: { host: '0.0.0.0', port: 8_080 },
      socket: { path: '/var/lib/rekeyd/rekeyd.sock', mode: 0o600 },
      metrics: { maxAccounts: 1_000 },
      log: { level: 'info' },
      concurrency: { total: 64, perProvider: 16 },
      shutdownGraceMs: 50_000,
      parkAfter: 5,
      leaseMs: 60_000,
    });
  });

  it('are what the file says', () => {
    const main = `${BASE}installation: eu-1
journal: { path: ./state/j.db, retention: 30d }
probes: { address: '[::1]:0' }
socket: { path: /run/r.sock, mode: '0660' }
metrics: { maxAccounts: 5 }
log: { level: debug }
concurrency: { total: 8, perProvider: 2 }
shutdownGrace: 2m
parkAfter: 3
lease: 90s
`;
    using folder = configFolder({ 'rekeyd.yaml': main });
    const outcome = folder.read();
    expect(outcome.ok && outcome.config.settings).toMatchObject({
      installation: 'eu-1',
      journal: { path: './state/j.db', retentionMs: 30 * 86_400_000 },
      probes: { host: '::1', port: 0 },
      socket: { path: '/run/r.sock', mode: 0o660 },
      shutdownGraceMs: 120_000,
      parkAfter: 3,
      leaseMs: 90_000,
    });
  });

  it('carry each connection with a hash that changes with it', () => {
    const read = (base: string): readonly { name: string; kind: string; hash: string }[] => {
      using folder = configFolder({ 'rekeyd.yaml': base + accountList() });
      const outcome = folder.read();
      if (!outcome.ok) throw new Error('refused');
      return [...outcome.config.providers, ...outcome.config.stores];
    };
    const before = read(BASE);
    const after = read(BASE.replace('/srv/consumers', '/srv/others'));
    expect(before.map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
      'kronup: kronup',
      'files: file',
      'aws: aws-secrets-manager',
    ]);
    expect(after.map(({ hash }, index) => hash === before[index]?.hash)).toEqual([true, false, true]);
  });
});
