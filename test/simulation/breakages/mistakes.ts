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
import type { Row } from './rows.ts';

export const MISTAKES: readonly Mistake[] = [
  ...DELIVERING_MISTAKES,
  ...MINTING_AGAIN_MISTAKES,
  ...NEED_MISTAKES,
  ...HOLD_MISTAKES,
  ...LIMIT_MISTAKES,
  ...HOLDER_MISTAKES,
  ...BESIDE_MISTAKES,
  ...REFRESHING_MISTAKES,
];

const TWICE = 'a clock that was set is noticed by what services say of the time as well (`clockSkewMs`)';
const HOW_SOON = 'it only says how soon or how often: nothing that is promised depends on it';

/** Why no mistake is made in a row. */
export const WITHOUT: Readonly<Partial<Record<Row, string>>> = {
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
  'limit togetherMs': HOW_SOON,
  'limit togetherSoonMs': HOW_SOON,
  'limit refreshLookMs': HOW_SOON,
  'limit refreshLookMaxMs': HOW_SOON,
};
