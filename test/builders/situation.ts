/** What a decision is made from, with what a test changes: by default a converged account, on which nothing is due. */
import { EMPTY_RECORD } from '../../src/domain/evolve.ts';
import type { AccountRecord, OpenRotation, Refusal } from '../../src/domain/record.ts';
import type { Situation, TargetSeen } from '../../src/domain/situation.ts';
import { NOTHING_SEEN } from '../../src/domain/situation.ts';
import { account, target } from './account.ts';

export const NOW = Date.parse('2026-01-05T12:00:00Z');
export const TARGET = target('files:billing/token');

export function record(changes: Partial<AccountRecord> = {}): AccountRecord {
  return {
    ...EMPTY_RECORD,
    version: 5,
    adoptedAt: NOW - 86_400_000,
    live: { fingerprint: 'live', ownMint: true, proved: true },
    targets: {
      [TARGET.id]: {
        failures: 0,
        accepted: false,
        confirmed: { fingerprint: 'live', version: '1', at: NOW - 1_000 },
        realWrite: { at: NOW - 1_000, identity: 'me' },
      },
    },
    ...changes,
  };
}

/** What is live of one of a pair, and has leaked. */
export const LEAKED_LIVE = {
  fingerprint: 'live',
  ownMint: true,
  proved: true,
  accountId: 'a',
  compromised: true,
} as const;

export const LIVE_THERE: TargetSeen = {
  requestedAt: NOW,
  holds: { kind: 'credential', fingerprint: 'live' },
  version: '1',
};

/** All that a mint needs, seen at this instant. */
export const ALL_SEEN = {
  account: { requestedAt: NOW, state: 'open', certain: true, live: { fingerprint: 'live' } },
  manager: { accountId: 'manager' },
  targets: {
    [TARGET.id]: LIVE_THERE,
  },
  preflights: { [TARGET.id]: { at: NOW, identity: 'me' } },
  tried: {},
} as const satisfies Situation['seen'];

export function situation(changes: Partial<Situation> = {}): Situation {
  return {
    now: NOW,
    dice: 0.5,
    runningSince: 0,
    stopping: false,
    record: record(),
    policy: account({ targets: [TARGET] }),
    configured: true,
    policyChanged: false,
    requests: [],
    sharedHolds: [],
    seen: NOTHING_SEEN,
    inHand: new Set(),
    proofMaxAgeMs: { files: 60_000 },
    parkAfter: 5,
    ...changes,
  };
}

export const OPEN: OpenRotation = {
  id: 'r1',
  trigger: 'schedule',
  cause: { actor: 'rekeyd' },
  dueAt: NOW,
  openedAt: NOW,
  requests: [],
  attempts: 0,
  lost: false,
  oldTried: false,
};

/** A rotation that is open and has everything that it needs to mint. */
export function ready(changes: Partial<Situation> = {}): Situation {
  return situation({ record: record({ rotation: OPEN }), seen: ALL_SEEN, ...changes });
}

/** A live credential that was refused ten minutes ago, and is certain to be since now. */
export const REFUSED: Refusal = {
  fingerprint: 'live',
  id: 'auth-api-expired',
  since: NOW - 600_000,
  lastAt: NOW,
  times: 2,
  triedAt: NOW,
  countedAt: NOW,
  tryAt: NOW + 600_000,
};

/** A mint whose answer never came. */
export const INTENT = { attempt: 1, at: NOW, sentAt: NOW, targets: [], unknown: true, sightings: 0 };
