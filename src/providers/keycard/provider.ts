/** Keycard as a provider: accounts with several credentials at a time, each a client id and a secret that is shown once. */
import { fingerprintOf } from '../../domain/credential.ts';
import { failed, succeeded, type Failure, type Result } from '../../domain/failure.ts';
import type { AccountRef, Provider } from '../../ports/provider.ts';
import type { OpenProvider } from '../entry.ts';
import { whereOf } from '../http/caller.ts';
import { nothingDone } from '../http/errors.ts';
import { originOf } from '../http/settings.ts';
import { TOKEN_PATH } from './call.ts';
import { keycardClient, type AccountPath, type KeycardClient } from './client.ts';
import { latelyMinted, type LatelyMinted } from './lately-minted.ts';
import { managerSource, type ManagerSource } from './manager-credential.ts';
import { observe, pathTo } from './observe.ts';
import { ownOrganisation, type OwnOrganisation } from './organisation.ts';
import { prove } from './prove.ts';
import type { KeycardConfig } from './schema.ts';
import { stamped } from './stamp.ts';

interface Parts {
  readonly client: KeycardClient;
  readonly source: ManagerSource;
  readonly name: string;
  readonly where: string;
  readonly own: OwnOrganisation;
  readonly minted: LatelyMinted;
}

export function open(options: OpenProvider<KeycardConfig>): Provider {
  const { name, config, clock } = options;
  const source = managerSource(config, (reference) => options.secretOf(reference));
  const client = keycardClient({ ...options, source });
  const where = whereOf(name, config);
  const lifetime = new AbortController();
  const own = ownOrganisation(client, { where, configured: config.organisation, lifetime: lifetime.signal });
  const minted = latelyMinted(clock);
  const parts: Parts = { client, source, name, where, own, minted };
  return {
    name,
    kind: 'keycard',
    origin: originOf(config),
    strategies: ['overlap'],
    mintTimeLimitMs: config.timeout,
    freeze: config.freeze,
    looksAtMany: false,
    tokenEndpoint: config.baseUrl + TOKEN_PATH,
    async manager(asking) {
      const ours = await own(asking);
      if (!ours.ok) return ours;
      const credential = await source.read();
      if (!credential.ok) return credential;
      return succeeded({ clientId: credential.value.clientId, fingerprint: ours.value.fingerprint });
    },
    async observe(accounts, { signal }) {
      if (accounts.length === 0) return succeeded({ requestedAt: clock.now(), accounts: new Map() });
      const ours = await own({ signal });
      if (!ours.ok) return nothingDone(ours.failure);
      return await observe(client, accounts, ours.value.organisation, { signal });
    },
    mint: (account, minting) => mint(parts, account, minting),
    async prove(credential, { account, reference, signal }) {
      if (credential.kind === 'client') {
        return await prove({ ...parts, clock }, credential, { account, reference }, { signal });
      }
      const message = `${name} takes a client id with a secret; this credential is a token.`;
      return failed('credential-refused', message);
    },
    retire: (account, retiring) => retire(parts, account, retiring),
    ...(config.annotate && {
      annotate: (account, annotating) => annotate(parts, account, annotating),
    }),
    accounts: ({ signal }) => listed(parts, signal),
    lifetimeOf: () => ({}),
    callsLeft: () => undefined,
    refOf: ({ organisation, accountIds }) => ({ organisation, accountId: accountIds[0] }),
    async [Symbol.asyncDispose]() {
      lifetime.abort(new Error('closed'));
      await client[Symbol.asyncDispose]();
    },
  };
}

/** Every account that is there is open: Keycard deletes, and closes none. */
async function* listed(
  { client, own }: Parts,
  signal: AbortSignal,
): ReturnType<NonNullable<Provider['accounts']>> {
  const ours = await own({ signal });
  if (!ours.ok) return void (yield ours);
  const { organisation } = ours.value;
  for await (const page of client.accounts.pages({ organisation }, { signal })) {
    if (!page.ok) return void (yield page);
    yield succeeded(page.value.value.items.map(({ id, name }) => ({ id, name, open: true })));
  }
}

const mint = async (
  { client, own, minted }: Parts,
  account: AccountRef,
  { name, ...options }: Parameters<Provider['mint']>[1],
): ReturnType<Provider['mint']> => {
  const path = await pathOf(own, account, options);
  if (!path.ok) return nothingDone(path.failure);
  const reply = await client.credentials.create(path.value, { name }, options);
  if (!reply.ok) return reply;
  const { id: reference, clientId, clientSecret } = reply.value.value;
  const credential = { kind: 'client', clientId, clientSecret } as const;
  const { accountId } = account;
  minted.add({ fingerprint: fingerprintOf(credential), accountId, reference });
  return succeeded({ credential, reference, accountId, sentAt: reply.value.sentAt });
};

/** It is looked at first: the credential that the daemon itself uses must not be ended. */
async function retire(
  { client, source, own, minted, where }: Parts,
  account: AccountRef,
  { reference, signal, maySend }: Parameters<NonNullable<Provider['retire']>>[1],
): Promise<Result<void>> {
  const parent = await pathOf(own, account, { signal });
  if (!parent.ok) return nothingDone(parent.failure);
  const path = { ...parent.value, credentialId: reference };
  const shown = await client.credentials.retrieve(path, { signal });
  if (!shown.ok)
    return shown.failure.kind === 'not-found' ? notShown(shown.failure) : nothingDone(shown.failure);
  const manager = await source.read();
  if (!manager.ok) return manager;
  if (shown.value.value.clientId === manager.value.clientId) {
    return failed(
      'not-allowed',
      `${where} was not asked to delete credential ${reference} of account ${account.accountId}: it is the manager ` +
        `credential itself. Put another one into ${source.description} first.`,
    );
  }
  const reply = await client.credentials.delete(path, { signal, maySend });
  if (!reply.ok) return reply.failure.kind === 'not-found' ? notShown(reply.failure) : reply;
  minted.retired(reference);
  return succeeded(undefined);
}

/** A server that is behind does not know a new one yet: taken for gone, it would work for ever. */
function notShown(failure: Failure): { readonly ok: false; readonly failure: Failure } {
  const message = `${failure.message} It is gone if the list of the account’s credentials does not have it either: that is looked at next.`;
  return { ok: false, failure: { ...failure, message } };
}

async function annotate(
  { client, own, where }: Parts,
  account: AccountRef,
  { line, signal }: Parameters<NonNullable<Provider['annotate']>>[1],
): Promise<Result<void>> {
  const path = await pathOf(own, account, { signal });
  if (!path.ok) return path;
  const shown = await client.accounts.retrieve(path.value, { signal });
  if (!shown.ok) return shown;
  const description = stamped(shown.value.value.description ?? '', line);
  if (description === undefined) {
    return failed(
      'not-allowed',
      `${where} was not asked to describe account ${account.accountId}: what people wrote there leaves no room for a line. ` +
        'Shorten it.',
    );
  }
  const reply = await client.accounts.update(path.value, { description }, { signal });
  return reply.ok ? succeeded(undefined) : reply;
}

async function pathOf(
  own: OwnOrganisation,
  account: AccountRef,
  { signal }: { readonly signal: AbortSignal },
): Promise<Result<AccountPath>> {
  if (account.organisation !== '') return succeeded(pathTo(account, ''));
  const ours = await own({ signal });
  return ours.ok ? succeeded(pathTo(account, ours.value.organisation)) : ours;
}
