/** Facts about mints: intended, known, unknown, lost. */
import type { FactOf } from '../fact.ts';
import type { AccountRecord } from '../record.ts';
import { moreUrgent } from '../request.ts';
import type { Folds } from './folds.ts';
import { aside, dropped, mintedBeside, turned, withMark } from './overlapping.ts';
import {
  lifetimeFields,
  lifetimeOf,
  supersede,
  backOff,
  inRotation,
  inTarget,
  lookAgain,
  without,
  withoutKeys,
  withoutSuperseded,
} from './parts.ts';

/** After a mint of unknown outcome the account is looked at again this long after, in case the effect came late. */
const LATE_EFFECT_LOOKS_MS = [60_000, 300_000, 900_000] as const;

export const MINTING = {
  'mint-intended': (record, fact) => ({
    ...inRotation(withMark(record, fact), (rotation) => ({
      ...rotation,
      attempts: fact.attempt,
      intent: {
        attempt: fact.attempt,
        at: fact.at,
        ...(fact.preImage === undefined ? {} : { preImage: fact.preImage }),
        targets: fact.targets,
        ...(fact.name === undefined ? {} : { name: fact.name }),
        ...(fact.accountId === undefined ? {} : { accountId: fact.accountId }),
        ...(fact.provedFirst === undefined ? {} : { provedFirst: fact.provedFirst }),
        sentAt: fact.at,
        unknown: false,
        sightings: 0,
      },
    })),
    ...(record.rotation?.trigger === 'refused' ? { refusedMintAt: fact.at } : {}),
  }),
  'credential-minted': (record, fact) =>
    fact.provedFirst === true ? mintedBeside(record, fact) : minted(record, fact),
  'mint-refused': (record, fact) => ({
    ...backOff(
      inRotation(record, ({ intent: _, ...rotation }) => rotation),
      fact,
    ),
    retries: record.retries + 1,
    failures: record.failures + (fact.counts ? 1 : 0),
    effectEndedAt: fact.at,
  }),
  'mint-unknown': (record, fact) => ({
    ...inRotation(record, (rotation) => ({
      ...rotation,
      ...(rotation.intent && {
        intent: {
          ...rotation.intent,
          sentAt: fact.sentAt,
          unknown: true,
          ...(fact.counts ? { counts: true } : {}),
        },
      }),
    })),
    lastFailure: { failure: fact.failure, message: fact.message, at: fact.at },
    effectEndedAt: fact.at,
    reobserveAt: LATE_EFFECT_LOOKS_MS.map((ms) => fact.sentAt + ms),
  }),
  'pre-image-seen': (record, fact) =>
    inRotation(record, (rotation) => ({
      ...rotation,
      ...(rotation.intent && {
        intent: {
          ...rotation.intent,
          sightings: rotation.intent.sightings + 1,
          sightedAt: fact.requestedAt,
        },
      }),
    })),
  'mint-settled': (record) => ({
    ...inRotation(record, ({ intent: _, ...rotation }) => rotation),
    failures: record.failures + (record.rotation?.intent?.counts === true ? 1 : 0),
  }),
  'credential-lost': (record, fact) => lost(record, fact),
  'account-mismatched': (record, fact) => ({
    ...inRotation(doubted(record), ({ intent: _, ...rotation }) => rotation),
    mismatched: { since: fact.at, why: fact.why },
    mintedAt: fact.mintedAt,
    effectEndedAt: fact.at,
  }),
  // What is live now, a look tells: the answer that did not fit may have been to a mint that happened.
  'mismatch-cleared': (record, fact) =>
    lookAgain(without(dropped(stillToEnd(record, fact.at), fact.at), 'mismatched', 'rotation'), fact.at),
} satisfies Partial<Folds>;

/** Where a mint ends what is live, one whose answer did not fit may have done so, and brought what nobody here has. */
function doubted(record: AccountRecord): AccountRecord {
  const { live, rotation } = record;
  const isEnding = rotation?.intent !== undefined && rotation.intent.provedFirst !== true;
  return live === undefined || !isEnding ? record : { ...record, live: { ...live, doubted: true } };
}

/**
 * A rotation that was to end what has leaked leaves that to another one: lifting the hold says nothing of the leak. Its requests
 * stay its own, so that none of them causes two rotations.
 */
function stillToEnd(record: AccountRecord, at: number): AccountRecord {
  const { rotation } = record;
  if (rotation?.compromised === undefined) return record;
  const waiting = record.waiting ?? { requests: [], cause: rotation.cause, at };
  const compromised = moreUrgent(rotation.compromised, waiting.compromised) ?? rotation.compromised;
  return { ...record, waiting: { ...waiting, compromised } };
}

/** What works still, though nobody can have it any more, is to be retired like any other that was live. */
function lost(record: AccountRecord, fact: FactOf<'credential-lost'>): AccountRecord {
  const open = inRotation(dropped(record, fact.at), ({ intent: _i, minted, ...rotation }) => ({
    ...rotation,
    lost: true,
    ...(minted === undefined ? {} : { mintedLost: minted.fingerprint }),
  }));
  // What is told apart from others is set aside: a target that is found to hold it shows that it is live after all.
  const isAside = record.live?.fingerprint === fact.preImage && isToldApart(record);
  const next = isAside ? without(open, 'lifetimeMs', 'refused') : supersede(open, fact.preImage);
  return {
    ...without(aside(next, fact.at), 'live'),
    liveMissingSince: fact.at,
    mintedAt: fact.mintedAt,
  };
}

function isToldApart({ live }: AccountRecord): boolean {
  return live?.reference !== undefined || live?.accountId !== undefined;
}

/**
 * What the account had is dead. Where it was one of a pair, that may be known as old, and what is live may be of the other account, which
 * this mint does not end.
 */
function replaced(record: AccountRecord, fact: FactOf<'credential-minted'>): AccountRecord {
  const { live, old = [], rotation } = record;
  const its = rotation?.intent?.accountId;
  if (its === undefined) return supersede(record, fact.preImage);
  const base = old.some(({ accountId }) => accountId === its) ? turned(record, its, fact.preImage) : record;
  const isOfOther = live?.accountId !== undefined && live.accountId !== its;
  return supersede(isOfOther ? aside(base, fact.at) : base, fact.preImage);
}

/**
 * Where it was one of a pair, and may be again, whose it is stays known: nothing else tells where the provider hides it and no target
 * holds it.
 */
function itsAccount({ live, old = [], rotation }: AccountRecord): { readonly accountId?: string } {
  const wasOfPair = [live, ...old].some((one) => one?.accountId !== undefined);
  const accountId = rotation?.intent?.accountId;
  return wasOfPair && accountId !== undefined ? { accountId } : {};
}

function minted(record: AccountRecord, fact: FactOf<'credential-minted'>): AccountRecord {
  // It may have seemed lost before.
  let next = withoutSuperseded(replaced(record, fact), fact.fingerprint);
  next = inRotation(next, ({ intent: _, ...rotation }) => ({
    ...rotation,
    minted: {
      fingerprint: fact.fingerprint,
      sentAt: fact.sentAt,
      recovered: fact.recovered,
      ...(fact.preImage === undefined ? {} : { preImage: fact.preImage }),
    },
  }));
  for (const target of fact.targets) {
    next = inTarget(next, target.id, (known) => ({
      ...withoutKeys(known, 'retryAt', 'confirmed', 'drifted'),
      owed: { fingerprint: fact.fingerprint, target },
    }));
  }
  return {
    ...without(next, 'retryAt', 'liveMissingSince'),
    retries: 0,
    live: {
      fingerprint: fact.fingerprint,
      mintedAt: fact.sentAt,
      ownMint: !fact.recovered,
      proved: false,
      ...lifetimeFields(fact),
      ...itsAccount(record),
    },
    mintedAt: fact.sentAt,
    ageFrom: { at: fact.sentAt, atLeast: false },
    ...lifetimeOf(fact),
    effectEndedAt: fact.at,
  };
}
