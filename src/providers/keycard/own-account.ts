/** Which account the manager credential is one of. The service does not say, so the credentials of all accounts are looked through. */
import { succeeded, type Result } from '../../domain/failure.ts';
import type { ItemRef } from '../../ports/administration.ts';
import type { KeycardClient } from './client.ts';

/** An empty reference where no account that is shown has it: a member's credential may see fewer accounts than there are. */
export async function ownAccount(
  client: KeycardClient,
  about: { readonly organisation: string; readonly clientId: string; readonly signal: AbortSignal },
): Promise<Result<ItemRef>> {
  const { organisation, clientId, signal } = about;
  for await (const page of client.accounts.pages({ organisation }, { signal })) {
    if (!page.ok) return page;
    for (const { id: accountId } of page.value.value.items) {
      for await (const some of client.credentials.pages({ organisation, accountId }, { signal })) {
        if (!some.ok) {
          // Deleted while the list was gone through.
          if (some.failure.kind === 'not-found') break;
          return some;
        }
        const own = some.value.value.items.find((credential) => credential.clientId === clientId);
        if (own !== undefined) return succeeded({ id: own.id, account: accountId });
      }
    }
  }
  return succeeded({ id: '' });
}
