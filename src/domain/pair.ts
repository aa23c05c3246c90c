/** A pair: two accounts that take turns. Which of the two the live credential belongs to, and which is minted for next. */
import type { Fingerprint } from './credential.ts';
import type { AccountRecord } from './record.ts';
import type { AccountSeen, MemberSeen, Situation } from './situation.ts';

type Known = Pick<Situation, 'policy' | 'record'>;

/** The account that is minted for next; `undefined` where nothing shows which one that is, and no person said it. */
export function standbyOf({ policy, record }: Known): string | undefined {
  const live = liveAccountOf({ policy, record });
  if (live !== undefined) return policy.accountIds.find((accountId) => accountId !== live);
  const named = record.standby?.accountId;
  return named !== undefined && policy.accountIds.includes(named) ? named : undefined;
}

/** The account of the pair that the live credential belongs to; `undefined` where nothing shows that. */
export function liveAccountOf({ policy, record }: Known): string | undefined {
  const live = record.live?.accountId;
  return live !== undefined && policy.accountIds.includes(live) ? live : undefined;
}

/** Whether a person has to say which account of the pair is minted for: nothing shows which one is live. */
export function isUndecided({ policy, record }: Known): boolean {
  if (policy.strategy !== 'pair' || record.adoptedAt === undefined) return false;
  return record.rotation?.minted === undefined && standbyOf({ policy, record }) === undefined;
}

/**
 * Whether a credential is of an account that was one of a pair and is none any more: only for those of a pair is minted to end what they
 * have.
 */
export function isOutOfPair(
  { policy }: Pick<Situation, 'policy'>,
  { accountId }: { readonly accountId?: string },
): boolean {
  if (accountId === undefined) return false;
  return policy.strategy !== 'pair' || !policy.accountIds.includes(accountId);
}

/** The roles of the two accounts, by account id, where they were seen to differ and both are of the pair still. */
export function rolesDifferIn({ policy, record }: Known): AccountRecord['rolesDiffer'] {
  const { rolesDiffer } = record;
  if (policy.strategy !== 'pair' || rolesDiffer === undefined) return undefined;
  return policy.accountIds.every((accountId) => accountId in rolesDiffer.roles) ? rolesDiffer : undefined;
}

export function memberOf(
  account: AccountSeen | undefined,
  accountId: string | undefined,
): MemberSeen | undefined {
  return account?.members?.find((member) => member.accountId === accountId);
}

/** What was seen of this account, as one of a pair or by itself; `undefined` where it is neither any more. */
export function seenOf(
  { policy }: Pick<Situation, 'policy'>,
  account: AccountSeen,
  accountId: string | undefined,
): Pick<MemberSeen, 'state' | 'live'> | undefined {
  if (account.members !== undefined) return memberOf(account, accountId);
  return accountId !== undefined && policy.accountIds.includes(accountId) ? account : undefined;
}

/** What the standby's credential is, as far as it is seen or known: a mint for it ends this one. */
export function standbyCredential(
  { record }: Known,
  account: AccountSeen,
  accountId: string,
): Fingerprint | undefined {
  return memberOf(account, accountId)?.live?.fingerprint ?? knownOf(record, accountId);
}

function knownOf({ old = [] }: AccountRecord, accountId: string): Fingerprint | undefined {
  return old.find((one) => one.accountId === accountId)?.fingerprint;
}
