// A credential that somebody pasted into a configuration, in any place, is not repeated in what is said of it.

import { describe, expect, it } from 'vitest';
import { leaks } from '../world/canary.ts';
import { accountList, BASE, configFolder, target } from './config-world.ts';

const TOKENS: Readonly<Record<string, string>> = {
  'a JWT': `eyJ${'p'.repeat(30)}.eyJ${'q'.repeat(40)}.${'r'.repeat(40)}`,
  'an opaque one': 'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
};

const PROVIDER = ['token', 'baseUrl', 'organisation', 'timeout', 'tls', 'rate', 'kind', 'PASTED'];
const STORE = ['kind', 'region', 'endpoint', 'ca', 'timeout', 'assumeRole', 'rate', 'PASTED'];
const MAIN = [
  'journal',
  'log',
  'probes',
  'socket',
  'metrics',
  'concurrency',
  'shutdownGrace',
  'lease',
  'PASTED',
];
const ACCOUNT = [
  'provider',
  'organisation',
  'accountIds',
  'labels',
  'strategy',
  'schedule',
  'timeZone',
  'jitter',
  'missed',
  'maxAge',
  'rotateBeforeExpiry',
  'minInterval',
  'priority',
  'paused',
  'onDrift',
  'windows',
  'targets',
  'PASTED',
];
const TARGET = ['store', 'address', 'format', 'consumerLag', 'required', 'PASTED'];
const ONE = `name: one\naccountId: one\n${target('one')}`;

/** The value in each form in which it may be pasted: itself, as a mapping's value and key, in a list. */
function formsOf(key: string, token: string): string[] {
  const name = key === 'PASTED' ? token : key;
  return [`${name}: ${token}`, `${name}: { a: ${token} }`, `${name}: { ${token}: 1 }`, `${name}: [${token}]`];
}

/** Configurations with the token in one place each. */
function* configurations(token: string): Generator<string, void> {
  const files = 'files: { kind: file, directory: /srv }';
  const good = `providers: { kronup: { kind: kronup, token: { env: T } } }\nstores: { ${files} }`;
  const rest = `stores: { ${files} }\naccounts: []\n`;
  for (const key of PROVIDER)
    for (const word of formsOf(key, token)) yield `providers: { kronup: { kind: kronup, ${word} } }\n${rest}`;
  for (const key of STORE)
    for (const word of formsOf(key, token))
      yield `${BASE}stores: { aws: { kind: aws-secrets-manager, ${word} } }\n`;
  for (const key of MAIN) for (const word of formsOf(key, token)) yield `${good}\n${word}\naccounts: []\n`;
  for (const key of ACCOUNT)
    for (const word of formsOf(key, token)) yield `${BASE}${accountList(`${ONE}\n${word}`)}`;
  for (const key of TARGET)
    for (const word of formsOf(key, token))
      yield `${BASE}${accountList(`name: a\naccountId: a\ntargets: [{ ${word} }]`)}`;
  for (const word of [`opens: ${token}`, `opens: 0 0 * * *, duration: ${token}`, `timeZone: ${token}`])
    yield `${BASE}${accountList(`${ONE}\nwindows: { allow: [{ ${word} }] }`)}`;
  yield `providers: { kronup: { token: ${token}\n  broken: [`;
  yield `providers: { kronup: { token: *${token} } }`;
  yield `providers: { kronup: { token: !${token} x } }`;
  yield `providers: { kronup: { token: &${token} [*${token}] } }`;
  yield `${token}: 1\n${token}: 2\n`;
  yield `include: ${token}\n${good}\n`;
  yield token;
}

describe('a credential that was pasted into a configuration', () => {
  it.each(Object.entries(TOKENS))('is not repeated in what is said of it: %s', (_, token) => {
    using at = configFolder({ 'rekeyd.yaml': '' });
    const told = [...configurations(token)].flatMap((text) => {
      at.write({ 'rekeyd.yaml': text });
      return at.told().map((content) => ({ name: content, content }));
    });
    expect(told.length).toBeGreaterThan(150);
    expect([...new Set(leaks(told, [token]))]).toEqual([]);
  });

  it('is not repeated in what is said of a line of JSON', () => {
    const token = TOKENS['an opaque one'] ?? '';
    const lines = [
      `"${token}"`,
      `{"name":"a","${token}":1}`,
      `{"name": ${token}}`,
      `{"schedule":"${token}"}`,
    ];
    using at = configFolder({ 'rekeyd.yaml': `${BASE}include: a.jsonl\n`, 'a.jsonl': lines.join('\n') });
    const told = at.problems().map((content) => ({ name: content, content }));
    expect(told.length).toBeGreaterThan(3);
    expect(leaks(told, [token])).toEqual([]);
  });
});
