import { describe, expect, it } from 'vitest';
import { kubernetesSecret } from '../../../src/stores/kubernetes-secret/entry.ts';
import { configFolder } from '../../config/config-world.ts';

const { schema } = kubernetesSecret;

describe('the words of a store of Kubernetes Secrets', () => {
  it.each([
    [{}],
    [{ kubeconfig: '/a', context: 'b' }],
    [{ server: 'https://api.example:6443', ca: '/ca', token: { file: '/token' } }],
    [{ server: 'http://127.0.0.1:8080' }],
    [{ server: 'http://api.example', insecure: true }],
  ])('may be %j', (words) => {
    expect(schema.safeParse(words).success).toBe(true);
  });

  it.each([
    [{ kubeconfig: '/a', server: 'https://b' }, /stands beside server/],
    [{ context: 'b' }, /context is of a kubeconfig/],
    [{ token: { file: '/token' } }, /go with server/],
    [{ server: 'http://api.example' }, /in the clear/],
    [{ server: 'ftp://api.example' }, /such as https/],
  ])('are not %j', (words, wantWhy) => {
    expect(schema.safeParse(words).error?.message).toMatch(wantWhy);
  });
});

describe('the address of a Secret', () => {
  it.each(['a/b', 'a/b/c', 'payments/billing.kronup/API_TOKEN', 'a/b/.dockerconfigjson'])(
    'may be %s',
    (address) => {
      expect(kubernetesSecret.addressProblem(schema.parse({}), address)).toBeUndefined();
    },
  );

  it.each([
    ['secret', /NAMESPACE\/SECRET\/KEY/],
    ['a/b/c/d', /NAMESPACE\/SECRET\/KEY/],
    ['A/b', /namespace/],
    ['a.b/c', /namespace/],
    ['a/B', /name of its Secret/],
    ['a/b/c d', /key/],
    ['a/b/..', /key/],
    ['a/b/', /key/],
  ])('is not %s', (address, wantWhy) => {
    expect(kubernetesSecret.addressProblem(schema.parse({}), address)).toMatch(wantWhy);
  });
});

describe('targets in one Secret', () => {
  function problemsOf(...targets: readonly string[]): string[] {
    const accounts = targets.map(
      (words, index) =>
        `  - { name: a${index}, provider: kronup, accountId: a${index}, targets: [{ store: cluster, consumerLag: 1m, ${words} }] }\n`,
    );
    using folder = configFolder({
      'rekeyd.yaml':
        'providers: { kronup: { kind: kronup, token: { env: TOKEN } } }\n' +
        `stores: { cluster: { kind: kubernetes-secret } }\naccounts:\n${accounts.join('')}`,
    });
    return folder.problems();
  }

  it('share it as different keys', () => {
    const formats = ['address: n/s/a', 'address: n/s/b', 'address: n/s, format: { kind: key, key: c }'];
    expect(problemsOf(...formats)).toEqual([]);
  });

  it.each([
    ['address: n/s/a', 'address: n/s/a', 'the same target'],
    ['address: n/s/a', 'address: n/s, format: { kind: key, key: a }', 'the same target'],
    ['address: n/s/a', 'address: n/s, format: json', 'do not fit into one value'],
  ])('do not share a key: %s and %s', (one, other, want) => {
    expect(problemsOf(one, other)).toEqual([expect.stringContaining(want)]);
  });

  it('share the value of a key as parts of a document in it', () => {
    const part = (key: string): string => `address: n/s/a, format: { kind: key, key: ${key} }`;
    expect(problemsOf(part('x'), part('y'))).toEqual([]);
    expect(problemsOf(part('x'), part('x'))).toEqual([expect.stringContaining('the same target')]);
  });

  it.each([
    ['raw', /all keys of a Secret, which take format key or json/],
    ['{ kind: template, text: "{{token}}" }', /take format key or json/],
    ['{ kind: key, key: [a, b] }', /a, b is no key of a Secret/],
    ['{ kind: key, key: "a b" }', /a b is no key of a Secret/],
  ])('cannot be written without a key as %s', (format, wantWhy) => {
    expect(problemsOf(`address: n/s, format: ${format}`)).toEqual([expect.stringMatching(wantWhy)]);
  });
});
