/** Names one write: the same credential written over the same version of the same place always gets the same token. */
import { createHash } from 'node:crypto';
import type { Account } from '../domain/account.ts';
import type { Fingerprint } from '../domain/credential.ts';
import type { Target } from '../domain/target.ts';

/**
 * A UUID made from the account's identity, the target's location, the fingerprint and the version that is there now
 * (`undefined`: nothing is). A retry after a lost answer repeats it; after another writer it is a new one. It can be computed again
 * without a journal, which shows that a value is ours.
 */
export function writeToken(
  account: Account,
  target: Target,
  fingerprint: Fingerprint,
  previousVersion: string | undefined,
): string {
  const identity = [
    account.origin,
    account.organisation,
    account.accountIds[0],
    target.location,
    fingerprint,
  ];
  const digest = createHash('sha256')
    .update([...identity, previousVersion ?? ''].join('\0'))
    .digest('hex');
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
