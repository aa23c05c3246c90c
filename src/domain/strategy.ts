/** The order of steps of each strategy, as data. */
import type { Strategy } from './account.ts';

export type Step = 'observe' | 'preflight' | 'mint' | 'prove' | 'deliver' | 'confirm' | 'retire';

export const STEPS: Readonly<Record<Strategy, readonly Step[]>> = {
  'in-place': ['observe', 'preflight', 'mint', 'deliver', 'confirm', 'prove'],
  overlap: ['observe', 'preflight', 'mint', 'prove', 'deliver', 'confirm', 'retire'],
  pair: ['observe', 'preflight', 'mint', 'prove', 'deliver', 'confirm', 'retire'],
};
