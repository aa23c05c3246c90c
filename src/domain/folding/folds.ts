/** For each kind of fact, how it changes a record. */
import type { FactKind, FactOf } from '../fact.ts';
import type { AccountRecord } from '../record.ts';

export type Folds = {
  readonly [Kind in FactKind]: (record: AccountRecord, fact: FactOf<Kind>) => AccountRecord;
};
