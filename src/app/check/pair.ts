/** Checks what only a pair has: its second account, which of the two is in use, and whether both may do the same. */
import { fingerprintOf } from '../../domain/credential.ts';
import { liveAccountOf, standbyOf } from '../../domain/pair.ts';
import type { Situation } from '../../domain/situation.ts';
import type { SeenAccount } from '../../ports/provider.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

interface BothSeen {
  readonly first: SeenAccount;
  readonly second: SeenAccount;
}

/** `first` and `second` as the provider showed them, in the order of `accountIds`. */
export function checkPair(situation: Situation, both: BothSeen): Finding[] {
  const { policy } = situation;
  const { first, second } = both;
  const { ok, failed } = findingsOf({ scope: 'account', subject: policy.name });
  const [, other] = policy.accountIds;
  const isOpen = second.state === 'open';
  const open = isOpen
    ? ok('open', `account ${other}, the other one of the pair, is found and open`)
    : failed(
        'open',
        `account ${other}, the other one of the pair, is ${second.state}: nothing is minted for either until both are open`,
      );
  if (!isOpen || first.state !== 'open') return [open];
  return [open, checkUse(situation, both), ...checkRoles(situation, both)];
}

/** Nothing is minted while nothing shows which of the two is in use: that has to be found out before a slot comes. */
function checkUse(situation: Situation, both: BothSeen): Finding {
  const { policy } = situation;
  const { ok, failed } = findingsOf({ scope: 'account', subject: policy.name });
  const inUse = accountInUse(situation, both);
  if (inUse !== undefined) return ok('in-use', `account ${inUse} of the pair is in use`);
  const standby = standbyOf(situation);
  if (standby !== undefined) return ok('in-use', `a person has named ${standby} as the one to mint for next`);
  return failed(
    'in-use',
    `no target is seen to hold a credential of ${policy.accountIds.join(' or ')}, so nothing shows which of the two is in ` +
      'use, and nothing is minted for either: put the credential in use into a target, or say which account nobody uses: ' +
      `rekeyd standby ${policy.name} ACCOUNT_ID --reason …`,
  );
}

/** As the daemon knows it, else as what the targets hold shows it. */
function accountInUse(situation: Situation, { first, second }: BothSeen): string | undefined {
  const { policy, seen } = situation;
  const known = liveAccountOf(situation);
  if (known !== undefined) return known;
  const held = Object.values(seen.targets).flatMap(({ holds }) =>
    holds.kind === 'credential' ? [holds.fingerprint] : [],
  );
  const shown = [first, second].map(({ live }) => live && fingerprintOf(live));
  return policy.accountIds.find((accountId, index) =>
    held.some((fingerprint) => {
      const outcome = seen.tried[fingerprint]?.outcome;
      const isAccepted = outcome?.kind === 'accepted' && outcome.accountId === accountId;
      return isAccepted || fingerprint === shown[index];
    }),
  );
}

function checkRoles({ policy }: Situation, { first, second }: BothSeen): Finding[] {
  if (first.role === second.role) return [];
  const { warning } = findingsOf({ scope: 'account', subject: policy.name });
  const [one, other = one] = policy.accountIds;
  const differ =
    `the two accounts of the pair have different roles (${one}: ${first.role ?? 'not known'}, ${other}: ` +
    `${second.role ?? 'not known'}): what consumers may do changes with each turn; give both the same role`;
  return [warning('role', differ)];
}
