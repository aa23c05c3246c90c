/** What people and the configuration asked for. */
import type { Answer, Decision, NewFact } from '../decision.ts';
import { note } from '../decision.ts';
import { isStanding, mintHold } from '../holds.ts';
import type { Hold } from '../hold.ts';
import { holdingOf } from '../live.ts';
import { forgottenTargets, placesOf } from '../places.ts';
import { accountSeen, isOwing, isOwnAccount, settledAt, targetSeen, targetsOf } from '../situation.ts';
import type { Asked, Situation } from '../situation.ts';
import type { AccountRecord, Intent } from '../record.ts';
import type { Target } from '../target.ts';
import { liveAccountOf, memberOf } from '../pair.ts';
import { owedRefreshes } from '../refresh.ts';
import { retirables } from '../retire-needs.ts';
import { compromiseOf } from '../request.ts';
import { lookFailure } from './failing.ts';

export function notePolicy({ policyChanged, policy, record }: Situation): Decision | undefined {
  if (!policyChanged || isEmpty(record)) return undefined;
  const forgotten = forgottenTargets({ policy, record });
  return note({
    kind: 'policy-changed',
    name: policy.name,
    places: placesOf(policy),
    ...(forgotten.length === 0 ? {} : { forgotten }),
  });
}

/** Whether what these facts are added to is, with them, known under the policy of now: other facts may be noted before that is. */
export function isPolicyNoted(before: AccountRecord, facts: readonly NewFact[]): boolean {
  return facts.some(({ kind }) => kind === 'policy-changed' || isEmpty(before));
}

/** Nothing is known under an earlier policy. */
function isEmpty({ version }: AccountRecord): boolean {
  return version === 0;
}

/** Answers the oldest request that has no answer yet. */
export function answerRequests(situation: Situation): Decision | undefined {
  const [asked] = situation.requests;
  if (asked === undefined) return undefined;
  switch (asked.does) {
    case 'pause':
      return taken(asked, { kind: 'account-paused' });
    case 'resume':
      return taken(asked, { kind: 'account-resumed' });
    case 'unpark':
      return taken(
        asked,
        { kind: 'account-unparked' },
        ...(situation.record.mismatched ? [{ kind: 'mismatch-cleared' as const }] : []),
      );
    case 'reconcile':
      return taken(asked);
    case 'accept':
      return acceptTarget(situation, asked);
    case 'standby':
      return nameStandby(situation, asked);
    case 'rotate':
    case 'rotate-compromised':
    case 'rotate-compromised-now':
      return rotate(situation, asked);
  }
}

function acceptTarget(situation: Situation, asked: Asked): Decision {
  const target = targetsOf(situation).find(({ id }) => id === asked.target);
  if (target === undefined) {
    const known = situation.policy.targets.map(({ id }) => id).join(', ');
    return refused(
      asked,
      `${situation.policy.name} has no target ${asked.target ?? '(none named)'}; it has: ${known}`,
    );
  }
  return taken(asked, { kind: 'target-accepted', target: target.id });
}

/** A person says which account of a pair is minted for, where nothing shows which one is live. */
function nameStandby(situation: Situation, asked: Asked): Decision {
  const { policy } = situation;
  const accountId = asked.target ?? '';
  if (policy.strategy !== 'pair') {
    return refused(asked, `${policy.name} is no pair: only one account is ever minted for`);
  }
  if (!policy.accountIds.includes(accountId)) {
    return refused(
      asked,
      `${accountId} is not one of ${policy.name}'s accounts: ${policy.accountIds.join(' and ')}`,
    );
  }
  const live = liveAccountOf(situation);
  if (live !== undefined) {
    return refused(
      asked,
      `it is known which account of ${policy.name} is live (${live}); the other one is the standby`,
    );
  }
  return taken(asked, { kind: 'standby-named', accountId });
}

function rotate(situation: Situation, asked: Asked): Decision | undefined {
  const { record, configured, policy } = situation;
  if (!configured) return refused(asked, `${policy.name} has left the configuration`);
  const compromised = compromiseOf(asked.does);
  const how = compromised && { compromised };
  const hold = mintHold(situation, { trigger: 'manual', dueAt: asked.at, ...how });
  if (hold !== undefined && isStanding(hold)) {
    // It may have been lifted since: look once before saying no.
    const looked = accountSeen(situation) ?? situation.seen.accountFailure;
    if (looked === undefined)
      return { do: 'observe', account: true, manager: true, targets: targetsOf(situation) };
    if (!stillStands(situation, hold)) return undefined;
    return refused(asked, `held (${hold.kind}): ${hold.reason}`);
  }
  const joins = record.rotation !== undefined && !record.rotation.intent && !record.rotation.minted;
  const requests = [...(record.waiting?.requests ?? []), asked.id];
  const marked = compromised === undefined ? [] : [compromisedFact(situation)];
  const joined = joins ? [{ kind: 'rotation-joined' as const, requests, ...how }] : [];
  return taken(asked, ...marked, ...joined);
}

function compromisedFact({ record }: Situation): NewFact {
  const { live } = record;
  return { kind: 'credential-compromised', ...(live && { fingerprint: live.fingerprint }) };
}

/** False where what was just seen lifts the hold: the stage that notes it comes first. */
function stillStands(situation: Situation, hold: Hold): boolean {
  const account = accountSeen(situation);
  if (account === undefined || lookFailure(situation) !== undefined) return true;
  if (hold.kind === 'closed') return account.state !== 'open';
  if (hold.kind === 'own-account') return isOwnAccount(situation) ?? true;
  const target = targetsOf(situation).find(({ id }) => hold.kind === 'foreign' && id === hold.target);
  return target === undefined || isForeignStill(situation, target);
}

function isForeignStill(situation: Situation, target: Target): boolean {
  const seen = targetSeen(situation, target.id);
  if (seen === undefined) return true;
  const holding = holdingOf(situation, target, seen);
  if (holding !== 'untried') return holding === 'foreign' || holding === 'unreadable';
  if (seen.holds.kind !== 'credential') return true;
  return situation.seen.tried[seen.holds.fingerprint]?.outcome.kind === 'unknown';
}

const LEFT = 'the account has left the configuration, and nothing was minted';
const LEFT_IN_DOUBT =
  'the account has left the configuration and is closed or gone: whether its last mint happened cannot be found out';

export function leave(situation: Situation): Decision | undefined {
  const { configured, record, policy } = situation;
  const { rotation, live, leftAt } = record;
  if (configured || leftAt !== undefined || rotation?.minted) return undefined;
  if (rotation?.intent) return abandonInDoubt(situation, rotation.intent);
  // Where what was owed is lost, and nothing is minted any more, there is nothing left to deliver.
  if (retirables({ policy, record }).length > 0 && !isAbsent(situation)) return undefined;
  // Whoever reads what was delivered takes it up first; for how long that is waited for, has an end.
  if (owedRefreshes({ policy, record }).length > 0) return undefined;
  if (live !== undefined && isOwing({ policy, record })) return undefined;
  return rotation === undefined
    ? note({ kind: 'account-left' })
    : note({ kind: 'rotation-abandoned', why: LEFT }, { kind: 'account-left' });
}

/** What it had, has ended with it, or is ended once the account is there again and configured: until then it stays known. */
function isAbsent(situation: Situation): boolean {
  const account = accountSeen(situation);
  return account?.state === 'absent' && account.members === undefined && lookFailure(situation) === undefined;
}

/**
 * What a mint of unknown outcome brought, no look shows while its account is not open, which may be for ever. What a closed account has is
 * refused, and where the old credential was to work on, nobody is without.
 */
function abandonInDoubt(situation: Situation, intent: Intent): Decision | undefined {
  const account = accountSeen(situation);
  if (account === undefined || !intent.unknown || lookFailure(situation) !== undefined) return undefined;
  const { state } = memberOf(account, intent.accountId) ?? account;
  const isHidden = state === 'closed' || (state === 'absent' && intent.provedFirst === true);
  if (!isHidden || account.requestedAt < settledAt(situation, intent.sentAt)) return undefined;
  return note({ kind: 'rotation-abandoned', why: LEFT_IN_DOUBT });
}

function taken(asked: Asked, ...facts: readonly NewFact[]): Decision {
  const answers: Answer[] = [{ id: asked.id, state: 'taken' }];
  return {
    do: 'note',
    facts: [{ kind: 'request-taken', request: asked.id, does: asked.does }, ...facts],
    answers,
  };
}

function refused(asked: Asked, why: string): Decision {
  return {
    do: 'note',
    facts: [{ kind: 'request-refused', request: asked.id, why }],
    answers: [{ id: asked.id, state: 'refused', why }],
  };
}
