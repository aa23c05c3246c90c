/**
 * Looks at accounts: each by the list of its credentials. That an account is absent is certain only once a direct read and the
 * list of accounts agree.
 */
import { succeeded, type Result } from '../../domain/failure.ts';
import type { AccountRef, SeenAccount, SeenCredential, Sighting } from '../../ports/provider.ts';
import type { Reply } from '../http/call.ts';
import type { AccountPath, KeycardClient } from './client.ts';
import type { AccountCredential } from './models.ts';
import { collect } from './pages.ts';

type Options = { readonly signal: AbortSignal };

/** What one account's look brought, and when it was asked for. */
interface Look {
  readonly sentAt: number;
  readonly clockOffsetMs?: number;
  readonly seen: SeenAccount;
}

/** At least one account. `own`: the organisation of those that name none. */
export async function observe(
  client: KeycardClient,
  accounts: readonly AccountRef[],
  own: string,
  options: Options,
): Promise<Result<Sighting>> {
  const results = await Promise.all(accounts.map((account) => lookAt(client, account, own, options)));
  const looks: Look[] = [];
  for (const result of results) {
    if (!result.ok) return result;
    looks.push(result.value);
  }
  const clockOffsetMs = looks.find((look) => look.clockOffsetMs !== undefined)?.clockOffsetMs;
  return succeeded({
    requestedAt: Math.min(...looks.map((look) => look.sentAt)),
    accounts: new Map(accounts.map(({ accountId }, index) => [accountId, looks[index]?.seen ?? DOUBTFUL])),
    ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }),
  });
}

const DOUBTFUL: SeenAccount = { state: 'absent', certain: false };

/** Where an account is: in the organisation that it names, else in that of the manager credential. */
export function pathTo({ organisation, accountId }: AccountRef, own: string): AccountPath {
  return { organisation: organisation === '' ? own : organisation, accountId };
}

async function lookAt(
  client: KeycardClient,
  account: AccountRef,
  own: string,
  options: Options,
): Promise<Result<Look>> {
  const path = pathTo(account, own);
  let sentAt: number | undefined;
  const onSent = (at: number) => {
    sentAt ??= at;
  };
  const listed = await collect(client.credentials.pages(path, { ...options, onSent }));
  if (listed.ok) return succeeded(openLook(listed.value));
  if (listed.failure.kind !== 'not-found') return listed;
  const certain = await isGone(client, path, options);
  if (!certain.ok) return certain;
  return succeeded({ sentAt: sentAt ?? 0, seen: { state: 'absent', certain: certain.value } });
}

function openLook({ value, sentAt, clockOffsetMs }: Reply<readonly AccountCredential[]>): Look {
  const credentials = value.map(seenCredential);
  return {
    sentAt,
    seen: { state: 'open', certain: true, credentials, requestedAt: sentAt },
    ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }),
  };
}

/** A direct read that shows nothing, and a whole list without it. */
async function isGone(client: KeycardClient, path: AccountPath, options: Options): Promise<Result<boolean>> {
  const read = await client.accounts.retrieve(path, options);
  if (read.ok) return succeeded(false);
  if (read.failure.kind !== 'not-found') return read;
  for await (const page of client.accounts.pages(path, options)) {
    // The organisation itself is not there, or somebody else's.
    if (!page.ok) return succeeded(page.failure.kind === 'not-found');
    if (page.value.value.items.some(({ id }) => id === path.accountId)) return succeeded(false);
  }
  return succeeded(true);
}

function seenCredential(credential: AccountCredential): SeenCredential {
  const { id: reference, name, clientId, createdAt, lastUsedAt } = credential;
  return {
    reference,
    name,
    clientId,
    createdAt: Date.parse(createdAt),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: Date.parse(lastUsedAt) }),
  };
}
