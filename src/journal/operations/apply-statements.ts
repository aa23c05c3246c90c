/** The statements that write accounts' policies, their keys and their targets. */
import type { ConfiguredAccount } from '../../ports/journal.ts';
import type { AccountTable } from '../schema.ts';
import { statement } from '../statement.ts';
import { keepingAhead } from './lanes.ts';

type PolicyColumns = Pick<
  AccountTable,
  'name' | 'provider' | 'priority' | 'policy' | 'policy_hash' | 'labels' | 'file' | 'configured'
>;

/** The columns that a policy fills. */
export function rowOf({ policy, hash }: ConfiguredAccount, file: string): PolicyColumns {
  return {
    name: policy.name,
    provider: policy.provider,
    priority: policy.priority,
    policy: JSON.stringify(policy),
    policy_hash: hash,
    labels: JSON.stringify(policy.labels),
    file,
    configured: 1,
  };
}

/** An account that a key was found for. */
export interface KnownAccount {
  readonly key: string;
  readonly id: number;
  readonly policy_hash: string;
  readonly file: string;
  readonly configured: number;
}

export const findByKeys = statement((db, given: { readonly keys: readonly string[] }) =>
  db
    .selectFrom('account_key')
    .innerJoin('account', 'account.id', 'account_key.account')
    .select(['key', 'id', 'policy_hash', 'file', 'configured'])
    .where('key', 'in', given.keys),
);

export const nextIds = statement((db, given: { readonly count: number }) =>
  db
    .insertInto('counter')
    .values({ name: 'account', value: given.count })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({
        value: eb('counter.value', '+', eb.ref('excluded.value')),
      })),
    )
    .returning('value'),
);

export const addAccounts = statement((db, given: { readonly accounts: readonly NewAccount[] }) =>
  db.insertInto('account').values(given.accounts),
);

type NewAccount = Omit<AccountTable, 'poked_at' | 'holder' | 'lease_until'>;

export const changeAccount = statement((db, { id, ...columns }: PolicyColumns & { readonly id: number }) =>
  db
    .updateTable('account')
    .set((eb) => ({
      ...columns,
      priority: keepingAhead(eb, columns.priority),
      policy_version: eb('policy_version', '+', 1),
    }))
    .where('id', '=', id),
);

export const policyOf = statement((db, given: { readonly id: number }) =>
  db.selectFrom('account').select('policy').where('id', '=', given.id),
);

export const recordsOf = statement((db, given: { readonly ids: readonly number[] }) =>
  db.selectFrom('account').select(['id', 'record']).where('id', 'in', given.ids),
);

export const moveAccount = statement((db, given: { readonly id: number; readonly file: string }) =>
  db.updateTable('account').set({ file: given.file }).where('id', '=', given.id),
);

/** A target that is new cannot hold the live credential yet, as far as anybody knows. */
export const unconverge = statement((db, given: { readonly id: number }) =>
  db.updateTable('account').set({ converged: 0 }).where('id', '=', given.id),
);

export const dropKeys = statement(
  (db, given: { readonly account: number; readonly keys: readonly string[] }) =>
    db.deleteFrom('account_key').where('account', '=', given.account).where('key', 'in', given.keys),
);

export const addKeys = statement(
  (db, given: { readonly keys: readonly { readonly key: string; readonly account: number }[] }) =>
    db
      .insertInto('account_key')
      .values(given.keys)
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet((eb) => ({ account: eb.ref('excluded.account') })),
      ),
);

export const dropTargets = statement((db, given: { readonly account: number }) =>
  db.deleteFrom('account_target').where('account', '=', given.account),
);

export const addTargets = statement(
  (
    db,
    given: {
      readonly targets: readonly {
        readonly account: number;
        readonly target: string;
        readonly store: string;
      }[];
    },
  ) => db.insertInto('account_target').values(given.targets),
);
