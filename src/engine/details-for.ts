/** The details of a credential that is about to be written: from the account's policy, its provider and the credential itself. */
import type { Account } from '../domain/account.ts';
import { fingerprintOf } from '../domain/credential.ts';
import type { Credential } from '../domain/credential.ts';
import { detailsOf } from '../domain/details.ts';
import type { Details } from '../domain/details.ts';
import type { KnownCredential } from '../domain/record.ts';
import type { Provider } from '../ports/provider.ts';

export interface DetailsFrom {
  readonly policy: Account;
  /** Absent where it is not open: then there are only those that the policy has. */
  readonly provider: Provider | undefined;
  /** What the record knows to be live. */
  readonly live?: KnownCredential | undefined;
}

export function detailsFor({ policy, provider, live }: DetailsFrom, credential: Credential): Details {
  return detailsOf(policy, {
    tokenEndpoint: provider?.tokenEndpoint,
    accountId: live?.fingerprint === fingerprintOf(credential) ? live.accountId : undefined,
    ...provider?.lifetimeOf(credential),
  });
}
