/** All mistakes that are made on purpose, and the rows for which there can be none, each with the reason. */
import { DELIVERING_MISTAKES } from './delivering.ts';
import { HOLD_MISTAKES } from './holds.ts';
import { HOLDER_MISTAKES } from './holders.ts';
import { LIMIT_MISTAKES } from './limits.ts';
import { MINTING_AGAIN_MISTAKES } from './minting-again.ts';
import type { Mistake } from './mistake.ts';
import { NEED_MISTAKES } from './needs.ts';
import type { Row } from './rows.ts';

export const MISTAKES: readonly Mistake[] = [
  ...DELIVERING_MISTAKES,
  ...MINTING_AGAIN_MISTAKES,
  ...NEED_MISTAKES,
  ...HOLD_MISTAKES,
  ...LIMIT_MISTAKES,
  ...HOLDER_MISTAKES,
];

const IN_PLACE =
  'mistakes are looked for in histories in place; overlap and pairs are simulated too, and broken only in the tests of domain and engine';
const RARE =
  'no history is long enough for so many refusals that are certain: shown by the tests of the domain and the engine';
const TWICE = 'a clock that was set is noticed by what services say of the time as well (`clockSkewMs`)';
const HOW_SOON = 'it only says how soon or how often: nothing that is promised depends on it';

/** Why no mistake is made in a row. */
export const WITHOUT: Readonly<Partial<Record<Row, string>>> = {
  'hold undecided': IN_PLACE,
  "need a pair's standby held by no target": IN_PLACE,
  'wake grace': IN_PLACE,
  'limit graceMs': IN_PLACE,
  'limit retireHardLimitMs': IN_PLACE,
  'limit retireTryMs': IN_PLACE,
  'limit retireTryMaxMs': IN_PLACE,
  'limit sweepAfterMs': IN_PLACE,
  retiring: IN_PLACE,
  sweeping: IN_PLACE,
  'promise 5': IN_PLACE,
  'hold many-refused': RARE,
  'hold refused-limit': RARE,
  'limit refusedApartMs': RARE,
  'limit refusedMintEveryMs': RARE,
  'limit refusedMintsPerMs': RARE,
  'limit refusedMintsShare': RARE,
  'limit clockStepMs': TWICE,
  'wake now': HOW_SOON,
  'limit againMs': HOW_SOON,
  'limit refusedTryMs': HOW_SOON,
  'limit refusedTryMaxMs': HOW_SOON,
  'limit missedAfterMs': HOW_SOON,
  'limit missedSpreadMs': HOW_SOON,
  'limit recheckMs': HOW_SOON,
  'limit recheckMaxMs': HOW_SOON,
  'limit clockSeenMs': HOW_SOON,
  'limit contestedRetryMaxMs': HOW_SOON,
};
