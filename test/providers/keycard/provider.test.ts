import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { failureIn, never, valueOf } from '../http-world.ts';
import { json, type Script } from '../scripted-server.ts';
import { openProvider } from './keycard-world.ts';
import { scriptedKeycard } from './scripted-keycard.ts';

const account = { organisation: '', accountId: 'acc' };
const credential = { kind: 'client', clientId: 'mine', clientSecret: new Secret('secret-of-mine') } as const;
const LAST_PAGE = { has_next_page: false, has_prev_page: false };
const CREATED_AT = '2026-01-01T00:00:00Z';

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

/** Organisations as given, and one credential, `mine`. */
async function world(
  organisations: readonly { readonly id: string; readonly label?: string }[],
  config = {},
) {
  const script: Script = ({ path }, response) => {
    const isOrganisations = path === '/organizations';
    const mine = { id: 'cre', name: 'x', client_id: 'mine', created_at: CREATED_AT };
    json(response, { items: isOrganisations ? organisations : [mine], page_info: LAST_PAGE });
  };
  const server = await scriptedKeycard(script);
  const opened = openProvider({ url: server.origin, config });
  cleanups.push(server, opened.provider);
  return { server, ...opened };
}

describe('the organisation of a Keycard provider', () => {
  it('is asked for once', async () => {
    const { server, provider } = await world([{ id: 'o' }]);
    valueOf(await provider.observe([account], { signal: never }));
    valueOf(await provider.observe([account], { signal: never }));
    const paths = server.asked.map(({ path }) => path);
    const credentials = '/organizations/o/service-accounts/acc/credentials?limit=100';
    expect(paths).toEqual(['/organizations', credentials, credentials]);
  });

  it('is asked for once by many who look at the same time', async () => {
    const { server, provider } = await world([{ id: 'o' }]);
    const looks = await Promise.all([1, 2, 3].map(() => provider.observe([account], { signal: never })));
    expect(looks.every(({ ok }) => ok)).toBe(true);
    expect(server.asked.filter(({ path }) => path === '/organizations')).toHaveLength(1);
  });

  it('is still found out for the others when one who asked for it gives up', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const server = await scriptedKeycard(({ path }, response) => {
      if (path !== '/organizations') return json(response, { items: [], page_info: LAST_PAGE });
      ask();
      void answered.then(() => json(response, { items: [{ id: 'o' }], page_info: LAST_PAGE }));
    });
    const { provider } = openProvider({ url: server.origin });
    cleanups.push(server, provider);
    const leaving = new AbortController();
    const left = provider.observe([account], { signal: leaving.signal });
    const staying = provider.observe([account], { signal: never });
    await asked;
    leaving.abort();
    expect(failureIn(await left).kind).toBe('not-connected');
    answer();
    expect(valueOf(await staying).accounts.get('acc')?.state).toBe('open');
  });

  it.each([
    ['none', []],
    ['2', [{ id: 'o' }, { id: 'p' }]],
  ])('must be exactly one: %s', async (found, organisations) => {
    const { provider } = await world(organisations);
    const failure = failureIn(await provider.manager({ signal: never }));
    expect(failure.kind).toBe('answer-invalid');
    expect(failure.message).toContain(`named ${found}.`);
  });

  it('is the one that an account names, which a proved credential must be of', async () => {
    const { provider } = await world([{ id: 'o', label: 'acme' }]);
    const prove = (organisation: string) =>
      provider.prove(credential, { account: { ...account, organisation }, signal: never });
    expect(valueOf(await prove('o')).accountId).toBe('acc');
    expect(valueOf(await prove('acme')).accountId).toBe('acc');
    expect(failureIn(await prove('other'))).toMatchObject({ kind: 'answer-invalid' });
  });

  it('is the configured one, by id or label', async () => {
    const { server, provider } = await world([{ id: 'o', label: 'acme' }], { organisation: 'acme' });
    expect(valueOf(await provider.prove(credential, { account, signal: never })).accountId).toBe('acc');
    expect(server.asked.some(({ path }) => path.startsWith('/organizations/acme/'))).toBe(true);
  });
});

describe('a credential to be proved', () => {
  it('is a client id with a secret', async () => {
    const { server, provider } = await world([{ id: 'o' }]);
    const token = { kind: 'token', token: new Secret('a.b.c') } as const;
    expect(failureIn(await provider.prove(token, { account, signal: never })).kind).toBe(
      'credential-refused',
    );
    expect(server.received).toEqual([]);
  });

  it('is not shown to the service where it is none of the account', async () => {
    const { server, provider } = await world([{ id: 'o' }]);
    const other = { ...credential, clientId: 'not-listed' };
    const failure = failureIn(await provider.prove(other, { account, signal: never }));
    expect(failure).toMatchObject({ kind: 'credential-refused' });
    expect(server.tokens.length).toBe(1);
  });

  describe('that its account does not list', () => {
    const asked = async (status: number) => {
      const script: Script = ({ path }, response) => {
        const mine = { id: 'cre', name: 'x', client_id: 'mine', created_at: CREATED_AT };
        const body = status === 200 ? mine : { message: 'no', code: 'no', status };
        if (path.endsWith('/credentials/cre')) return json(response, body, status);
        json(response, { items: path === '/organizations' ? [{ id: 'o' }] : [], page_info: LAST_PAGE });
      };
      const server = await scriptedKeycard(script);
      const opened = openProvider({ url: server.origin });
      cleanups.push(server, opened.provider);
      return await opened.provider.prove(credential, { account, reference: 'cre', signal: never });
    };

    it('is refused for certain once a direct read does not find it either', async () => {
      expect(failureIn(await asked(404))).toMatchObject({ kind: 'credential-refused', revoked: true });
    });

    it('is used where a direct read finds it, because pages are no snapshot', async () => {
      expect(valueOf(await asked(200)).accountId).toBe('acc');
    });

    it('is not judged where the direct read fails', async () => {
      expect(failureIn(await asked(403)).kind).not.toBe('credential-refused');
    });
  });

  it('needs an account to look in', async () => {
    const { server, provider } = await world([{ id: 'o' }]);
    expect(failureIn(await provider.prove(credential, { signal: never })).kind).toBe('not-connected');
    expect(server.received).toEqual([]);
  });
});
