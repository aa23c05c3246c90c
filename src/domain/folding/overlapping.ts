/** Facts about credentials that work beside the live one: minted and not proved yet, replaced, of no use, retired. */
import type { FactOf } from '../fact.ts';
import { FAILURES } from '../failure.ts';
import type { AccountRecord, KnownCredential, OldCredential, OpenRotation } from '../record.ts';
import { OLD_MAX } from '../room.ts';
import type { Folds } from './folds.ts';
import {
  SUPERSEDED_MAX,
  inRotation,
  inTarget,
  lifetimeFields,
  lifetimeOf,
  supersede,
  without,
  withoutKeys,
} from './parts.ts';

const RETIRED_MAX = 32;
const MARKS_MAX = 32;
const UNKNOWN_MAX = 32;

export const OVERLAPPING = {
  'credential-unusable': (record, fact) => unusable(record, fact),
  'credential-found-late': (record, fact) => {
    const { reference, clientId, createdAt } = fact;
    const mark = record.marks?.find(({ name }) => name === fact.name);
    return withOld(withoutMark(record, fact.name), {
      why: 'late',
      since: createdAt,
      reference,
      ...(clientId === undefined ? {} : { clientId }),
      ...(mark === undefined ? {} : { rotation: mark.rotation }),
    });
  },
  'credential-unknown': (record, { reference, name, createdAt, lastUsedAt, at }) => {
    const used = lastUsedAt === undefined ? {} : { lastUsedAt };
    const one = { reference, name, createdAt, since: at, ...used };
    return { ...record, unknown: [...(record.unknown ?? []), one].slice(-UNKNOWN_MAX) };
  },
  'unknown-credential-gone': (record, { reference }) => ({
    ...record,
    unknown: (record.unknown ?? []).filter((one) => one.reference !== reference),
  }),
  'grace-begun': (record, fact) => inOld(record, fact.reference, (old) => ({ ...old, graceFrom: fact.at })),
  'retire-waits': (record, fact) =>
    inOld(record, fact.reference, (old) => waiting(old, fact.why, fact.tryAt)),
  'retire-intended': (record, fact) =>
    inOld(record, fact.reference, (old) => ({ ...old, intendedAt: fact.at })),
  'retire-failed': (record, fact) => ({
    ...inOld(record, fact.reference, (old) => waiting(afterFailure(old, fact), fact.message, fact.tryAt)),
    effectEndedAt: fact.at,
  }),
  'credential-retired': (record, fact) => retired(record, fact),
  'live-located': (record, fact) =>
    record.live?.fingerprint === fact.fingerprint
      ? { ...record, live: { ...record.live, ...whichOf(fact) } }
      : record,
  'standby-named': (record, { accountId, at }) => ({ ...record, standby: { accountId, since: at } }),
  'pair-roles-differ': (record, { roles, at }) => ({ ...record, rolesDiffer: { roles, since: at } }),
  'pair-roles-agree': (record) => without(record, 'rolesDiffer'),
} satisfies Partial<Folds>;

/** A mint beside the live credential: nothing is live yet but what was before. */
export function mintedBeside(record: AccountRecord, fact: FactOf<'credential-minted'>): AccountRecord {
  const { accountId, preImage, targets } = fact;
  const base = accountId === undefined ? record : turned(record, accountId, preImage);
  const unmarked = withoutMark(base, record.rotation?.intent?.name);
  const next = inRotation(unmarked, ({ intent: _, ...rotation }) => ({
    ...rotation,
    minted: { ...mintedOf(fact), provedFirst: true, unproved: { targets } },
  }));
  return { ...without(next, 'retryAt'), retries: 0, mintedAt: fact.sentAt, effectEndedAt: fact.at };
}

function mintedOf(fact: FactOf<'credential-minted'>): NonNullable<OpenRotation['minted']> {
  const { fingerprint, sentAt, recovered, preImage } = fact;
  return {
    fingerprint,
    sentAt,
    recovered,
    ...(preImage === undefined ? {} : { preImage }),
    ...whichOf(fact),
    ...lifetimeFields(fact),
  };
}

/** What was minted and not proved when its rotation ended is of no use to anybody. */
export function dropped(record: AccountRecord, at: number): AccountRecord {
  const { rotation } = record;
  const minted = rotation?.minted;
  if (minted?.unproved === undefined || minted.reference === undefined) return record;
  return withOld(record, { why: 'unused', since: at, fingerprint: minted.fingerprint, ...whichOf(minted) });
}

/** What was minted and proved is live from now on; what was live is old. */
export function promoted(record: AccountRecord, at: number): AccountRecord {
  const minted = record.rotation?.minted;
  if (minted?.unproved === undefined) return record;
  const { fingerprint, sentAt, recovered, unproved } = minted;
  let next = without(record, 'lifetimeMs', 'refused', 'liveMissingSince', 'standby');
  next = aside(next, at);
  for (const target of unproved.targets) {
    next = inTarget(next, target.id, (known) => ({
      ...withoutKeys(known, 'retryAt', 'confirmed', 'drifted'),
      // A write of what came before may be under way still: it is live again if this one is lost.
      ...(known.owed === undefined && known.drifted === undefined ? {} : { intended: true as const }),
      owed: { fingerprint, target },
    }));
  }
  const live: KnownCredential = {
    fingerprint,
    mintedAt: sentAt,
    ownMint: !recovered,
    proved: true,
    ...lifetimeFields({ ...minted, at }),
    ...whichOf(minted),
    ...(minted.compromised && { compromised: minted.compromised }),
  };
  return {
    ...inRotation(without(next, 'retryAt'), (rotation) => ({
      ...rotation,
      minted: withoutKeys(minted, 'unproved'),
    })),
    live,
    retries: 0,
    ageFrom: { at: sentAt, atLeast: false },
    ...lifetimeOf({ ...minted, at: sentAt }),
  };
}

/** What was minted beside what was live is seen to be live by itself, as of one of a pair that was single since: it is tried as that. */
export function foundLive(record: AccountRecord, fingerprint: string): AccountRecord {
  return record.rotation?.minted?.fingerprint !== fingerprint
    ? record
    : inRotation(record, ({ minted, ...rotation }) => ({
        ...rotation,
        ...(minted && { minted: withoutKeys(minted, 'unproved') }),
      }));
}

/** A mint that was to end it, and had no answer, may end it still although it is live by now. */
export function endingOf(
  { old = [] }: AccountRecord,
  fingerprint: string,
): Pick<KnownCredential, 'endingSince'> {
  const its = old.find((one) => one.fingerprint === fingerprint && one.accountId !== undefined);
  return its?.intendedAt === undefined ? {} : { endingSince: its.intendedAt };
}

/** What was live is old: it works still. Where nothing tells it apart from others, it is only known as replaced. */
export function aside(record: AccountRecord, at: number): AccountRecord {
  const { live, rotation } = record;
  if (live === undefined) return record;
  if (live.reference === undefined && live.accountId === undefined) return supersede(record, undefined);
  return withOld(withoutKeys(record, 'live'), {
    why: 'replaced',
    since: at,
    fingerprint: live.fingerprint,
    ...whichOf(live),
    ...(live.compromised && { compromised: live.compromised }),
    ...(live.endingSince === undefined ? {} : { intendedAt: live.endingSince }),
    ...(rotation === undefined ? {} : { rotation: rotation.id }),
  });
}

/** What was against retiring old credentials may be over. */
export function lookedIntoAgain(record: AccountRecord): AccountRecord {
  if (record.old?.some(({ waits }) => waits !== undefined) !== true) return record;
  return { ...record, old: record.old.map((one) => withoutKeys(one, 'waits')) };
}

/** The live credential, now that it is found among the old ones, is none of them. */
export function withoutOld(record: AccountRecord, fingerprint: string): AccountRecord {
  if (record.old === undefined) return record;
  return { ...record, old: record.old.filter((one) => one.fingerprint !== fingerprint) };
}

export function withMark(record: AccountRecord, { name }: FactOf<'mint-intended'>): AccountRecord {
  const rotation = record.rotation?.id;
  if (name === undefined || rotation === undefined) return record;
  return { ...record, marks: [...(record.marks ?? []), { name, rotation }].slice(-MARKS_MAX) };
}

function withoutMark(record: AccountRecord, name: string | undefined): AccountRecord {
  if (record.marks === undefined || name === undefined) return record;
  return { ...record, marks: record.marks.filter((one) => one.name !== name) };
}

function withOld(record: AccountRecord, one: OldCredential): AccountRecord {
  const others = (record.old ?? []).filter(({ reference, accountId }) =>
    one.reference === undefined ? accountId !== one.accountId : reference !== one.reference,
  );
  return { ...record, old: [...others, one].slice(-OLD_MAX) };
}

/** The mint ended what this account of a pair had before: it never works again. */
export function turned(
  record: AccountRecord,
  accountId: string,
  preImage: string | undefined,
): AccountRecord {
  const { old = [] } = record;
  const ended = old.filter((one) => one.accountId === accountId).map(({ fingerprint }) => fingerprint);
  const base: AccountRecord = { ...record, old: old.filter((one) => one.accountId !== accountId) };
  const known = [preImage, ...ended].filter((one) => one !== undefined);
  return known.reduce(superseded, base);
}

function superseded(record: AccountRecord, fingerprint: string): AccountRecord {
  return { ...record, superseded: [...new Set([...record.superseded, fingerprint])].slice(-SUPERSEDED_MAX) };
}

function unusable(record: AccountRecord, fact: FactOf<'credential-unusable'>): AccountRecord {
  const rotation = record.rotation;
  const name = rotation?.intent?.name;
  const base = inRotation(withoutMark(record, name), ({ intent: _i, minted: _m, ...open }) => ({
    ...open,
    lost: open.lost || fact.why === 'value-lost',
  }));
  const next = { ...base, mintedAt: Math.max(fact.mintedAt, record.mintedAt ?? 0) };
  const which = whichOf(fact);
  if (which.reference === undefined) return next;
  return withOld(next, {
    why: 'unused',
    since: fact.at,
    ...which,
    ...(fact.fingerprint === undefined ? {} : { fingerprint: fact.fingerprint }),
    ...(rotation === undefined ? {} : { rotation: rotation.id }),
  });
}

function inOld(
  record: AccountRecord,
  reference: string,
  change: (old: OldCredential) => OldCredential,
): AccountRecord {
  const { old = [] } = record;
  return { ...record, old: old.map((one) => (keyOf(one) === reference ? change(one) : one)) };
}

/** Where it is known to have had no effect, nothing is left of it. Otherwise it may still have one, from now on at the latest. */
function afterFailure(old: OldCredential, { failure, at }: FactOf<'retire-failed'>): OldCredential {
  if (FAILURES[failure].effect === 'none') return withoutKeys(old, 'intendedAt');
  return { ...old, intendedAt: at };
}

function waiting(old: OldCredential, why: string, tryAt: number): OldCredential {
  return { ...old, waits: { times: (old.waits?.times ?? 0) + 1, why, tryAt } };
}

function retired(record: AccountRecord, { reference, at }: FactOf<'credential-retired'>): AccountRecord {
  const { old = [] } = record;
  const ended = old.find((one) => keyOf(one) === reference);
  const base = {
    ...toTry(record, ended, at),
    old: old.filter((one) => keyOf(one) !== reference),
    retired: [...(record.retired ?? []), reference].slice(-RETIRED_MAX),
    effectEndedAt: at,
  };
  return ended?.fingerprint === undefined ? base : superseded(base, ended.fingerprint);
}

/** What has leaked is tried once it was ended: its rotation succeeds only when it is refused. */
function toTry(record: AccountRecord, ended: OldCredential | undefined, endedAt: number): AccountRecord {
  const { rotation } = record;
  const fingerprint = ended?.fingerprint;
  if (ended?.compromised === undefined || fingerprint === undefined) return record;
  if (rotation?.compromised === undefined) return record;
  const replaced = ended.rotation === rotation.id;
  const untried = [...(rotation.untried ?? []), { fingerprint, endedAt, replaced }];
  return { ...record, rotation: { ...rotation, untried } };
}

export function tried(rotation: OpenRotation, fingerprint: string): OpenRotation {
  const untried = rotation.untried?.filter((one) => one.fingerprint !== fingerprint);
  return { ...rotation, oldTried: true, ...(untried === undefined ? {} : { untried }) };
}

/** In a pair, whose credential it is tells it apart. */
function keyOf({ reference, accountId }: OldCredential): string | undefined {
  return reference ?? accountId;
}

interface Which {
  readonly reference?: string;
  readonly clientId?: string;
  readonly accountId?: string;
}

/** Which credential of its account it is, or of which account of a pair. */
export function whichOf({ reference, clientId, accountId }: Which): Which {
  return {
    ...(reference === undefined ? {} : { reference }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(accountId === undefined ? {} : { accountId }),
  };
}
