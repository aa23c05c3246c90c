/** Keycard's service accounts and their credentials for people at a command line. It decides nothing about who may do what. */
import { succeeded, type Result } from '../../domain/failure.ts';
import type { JsonObject } from '../../domain/target.ts';
import type { Administration, Collection, Item, ItemPage, Values } from '../../ports/administration.ts';
import type { OpenProvider } from '../entry.ts';
import type { Reply } from '../http/call.ts';
import { whereOf } from '../http/caller.ts';
import { keycardClient, type AccountPath, type KeycardClient, type Naming } from './client.ts';
import { managerSource } from './manager-credential.ts';
import type { AccountCredential, CreatedCredential, Page, ServiceAccount } from './models.ts';
import { ownOrganisation, type OwnOrganisation } from './organisation.ts';
import { isOwn } from './own-account.ts';
import type { KeycardConfig } from './schema.ts';

interface Parts {
  readonly client: KeycardClient;
  readonly own: OwnOrganisation;
}

export function administer(options: OpenProvider<KeycardConfig>): Administration {
  const { name, config } = options;
  const source = managerSource(config, (reference) => options.secretOf(reference));
  const client = keycardClient({ ...options, source });
  const lifetime = new AbortController();
  const own = ownOrganisation(client, {
    where: whereOf(name, config),
    configured: config.organisation,
    lifetime: lifetime.signal,
  });
  const parts: Parts = { client, own };
  return {
    accounts: accountsOf(parts),
    credentials: credentialsOf(parts),
    async isOwn(ref, { signal }) {
      const path = await pathTo(parts, ref.account ?? ref.id, signal);
      if (!path.ok) return path;
      const credential = await source.read();
      if (!credential.ok) return credential;
      const { clientId } = credential.value;
      return await isOwn(client, ref, { path: path.value, clientId, signal });
    },
    async [Symbol.asyncDispose]() {
      lifetime.abort(new Error('closed'));
      await client[Symbol.asyncDispose]();
    },
  };
}

function accountsOf(parts: Parts): Collection {
  const { accounts } = parts.client;
  return {
    async *list({ signal }) {
      const organisation = await organisationOf(parts, signal);
      if (!organisation.ok) return void (yield organisation);
      const where = { organisation: organisation.value };
      for await (const page of accounts.pages(where, { signal })) yield pageOf(page, accountItem);
    },
    async read({ id }, { signal }) {
      const path = await pathTo(parts, id, signal);
      return path.ok ? itemOf(await accounts.retrieve(path.value, { signal }), accountItem) : path;
    },
    async create(values, { signal }) {
      const organisation = await organisationOf(parts, signal);
      if (!organisation.ok) return organisation;
      const where = { organisation: organisation.value };
      return itemOf(await accounts.create(where, namingOf(values), { signal }), accountItem);
    },
    async update({ id }, values, { signal }) {
      const path = await pathTo(parts, id, signal);
      return path.ok
        ? itemOf(await accounts.update(path.value, changesOf(values), { signal }), accountItem)
        : path;
    },
    async delete({ id }, { signal }) {
      const path = await pathTo(parts, id, signal);
      return path.ok ? ended(await accounts.delete(path.value, { signal })) : path;
    },
  };
}

function credentialsOf(parts: Parts): Collection {
  const { credentials } = parts.client;
  return {
    async *list({ account = '', signal }) {
      const path = await pathTo(parts, account, signal);
      if (!path.ok) return void (yield path);
      for await (const page of credentials.pages(path.value, { signal })) yield pageOf(page, credentialItem);
    },
    async read({ id, account = '' }, { signal }) {
      const path = await pathTo(parts, account, signal);
      if (!path.ok) return path;
      return itemOf(
        await credentials.retrieve({ ...path.value, credentialId: id }, { signal }),
        credentialItem,
      );
    },
    async create(values, { account = '', signal }) {
      const path = await pathTo(parts, account, signal);
      if (!path.ok) return path;
      return itemOf(await credentials.create(path.value, namingOf(values), { signal }), mintedItem);
    },
    async update({ id, account = '' }, values, { signal }) {
      const path = await pathTo(parts, account, signal);
      if (!path.ok) return path;
      const where = { ...path.value, credentialId: id };
      return itemOf(await credentials.update(where, changesOf(values), { signal }), credentialItem);
    },
    async delete({ id, account = '' }, { signal }) {
      const path = await pathTo(parts, account, signal);
      return path.ok
        ? ended(await credentials.delete({ ...path.value, credentialId: id }, { signal }))
        : path;
    },
  };
}

async function organisationOf({ own }: Parts, signal: AbortSignal): Promise<Result<string>> {
  const ours = await own({ signal });
  return ours.ok ? succeeded(ours.value.organisation) : ours;
}

async function pathTo(parts: Parts, accountId: string, signal: AbortSignal): Promise<Result<AccountPath>> {
  const organisation = await organisationOf(parts, signal);
  return organisation.ok ? succeeded({ organisation: organisation.value, accountId }) : organisation;
}

function pageOf<Shown>(page: Result<Reply<Page<Shown>>>, show: (shown: Shown) => Item): Result<ItemPage> {
  return page.ok ? succeeded({ items: page.value.value.items.map(show) }) : page;
}

function itemOf<Shown>(reply: Result<Reply<Shown>>, show: (shown: Shown) => Item): Result<Item> {
  return reply.ok ? succeeded(show(reply.value.value)) : reply;
}

function ended(reply: Result<Reply<void>>): Result<void> {
  return reply.ok ? succeeded(undefined) : reply;
}

function accountItem({ id, name, ...fields }: ServiceAccount): Item {
  return { id, name, state: 'open', fields: withoutGaps(fields) };
}

function credentialItem({ id, name, ...fields }: AccountCredential): Item {
  return { id, name, state: 'open', fields: withoutGaps(fields) };
}

function mintedItem({ id, name, clientSecret, ...fields }: CreatedCredential): Item {
  const credential = { kind: 'client', clientId: fields.clientId, clientSecret } as const;
  return { id, name, state: 'open', fields: withoutGaps(fields), credential };
}

/** Fields that were not there are left out. */
function withoutGaps(fields: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject;
}

function namingOf({ name = '', description }: Values): Naming {
  return { name, ...(description === undefined ? {} : { description }) };
}

function changesOf({ name, description }: Values): Partial<Naming> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  };
}
