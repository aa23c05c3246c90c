/** Facts and records for tests of the fold: a record in which everything is set, so that each change and each loss shows. */
import { evolve } from '../../src/domain/evolve.ts';
import type { Fact, FactBodies, FactKind } from '../../src/domain/fact.ts';
import type { AccountRecord, TargetRecord } from '../../src/domain/record.ts';
import { NOW, OPEN, record, TARGET } from './situation.ts';

/** A fact that happened now. */
export function fact<Kind extends FactKind>(
  kind: Kind,
  body: FactBodies[Kind],
  more: Partial<Fact> = {},
): Fact {
  return { ...body, id: 'f1', at: NOW, cause: { actor: 'rekeyd' }, kind, ...more } as Fact;
}

export const TARGET_OF_ALL: TargetRecord = {
  written: { fingerprint: 'live', version: '1', at: NOW - 2_000 },
  confirmed: { fingerprint: 'live', version: '1', at: NOW - 1_000 },
  owed: { fingerprint: 'live', target: TARGET },
  failures: 2,
  retryAt: NOW + 7_000,
  lastFailure: { failure: 'store-unavailable', message: 'down' },
  foreign: { since: NOW - 3_000, fingerprint: 'stranger' },
  accepted: false,
  drifted: { since: NOW - 4_000, fingerprint: 'changed' },
  realWrite: { at: NOW - 1_000, identity: 'me' },
};

/** A record in which all is set that facts set or forget, also what never comes together. */
export const RECORD_OF_ALL: AccountRecord = record({
  knownBefore: true,
  live: { fingerprint: 'live', mintedAt: NOW - 5_000, ownMint: true, proved: false },
  liveMissingSince: NOW - 100,
  superseded: ['older'],
  slot: NOW - 9_000,
  missed: { slot: NOW - 8_000, runAt: NOW + 8_000 },
  heldSlot: NOW - 8_000,
  pausedSlot: NOW - 7_000,
  rotation: {
    ...OPEN,
    requests: ['q1'],
    intent: { attempt: 1, at: NOW - 50, sentAt: NOW - 50, targets: [TARGET], unknown: false, sightings: 1 },
  },
  waiting: { requests: ['q2'], cause: { actor: 'socket:0', reason: 'leaked' }, at: NOW - 30 },
  targets: { [TARGET.id]: TARGET_OF_ALL },
  mintedAt: NOW - 5_000,
  ageFrom: { at: NOW - 5_000, atLeast: true },
  lifetimeMs: 90_000,
  effectEndedAt: NOW - 1_000,
  failures: 3,
  retries: 4,
  lastFailure: { failure: 'no-answer', message: 'silence', at: NOW - 20 },
  retryAt: NOW + 9_000,
  reobserveAt: [NOW - 10, NOW, NOW + 10],
  parked: { since: NOW - 60, why: 'failed' },
  paused: { since: NOW - 70, cause: { actor: 'socket:0' } },
  mismatched: { since: NOW - 80, why: 'another account' },
  held: { closed: { since: NOW - 90, why: 'closed' } },
});

/** What becomes of a record by one fact. */
export function folded(from: AccountRecord, one: Fact): AccountRecord {
  return evolve(from, one);
}

/** The record one fact later: with these changes, and without these keys. */
export function next<T extends object>(from: T, changes: Partial<T>, ...gone: (keyof T)[]): T {
  const copy = { ...from, ...changes };
  for (const key of gone) Reflect.deleteProperty(copy, key);
  return 'version' in copy ? { ...copy, version: Number(copy.version) + 1, notedAt: NOW } : copy;
}
