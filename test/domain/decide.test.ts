import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { Fact } from '../../src/domain/fact.ts';
import { FAILURES } from '../../src/domain/failure.ts';
import type { FailureKind } from '../../src/domain/failure.ts';
import { mintHold } from '../../src/domain/holds.ts';
import { backOffMs, LIMITS } from '../../src/domain/limits.ts';
import { unmetForMint } from '../../src/domain/needs.ts';
import type { AccountRecord, OpenRotation, TargetRecord } from '../../src/domain/record.ts';
import type { Observation, Situation } from '../../src/domain/situation.ts';
import { wakeOf } from '../../src/domain/wake.ts';
import { account } from '../builders/account.ts';
import { NOW, situation, TARGET } from '../builders/situation.ts';

const fingerprint = fc.constantFrom('live', 'old', 'other');
const at = fc
  .constantFrom(-7_200_000, -120_000, -60_000, -5_000, -1, 0, 1, 5_000, 7_200_000)
  .map((ms) => NOW + ms);
const failure = fc
  .constantFrom(...(Object.keys(FAILURES) as FailureKind[]))
  .map((kind) => ({ kind, message: 'a test' }));
const why = { since: NOW - 1_000, why: 'a test' };
const cause = { actor: 'rekeyd' };

const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const known = fc.record({ fingerprint, version: fc.constant('1'), at });

/** Drops what is undefined, as records do. */
function solid<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}

const targetRecord = fc
  .record({
    failures: fc.nat(3),
    accepted: fc.boolean(),
    written: some(known),
    confirmed: some(known),
    owed: some(fingerprint.map((one) => ({ fingerprint: one, target: TARGET }))),
    retryAt: some(at),
    foreign: some(fc.constant({ since: NOW - 1_000 })),
    drifted: some(fc.constantFrom({ since: NOW - 1_000 }, { since: NOW - 1_000, fingerprint: 'other' })),
    realWrite: some(at.map((when) => ({ at: when, identity: 'me' }))),
    misread: some(fc.constant(true)),
    overwritten: some(fc.array(at, { maxLength: 3 }).map((instants) => instants.toSorted((a, b) => a - b))),
    contested: some(fc.constant({ since: NOW - 1_000 })),
  })
  .map((value) => solid(value) as TargetRecord);

const intent = fc
  .record({
    sentAt: at,
    unknown: fc.boolean(),
    sightings: fc.nat(3),
    sightedAt: some(at),
    preImage: some(fingerprint),
  })
  .map((value) => solid({ attempt: 1, at: value.sentAt, targets: [], ...value }));
const minted = fc.record({ fingerprint, sentAt: at, recovered: fc.boolean(), preImage: fingerprint });
const rotation = fc
  .record({
    trigger: fc.constantFrom('schedule', 'manual', 'expiry', 'max-age', 'refused', 'adopt'),
    intent: some(intent),
    minted: some(minted),
    lost: fc.boolean(),
    oldTried: fc.boolean(),
  })
  .map(
    (value) =>
      solid({
        id: 'r',
        cause,
        dueAt: NOW,
        openedAt: NOW,
        requests: [],
        attempts: 1,
        ...value,
      }) as OpenRotation,
  );

const live = fc
  .record({
    fingerprint,
    ownMint: fc.boolean(),
    proved: fc.boolean(),
    expiresAt: some(at),
    mintedAt: some(at),
  })
  .map(solid);
const refusal = fc
  .record({
    fingerprint,
    since: at,
    lastAt: at,
    times: fc.nat(3),
    triedAt: at,
    countedAt: some(at),
    tryAt: at,
    limited: some(at.map((until) => ({ since: NOW - 1, until, why: 'a test' }))),
  })
  .map(solid);
const record = fc
  .record({
    version: fc.nat(3),
    adoptedAt: some(at),
    live: some(live),
    refused: some(refusal),
    refusedMintAt: some(at),
    superseded: fc.uniqueArray(fc.constantFrom('old', 'other')),
    rotation: some(rotation),
    waiting: some(fc.constant({ requests: ['q'], cause, at: NOW })),
    targets: some(targetRecord).map((one) => (one === undefined ? {} : { [TARGET.id]: one })),
    mintedAt: some(at),
    effectEndedAt: some(at),
    failures: fc.nat(6),
    retries: fc.nat(3),
    retryAt: some(at),
    reobserveAt: fc.array(at, { maxLength: 2 }),
    lookedAt: some(at),
    parked: some(fc.constant(why)),
    paused: some(fc.constant({ since: NOW, cause })),
    mismatched: some(fc.constant(why)),
    held: fc.constantFrom({}, { closed: why }, { 'own-account': why }),
    leftAt: some(at),
  })
  .map((value) => solid(value) as AccountRecord);

const targetSeen = fc.record({
  requestedAt: at,
  holds: fc.oneof(
    fingerprint.map((one) => ({ kind: 'credential' as const, fingerprint: one })),
    fc.constantFrom({ kind: 'nothing' as const }, { kind: 'other' as const }),
    failure.map((one) => ({ kind: 'unreadable' as const, failure: one })),
  ),
});
const tried = fc.record({
  at,
  outcome: fc.oneof(
    fc.constantFrom(
      { kind: 'accepted' as const, accountId: 'a1' },
      { kind: 'accepted' as const, accountId: 'b1' },
      { kind: 'refused' as const },
      { kind: 'refused' as const, revoked: true as const, id: 'auth-api-expired' },
    ),
    failure.map((one) => ({ kind: 'unknown' as const, failure: one })),
  ),
});
const seen = fc
  .record({
    account: some(
      fc
        .record({
          requestedAt: at,
          state: fc.constantFrom('open', 'closed', 'absent'),
          certain: fc.boolean(),
          live: some(fingerprint.map((one) => ({ fingerprint: one }))),
        })
        .map(solid),
    ),
    accountFailure: some(fc.record({ at, failure })),
    manager: some(
      fc.constantFrom(
        { accountId: 'a1' },
        { accountId: 'manager' },
        { accountId: 'manager', acceptedAt: NOW },
      ),
    ),
    managerFailure: some(fc.record({ at, failure })),
    targets: some(targetSeen).map((one) => (one === undefined ? {} : { [TARGET.id]: one })),
    preflights: some(fc.record({ at, identity: fc.constant('me') })).map((one) =>
      one === undefined ? {} : { [TARGET.id]: one },
    ),
    tried: fc.dictionary(fingerprint, tried),
    others: some(fc.record({ at, accepted: fc.nat(1), refused: fc.nat(1), unknown: fc.nat(1) })),
    grant: some(fc.record({ granted: fc.boolean(), until: fc.constant(NOW + 1) })).map(
      (one) => one && { ...one, lastHour: 1, atMost: 1 },
    ),
  })
  .map((value) => solid(value) as Observation);

const anything: fc.Arbitrary<Situation> = fc
  .record({
    record,
    seen,
    stopping: fc.boolean(),
    configured: fc.boolean(),
    dice: fc.constantFrom(0, 0.5, 0.999),
    inHand: fc.subarray(['live', 'old', 'other']).map((all) => new Set(all)),
    dueWhy: fc.constantFrom('slot', 'recheck', 'retry', 'verify', 'refused', 'hold-ends'),
    sharedHolds: fc.constantFrom(
      [],
      [
        {
          kind: 'store-down' as const,
          subject: 'files',
          since: NOW - 10_000,
          by: 'rekeyd',
          reason: 'a test',
        },
      ],
      [
        {
          kind: 'many-refused' as const,
          subject: 'kronup',
          since: NOW - 10_000,
          by: 'rekeyd',
          reason: 'because',
        },
      ],
      [
        {
          kind: 'frozen' as const,
          subject: 'kronup',
          since: NOW - 10_000,
          by: 'rekeyd',
          reason: 'a test',
        },
      ],
    ),
    policy: fc.record({
      reopenClosed: fc.boolean(),
      rotateOnAdopt: fc.boolean(),
      paused: fc.boolean(),
      onRefused: fc.constantFrom('park', 'rotate'),
      onDrift: fc.constantFrom('deliver', 'report'),
      verifyMs: fc.constantFrom(60_000, 21_600_000),
    }),
  })
  .map(({ policy, ...changes }) =>
    situation({
      ...changes,
      policy: account({ targets: [TARGET], schedule: { pattern: '0 * * * *', zone: 'UTC' }, ...policy }),
    }),
  );

describe('decide, whatever is known and seen', () => {
  it('has an answer, and wakes later than now where it rests', () => {
    fc.assert(
      fc.property(anything, (given) => {
        const decision = decide(given);
        if (decision.do !== 'rest' || given.stopping) return;
        expect(decision.wake?.at ?? Number.POSITIVE_INFINITY).toBeGreaterThan(NOW);
      }),
      { numRuns: 5_000 },
    );
  });

  it('never mints where a hold stands or something is not known', () => {
    fc.assert(
      fc.property(anything, (given) => {
        if (decide(given).do !== 'mint') return;
        const open = given.record.rotation;
        if (open === undefined) throw new Error('minted without a rotation');
        expect(mintHold(given, open)).toBeUndefined();
        expect(unmetForMint(given)).toEqual([]);
        expect(open.intent ?? open.minted).toBeUndefined();
        expect(given.stopping).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });

  it('comes to an end of what it notes', () => {
    fc.assert(
      fc.property(anything, (given) => {
        let now = given;
        for (let notes = 0; ; notes++) {
          const decision = decide(now);
          if (decision.do !== 'note') return;
          expect({ notes: notes < 20, facts: decision.facts }).toMatchObject({ notes: true });
          const facts = decision.facts.map((fact): Fact => ({ ...fact, id: 'f', at: NOW, cause }));
          now = { ...now, record: facts.reduce(evolve, now.record), policyChanged: false, requests: [] };
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('delivers nothing but the live credential, proved or from our own mint', () => {
    fc.assert(
      fc.property(anything, (given) => {
        const decision = decide(given);
        if (decision.do !== 'deliver') return;
        expect(decision.fingerprint).toBe(given.record.live?.fingerprint);
        expect(given.record.live?.ownMint === true || given.record.live?.proved === true).toBe(true);
        expect(given.record.mismatched).toBeUndefined();
        expect(given.inHand.has(decision.fingerprint)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('leaves no account that has something open without a next look, unless a person holds it', () => {
    fc.assert(
      fc.property(anything, (given) => {
        const decision = decide(given);
        const { parked, paused, mismatched, rotation: open } = given.record;
        const frozen = given.sharedHolds.find(({ kind }) => kind === 'frozen' && open?.trigger !== 'manual');
        const byHand = parked ?? paused ?? mismatched ?? frozen ?? (given.policy.paused || undefined);
        if (decision.do !== 'rest' || open === undefined || !given.configured || byHand !== undefined) return;
        expect(decision.wake).toBeDefined();
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('the instant of the next look', () => {
  it('is never now or before', () => {
    fc.assert(
      fc.property(anything, (given) => {
        expect(wakeOf(given)?.at ?? Number.POSITIVE_INFINITY).toBeGreaterThan(NOW);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('the back-off', () => {
  it('doubles up to its bound, and at least half of it is waited', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, dice) => {
          const wait = backOffMs(attempt, LIMITS.retryFirstMs, LIMITS.retryMaxMs, dice);
          expect(wait).toBeGreaterThanOrEqual(LIMITS.retryFirstMs / 2);
          expect(wait).toBeLessThanOrEqual(LIMITS.retryMaxMs);
        },
      ),
    );
  });
});
