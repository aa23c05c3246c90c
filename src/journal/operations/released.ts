/** What giving a claim back writes, with a commit or without one. */
import type { Expression, ExpressionBuilder } from 'kysely';
import type { Schema } from '../schema.ts';

/** What poked the account after it was claimed has not been seen by its holder: then it is due again at once. */
export function released(
  eb: ExpressionBuilder<Schema, 'account'>,
  dueAt: number | null,
): { readonly holder: null; readonly lease_until: null; readonly wake_at: Expression<number | null> } {
  return {
    holder: null,
    lease_until: null,
    wake_at: eb.case().whenRef('pokes', '<>', 'pokes_claimed').then(eb.ref('poked_at')).else(dueAt).end(),
  };
}
