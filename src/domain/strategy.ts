/** The strategies as data: in which order the steps of a rotation come, and what follows from that order. */
import type { Strategy } from './account.ts';

export type RotationStep = 'observe' | 'preflight' | 'mint' | 'prove' | 'deliver' | 'confirm' | 'retire';

/**
 * In place the old credential dies at the mint, so the new one is delivered before anything else. Where it goes on working, nothing
 * is urgent: the new one is proved first. A pair has no `retire`: what is replaced dies when its account's turn comes again.
 */
const STEPS: Readonly<Record<Strategy, readonly RotationStep[]>> = {
  'in-place': ['observe', 'preflight', 'mint', 'deliver', 'confirm', 'prove'],
  overlap: ['observe', 'preflight', 'mint', 'prove', 'deliver', 'confirm', 'retire'],
  pair: ['observe', 'preflight', 'mint', 'prove', 'deliver', 'confirm'],
};

/** Whether what is minted becomes live only when it was proved, because the old credential goes on working. */
export function provesFirst(strategy: Strategy): boolean {
  const steps = STEPS[strategy];
  return steps.indexOf('prove') < steps.indexOf('deliver');
}

/** Whether what was replaced has to be ended by a call of its own. */
export function retires(strategy: Strategy): boolean {
  return STEPS[strategy].includes('retire');
}
