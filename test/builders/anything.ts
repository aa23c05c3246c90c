/** Any situation at all, also those that never come about: for what must hold of every decision. */
import * as fc from 'fast-check';
import { FAILURES } from '../../src/domain/failure.ts';
import type { FailureKind } from '../../src/domain/failure.ts';
import type { AccountRecord, OpenRotation, TargetRecord } from '../../src/domain/record.ts';
import type { Observation, Situation } from '../../src/domain/situation.ts';
import { account } from './account.ts';
import { NOW, situation, TARGET } from './situation.ts';

const fingerprint = fc.constantFrom('live', 'old', 'other');

const at = fc
  .constantFrom(-7_200_000, -120_000, -60_000, -5_000, -1, 0, 1, 5_000, 7_200_000)
  .map((ms) => NOW + ms);

const failure = fc
  .constantFrom(...(Object.keys(FAILURES) as FailureKind[]))
  .map((kind) => ({ kind, message: 'a test' }));

const why = { since: NOW - 1_000, why: 'a test' };

export const cause = { actor: 'rekeyd' };

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

export const anything: fc.Arbitrary<Situation> = fc
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
