/** Old credentials: when their grace begins, when they are retired, and what else the account has that nobody knows. */
import type { Decision, NewFact } from '../decision.ts';
import { note } from '../decision.ts';
import { backOffMs, LIMITS } from '../limits.ts';
import { awaited } from '../live.ts';
import { memberOf } from '../pair.ts';
import { owedRefreshes } from '../refresh.ts';
import {
  graceOf,
  isReplaced,
  lastUsedAt,
  listed,
  retirables,
  retireLookAt,
  unmetForRetire,
} from '../retire-needs.ts';
import type { Retirable, UnmetForRetire } from '../retire-needs.ts';
import { accountSeen, isClockDoubtful } from '../situation.ts';
import type { AccountSeen, CredentialSeen, MemberSeen, Situation } from '../situation.ts';
import type { Failure } from '../failure.ts';
import { retires } from '../strategy.ts';
import { askTime } from './clock.ts';
import { lookFailure } from './failing.ts';

/** Unknown credentials that a record keeps. */
const UNKNOWN_MAX = 32;

/** Credentials of the account that turned up late, that nobody knows, or that are gone. */
export function noteCredentials(situation: Situation): Decision | undefined {
  const { record } = situation;
  const credentials = accountSeen(situation)?.credentials;
  if (credentials === undefined || record.adoptedAt === undefined || record.rotation?.intent)
    return undefined;
  // What is live comes first: else it would be one that nobody knows.
  if (record.live === undefined && record.liveMissingSince === undefined) return undefined;
  const facts: NewFact[] = credentials
    .filter((one) => !isKnown(situation, one))
    .flatMap((one) => stranger(situation, one));
  for (const { reference } of record.unknown ?? []) {
    const there = credentials.some((one) => one.reference === reference);
    if (!there) facts.push({ kind: 'unknown-credential-gone', reference });
  }
  const [first, ...rest] = facts;
  return first && note(first, ...rest);
}

function isKnown({ record, seen }: Situation, { reference, clientId }: CredentialSeen): boolean {
  const { live, rotation, old = [], retired = [], unknown = [] } = record;
  const known = [live, rotation?.minted, ...old, ...unknown];
  if (clientId !== undefined && (clientId === live?.clientId || clientId === seen.manager?.clientId))
    return true;
  return retired.includes(reference) || known.some((one) => one?.reference === reference);
}

function stranger({ record }: Situation, one: CredentialSeen): NewFact[] {
  const { reference, name, createdAt, clientId } = one;
  if (record.marks?.some((mark) => mark.name === name) === true) {
    const client = clientId === undefined ? {} : { clientId };
    return [{ kind: 'credential-found-late', reference, name, createdAt, ...client }];
  }
  if ((record.unknown ?? []).length >= UNKNOWN_MAX) return [];
  const used = one.lastUsedAt === undefined ? {} : { lastUsedAt: one.lastUsedAt };
  return [{ kind: 'credential-unknown', reference, name, createdAt, ...used }];
}

/**
 * The facts that say from when on, and until when, old credentials go on working: as soon as every target holds the newer one, and
 * whoever reads it has taken it up.
 */
export function graceFacts(situation: Situation): NewFact[] {
  const { policy, record, now } = situation;
  if (!retires(policy.strategy) || record.live?.proved !== true) return [];
  if (awaited(situation).length > 0 || owedRefreshes(situation).length > 0) return [];
  // Dated by a clock that is behind, it would be over as soon as that is right.
  if (isClockDoubtful(situation)) return [];
  const { graceMs, hardLimitMs } = graceOf(policy);
  return retirables(situation)
    .filter(
      ({ why, graceFrom, compromised }) => why === 'replaced' && graceFrom === undefined && !compromised,
    )
    .map(({ reference, fingerprint }) => ({
      kind: 'grace-begun',
      reference,
      ...(fingerprint === undefined ? {} : { fingerprint }),
      until: now + graceMs,
      hardLimitAt: now + hardLimitMs,
    }));
}

export function beginGrace(situation: Situation): Decision | undefined {
  if (situation.timeUnknown === true) {
    const { timeUnknown: _, ...told } = situation;
    return graceFacts(told).length === 0 ? undefined : askTime(situation);
  }
  const [first, ...rest] = graceFacts(situation);
  return first && note(first, ...rest);
}

/** Retires what may be, one after the other; what may not is looked into again later. Comes after all that is more urgent. */
export function retireOld(situation: Situation): Decision | undefined {
  return retireDue(situation, ({ compromised }) => compromised !== true);
}

/** What has leaked is ended before anything else: also before the newer one is delivered, where that was asked for. */
export function endCompromised(situation: Situation): Decision | undefined {
  if (!isReplaced(situation)) return undefined;
  return retireDue(situation, ({ compromised }) => compromised === true);
}

/** The first of those that fit which is to be looked into by now. */
function retireDue(situation: Situation, fits: (old: Retirable) => boolean): Decision | undefined {
  const { policy, record, now, stopping } = situation;
  if (stopping || record.rotation?.intent !== undefined || record.mismatched !== undefined) return undefined;
  if (record.leftAt !== undefined) return undefined;
  const due = retirables(situation).find((old) => {
    const lookAt = fits(old) ? retireLookAt(policy, old) : undefined;
    return lookAt !== undefined && lookAt <= now;
  });
  return due && retireOne(situation, due);
}

function retireOne(situation: Situation, old: Retirable): Decision | undefined {
  const gone = goneFact(situation, old);
  if (gone !== undefined) return note(gone);
  const unmet = unmetForRetire(situation, old);
  if (unmet === undefined) return { do: 'retire', reference: old.reference };
  const failing = lookingFailure(situation, unmet);
  if (failing !== undefined) return note(waits(situation, old, failing.message));
  switch (unmet.by) {
    case 'account':
      return { do: 'observe', account: true, manager: false, targets: [] };
    case 'manager':
      return { do: 'observe', account: false, manager: true, targets: [] };
    case 'time':
      return situation.timeUnknown === true ? askTime(situation) : undefined;
    case 'targets':
      return { do: 'observe', account: false, manager: false, targets: unmet.targets };
    case 'waiting':
      return note({ kind: 'retire-waits', reference: old.reference, why: unmet.need, tryAt: unmet.tryAt });
  }
}

/**
 * Somebody else ended it, or the answer to its retirement was lost. One whose account is not there may work again as soon as that is:
 * whoever may not see an account is shown none.
 */
function goneFact(situation: Situation, old: Retirable): NewFact | undefined {
  const account = accountSeen(situation);
  if (account === undefined) return undefined;
  const member = memberOf(account, old.accountId);
  // What an open account of a pair shows counts, however it stands with the other one.
  if (member?.state !== 'open' && lookFailure(situation) !== undefined) return undefined;
  if (member !== undefined) return endedFact(situation, old, { account, member });
  const isListed = account.credentials === undefined || listed(account, old) !== undefined;
  const isThere = isListed || mayBeUnlisted(account, old);
  if (account.state !== 'open' || isThere) return undefined;
  const { reference, fingerprint } = old;
  return {
    kind: 'credential-retired',
    reference,
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(old.intendedAt === undefined ? { gone: true as const } : {}),
  };
}

/** A list may be behind, and not have what was made a moment before: to retire what is gone does no harm. */
function mayBeUnlisted({ requestedAt }: AccountSeen, { since }: Retirable): boolean {
  return requestedAt < since + LIMITS.settleMs;
}

/**
 * Of a pair: its account is closed, or has another credential by now, as it shows, or as the use of that one does. One that
 * shows what was replaced even before may be behind.
 */
function endedFact(
  situation: Situation,
  old: Retirable,
  { account, member }: { readonly account: AccountSeen; readonly member: MemberSeen },
): NewFact | undefined {
  const { reference, fingerprint, intendedAt } = old;
  const shown = member.live?.fingerprint;
  const hasAnother =
    shown === undefined
      ? isAnotherAccepted(situation, old)
      : shown !== fingerprint &&
        !(situation.record.superseded.includes(shown) && mayBeUnlisted(account, old));
  if (member.state === 'open' && !hasAnother) return undefined;
  return {
    kind: 'credential-retired',
    reference,
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(intendedAt === undefined || member.state !== 'open' ? { gone: true as const } : {}),
  };
}

/**
 * Whether another credential of its account was accepted since it was replaced: an account of a pair has one at a time, so this one is
 * dead. Whatever the account has now is another one, which a mint would end.
 */
function isAnotherAccepted({ seen, now }: Situation, { fingerprint, accountId, since }: Retirable): boolean {
  if (fingerprint === undefined) return false;
  return Object.entries(seen.tried).some(
    ([another, { at, outcome }]) =>
      another !== fingerprint &&
      outcome.kind === 'accepted' &&
      outcome.accountId === accountId &&
      at >= since &&
      at <= now,
  );
}

function lookingFailure(situation: Situation, { by }: UnmetForRetire): Failure | undefined {
  if (by === 'account') return lookFailure(situation);
  return by === 'manager' ? situation.seen.managerFailure?.failure : undefined;
}

function waits({ now, dice }: Situation, old: Retirable, why: string): NewFact {
  return { kind: 'retire-waits', reference: old.reference, why, tryAt: now + retireWaitMs(old, dice) };
}

/** How long an old credential waits for its next try, in ms: longer each time. */
function retireWaitMs({ waits: known }: Retirable, dice: number): number {
  return backOffMs((known?.times ?? 0) + 1, LIMITS.retireTryMs, LIMITS.retireTryMaxMs, dice);
}

/** What is noted after a request to retire it that failed, with the time of the next try. */
export function retireFailed({ now, dice }: Situation, old: Retirable, given: Failure): NewFact {
  const { kind: failure, message, retryAfterMs = 0 } = given;
  const again = now + Math.max(retryAfterMs, retireWaitMs(old, dice));
  // It was retired by a request whose answer was lost: from then on a list tells that, and it waits no longer.
  const toldAt = old.since + LIMITS.settleMs;
  const tryAt = failure === 'not-found' && toldAt > now ? Math.min(again, toldAt) : again;
  return { kind: 'retire-failed', reference: old.reference, failure, message, tryAt };
}

/** What is noted before it is retired. */
export function retireIntent(situation: Situation, old: Retirable, stillUsed: boolean): NewFact {
  const used = lastUsedAt(situation, old);
  return {
    kind: 'retire-intended',
    reference: old.reference,
    ...(old.fingerprint === undefined ? {} : { fingerprint: old.fingerprint }),
    ...(used === undefined ? {} : { lastUsedAt: used }),
    ...(stillUsed ? { stillUsed: true as const } : {}),
  };
}
