import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { BASE, configFolder, target, withAccounts } from './config-world.ts';

function accountOf(words: string, defaults = 'provider: kronup'): Account {
  const text = withAccounts(words)['rekeyd.yaml'] ?? '';
  const main = text.replace('defaults: { provider: kronup }', `defaults: { ${defaults} }`);
  using folder = configFolder({ 'rekeyd.yaml': main });
  const [account] = folder.accounts();
  if (account === undefined) throw new Error('no account');
  return account;
}

const MINIMAL = `name: a\naccountId: a1\ntargets: [{ store: files, address: app/token }]`;

describe('the policy of an account', () => {
  it('has a default for every word that may be left out', () => {
    expect(accountOf(MINIMAL)).toEqual({
      name: 'a',
      labels: {},
      provider: 'kronup',
      origin: 'https://api.kronup.com',
      organisation: '',
      accountIds: ['a1'],
      strategy: 'in-place',
      jitterMs: 0,
      missed: 'run',
      allow: [],
      deny: [],
      maxAgeOverridesDeny: false,
      minIntervalMs: 600_000,
      rotateOnAdopt: false,
      reopenClosed: false,
      priority: 0,
      paused: false,
      onDrift: 'deliver',
      verifyMs: 6 * 3_600_000,
      onRefused: 'park',
      targets: [
        {
          id: 'files:app/token',
          location: 'file:/srv/consumers/app/token',
          store: 'files',
          leadsTo: 'file:/srv/consumers',
          address: 'app/token',
          options: {},
          format: { kind: 'raw', options: {} },
          required: true,
          overwrite: false,
        },
      ],
    });
  });

  it('is what the account says', () => {
    const words = `name: a
labels: { team: x }
accountIds: [a1]
organisation: o1
strategy: in-place
schedule: ' 0 3 * * 1 '
timeZone: Asia/Tokyo
jitter: 5m
missed: skip
windows:
  allow: [{ opens: 0 0 * * *, duration: 12h }]
  deny: [{ opens: 0 0 1 * *, duration: 1d, timeZone: UTC }]
maxAge: 60d
maxAgeOverridesDeny: true
rotateBeforeExpiry: 2d
minInterval: 30s
rotateOnAdopt: true
reopenClosed: true
priority: -3
paused: true
onDrift: report
verify: 1d
onRefused: rotate
targets:
  - store: aws
    address: prod/a
    format: { kind: key, key: [db, token] }
    required: false
    overwrite: true
    consumerLag: 0s
    create: true
    tags: { team: x }`;
    expect(accountOf(words)).toEqual({
      name: 'a',
      labels: { team: 'x' },
      provider: 'kronup',
      origin: 'https://api.kronup.com',
      organisation: 'o1',
      accountIds: ['a1'],
      strategy: 'in-place',
      schedule: { pattern: '0 3 * * 1', zone: 'Asia/Tokyo' },
      jitterMs: 300_000,
      missed: 'skip',
      allow: [{ opens: { pattern: '0 0 * * *', zone: 'Asia/Tokyo' }, durationMs: 43_200_000 }],
      deny: [{ opens: { pattern: '0 0 1 * *', zone: 'UTC' }, durationMs: 86_400_000 }],
      maxAgeMs: 60 * 86_400_000,
      maxAgeOverridesDeny: true,
      rotateBeforeExpiryMs: 2 * 86_400_000,
      minIntervalMs: 30_000,
      rotateOnAdopt: true,
      reopenClosed: true,
      priority: -3,
      paused: true,
      onDrift: 'report',
      verifyMs: 24 * 3_600_000,
      onRefused: 'rotate',
      targets: [
        {
          id: 'aws:prod/a#/db/token',
          location: 'aws-secrets-manager:aws/eu-central-1/default/prod/a#/db/token',
          store: 'aws',
          leadsTo: 'aws-secrets-manager:aws/eu-central-1/default',
          address: 'prod/a',
          options: { create: true, tags: { team: 'x' } },
          format: { kind: 'key', options: { key: ['db', 'token'] } },
          required: false,
          overwrite: true,
          consumerLagMs: 0,
        },
      ],
    });
  });

  it('takes from the defaults what the account does not say', () => {
    const account = accountOf(
      `name: a\naccountId: a1\ntimeZone: Asia/Tokyo\nlabels: { b: own }\n${target('a')}`,
      'provider: kronup, schedule: 0 3 * * *, labels: { a: shared, b: shared }, priority: 7',
    );
    expect(account).toMatchObject({
      schedule: { pattern: '0 3 * * *', zone: 'Asia/Tokyo' },
      labels: { a: 'shared', b: 'own' },
      priority: 7,
    });
  });

  it('does without what the defaults say where the account says null', () => {
    const account = accountOf(
      `name: a\naccountId: a1\nschedule: null\nmaxAge: ~\n${target('a')}`,
      'provider: kronup, schedule: 0 3 * * *, maxAge: 30d',
    );
    expect(account).not.toHaveProperty('schedule');
    expect(account).not.toHaveProperty('maxAgeMs');
  });

  it('names the same place the same whatever its store is called', () => {
    const twice = BASE.replace('  aws:', '  other: { kind: file, directory: /srv/consumers/app }\n  aws:');
    const account = `  - name: a\n    accountId: a1\n    targets: [{ store: other, address: token }]\n`;
    using folder = configFolder({ 'rekeyd.yaml': `${twice}accounts:\n${account}` });
    expect(folder.accounts()[0]?.targets[0].location).toBe('file:/srv/consumers/app/token');
  });
});
