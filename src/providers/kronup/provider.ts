/** Kronup as a provider: accounts whose one token is replaced in place, and is shown to whoever may read the account. */
import { failed, succeeded, type Result } from '../../domain/failure.ts';
import type { AccountRef, Minted, Provider, SeenAccount } from '../../ports/provider.ts';
import type { OpenProvider } from '../entry.ts';
import type { Reply } from '../http/call.ts';
import { within } from '../http/within.ts';
import { kronupClient } from './client.ts';
import { managerLookup } from './manager.ts';
import type { RegeneratedAccount } from './models.ts';
import { observe, type ListLength } from './observe.ts';
import { originOf, type KronupConfig } from './schema.ts';
import { isToken, lifetimeOf, organisationOf } from './token.ts';

export function open(options: OpenProvider<KronupConfig>): Provider {
  const { name, config, clock } = options;
  const source = options.secretOf(config.token);
  const client = kronupClient({ ...options, source });
  const lifetime = new AbortController();
  const length: ListLength = { pages: 1 };
  return {
    name,
    kind: 'kronup',
    origin: originOf(config),
    strategies: ['in-place', 'pair'],
    mintTimeLimitMs: config.timeout,
    freeze: config.freeze,
    looksAtMany: true,
    manager: managerLookup(client, source, lifetime.signal),
    async observe(accounts, { signal }) {
      const token = await within(source.read(), signal);
      const organisation = token?.ok === true ? client.organisationOf(token.value) : undefined;
      const elsewhere = accounts.filter((account) => isElsewhere(account, organisation));
      const here = accounts.filter((account) => !isElsewhere(account, organisation));
      const ids = new Set(here.map((account) => account.accountId));
      const absent = new Map<string, SeenAccount>(elsewhere.map((account) => [account.accountId, ABSENT]));
      if (ids.size === 0) return succeeded({ requestedAt: clock.now(), accounts: absent });
      const sighting = await observe(client, ids, length, { signal });
      if (!sighting.ok) return sighting;
      return succeeded({ ...sighting.value, accounts: new Map([...absent, ...sighting.value.accounts]) });
    },
    async mint({ accountId }, { signal, maySend, onSent }) {
      return minted(await client.regenerate(accountId, { signal, maySend, onSent }));
    },
    async prove(credential, { signal }) {
      if (credential.kind !== 'token') {
        return failed(
          'credential-refused',
          `${name} takes a token; this credential is a client id with a secret.`,
        );
      }
      // A target may hold somebody else's secret: what cannot be a Kronup key is not shown to Kronup.
      if (!isToken(credential.token)) {
        return failed(
          'credential-refused',
          `${name} was not asked: what is to be proved is no JWT, so no Kronup key.`,
        );
      }
      const reply = await client.account({ as: credential.token, signal });
      return reply.ok ? succeeded({ accountId: reply.value.value.id }) : reply;
    },
    async *accounts({ signal }) {
      for await (const page of client.list({ signal })) {
        if (!page.ok) return void (yield page);
        yield succeeded(
          page.value.value.accounts.map(({ id, userName, closedTime }) => ({
            id,
            name: userName ?? '',
            open: closedTime === 0,
          })),
        );
      }
    },
    lifetimeOf: (credential) => (credential.kind === 'token' ? lifetimeOf(credential.token) : {}),
    callsLeft: () => client.callsLeft(),
    refOf: ({ organisation, accountIds }) => ({ organisation, accountId: accountIds[0] }),
    async [Symbol.asyncDispose]() {
      lifetime.abort(new Error('closed'));
      await client[Symbol.asyncDispose]();
    },
  };
}

/** The organisation of the manager credential cannot see it, whatever has its id there. */
const ABSENT: SeenAccount = { state: 'absent', certain: true };

function isElsewhere({ organisation }: AccountRef, own: string | undefined): boolean {
  return own !== undefined && organisation !== '' && organisation !== own;
}

function minted(reply: Result<Reply<RegeneratedAccount>>): Result<Minted> {
  if (!reply.ok) return reply;
  const { id: accountId, serviceToken: token } = reply.value.value;
  const organisation = organisationOf(token);
  return succeeded({
    credential: { kind: 'token', token },
    accountId,
    sentAt: reply.value.sentAt,
    ...(organisation === undefined ? {} : { organisation }),
  });
}
