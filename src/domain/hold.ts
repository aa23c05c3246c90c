/** Why something may not happen now: the closed set of holds, what each stops, and what lifts it. */
import type { TargetId } from './target.ts';

export type HoldScope = 'account' | 'target' | 'store' | 'provider' | 'all';

/**
 * The table of holds. `mint` stops every mint, `unasked-mint` all but manual ones, `verify` looks that nothing but `verify` is
 * the reason for. ACCOUNT and TARGET stand for names.
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
  mismatched: {
    scope: 'account',
    stops: ['mint', 'write'],
    liftedBy: 'a person: rekeyd unpark ACCOUNT --reason …',
  },
  'store-down': { scope: 'store', stops: ['mint'], liftedBy: 'a real write there' },
  'manager-refused': { scope: 'provider', stops: ['mint', 'verify'], liftedBy: 'an accepted call' },
  'reserve-low': {
    scope: 'provider',
    stops: ['mint', 'verify'],
    liftedBy: "time (the next day's calls), or another dailyLimit or reserve",
  },
  'too-soon': { scope: 'account', stops: ['unasked-mint'], liftedBy: 'time (minInterval)' },
  parked: {
    scope: 'account',
    stops: ['unasked-mint'],
    liftedBy: 'rekeyd unpark ACCOUNT --reason …, a manual rotation that succeeds, or a changed policy',
  },
  paused: {
    scope: 'account',
    stops: ['unasked-mint', 'healing'],
    liftedBy: 'rekeyd resume ACCOUNT --reason …, or paused: false',
  },
  'deny-window': { scope: 'account', stops: ['unasked-mint'], liftedBy: 'time (the window)' },
} as const satisfies Record<
  string,
  {
    readonly scope: HoldScope;
    readonly stops: readonly ('mint' | 'unasked-mint' | 'write' | 'healing' | 'verify')[];
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
