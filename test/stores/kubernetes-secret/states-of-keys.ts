// What several keys of a Secret may be like that are one document, and what the store makes of them.

import { expect, it } from 'vitest';
import { SecretBytes } from '../../../src/domain/secret.ts';
import { outcomeOf, textIn } from './cluster-world.ts';
import type { ClusterWorld } from './cluster-world.ts';

const create = { create: true };

export function severalKeys(world: () => ClusterWorld): void {
  const address = 'app';
  const one = JSON.stringify({ id: 'client-1', secret: 'secret-1' });
  const two = JSON.stringify({ id: 'client-2', secret: 'secret-2' });

  it('are written and read as one document', async () => {
    const { write, read, secret } = world();
    expect(outcomeOf(await write(one, { address, options: create }))).toBe('written');
    expect(outcomeOf(await write(two, { address }))).toBe('written');
    const now = await secret();
    expect([textIn(now, 'id'), textIn(now, 'secret')]).toEqual(['client-2', 'secret-2']);
    const read1 = await read({ address });
    expect(read1.state === 'present' && read1.bytes.revealText()).toBe(two);
    expect(read1).toHaveProperty('writtenByUsAt');
  });

  it('are written beside keys of others, which are in the document and stay as they are', async () => {
    const { make, change, write, read, secret } = world();
    await make({ stringData: { other: 'kept' }, data: { binary: '//8=' } });
    const merged = JSON.stringify({ other: 'kept', id: 'client-1', secret: 'secret-1' });
    expect(outcomeOf(await write(merged, { address }))).toBe('written');
    const there = await read({ address });
    const version = there.state === 'present' ? there.version : '';
    await change({ stringData: { other: 'changed' } });
    const next = merged.replace('client-1', 'client-3');
    expect(outcomeOf(await write(next, { address, ifVersion: version }))).toBe('conflict');
    expect(outcomeOf(await write(next.replace('kept', 'changed'), { address }))).toBe('written');
    const now = await secret();
    expect([textIn(now, 'id'), now.data?.['binary']]).toEqual(['client-3', '//8=']);
    expect(textIn(now, 'other')).toBe('changed');
  });

  it('are no longer rekeyd’s own as soon as one was changed', async () => {
    const { write, read, change } = world();
    await write(one, { address, options: create });
    await change({ stringData: { secret: 'other' } });
    expect(await read({ address })).not.toHaveProperty('writtenByUsAt');
    expect(await read({ address })).toMatchObject({ lastWrite: { by: 'kubectl-edit' } });
    expect(outcomeOf(await write(two, { address }))).toBe('written');
  });

  it('are refused by name where one belongs to somebody else, before anything is minted too', async () => {
    const { make, write, preflight } = world();
    await make({ stringData: { secret: 'theirs' } }, 'helm');
    const like = new SecretBytes(one);
    expect(outcomeOf(await preflight({ address, like }))).toMatch(/the key secret .* belongs to helm/);
    expect(outcomeOf(await write(one, { address }))).toMatch(/the key secret .* belongs to helm/);
  });

  it('are refused where keys of others would have to go', async () => {
    const { make, write } = world();
    await make({ stringData: { other: 'kept' } });
    expect(outcomeOf(await write(one, { address }))).toMatch(/has keys of others \(other\).*format key/);
  });

  it('lose those that the document no longer has', async () => {
    const { write, secret } = world();
    await write(JSON.stringify({ old: 'a', id: 'b' }), { address, options: create });
    await write(JSON.stringify({ id: 'c' }), { address });
    expect(Object.keys((await secret()).data ?? {})).toEqual(['id']);
  });

  it.each(['[1]', 'text', '{"a":1}', '{"a":{"b":"c"}}'])('cannot be %s', async (text) => {
    expect(outcomeOf(await world().write(text, { address, options: create }))).toMatch(/take one text each/);
  });

  it('are absent where the Secret has none', async () => {
    const { make, read } = world();
    await make({});
    expect(await read({ address })).toEqual({ state: 'absent' });
  });
}
