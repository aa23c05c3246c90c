/** What goes before all that is due, in the column that the lanes are made of. */
import type { Expression, ExpressionBuilder } from 'kysely';
import type { Schema } from '../schema.ts';

/** Is added to the priority of an account that goes first: more than any two that are configured (-1000 to 1000) differ by. */
export const AHEAD = 10_000;
/** Between those that go first and those that do not. */
const LEAST_AHEAD = AHEAD / 2;

/** The configured priority of what is in the row, and `ahead` (0 or `AHEAD`) more. */
export function withAhead(eb: ExpressionBuilder<Schema, 'account'>, ahead: number): Expression<number> {
  return eb
    .case()
    .when('priority', '>=', LEAST_AHEAD)
    .then(eb('priority', '+', eb(eb.val(ahead), '-', eb.lit(AHEAD))))
    .else(eb('priority', '+', ahead))
    .end();
}

/** This configured priority; whoever goes first goes on doing so. */
export function keepingAhead(eb: ExpressionBuilder<Schema, 'account'>, priority: number): Expression<number> {
  return eb
    .case()
    .when('priority', '>=', LEAST_AHEAD)
    .then(eb(eb.val(priority), '+', eb.lit(AHEAD)))
    .else(priority)
    .end();
}
