/** What people can do with Keycard's service accounts and their credentials by commands. Words only. */
import type { AdministrationWords, Settable } from '../../ports/administration.ts';

const DESCRIPTION_LENGTH_MAX = 500;

const name: Settable = {
  field: 'name',
  needed: true,
  allowed: 'a text that is not empty',
  problem: (value) => (value.trim() === '' ? 'it is empty' : undefined),
};

const description: Settable = {
  field: 'description',
  needed: false,
  allowed: `at most ${DESCRIPTION_LENGTH_MAX} characters`,
  problem: ({ length }) => (length <= DESCRIPTION_LENGTH_MAX ? undefined : `it has ${length} characters`),
};

const create = [name, description];
const update = [{ ...name, needed: false }, description];

export const administrationWords: AdministrationWords = {
  accounts: {
    noun: 'service account',
    verbs: ['list', 'read', 'create', 'update', 'delete'],
    create,
    update,
    columns: [
      ['createdAt', 'CREATED'],
      ['updatedAt', 'UPDATED'],
      ['description', 'DESCRIPTION'],
    ],
    showsAgain: false,
    ends: {
      delete:
        'It is deleted for ever, with all its credentials: whoever uses one is refused. It cannot be brought back.',
    },
  },
  credentials: {
    noun: 'credential',
    verbs: ['list', 'read', 'create', 'update', 'delete'],
    create,
    update,
    columns: [
      ['clientId', 'CLIENT ID'],
      ['createdAt', 'CREATED'],
      ['lastUsedAt', 'LAST USED'],
      ['description', 'DESCRIPTION'],
    ],
    mints: 'client',
    showsAgain: false,
    ends: {
      delete:
        'It is deleted for ever: whoever uses it gets no new access token. Tokens that were given out may live on until they expire.',
    },
  },
};
