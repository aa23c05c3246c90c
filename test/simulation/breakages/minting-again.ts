/** Mistakes after which something is minted again although nobody knows what became of the last mint. */
import { FAILURES, failed } from '../../../src/domain/failure.ts';
import type { FailureKind } from '../../../src/domain/failure.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import { onPolicies, onProvider, onRecords, onTable } from './mistake.ts';
import type { Mistake } from './mistake.ts';

const AGAIN = /again, and nothing shows/;

/** The adapter names a failure of a mint wrongly. */
const misnamed = (kind: FailureKind, as: FailureKind) =>
  onProvider((provider) => ({
    mint: async (account, options) => {
      const answer = await provider.mint(account, options);
      return !answer.ok && answer.failure.kind === kind ? failed(as, answer.failure.message) : answer;
    },
  }));

export const MINTING_AGAIN_MISTAKES: readonly Mistake[] = [
  {
    name: 'a failure without an answer counts as one without an effect',
    rows: ['failure no-answer'],
    breaks: 2,
    says: AGAIN,
    make: onTable(FAILURES['no-answer'], { effect: 'none' }),
  },
  {
    name: 'a mint whose answer was lost counts as one that was never sent',
    rows: ['failure no-answer'],
    breaks: 2,
    says: AGAIN,
    make: misnamed('no-answer', 'not-connected'),
  },
  {
    name: 'an answer that cannot be read counts as one that says that nothing was done',
    rows: ['failure answer-invalid'],
    breaks: 2,
    says: AGAIN,
    make: onTable(FAILURES['answer-invalid'], { effect: 'none' }),
  },
  {
    name: 'an answer to a mint that cannot be read counts as a refusal',
    rows: ['failure answer-invalid'],
    breaks: 2,
    says: AGAIN,
    make: misnamed('answer-invalid', 'not-connected'),
  },
  {
    name: 'a mint without an answer is sent once more at once',
    rows: ['failure no-answer'],
    breaks: 2,
    says: AGAIN,
    make: onProvider((provider) => ({
      mint: async (account, options) => {
        const answer = await provider.mint(account, options);
        return !answer.ok && answer.failure.kind === 'no-answer' ? provider.mint(account, options) : answer;
      },
    })),
  },
  {
    name: 'a mint that was not found is sent once more without a look',
    rows: ['failure not-found'],
    breaks: 3,
    says: /the account was not seen since the last effect/,
    make: onProvider((provider) => ({
      mint: async (account, options) => {
        const answer = await provider.mint(account, options);
        return !answer.ok && answer.failure.kind === 'not-found' ? provider.mint(account, options) : answer;
      },
    })),
  },
  {
    name: 'a mint counts as not made after a second',
    rows: ['limit settleMs'],
    breaks: 2,
    says: AGAIN,
    make: onTable(LIMITS, { settleMs: 1_000 }),
  },
  {
    name: 'one look at the pre-image is enough',
    rows: ['limit settleMs'],
    breaks: 2,
    says: AGAIN,
    make: onRecords((record) => {
      const { rotation } = record;
      const intent = rotation?.intent;
      if (rotation === undefined || intent === undefined) return record;
      return { ...record, rotation: { ...rotation, intent: { ...intent, sightings: intent.sightings + 1 } } };
    }),
  },
  {
    name: 'a journal forgets an intent whose outcome is not known',
    rows: [],
    breaks: 2,
    says: AGAIN,
    make: onRecords((record) => {
      const { rotation } = record;
      if (rotation?.intent === undefined) return record;
      const { intent: _, ...rest } = rotation;
      return { ...record, rotation: rest };
    }),
  },
  {
    name: 'a journal forgets since when an account has its schedule',
    rows: [],
    breaks: 2,
    says: /came before .* had its schedule/,
    make: onPolicies(({ scheduledAt: _, ...policy }) => policy),
  },
  {
    name: 'a journal forgets the newest slots that were run',
    rows: [],
    breaks: 2,
    says: /the slot .* is minted for again/,
    make: onRecords((record) =>
      record.slot === undefined ? record : { ...record, slot: record.slot - 3_600_000 },
    ),
  },
];
