/** Kronup's service accounts for people at a command line. It asks nobody back and decides nothing about who may do what. */
import { fingerprintOf, type Credential } from '../../domain/credential.ts';
import { FAILURES, failed, succeeded, type Failure, type Result } from '../../domain/failure.ts';
import type { JsonObject } from '../../domain/target.ts';
import type { Administration, Asking, Item, MintedItem, Values } from '../../ports/administration.ts';
import type { OpenProvider } from '../entry.ts';
import type { Reply } from '../http/call.ts';
import { kronupClient, type KronupClient, type NewServiceAccount } from './client.ts';
import type { RegeneratedAccount, ServiceAccount } from './models.ts';
import type { KronupConfig } from './schema.ts';

export function administer(options: OpenProvider<KronupConfig>): Administration {
  const client = kronupClient({ ...options, source: options.secretOf(options.config.token) });
  return {
    accounts: {
      async *list({ signal }) {
        for await (const reply of client.list({ signal })) {
          if (!reply.ok) return void (yield reply);
          const { accounts, total } = reply.value.value;
          yield succeeded({ items: accounts.map(itemOf), ...(total === undefined ? {} : { total }) });
        }
      },
      read: ({ id }, { signal }) => readItem(client, id, signal),
      create: async (values, { signal }) => item(await client.create(newAccount(values), { signal })),
      update: async ({ id }, values, { signal }) =>
        item(await client.update(id, changes(values), { signal })),
      regenerate: ({ id }, asking) => regenerate(client, id, asking),
      close: async ({ id }, { signal }) => item(await client.close(id, { signal })),
    },
    async isOwn({ id }, { signal }) {
      const reply = await client.account({ signal });
      return reply.ok ? succeeded(reply.value.value.id === id) : reply;
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** The API reads open accounts only; the list shows closed ones, too. */
async function readItem(client: KronupClient, id: string, signal: AbortSignal): Promise<Result<Item>> {
  const reply = await client.read(id, { signal });
  if (reply.ok || reply.failure.kind !== 'not-found') return item(reply);
  for await (const page of client.list({ signal, only: new Set([id]) })) {
    if (!page.ok) return page;
    const [found] = page.value.value.accounts;
    if (found !== undefined) return succeeded(itemOf(found));
  }
  return reply;
}

/** Sent once. Where the answer is lost, a token that differs from the one before shows that it was done. */
async function regenerate(client: KronupClient, id: string, { signal }: Asking): Promise<Result<MintedItem>> {
  const before = await readItem(client, id, signal);
  if (!before.ok) return before;
  const reply = await client.regenerate(id, { signal });
  if (reply.ok) return minted(reply.value, before.value);
  if (FAILURES[reply.failure.kind].effect === 'none') return reply;
  const after = await client.read(id, { signal });
  const token = after.ok ? after.value.value.serviceToken : undefined;
  if (!after.ok || token === undefined) return unknown(reply.failure, 'and it cannot be read now');
  const credential: Credential = { kind: 'token', token };
  if (isSame(before.value, credential)) return unknown(reply.failure, 'its token is still the one of before');
  return succeeded({ ...itemOf(after.value.value), credential, recovered: true });
}

function minted({ value }: Reply<RegeneratedAccount>, before: Item): Result<MintedItem> {
  const credential: Credential = { kind: 'token', token: value.serviceToken };
  if (!isSame(before, credential)) return succeeded({ ...itemOf(value), credential });
  return failed(
    'answer-invalid',
    `Kronup says that it made a new token for account ${value.id}, and shows the one of before. Look at it in the console.`,
  );
}

function isSame({ credential }: Item, other: Credential): boolean {
  return credential !== undefined && fingerprintOf(credential) === fingerprintOf(other);
}

function unknown({ kind, message, ...more }: Failure, why: string): Result<never> {
  const advice =
    'a new token may still come: read the account again in some minutes, before asking for another one';
  return failed(kind, `${message} It was looked at: ${why}; ${advice}.`, more);
}

function item(reply: Result<Reply<ServiceAccount>>): Result<Item> {
  return reply.ok ? succeeded(itemOf(reply.value.value)) : reply;
}

function itemOf(account: ServiceAccount): Item {
  const { id, userName: name, closedTime, serviceToken: token, ...fields } = account;
  return {
    id,
    state: closedTime === 0 ? 'open' : 'closed',
    fields: withoutGaps({ ...fields, ...(closedTime === 0 ? {} : { closedTime }) }),
    ...(name === undefined ? {} : { name }),
    ...(token === undefined ? {} : { credential: { kind: 'token', token } }),
  };
}

/** Fields that were not there are left out. */
function withoutGaps(fields: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject;
}

function newAccount({ name = '', role }: Values): NewServiceAccount {
  return { userName: name, roleOrg: role === 'admin' ? 'admin' : 'member' };
}

function changes({ name, role }: Values): Partial<NewServiceAccount> {
  return {
    ...(name === undefined ? {} : { userName: name }),
    ...(role === undefined ? {} : { roleOrg: role === 'admin' ? ('admin' as const) : ('member' as const) }),
  };
}
