/** What the targets were seen to hold: confirmed, foreign, changed by others, written over again and again. */
import { becomesContested, contestReason, mayEndContest } from '../contest.ts';
import type { Fingerprint } from '../credential.ts';
import type { Decision, NewFact } from '../decision.ts';
import { note } from '../decision.ts';
import { holdingOf, isOnItsWay, isReplaced, isWritten } from '../live.ts';
import { memberOf, standbyOf } from '../pair.ts';
import type { AccountRecord, TargetRecord } from '../record.ts';
import { accountSeen, targetSeen, targetsOf } from '../situation.ts';
import type { Situation, TargetSeen } from '../situation.ts';
import type { Target } from '../target.ts';
import { targetFailure } from './failing.ts';

export function noteTargets(situation: Situation): Decision | undefined {
  if (situation.record.rotation?.intent !== undefined) return undefined;
  const facts: NewFact[] = [];
  for (const target of targetsOf(situation)) {
    const seen = targetSeen(situation, target.id);
    if (seen === undefined) continue;
    const untried = untriedIn(situation, target, seen);
    if (untried !== undefined) return { do: 'try', fingerprint: untried };
    if (isNewer(situation, seen)) return { do: 'observe', account: true, manager: false, targets: [] };
    const fact = factOf(situation, target, seen);
    if (fact !== undefined) facts.push(fact);
  }
  const [first = contest(situation), ...rest] = facts;
  return first && note(first, ...rest);
}

/** What was seen of a target, and of those before, is too much for chance. */
function contest(situation: Situation): NewFact | undefined {
  for (const { id } of targetsOf(situation)) {
    const known = situation.record.targets[id];
    if (known !== undefined && becomesContested(known)) {
      return { kind: 'target-contested', target: id, why: contestReason(id, known) };
    }
  }
  return undefined;
}

/**
 * A credential that nobody knows, in a target that was read after the provider was looked at, or without such a look: somebody may
 * have minted it meanwhile, and then it is what is live.
 */
function isNewer(situation: Situation, { holds, requestedAt }: TargetSeen): boolean {
  if (holds.kind !== 'credential') return false;
  const { record, seen } = situation;
  if (holds.fingerprint === record.live?.fingerprint || isReplaced(record, holds.fingerprint)) return false;
  // Where the look fails, what is known so far has to do.
  if (seen.accountFailure !== undefined) return false;
  const account = accountSeen(situation);
  if (account === undefined) return true;
  if (account.live === undefined) return false;
  return account.requestedAt < requestedAt && requestedAt <= situation.now;
}

/** A credential in a target that nobody knows: whose it is, its use tells. */
function untriedIn(situation: Situation, target: Target, seen: TargetSeen): string | undefined {
  if (seen.holds.kind !== 'credential') return undefined;
  const { fingerprint } = seen.holds;
  const isUnclear = holdingOf(situation, target, seen) === 'untried' || mayWork(situation, fingerprint);
  if (!isUnclear) return undefined;
  return situation.seen.tried[fingerprint] === undefined && situation.inHand.has(fingerprint)
    ? fingerprint
    : undefined;
}

/** Where the provider hides what a pair's standby has, only the use of what a target holds tells whether a mint would end it. */
function mayWork(situation: Situation, fingerprint: string): boolean {
  const { policy, record } = situation;
  if (policy.strategy !== 'pair' || fingerprint === record.live?.fingerprint) return false;
  const standby = memberOf(accountSeen(situation), standbyOf(situation));
  return standby !== undefined && standby.live === undefined;
}

/** What a look at one target adds to the record, if anything. */
function factOf(situation: Situation, target: Target, seen: TargetSeen): NewFact | undefined {
  const { record, now } = situation;
  const known = record.targets[target.id];
  const waits = known?.retryAt !== undefined && known.retryAt > now;
  const fingerprint = seen.holds.kind === 'credential' ? seen.holds.fingerprint : undefined;
  const tried = situation.seen.tried[fingerprint ?? '']?.outcome;
  // What nobody accepts may be a word that somebody chose, and its hash would let it be guessed.
  const accepted = tried?.kind === 'accepted' && fingerprint !== undefined ? { fingerprint } : {};
  switch (holdingOf(situation, target, seen)) {
    case 'live': {
      const live = record.live?.fingerprint ?? '';
      const body = { target: target.id, fingerprint: live, version: seen.version ?? '' };
      if (known?.confirmed?.fingerprint === live && known.foreign === undefined) {
        if (mayEndContest(known, now)) return { kind: 'target-uncontested', target: target.id };
        // It could not be read once, and can be: nothing new is there that anybody would have to take up.
        return known.lastFailure === undefined ? undefined : { kind: 'target-confirmed', ...body };
      }
      const consumers = mayHaveWritten(situation, target, seen) ? target.consumers : undefined;
      return { kind: 'target-confirmed', ...body, ...(consumers && { consumers }) };
    }
    case 'foreign':
      return known?.foreign ? undefined : { kind: 'target-foreign', target: target.id, ...accepted };
    case 'unreadable':
      if (waits || seen.holds.kind !== 'unreadable') return undefined;
      return targetFailure(situation, target.id, seen.holds.failure);
    case 'untried':
      if (waits || tried?.kind !== 'unknown') return undefined;
      return targetFailure(situation, target.id, tried.failure);
    case 'nothing':
    case 'old':
      return changedIn(situation, target, seen);
  }
}

/** Whether what is live came there by us: also where the fact that said so is lost, and the store tells who wrote it. */
function mayHaveWritten(situation: Situation, { id }: Target, seen: TargetSeen): boolean {
  const { adoptedAt, targets } = situation.record;
  const { version, writtenByUsAt } = seen;
  const known = targets[id];
  // The target was away, or what was to take its place was lost: it holds what its consumers were asked to take up before.
  const isAsBefore = version !== undefined && known?.refresh?.version === version;
  if (isOnItsWay(situation, id)) return !isAsBefore || wasChangedSince(known);
  return !isAsBefore && writtenByUsAt !== undefined && adoptedAt !== undefined && writtenByUsAt >= adoptedAt;
}

/** Whether something was put there, by others or by us, after its consumers were to take up what was there. */
function wasChangedSince({ refresh, written, drifted }: TargetRecord): boolean {
  return drifted !== undefined || (written?.at ?? 0) > (refresh?.neededAt ?? 0);
}

/**
 * What may be written down of what is there now: what the record has already. Anything else may be a word that somebody chose, and its hash
 * would let it be guessed.
 */
function recordedIn(record: AccountRecord, target: Target, { holds }: TargetSeen): Fingerprint | undefined {
  if (holds.kind !== 'credential') return undefined;
  const { fingerprint } = holds;
  const { confirmed, drifted } = record.targets[target.id] ?? {};
  const isKnown = [confirmed, drifted].some((one) => one?.fingerprint === fingerprint);
  return isKnown || isReplaced(record, fingerprint) ? fingerprint : undefined;
}

/** What follows from a target that is ours and does not hold the live credential. */
function changedIn(situation: Situation, target: Target, seen: TargetSeen): NewFact | undefined {
  const { record, policy, now } = situation;
  const { id } = target;
  const known = record.targets[id];
  const fingerprint = recordedIn(record, target, seen);
  if (known?.foreign !== undefined) return { kind: 'target-cleared', target: id };
  if (isWritten(situation, id) && known?.misread !== true) {
    const message = `${id} reads back something else than what was just written`;
    return { ...targetFailure(situation, id, { kind: 'target-refused', message }), misread: true };
  }
  const last = known?.confirmed ?? known?.drifted;
  // What was confirmed before something else became live: nobody changed it, and it is to be delivered.
  if (last !== undefined && last.fingerprint !== fingerprint) {
    const { at: writtenAt, by: writtenBy } = seen.lastWrite ?? {};
    return {
      kind: 'target-drifted',
      target: id,
      ...(fingerprint === undefined ? {} : { fingerprint }),
      ...(writtenAt === undefined ? {} : { writtenAt }),
      ...(writtenBy === undefined ? {} : { writtenBy }),
    };
  }
  // Nothing is delivered of which it could be seen whether it stands.
  if (policy.onDrift === 'report' && mayEndContest(known, now))
    return { kind: 'target-uncontested', target: id };
  return undefined;
}
