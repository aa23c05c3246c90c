/** Why something may not happen now: the closed set of holds, what each stops, and what lifts it. */
import type { TargetId } from './target.ts';

export type HoldScope = 'account' | 'target' | 'store' | 'provider' | 'consumer' | 'all';

/**
 * The table of holds. `mint` stops every mint, `unasked-mint` all but manual ones, `refused-mint` those because of a refused
 * credential, `verify` looks that nothing but `verify` is the reason for. ACCOUNT, TARGET and PROVIDER stand for names.
 */
export const HOLDS = {
  'own-account': { scope: 'account', stops: ['mint'], liftedBy: 'another manager credential' },
  closed: {
    scope: 'account',
    stops: ['mint'],
    liftedBy:
      'the account being there and open at the provider: re-opened by a person, or by reopenClosed: true',
  },
  foreign: {
    scope: 'target',
    stops: ['mint', 'write'],
    liftedBy: 'rekeyd accept ACCOUNT TARGET --reason …, or overwrite: true',
  },
  undecided: {
    scope: 'account',
    stops: ['mint'],
    liftedBy:
      'a target holding the live credential of one of the two, or a person who names the other one: ' +
      'rekeyd standby ACCOUNT ACCOUNT_ID --reason …',
  },
  mismatched: {
    scope: 'account',
    stops: ['mint', 'write'],
    liftedBy: 'a person: rekeyd unpark ACCOUNT --reason …',
  },
  contested: {
    scope: 'target',
    stops: ['unasked-mint', 'healing'],
    liftedBy: 'a day without another overwritten delivery, or rekeyd accept ACCOUNT TARGET --reason …',
  },
  'store-down': { scope: 'store', stops: ['mint'], liftedBy: 'a real write there' },
  'consumer-unhealthy': {
    scope: 'consumer',
    stops: ['unasked-mint'],
    liftedBy: 'the consumer having taken up the new value, or onUnhealthy: report',
  },
  'manager-refused': { scope: 'provider', stops: ['mint', 'verify'], liftedBy: 'an accepted call' },
  'many-refused': {
    scope: 'provider',
    stops: ['refused-mint'],
    liftedBy: 'the provider accepting the live credentials of its accounts again, or none being left to try',
  },
  'reserve-low': {
    scope: 'provider',
    stops: ['mint', 'verify'],
    liftedBy: "time (the next day's calls), or another dailyLimit or reserve",
  },
  'too-soon': { scope: 'account', stops: ['unasked-mint'], liftedBy: 'time (minInterval)' },
  'many-old': {
    scope: 'account',
    stops: ['unasked-mint'],
    liftedBy: 'old credentials being retired: rekeyd status ACCOUNT says what they wait for',
  },
  parked: {
    scope: 'account',
    stops: ['unasked-mint'],
    liftedBy: 'rekeyd unpark ACCOUNT --reason …, a manual rotation that succeeds, or a changed policy',
  },
  'refused-limit': {
    scope: 'account',
    stops: ['refused-mint'],
    liftedBy: 'time, or a person: rekeyd rotate ACCOUNT --reason …',
  },
  frozen: {
    scope: 'provider',
    stops: ['unasked-mint'],
    liftedBy: 'a person: rekeyd unfreeze PROVIDER --reason …',
  },
  paused: {
    scope: 'account',
    stops: ['unasked-mint', 'healing'],
    liftedBy: 'rekeyd resume ACCOUNT --reason …, or paused: false',
  },
  'clock-skew': {
    scope: 'all',
    stops: ['unasked-mint'],
    liftedBy: "an answer that agrees: set this machine's clock, or the service's",
  },
  'deny-window': { scope: 'account', stops: ['unasked-mint'], liftedBy: 'time (the window)' },
} as const satisfies Record<
  string,
  {
    readonly scope: HoldScope;
    readonly stops: readonly ('mint' | 'unasked-mint' | 'refused-mint' | 'write' | 'healing' | 'verify')[];
    readonly liftedBy: string;
  }
>;

export type HoldKind = keyof typeof HOLDS;

/** A hold that is in force. */
export interface Hold {
  readonly kind: HoldKind;
  /** Name of the store, provider or account; id of the target. */
  readonly subject: string;
  readonly since: number;
  /** When it ends by itself, where that is known. */
  readonly until?: number;
  /** Who set it: `rekeyd`, `config`, or a person. */
  readonly by: string;
  readonly reason: string;
  readonly target?: TargetId;
}

/** What lifts it, with the names of what it holds, so that it can be typed as it stands. */
export function liftedBy(hold: Hold, account: string = hold.subject): string {
  return HOLDS[hold.kind].liftedBy
    .replace('ACCOUNT', () => account)
    .replace('TARGET', () => hold.target ?? 'TARGET')
    .replace('PROVIDER', () => hold.subject);
}

/**
 * Holds that a person ends, whenever that is: slots that come meanwhile count as missed, as if the daemon had been down.
 * Those of all other holds wait, and run when the hold ends.
 */
const ENDED_BY_HAND: readonly string[] = ['paused', 'frozen'] satisfies readonly HoldKind[];

/** Whether slots that come while this holds count as missed. */
export function missesSlots(hold: string): boolean {
  return ENDED_BY_HAND.includes(hold);
}
