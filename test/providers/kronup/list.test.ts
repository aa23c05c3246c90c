import { afterEach, describe, expect, it } from 'vitest';
import { scrub } from '../../../src/domain/secret.ts';
import type { AccountsPage } from '../../../src/providers/kronup/list.ts';
import { failureIn, never, openClient, valueOf } from './kronup-world.ts';
import { json, scriptedServer, type Script } from '../scripted-server.ts';

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

async function world(script: Script) {
  const server = await scriptedServer(script);
  const opened = openClient({ url: server.url });
  cleanups.push(server, opened.client);
  return { server, ...opened };
}

/** Answers each page by its number; a page that is not there is beyond the end. */
function pages(...bodies: readonly object[]): Script {
  return ({ path }, response) => {
    const number = Number(new URL(path, 'http://x').searchParams.get('pageNumber'));
    json(response, bodies[number - 1] ?? { serviceAccounts: [], total: 0 });
  };
}

function page(ids: readonly string[], more: object = {}): object {
  return { serviceAccounts: ids.map((id) => ({ id, serviceToken: `token-of-${id}` })), ...more };
}

type Client = Awaited<ReturnType<typeof world>>['client'];

async function all(client: Client, options: { only?: ReadonlySet<string>; pageSize?: number } = {}) {
  const seen: AccountsPage[] = [];
  for await (const reply of client.list({ signal: never, pageSize: 2, ...options }))
    seen.push(valueOf(reply).value);
  const ids = seen.flatMap(({ accounts }) => accounts.map(({ id }) => id));
  return { ids, pages: seen.length, complete: seen.at(-1)?.complete };
}

describe('the list of service accounts', () => {
  it('is asked for in pages as long as they may be', async () => {
    const { server, client } = await world(pages(page(['a'], { total: 1 })));
    for await (const reply of client.list({ signal: never })) valueOf(reply);
    expect(server.received.map(({ path }) => path)).toEqual([
      '/v1/service-accounts?pageNumber=1&pageSize=1500',
    ]);
  });

  it('is read to its end, and no further', async () => {
    const { server, client } = await world(
      pages(page(['a', 'b'], { total: 5 }), page(['c', 'd'], { total: 5 }), page(['e'], { total: 5 })),
    );
    expect(await all(client)).toEqual({ ids: ['a', 'b', 'c', 'd', 'e'], pages: 3, complete: true });
    expect(server.received).toHaveLength(3);
  });

  it('is complete after one full page that is all there is', async () => {
    const { client } = await world(pages(page(['a', 'b'], { total: 2 })));
    expect(await all(client)).toMatchObject({ pages: 1, complete: true });
  });

  it('may be empty', async () => {
    const { client } = await world(pages({ serviceAccounts: [], total: 0 }));
    expect(await all(client)).toEqual({ ids: [], pages: 1, complete: true });
  });

  it('goes on after a page that is shorter than asked for, while more were announced', async () => {
    const { client } = await world(
      pages(page(['a'], { total: 3 }), page(['b'], { total: 3 }), page(['c'], { total: 3 })),
    );
    expect(await all(client)).toEqual({ ids: ['a', 'b', 'c'], pages: 3, complete: true });
  });

  it('ends with the total of the newest page, when accounts were made meanwhile', async () => {
    const { client } = await world(
      pages(page(['a', 'b'], { total: 3 }), page(['c', 'd'], { total: 5 }), page(['e'], { total: 5 })),
    );
    expect(await all(client)).toMatchObject({ ids: ['a', 'b', 'c', 'd', 'e'], complete: true });
  });

  it('is not complete when one account moved to a page that was read before', async () => {
    const { client } = await world(
      pages(page(['a', 'b'], { total: 4 }), page(['b', 'd'], { total: 4 }), page([], { total: 4 })),
    );
    expect(await all(client)).toEqual({ ids: ['a', 'b', 'b', 'd'], pages: 3, complete: false });
  });

  it('ends, not complete, when a page brings nothing new', async () => {
    const { server, client } = await world((_, response) => json(response, page(['a', 'b'], { total: 9 })));
    expect(await all(client)).toMatchObject({ pages: 2, complete: false });
    expect(server.received).toHaveLength(2);
  });

  it.each([
    ['400', 400, 'invalid-argument-pageNumber'],
    ['404', 404, 'not-found'],
  ])('ends where a page beyond the end is answered with %s', async (_, status, id) => {
    const { client } = await world(({ path }, response) => {
      if (path.includes('pageNumber=1')) json(response, page(['a', 'b'], { total: 3 }));
      else json(response, { id, message: '' }, status);
    });
    expect(await all(client)).toEqual({ ids: ['a', 'b'], pages: 1, complete: false });
  });

  it('has not ended where something else than Kronup answers that there is no such page', async () => {
    const { client } = await world(({ path }, response) => {
      if (path.includes('pageNumber=1')) json(response, page(['a', 'b'], { total: 3 }));
      else response.writeHead(404).end('<html>');
    });
    const replies = [];
    for await (const reply of client.list({ signal: never, pageSize: 2 })) replies.push(reply);
    expect(failureIn(replies[1] ?? { ok: true, value: undefined })).toMatchObject({ status: 404 });
  });

  it('without a total, is read until a page is shorter than the service says its pages are', async () => {
    const { client } = await world(pages(page(['a', 'b'], { pageSize: 2 }), page(['c'], { pageSize: 2 })));
    expect(await all(client)).toEqual({ ids: ['a', 'b', 'c'], pages: 2, complete: true });
  });

  it('without a total and a page size, is read until a page is empty', async () => {
    const { client } = await world(pages(page(['a']), page(['b']), page([])));
    expect(await all(client)).toEqual({ ids: ['a', 'b'], pages: 3, complete: true });
  });

  it('stops at a failure, and says which', async () => {
    const { client } = await world(({ path }, response) => {
      if (path.includes('pageNumber=1')) json(response, page(['a', 'b'], { total: 3 }));
      else json(response, { id: 'not-allowed', message: '' }, 403);
    });
    const replies = [];
    for await (const reply of client.list({ signal: never, pageSize: 2 })) replies.push(reply);
    expect(replies).toHaveLength(2);
    expect(failureIn(replies[1] ?? { ok: true, value: undefined }).kind).toBe('not-allowed');
  });

  it('names the account whose data does not fit', async () => {
    const body = { total: 2, serviceAccounts: [{ id: 'a' }, { id: 'b', closedTime: 'no' }] };
    const { client } = await world((_, response) => json(response, body));
    const first = await client.list({ signal: never }).next();
    const failure = failureIn(first.value ?? { ok: true, value: undefined });
    expect(failure.kind).toBe('answer-invalid');
    expect(failure.message).toContain('serviceAccounts[1].closedTime: expected number, received string');
  });

  it.each([
    ['no list of accounts', { total: 1 }, 'serviceAccounts: expected array'],
    [
      'an account without an id',
      { serviceAccounts: [{ userName: 'x' }] },
      'serviceAccounts[0].id: expected string',
    ],
    [
      'a total that is no number',
      { serviceAccounts: [], total: '3' },
      'total: expected number, received string',
    ],
  ])('is refused where it has %s', async (_, body, want) => {
    const { client } = await world((__, response) => json(response, body));
    const first = await client.list({ signal: never }).next();
    expect(failureIn(first.value ?? { ok: true, value: undefined }).message).toContain(want);
  });

  it('shows only those that are wanted, and never looks at the others', async () => {
    const body = {
      total: 3,
      serviceAccounts: [
        { id: 'a', serviceToken: 'token-that-nobody-wants' },
        { id: 'b', serviceToken: 'token-that-is-wanted' },
        { id: 'c', serviceToken: 5, closedTime: 'broken' },
      ],
    };
    const { client } = await world((_, response) => json(response, body));
    expect(await all(client, { only: new Set(['b']) })).toMatchObject({ ids: ['b'], complete: true });
    // Only a value that was made a Secret is known to the scrubber.
    expect(scrub('token-that-nobody-wants token-that-is-wanted')).toBe('token-that-nobody-wants [secret]');
  });
});
