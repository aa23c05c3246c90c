// What a Secret may be like, and what the store makes of it, on a real API server.

import { describe, expect, it } from 'vitest';
import { SecretBytes } from '../../../src/domain/secret.ts';
import { describeContainers } from '../../world/containers.ts';
import { outcomeOf, textIn, useCluster } from './cluster-world.ts';
import type { ClusterWorld } from './cluster-world.ts';
import { severalKeys } from './states-of-keys.ts';

const create = { create: true };

describeContainers('a Kubernetes Secret', () => {
  const world = useCluster();
  describe('when it is written', () => {
    writing(world);
  });
  describe('with its mark', () => {
    marking(world);
  });
  describe('of several keys', () => {
    severalKeys(world);
  });
});

function writing(world: () => ClusterWorld): void {
  it('is refused where there is none and it may not be made', async () => {
    expect(outcomeOf(await world().write('a'))).toMatch(
      /target-refused: there is no Secret .*say create: true/,
    );
    expect(outcomeOf(await world().preflight())).toMatch(/target-refused: there is no Secret/);
  });

  it('is refused where there is no namespace', async () => {
    const { store, write, preflight } = world();
    const missing = { address: `../nowhere/app/token`, options: create };
    expect(outcomeOf(await preflight({ ...missing, store }))).not.toBe('ready');
    expect(outcomeOf(await write('a', { ...missing, store }))).not.toBe('written');
  });

  it('makes it with its type, labels and annotations, which stay', async () => {
    const { write, secret } = world();
    const options = { ...create, type: 'example.com/mine', labels: { app: 'x' }, annotations: { note: 'y' } };
    expect(outcomeOf(await write('one', { options }))).toBe('written');
    expect(outcomeOf(await write('two', { options }))).toBe('written');
    const made = await secret();
    expect(made).toMatchObject({ type: 'example.com/mine', metadata: { labels: { app: 'x' } } });
    expect(made.metadata.annotations).toMatchObject({ note: 'y' });
    expect(textIn(made, 'token')).toBe('two');
  });

  it('changes its own key and leaves everything else', async () => {
    const { make, change, write, secret } = world();
    await make({ stringData: { other: 'kept' }, metadata: { name: 'app', labels: { a: 'b' } } });
    expect(outcomeOf(await write('one'))).toBe('written');
    await change({ metadata: { annotations: { added: 'later' } }, stringData: { third: 'also' } });
    expect(outcomeOf(await write('two'))).toBe('written');
    const now = await secret();
    expect([textIn(now, 'other'), textIn(now, 'third'), textIn(now, 'token')]).toEqual([
      'kept',
      'also',
      'two',
    ]);
    expect(now.metadata).toMatchObject({ labels: { a: 'b' }, annotations: { added: 'later' } });
  });

  it('keeps two keys of one Secret that it writes for two targets', async () => {
    const { write, secret } = world();
    for (const text of ['one', 'two']) {
      await write(text, { options: create });
      await write(text, { address: 'app/second', options: create });
    }
    const now = await secret();
    expect([textIn(now, 'token'), textIn(now, 'second')]).toEqual(['two', 'two']);
    expect(now.metadata.managedFields?.map(({ manager }) => manager)).toEqual(
      expect.arrayContaining(['rekeyd/test/token', 'rekeyd/test/second']),
    );
  });

  it('is refused by name where the key belongs to somebody else, before anything is minted too', async () => {
    const { make, write, preflight, secret } = world();
    await make({ stringData: { token: 'theirs' } }, 'external-secrets');
    const want =
      /^target-refused: the key token of the Secret .* belongs to external-secrets.*takeOver: true/;
    expect(outcomeOf(await preflight())).toMatch(want);
    expect(outcomeOf(await write('ours'))).toMatch(want);
    expect(textIn(await secret(), 'token')).toBe('theirs');
  });

  it('takes a key over where it may', async () => {
    const { make, write, preflight, secret } = world();
    await make({ stringData: { token: 'theirs', other: 'kept' } });
    const options = { takeOver: true };
    expect(outcomeOf(await preflight({ options }))).toBe('ready');
    expect(outcomeOf(await write('ours', { options }))).toBe('written');
    expect(textIn(await secret(), 'token')).toBe('ours');
    expect(outcomeOf(await write('ours again'))).toBe('written');
  });

  it('puts right what it wrote before and somebody changed', async () => {
    const { write, change, read, secret } = world();
    await write('ours', { options: create });
    await change({ stringData: { token: 'changed by hand' } });
    expect(await read()).toMatchObject({ state: 'present', lastWrite: { by: 'kubectl-edit' } });
    expect(outcomeOf(await write('ours'))).toBe('written');
    expect(textIn(await secret(), 'token')).toBe('ours');
  });

  it('is refused where another installation wrote the key', async () => {
    const { write, open } = world();
    await write('ours', { options: create });
    const store = await open({ installation: 'other' });
    expect(outcomeOf(await write('theirs', { store }))).toMatch(/belongs to rekeyd\/test\/token/);
  });

  it('is refused where it is immutable, before anything is minted too', async () => {
    const { make, write, preflight } = world();
    await make({ immutable: true, stringData: { token: 'x' } });
    const options = { takeOver: true };
    expect(outcomeOf(await preflight({ options }))).toMatch(/target-refused: .* is immutable/);
    expect(outcomeOf(await write('y', { options }))).toMatch(/target-refused: .* is immutable/);
  });

  it('is refused where it is being deleted', async () => {
    const { make, write, kubernetes, namespace, change } = world();
    await make({ metadata: { name: 'app', finalizers: ['example.com/wait'] } });
    await kubernetes.call('DELETE', `/api/v1/namespaces/${namespace}/secrets/app`);
    expect(outcomeOf(await write('x'))).toMatch(/target-refused: .* is being deleted/);
    await change({ metadata: { finalizers: null } });
  });

  it('is refused in words where it would be too large', async () => {
    const { write, preflight } = world();
    const large = 'x'.repeat(1_048_577);
    expect(outcomeOf(await write(large, { options: create }))).toMatch(/target-refused: .*1048576 at most/);
    expect(outcomeOf(await preflight({ options: create, size: 1_048_577 }))).toMatch(/1048576 at most/);
  });

  it('is refused in the API server’s words where the value does not fit the type', async () => {
    const { write, preflight } = world();
    const at = {
      address: 'app/.dockerconfigjson',
      options: { ...create, type: 'kubernetes.io/dockerconfigjson' },
    };
    expect(outcomeOf(await write('no JSON', at))).toMatch(/^target-refused: the API server does not take/);
    expect(outcomeOf(await preflight({ ...at, like: new SecretBytes('no JSON') }))).toMatch(/does not take/);
    expect(outcomeOf(await preflight({ ...at, realWrite: true, like: new SecretBytes('{}') }))).toBe('ready');
    expect(await world().read(at)).toEqual({ state: 'absent' });
  });

  it('is refused by an exceeded quota in a trial already', async () => {
    const { kubernetes, namespace, preflight } = world();
    const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`;
    const body = { metadata: { name: 'none' }, spec: { hard: { 'count/secrets': '0' } } };
    await kubernetes.call('POST', quotas, { body });
    expect(outcomeOf(await preflight({ options: create }))).toMatch(/target-refused: .*forbidden/);
  });

  it('makes nothing where the Secret was deleted after it was looked at', async () => {
    const { write, read, kubernetes, namespace } = world();
    const written = await write('one', { options: create });
    const ifVersion = written.ok && 'version' in written.value ? written.value.version : '';
    await kubernetes.call('DELETE', `/api/v1/namespaces/${namespace}/secrets/app`);
    expect(outcomeOf(await write('two', { ifVersion, options: create }))).toBe('conflict');
    expect(await read()).toEqual({ state: 'absent' });
  });

  it('lets one of two through that make the same Secret at once', async () => {
    const { write, secret } = world();
    const how = { options: create, ifVersion: 'absent' };
    const both = await Promise.all([write('one', how), write('two', how)]);
    expect(both.map(outcomeOf).toSorted()).toEqual(['conflict', 'written']);
    const [first] = both;
    expect(textIn(await secret(), 'token')).toBe(first && outcomeOf(first) === 'written' ? 'one' : 'two');
  });

  it('is no conflict where others change other fields again and again', async () => {
    const { write, change, secret } = world();
    const written = await write('one', { options: create });
    const ifVersion = written.ok && 'version' in written.value ? written.value.version : '';
    await change({ metadata: { labels: { changed: 'yes' } }, stringData: { other: 'new' } });
    expect(outcomeOf(await write('two', { ifVersion }))).toBe('written');
    expect(textIn(await secret(), 'other')).toBe('new');
  });
}

function marking(world: () => ClusterWorld): void {
  const mark = {
    account: 'billing',
    fingerprint: '0123456789abcdef',
    slot: Date.parse('2027-01-04T03:00:00Z'),
  };

  it('says who wrote which credential for which slot, and when', async () => {
    const { write, secret } = world();
    await write('one', { options: create, mark, writeToken: 'token-1' });
    const text = (await secret()).metadata.annotations?.['keys.rekeyd/token'] ?? '';
    expect(JSON.parse(text)).toEqual({
      installation: 'test',
      account: 'billing',
      fingerprint: '0123456789abcdef',
      slot: '2027-01-04T03:00:00.000Z',
      at: expect.stringMatching(/^20\d\d-/) as string,
      write: 'token-1',
      keys: ['token'],
    });
  });

  it('dates what stands there, until somebody else changes it', async () => {
    const { write, read, change } = world();
    await write('one', { options: create });
    const ours = await read();
    expect(ours.state === 'present' && ours.writtenByUsAt).toBeTypeOf('number');
    await change({ metadata: { labels: { other: 'field' } } });
    expect(await read()).toEqual(ours);
    await change({ stringData: { token: 'two' } });
    expect(await read()).not.toHaveProperty('writtenByUsAt');
  });

  it('counts for nothing in another installation', async () => {
    const { write, read, open } = world();
    await write('one', { options: create });
    expect(await read({ store: await open({ installation: 'other' }) })).not.toHaveProperty('writtenByUsAt');
  });

  it.each(['no JSON', '{}', '{"installation":"test"}'])(
    'may be %s, which somebody made of it',
    async (text) => {
      const { write, read, change } = world();
      await write('one', { options: create });
      await change({ metadata: { annotations: { 'keys.rekeyd/token': text } } });
      expect(await read()).not.toHaveProperty('writtenByUsAt');
      expect(outcomeOf(await write('two'))).toBe('written');
    },
  );

  it.each([`.${'x'.repeat(20)}`, 'y'.repeat(200)])('can be put on a key such as %s', async (key) => {
    const { write, read } = world();
    expect(outcomeOf(await write('one', { address: `app/${key}`, options: create }))).toBe('written');
    expect(await read({ address: `app/${key}` })).toHaveProperty('writtenByUsAt');
  });
}
