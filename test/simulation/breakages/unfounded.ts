/** Mistakes after which something is held that nothing is wrong with. */
import { succeeded } from '../../../src/domain/failure.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import { onProvider, onRecords, onTable, onTargets } from './mistake.ts';
import type { Mistake } from './mistake.ts';

export const UNFOUNDED_MISTAKES: readonly Mistake[] = [
  {
    name: "an answer that fits is taken for another account's",
    rows: ['hold mismatched'],
    breaks: 1,
    says: /held as mismatched, and every answer was right/,
    make: onProvider((provider) => ({
      mint: async (account, options) => {
        const answer = await provider.mint(account, options);
        return answer.ok ? succeeded({ ...answer.value, accountId: 'another' }) : answer;
      },
    })),
  },
  {
    name: "a store's failures count towards parking",
    rows: ['limit parkAfter', 'failure store-unavailable', 'hold parked'],
    breaks: 1,
    says: /is parked, and has not failed so often itself/,
    make: onRecords((record) => {
      const stores = Object.values(record.targets).filter(
        ({ lastFailure }) => lastFailure?.failure === 'store-unavailable',
      );
      return { ...record, failures: stores.reduce((sum, { failures }) => sum + failures, record.failures) };
    }),
  },
  {
    name: 'a target is contested as soon as it is written over once',
    rows: ['limit overwritesMax', 'hold contested'],
    breaks: 1,
    says: /held as contested, and was not written over/,
    make: onTable(LIMITS, { overwritesMax: 1 }),
  },
  {
    name: 'a journal forgets which targets have held a credential of the account',
    rows: ['hold foreign'],
    breaks: 1,
    says: /held as foreign, and was confirmed before/,
    make: onTargets(({ confirmed: _c, written: _w, drifted: _d, ...target }) => target),
  },
];
