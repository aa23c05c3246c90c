/** What people can do with Kronup's service accounts by commands. Words only. */
import type { AdministrationWords, Settable } from '../../ports/administration.ts';

const NAME_LENGTH_MIN = 3;
const NAME_LENGTH_MAX = 64;
/** A service account is never an owner. */
const ROLES: readonly string[] = ['admin', 'member'];

const name: Settable = {
  field: 'name',
  needed: true,
  allowed: `${NAME_LENGTH_MIN} to ${NAME_LENGTH_MAX} characters`,
  problem: ({ length }) =>
    length >= NAME_LENGTH_MIN && length <= NAME_LENGTH_MAX
      ? undefined
      : `it has ${length === 1 ? '1 character' : `${length} characters`}`,
};

const role: Settable = {
  field: 'role',
  needed: true,
  allowed: ROLES.join(' or '),
  problem: (value) => (ROLES.includes(value) ? undefined : 'Kronup has no such role for service accounts'),
};

export const administrationWords: AdministrationWords = {
  accounts: {
    noun: 'service account',
    verbs: ['list', 'read', 'create', 'update', 'regenerate', 'close'],
    create: [name, role],
    update: [
      { ...name, needed: false },
      { ...role, needed: false },
    ],
    columns: [
      ['roleOrg', 'ROLE'],
      ['createdAt', 'CREATED'],
      ['updatedAt', 'UPDATED'],
    ],
    mints: 'token',
    showsAgain: true,
    ends: {
      regenerate: 'Its token dies at once: whoever uses it is refused until they have the new one.',
      close: 'Its token is refused from now on. Only regenerate opens it again, with a new token.',
    },
  },
};
