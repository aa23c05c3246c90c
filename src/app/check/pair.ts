/** Checks what only a pair has: its second account, and whether both may do the same. */
import type { Account } from '../../domain/account.ts';
import type { SeenAccount } from '../../ports/provider.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

/** `first` and `second` as the provider showed them, in the order of `accountIds`. */
export function checkPair(
  policy: Account,
  { first, second }: { readonly first: SeenAccount; readonly second: SeenAccount },
): Finding[] {
  const { ok, warning, failed } = findingsOf({ scope: 'account', subject: policy.name });
  const [one, other = one] = policy.accountIds;
  const isOpen = second.state === 'open';
  const open = isOpen
    ? ok('open', `account ${other}, the other one of the pair, is found and open`)
    : failed(
        'open',
        `account ${other}, the other one of the pair, is ${second.state}: nothing is minted for either until both are open`,
      );
  if (!isOpen || first.state !== 'open' || first.role === second.role) return [open];
  const differ =
    `the two accounts of the pair have different roles (${one}: ${first.role ?? 'not known'}, ${other}: ` +
    `${second.role ?? 'not known'}): what consumers may do changes with each turn; give both the same role`;
  return [open, warning('role', differ)];
}
