/**
 * What consumers may need beside a credential: where it is exchanged, whose it is, how long it lives. Details are no part of the
 * credential: they are known from the configuration and from the credential itself, never secret, and never in a fingerprint.
 */
import type { Account } from './account.ts';

export const DETAIL_NAMES = [
  'tokenEndpoint',
  'expiresAt',
  'issuedAt',
  'account',
  'accountId',
  'organisation',
  'origin',
] as const;

export type DetailName = (typeof DETAIL_NAMES)[number];

/** Each as the text that is written; absent where it is not known. */
export type Details = Readonly<Partial<Record<DetailName, string>>>;

/** Where the details come from that the account's policy does not have. Instants in ms since the epoch. */
export interface DetailSources {
  readonly tokenEndpoint?: string | undefined;
  /** Of a pair: which of its accounts the credential belongs to. */
  readonly accountId?: string | undefined;
  readonly issuedAt?: number | undefined;
  readonly expiresAt?: number | undefined;
}

/** Instants are written in UTC, as RFC 3339 has it. Of a pair the account id is known only where the source says it. */
export function detailsOf(
  policy: Pick<Account, 'name' | 'accountIds' | 'organisation' | 'origin'>,
  { tokenEndpoint, accountId: owner, issuedAt, expiresAt }: DetailSources,
): Details {
  const [first, ...others] = policy.accountIds;
  const accountId = others.length === 0 ? first : owner;
  return {
    account: policy.name,
    origin: policy.origin,
    ...(accountId !== undefined && { accountId }),
    ...(policy.organisation !== '' && { organisation: policy.organisation }),
    ...(tokenEndpoint !== undefined && { tokenEndpoint }),
    ...(issuedAt !== undefined && { issuedAt: instant(issuedAt) }),
    ...(expiresAt !== undefined && { expiresAt: instant(expiresAt) }),
  };
}

function instant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
