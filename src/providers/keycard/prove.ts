/** Uses a credential as a consumer would: for an access token, and with that for the one organisation that it belongs to. */
import { fingerprintOf, type ClientCredential } from '../../domain/credential.ts';
import { failed, succeeded, type Failure, type Result } from '../../domain/failure.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AccountRef, Proof } from '../../ports/provider.ts';
import { accessToken, type AccessToken } from './access-token.ts';
import type { KeycardClient } from './client.ts';
import { waited } from './consistency.ts';
import type { LatelyMinted } from './lately-minted.ts';
import { pathTo } from './observe.ts';
import { isNamed, onlyOrganisation, type OwnOrganisation } from './organisation.ts';

/** What is used to find out. */
export interface Proving {
  readonly client: KeycardClient;
  readonly clock: Clock;
  /** Of the provider, for messages. */
  readonly name: string;
  readonly where: string;
  readonly own: OwnOrganisation;
  readonly minted: LatelyMinted;
}

type Options = { readonly signal: AbortSignal };

/** Whose it is thought to be, and what it was known by there. */
interface Thought {
  readonly account?: AccountRef | undefined;
  readonly reference?: string | undefined;
}

/** The service does not say whose a credential is: it is one of those of the account that it is thought to be of. */
export async function prove(
  proving: Proving,
  credential: ClientCredential,
  thought: Thought,
  { signal }: Options,
): Promise<Result<Proof>> {
  const { minted, clock, where } = proving;
  const { account } = thought;
  const fingerprint = fingerprintOf(credential);
  const owner = await ownerOf(proving, credential, thought, { signal });
  if (!owner.ok) return owner;
  let token: AccessToken | undefined;
  for (;;) {
    const given = token === undefined ? await ask(proving, credential, { signal }) : succeeded(token);
    const used = given.ok ? await use(proving, given.value, account, { signal }) : given;
    if (used.ok) return owner;
    // While this one may not be known everywhere, it is tried again: any other would be as new.
    token = given.ok && given.value.unsureMs() > 0 ? given.value : undefined;
    const mayChange = token !== undefined || minted.leftMs(fingerprint) > 0;
    if (used.failure.kind !== 'credential-refused' || !mayChange) return used;
    if (await waited(clock, signal)) continue;
    const why = 'it is so new that it may not be known yet, and this was stopped before it was tried again';
    return failed('not-connected', `${where} refused a credential, which says nothing of it: ${why}.`);
  }
}

async function ownerOf(
  { client, name, own, minted }: Proving,
  credential: ClientCredential,
  { account, reference }: Thought,
  { signal }: Options,
): Promise<Result<Proof>> {
  const { clientId } = credential;
  const lately = minted.accountOf(fingerprintOf(credential));
  if (lately !== undefined) return succeeded({ accountId: lately });
  if (account === undefined) {
    const message = `${name} was not asked: it does not say whose a credential is, and no account was named to look in.`;
    return failed('not-connected', message);
  }
  const ours = await own({ signal });
  if (!ours.ok) return notJudged(ours.failure);
  const path = pathTo(account, ours.value.organisation);
  for await (const page of client.credentials.pages(path, { signal })) {
    if (!page.ok) return notJudged(page.failure);
    const { items } = page.value.value;
    if (items.some((item) => item.clientId === clientId)) return succeeded({ accountId: account.accountId });
  }
  const missing = `${name} was not asked: the client id is not among those of account ${account.accountId}`;
  if (reference !== undefined) {
    const read = await client.credentials.retrieve({ ...path, credentialId: reference }, { signal });
    // Pages are no snapshot.
    if (read.ok) return succeeded({ accountId: account.accountId });
    if (read.failure.kind !== 'not-found') return notJudged(read.failure);
    const gone = `${missing}, and a direct read does not find it: it was deleted. Rotate the account.`;
    return failed('credential-refused', gone, { revoked: true });
  }
  const why = `${missing}. It was retired, or belongs to another account. Observe the account.`;
  return failed('credential-refused', why);
}

async function ask(
  { client, clock }: Proving,
  credential: ClientCredential,
  { signal }: Options,
): Promise<Result<AccessToken>> {
  const reply = await client.token({ as: credential, signal });
  return reply.ok ? succeeded(accessToken(reply.value.value, fingerprintOf(credential), clock)) : reply;
}

async function use(
  { client, where, own }: Proving,
  token: AccessToken,
  account: AccountRef | undefined,
  { signal }: Options,
): Promise<Result<void>> {
  const as = { accessToken: token.text, fingerprint: token.fingerprint };
  const only = await onlyOrganisation(client, where, { as, signal });
  if (!only.ok) return only;
  token.accepted();
  const wanted = await wantedOrganisation(own, account, { signal });
  if (!wanted.ok) return wanted;
  if (isNamed(only.value, wanted.value)) return succeeded(undefined);
  return failed(
    'answer-invalid',
    `${where} accepted the credential, and named organisation ${only.value.id}, not ${wanted.value}. Check the organisation.`,
  );
}

async function wantedOrganisation(
  own: OwnOrganisation,
  account: AccountRef | undefined,
  { signal }: Options,
): Promise<Result<string>> {
  if (account !== undefined && account.organisation !== '') return succeeded(account.organisation);
  const ours = await own({ signal });
  return ours.ok ? succeeded(ours.value.organisation) : notJudged(ours.failure);
}

/** It is the manager credential that was refused here, or could not be read: that is no word on the one that is proved. */
function notJudged({ revoked: _, ...failure }: Failure): Result<never> {
  const { kind } = failure;
  return { ok: false, failure: { ...failure, kind: kind === 'credential-refused' ? 'not-connected' : kind } };
}
