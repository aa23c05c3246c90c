/** All mistakes that are made on purpose, and the rows for which there can be none, each with the reason. */
import { BESIDE_MISTAKES } from './beside.ts';
import { DELIVERING_MISTAKES } from './delivering.ts';
import { HOLD_MISTAKES } from './holds.ts';
import { HOLDER_MISTAKES } from './holders.ts';
import { LIMIT_MISTAKES } from './limits.ts';
import { MINTING_AGAIN_MISTAKES } from './minting-again.ts';
import type { Mistake } from './mistake.ts';
import { NEED_MISTAKES } from './needs.ts';
import { REFRESHING_MISTAKES } from './refreshing.ts';
import { RETIRING_MISTAKES } from './retiring.ts';
import type { Row } from './rows.ts';
import { UNFOUNDED_MISTAKES } from './unfounded.ts';

export const MISTAKES: readonly Mistake[] = [
  ...DELIVERING_MISTAKES,
  ...MINTING_AGAIN_MISTAKES,
  ...NEED_MISTAKES,
  ...HOLD_MISTAKES,
  ...LIMIT_MISTAKES,
  ...HOLDER_MISTAKES,
  ...BESIDE_MISTAKES,
  ...RETIRING_MISTAKES,
  ...REFRESHING_MISTAKES,
  ...UNFOUNDED_MISTAKES,
];

const EACH_FOR_THE_OTHER =
  'each of the two stands for the other, because a target that holds an old credential does not hold the newer one: ' +
  '`test/domain/retire-needs-rows.test.ts` breaks with a mistake in either';

/** Why no mistake is made in a row, and which test breaks with one. */
export const WITHOUT: Readonly<Partial<Record<Row, string>>> = {
  'limit againMs':
    'no history knows how late that is, because something else wakes the account before: `test/domain/wake.test.ts` and ' +
    '`test/domain/decide-rest.test.ts` break with a mistake in it',
  'need no mint under way that was to end what the account has':
    'it takes a lost answer to that very mint, and within two minutes of it a person who says that what came next has leaked as well: ' +
    '`test/engine/compromised-pair.test.ts` breaks with a mistake in it',
  'retire whose the manager credential is':
    'whoever may retire knows what time it is, and has asked the provider for it, which tells whose the manager credential is as well: ' +
    '`test/domain/retire-needs.test.ts` breaks with a mistake in it',
  "retire not the manager's own":
    'the manager credential of a history is never one of several of an account: `test/domain/retire-needs-rows.test.ts` breaks with a ' +
    'mistake in it',
  'retire the newer one proved, and confirmed in every target': EACH_FOR_THE_OTHER,
  'retire held by no target': EACH_FOR_THE_OTHER,
  "end not the manager's own":
    "nothing is minted for an account whose credential is the manager's own, so that nothing of it is replaced: " +
    '`test/domain/retire-needs-leaked.test.ts` breaks with a mistake in it',
  'end not the last one: what is live is there as well':
    'it takes somebody who ends what has just replaced it, in the seconds before it is ended itself: ' +
    '`test/domain/retire-needs-leaked.test.ts` breaks with a mistake in it',
  'limit missedSpreadMs':
    'slots of histories are minutes apart, and a quarter of that is less: `test/domain/due-missed.test.ts` breaks with a mistake in it',
  'limit askedWaitMaxMs':
    'nobody in a history asks for more than ten minutes, and waiting as long breaks nothing: `test/domain/deciding/failing.test.ts` ' +
    'breaks with a mistake in it',
  'limit contestedRetryMaxMs':
    'what a contested target holds at the end is left to whoever else writes to it: `test/domain/drift.test.ts` breaks with a ' +
    'mistake in it',
};
