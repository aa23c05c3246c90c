/** The details of a credential that is about to be written: from the account's policy, its provider and the credential itself. */
import type { Account } from '../domain/account.ts';
import type { Credential } from '../domain/credential.ts';
import { detailsOf } from '../domain/details.ts';
import type { Details } from '../domain/details.ts';
import type { Provider } from '../ports/provider.ts';

/** Without an open provider, only what the policy has. */
export function detailsFor(policy: Account, provider: Provider | undefined, credential: Credential): Details {
  return detailsOf(policy, { tokenEndpoint: provider?.tokenEndpoint, ...provider?.lifetimeOf(credential) });
}
