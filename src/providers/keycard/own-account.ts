/** Whether the manager credential is the one that is asked about, or one of the account that is. */
import { succeeded, type Result } from '../../domain/failure.ts';
import type { ItemRef } from '../../ports/administration.ts';
import type { AccountPath, KeycardClient } from './client.ts';

/**
 * Nothing documented says whose a client id is, and the credentials of all accounts would be very many calls. So only the account that
 * is asked about is looked at. One that is not there any more is nobody's.
 */
export async function isOwn(
  client: KeycardClient,
  { id, account }: ItemRef,
  about: { readonly path: AccountPath; readonly clientId: string; readonly signal: AbortSignal },
): Promise<Result<boolean>> {
  const { path, clientId, signal } = about;
  for await (const page of client.credentials.pages(path, { signal })) {
    if (!page.ok) return page.failure.kind === 'not-found' ? succeeded(false) : page;
    const own = page.value.value.items.find((credential) => credential.clientId === clientId);
    if (own !== undefined) return succeeded(account === undefined || own.id === id);
  }
  return succeeded(false);
}
