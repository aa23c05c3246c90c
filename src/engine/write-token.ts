/** Names one write, or one refresh: asked for again, the same one always gets the same token. */
import { hash } from 'node:crypto';
import type { Account } from '../domain/account.ts';
import type { ConsumerId, RefreshNeed } from '../domain/consumer.ts';
import type { Fingerprint } from '../domain/credential.ts';
import type { Target, TargetId } from '../domain/target.ts';

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
  return uuidOf([...identity, previousVersion ?? '']);
}

/**
 * A UUID made from the target, the consumer and what it has to take up: asking again repeats it; what is written later, though it is the
 * same value, makes a new one. Which accounts take turns may be configured anew before it is asked again, and is no part of it.
 */
export function refreshToken(
  account: Account,
  target: TargetId,
  {
    consumer,
    fingerprint,
    version,
    neededAt,
  }: Pick<RefreshNeed, 'fingerprint' | 'version' | 'neededAt'> & {
    readonly consumer: ConsumerId;
  },
): string {
  const identity = [account.origin, account.organisation, target, consumer];
  return uuidOf([...identity, fingerprint, version, String(neededAt)]);
}

function uuidOf(parts: readonly string[]): string {
  const digest = hash('sha256', parts.join('\0'), 'hex');
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
