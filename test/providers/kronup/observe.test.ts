import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../src/domain/credential.ts';
import { failureIn, never, valueOf } from './kronup-world.ts';
import { accountOf, seen, world } from './observe-world.ts';

describe('observing one account', () => {
  it('is one direct read', async () => {
    const { observe, calls } = await world({ read: (id) => accountOf(id) });
    const sighting = valueOf(await observe('a'));
    const wantLive = fingerprintOf({ kind: 'token', token: { reveal: () => 'token-of-a' } as never });
    const live = sighting.accounts.get('a')?.live;
    expect(live === undefined ? undefined : fingerprintOf(live)).toBe(wantLive);
    expect(calls()).toEqual(['read']);
  });

  it('says when it was asked', async () => {
    const { observe, clock } = await world({ read: (id) => accountOf(id) });
    await clock.advance(5_000);
    expect(valueOf(await observe('a')).requestedAt).toBe(clock.now());
  });

  it.each([[{}], [{ serviceToken: null }], [{ serviceToken: '' }]])(
    'knows no live credential where %j shows none',
    async (more) => {
      const { observe } = await world({ read: (id) => ({ id, ...more }) });
      expect(seen(valueOf(await observe('a')))).toEqual({ a: 'open, not shown' });
    },
  );

  it('is certain that it is closed once a read and two lists agree', async () => {
    const { observe, calls } = await world({ list: () => ['a!', 'b'] });
    expect(seen(valueOf(await observe('a')))).toEqual({ a: 'closed' });
    expect(calls()).toEqual(['read', 'list', 'list']);
  });

  it('is certain that it is closed where the read itself shows it', async () => {
    const { observe } = await world({ read: () => accountOf('a!'), list: () => ['a!'] });
    expect(seen(valueOf(await observe('a')))).toEqual({ a: 'closed' });
  });

  it('is certain that it is absent once a read and two whole lists agree', async () => {
    const { observe } = await world({ list: () => ['b'] });
    expect(seen(valueOf(await observe('a')))).toEqual({ a: 'absent' });
  });

  it('is not certain where the two lists disagree', async () => {
    const { observe } = await world({ list: (count) => (count === 1 ? ['b'] : ['a!', 'b']) });
    expect(seen(valueOf(await observe('a')))).toEqual({ a: 'closed?' });
  });

  it('is not certain where a list was not read to its end', async () => {
    const { observe } = await world({ list: () => ['b', 'c'], total: 3 });
    expect(seen(valueOf(await observe('a')))).toEqual({ a: 'absent?' });
  });

  it('is not certain where a list shows it as open, which the read did not', async () => {
    const { observe } = await world({ list: () => ['a', 'b'] });
    expect(seen(valueOf(await observe('a')))).toEqual({ a: 'absent?' });
  });

  it('fails where the read fails in any other way', async () => {
    const { observe } = await world({ read: () => ({ id: 5 }) });
    expect(failureIn(await observe('a')).kind).toBe('answer-invalid');
  });
});

describe('observing several accounts', () => {
  it('is one list', async () => {
    const { observe, calls } = await world({ list: () => ['a', 'b', 'c', 'd'] });
    expect(seen(valueOf(await observe('a', 'c')))).toEqual({ a: 'open', c: 'open' });
    expect(calls()).toEqual(['list']);
  });

  it('is one call for 1 500 accounts', async () => {
    const ids = Array.from({ length: 1_500 }, (_, index) => `account-${index}`);
    const { observe, calls } = await world({ list: () => ids });
    expect(valueOf(await observe(...ids)).accounts.size).toBe(1_500);
    expect(calls()).toEqual(['list']);
  });

  it('reads no further than to the last that is asked for', async () => {
    const { observe, calls } = await world({ list: (_, page) => [`a${page}`, `b${page}`], total: 6 });
    expect(seen(valueOf(await observe('a1', 'a2')))).toEqual({ a1: 'open', a2: 'open' });
    expect(calls()).toEqual(['list', 'list']);
  });

  it('is by direct reads, where those are fewer than the pages of the list', async () => {
    const { observe, calls } = await world({
      read: (id) => accountOf(id),
      list: () => ['a', 'b', 'c'],
      total: 4_500,
    });
    valueOf(await observe('a', 'b'));
    valueOf(await observe('a', 'b', 'c'));
    expect(calls()).toEqual(['list', 'read', 'read', 'read']);
  });

  it('shows all others where one of them cannot be read', async () => {
    const { observe, calls } = await world({
      read: (id) => (id === 'b' ? { id: 5 } : accountOf(id)),
      list: () => ['a', 'b', 'c'],
      total: 4_500,
    });
    valueOf(await observe('a', 'b'));
    expect(seen(valueOf(await observe('a', 'b', 'c')))).toEqual({ a: 'open', b: 'open', c: 'open' });
    expect(calls()).toEqual(['list', 'read', 'read', 'read', 'list']);
  });

  it('shows the others where one of them can neither be read nor is on the list', async () => {
    const { observe } = await world({
      read: (id) => (id === 'b' ? { id: 5 } : accountOf(id)),
      list: (count) => (count === 1 ? ['a', 'b'] : ['a', 'c']),
      total: 4_500,
    });
    valueOf(await observe('a', 'b'));
    expect(seen(valueOf(await observe('a', 'b', 'c')))).toEqual({ a: 'open', b: 'absent?', c: 'open' });
  });

  it('shows all others where one on the list cannot be read, and is not certain of that one', async () => {
    const { observe, calls } = await world({
      read: (id) => (id === 'b' ? accountOf('b?') : undefined),
      list: () => ['a', 'b?', 'c'],
    });
    expect(seen(valueOf(await observe('a', 'b', 'c')))).toEqual({ a: 'open', b: 'absent?', c: 'open' });
    expect(calls()).toEqual(['list', 'read']);
  });

  it('is not certain of one that a direct read does not find, and that the list has but cannot be read', async () => {
    const { observe, calls } = await world({ list: () => ['a', 'b?'] });
    expect(seen(valueOf(await observe('a', 'b')))).toEqual({ a: 'open', b: 'absent?' });
    expect(calls()).toEqual(['list', 'read', 'list']);
  });

  it('takes a direct read of one that cannot be read on the list', async () => {
    const { observe } = await world({ read: (id) => accountOf(id), list: () => ['a', 'b?'] });
    expect(seen(valueOf(await observe('a', 'b')))).toEqual({ a: 'open', b: 'open' });
  });

  it.each([
    ['every one of them', 'answer-invalid', { id: 5 }],
    ['whoever asks', 'rate-limited', 429],
  ])('fails without another call where what is wrong concerns %s', async (_, want, answer) => {
    const { observe, calls } = await world({
      read: (id) => (id === 'c' && answer === 429 ? accountOf(id) : answer),
      list: () => ['a', 'b'],
      total: 4_500,
    });
    valueOf(await observe('a', 'b'));
    expect(failureIn(await observe('a', 'b', 'c')).kind).toBe(want);
    expect(calls()).toEqual(['list', 'read', 'read', 'read']);
  });

  it('asks directly, and for a second list, before it is certain of a closed or absent one', async () => {
    const { observe, calls } = await world({ list: () => ['a', 'b!', 'c'] });
    expect(seen(valueOf(await observe('a', 'b', 'x')))).toEqual({ a: 'open', b: 'closed', x: 'absent' });
    expect(calls()).toEqual(['list', 'read', 'read', 'list']);
  });

  it('finds an account that moved from page to page while they were read', async () => {
    const { observe } = await world({ read: (id) => accountOf(id), list: () => ['a', 'b'], total: 3 });
    expect(seen(valueOf(await observe('a', 'c')))).toEqual({ a: 'open', c: 'open' });
  });

  it('takes the later of two sights of one account that moved', async () => {
    const { observe } = await world({
      list: (_, page) => (page === 1 ? ['a!', 'b'] : ['a', 'c']),
      total: 4,
    });
    expect(seen(valueOf(await observe('a', 'c')))).toEqual({ a: 'open', c: 'open' });
  });

  it('is not certain of any that it could not ask about', async () => {
    const { observe } = await world({ read: () => ({ id: 5 }), list: () => ['a', 'b!'] });
    expect(seen(valueOf(await observe('a', 'b')))).toEqual({ a: 'open', b: 'closed?' });
  });

  it('makes certain of a few at a time, where very many are closed', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `a${index}`);
    const { observe, calls } = await world({ list: () => ids.map((id) => `${id}!`) });
    const words = Object.values(seen(valueOf(await observe(...ids))));
    expect(words.filter((word) => word === 'closed')).toHaveLength(25);
    expect(words.filter((word) => word === 'closed?')).toHaveLength(35);
    expect(calls()).toHaveLength(27);
  });

  it('says when the first request was sent', async () => {
    const { observe, clock } = await world({
      list: () => {
        clock.jump(1_000);
        return ['a'];
      },
    });
    const want = clock.now();
    expect(valueOf(await observe('a', 'x')).requestedAt).toBe(want);
  });

  it('dates each account by the request that showed it', async () => {
    const { observe, clock } = await world({
      list: (_, page) => {
        clock.jump(1_000);
        return [`a${page}`];
      },
      total: 2,
    });
    const from = clock.now();
    const { accounts } = valueOf(await observe('a1', 'a2'));
    expect(['a1', 'a2'].map((id) => accounts.get(id)?.requestedAt)).toEqual([from, from + 1_000]);
  });

  it('fails where the list fails', async () => {
    const { server, observe } = await world({ list: () => ['a', 'b'] });
    await server[Symbol.asyncDispose]();
    expect(failureIn(await observe('a', 'b')).kind).toBe('not-connected');
  });

  it('needs no call for no account', async () => {
    const { observe, calls } = await world({});
    expect(valueOf(await observe()).accounts.size).toBe(0);
    expect(calls()).toEqual([]);
  });
});

describe('observing accounts of another organisation than that of the manager credential', () => {
  it('shows them as absent, and asks only for the others', async () => {
    const { provider, calls } = await world({ read: (id) => accountOf(id) });
    const refs = [
      { organisation: 'org-2', accountId: 'a' },
      { organisation: 'org-1', accountId: 'b' },
    ];
    const sighting = valueOf(await provider.observe(refs, { signal: never }));
    expect(seen(sighting)).toEqual({ a: 'absent', b: 'open' });
    expect(calls()).toEqual(['read']);
  });

  it('does not happen where no organisation is configured', async () => {
    const { provider } = await world({ read: (id) => accountOf(id) });
    const refs = [{ organisation: '', accountId: 'a' }];
    expect(seen(valueOf(await provider.observe(refs, { signal: never })))).toEqual({ a: 'open' });
  });
});
