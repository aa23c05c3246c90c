/** Service accounts as the API shows them. Field by field the schemas `ServiceAccount` and `Account`. */
import type { Organisation } from './organisation.ts';
import { hexId } from './service-account.ts';
import type { ServiceAccount } from './service-account.ts';

const COLORS = ['clear', 'red', 'orange', 'yellow', 'green', 'blue', 'pink', 'violet'] as const;

/** The documents' own upper bound for `orgUsersMax`. */
const USERS_MAX = 500;

/** Without `serviceToken` where the token is to be hidden. */
export function viewServiceAccount(account: ServiceAccount, token: string | undefined): object {
  return {
    ...viewUser(account),
    teams: [],
    roleOrg: account.role,
    ...(token === undefined ? {} : { serviceToken: token }),
    apiCalls: account.calls ?? {},
  };
}

/** What `GET /account` shows: never a token. */
export function viewAccount(
  account: ServiceAccount,
  organisation: Organisation,
  accountLimit: number,
): object {
  const usersMax = Math.min(USERS_MAX, accountLimit);
  return {
    ...viewUser(account),
    teams: [],
    roleOrg: [{ orgId: organisation.id, role: account.role }],
    orgs: [
      {
        id: organisation.id,
        orgName: 'Rehearsal, Inc.',
        orgIconId: '',
        orgOwners: [hexId(organisation.id, 'owner')],
        orgUsersMax: usersMax,
        orgUsersCount: usersMax,
        createdAt: timestamp(organisation.accounts[0]?.createdAt ?? account.createdAt),
        updatedAt: timestamp(organisation.accounts[0]?.createdAt ?? account.createdAt),
      },
    ],
    orgsTeams: [{ orgId: organisation.id, teamIds: [] }],
    apiCalls: account.calls ?? {},
  };
}

/** The API's form of an instant: `2001-01-01T08:08:08.000+00:00`. */
function timestamp(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '+00:00');
}

/** The UTC date of an instant, `YYYY-MM-DD`: the key of `apiCalls`. */
export function dateKey(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

function viewUser(account: ServiceAccount): object {
  return {
    id: account.id,
    provider: 'kronup',
    userName: account.name,
    userEmail: `${account.id}@service-accounts.invalid`,
    userAvatarId: '',
    userColor: COLORS[Number.parseInt(account.id.slice(0, 2), 16) % COLORS.length] ?? 'clear',
    serviceAccount: true,
    puppetAccount: false,
    roleSite: 'user',
    // The documents say "UNIX timestamp", which is in seconds.
    closedTime: Math.floor(account.closedAt / 1_000),
    createdAt: timestamp(account.createdAt),
    updatedAt: timestamp(account.updatedAt),
  };
}
