/** The roles of the two accounts of a pair: where they differ, what consumers may do changes with each turn. Nothing is held by it. */
import type { Decision } from '../decision.ts';
import { note } from '../decision.ts';
import { accountSeen } from '../situation.ts';
import type { AccountSeen, Situation } from '../situation.ts';
import { lookFailure } from './failing.ts';

/** Says once that the roles differ, again when they differ in another way, and once that they no longer do. */
export function noteRoles(situation: Situation): Decision | undefined {
  const { rolesDiffer } = situation.record;
  const account = accountSeen(situation);
  const roles = account && rolesOf(account);
  if (roles === undefined || lookFailure(situation) !== undefined) return undefined;
  if (new Set(Object.values(roles)).size === 1)
    return rolesDiffer && note({ kind: 'pair-roles-agree', roles });
  if (rolesDiffer !== undefined && isSame(rolesDiffer.roles, roles)) return undefined;
  return note({ kind: 'pair-roles-differ', roles });
}

/** By account id; `undefined` where it is no pair, or where the provider does not show both. */
function rolesOf({ members = [] }: AccountSeen): Readonly<Record<string, string>> | undefined {
  const shown = members.flatMap(({ accountId, role }): [string, string][] =>
    role === undefined ? [] : [[accountId, role]],
  );
  return shown.length < 2 ? undefined : Object.fromEntries(shown);
}

function isSame(known: Readonly<Record<string, string>>, roles: Readonly<Record<string, string>>): boolean {
  return Object.entries(roles).every(([accountId, role]) => known[accountId] === role);
}
