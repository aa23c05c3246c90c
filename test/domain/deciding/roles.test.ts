import { describe, expect, it } from 'vitest';
import { noteRoles } from '../../../src/domain/deciding/roles.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import type { AccountSeen } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { ALL_SEEN, NOW, record, situation } from '../../builders/situation.ts';

const DIFFERENT = { a: 'admin', b: 'member' };
const SAME = { a: 'member', b: 'member' };

type Roles = Readonly<Record<string, string | undefined>>;

function noted(roles: Roles, known?: Readonly<Record<string, string>>, seen: Partial<AccountSeen> = {}) {
  const members = Object.entries(roles).map(([accountId, role]) => ({
    accountId,
    state: 'open' as const,
    ...(role === undefined ? {} : { role }),
  }));
  const before: Partial<AccountRecord> =
    known === undefined ? {} : { rolesDiffer: { since: NOW - 1, roles: known } };
  return noteRoles(
    situation({
      policy: account({ strategy: 'pair', accountIds: ['a', 'b'] }),
      record: record(before),
      seen: { ...ALL_SEEN, account: { requestedAt: NOW, state: 'open', certain: true, members, ...seen } },
    }),
  );
}

describe('the roles of the accounts of a pair', () => {
  it.each<[string, Roles, Readonly<Record<string, string>> | undefined, string | undefined]>([
    ['are told where they differ', DIFFERENT, undefined, 'pair-roles-differ'],
    ['are told once', DIFFERENT, DIFFERENT, undefined],
    [
      'are told again where they differ in another way',
      DIFFERENT,
      { a: 'owner', b: 'member' },
      'pair-roles-differ',
    ],
    [
      'are told again where they were those of others',
      DIFFERENT,
      { a: 'admin', c: 'member' },
      'pair-roles-differ',
    ],
    ['are told when they are the same again', SAME, DIFFERENT, 'pair-roles-agree'],
    ['are nothing to tell where they are the same', SAME, undefined, undefined],
    ['are not known where one is hidden', { a: 'admin', b: undefined }, undefined, undefined],
    ['stay what they were where one is hidden', { a: 'member', b: undefined }, DIFFERENT, undefined],
  ])('%s', (_what, roles, known, want) => {
    const decision = noted(roles, known);
    expect(decision).toEqual(want === undefined ? undefined : { do: 'note', facts: [{ kind: want, roles }] });
  });

  it('are not told by a look that is not certain', () => {
    expect(noted(DIFFERENT, undefined, { state: 'closed', certain: false })).toBeUndefined();
  });

  it('are no question of an account that is no pair', () => {
    expect(noteRoles(situation({ seen: ALL_SEEN }))).toBeUndefined();
  });
});
