/** At the end: every target of every account holds what is live at the provider, but for what is exempt. */
import type { Account } from '../../../src/domain/account.ts';
import type { Hold, HoldKind } from '../../../src/domain/hold.ts';
import type { Target } from '../../../src/domain/target.ts';
import type { AccountState, Token } from '../service.ts';
import { MINUTE_MS } from '../plan.ts';
import type { World } from '../world.ts';
import type { KnownAccount } from './book-entries.ts';
import { forgottenSlot } from './slots.ts';
import { hasOthers, isDead, isLeft, isNoDocument, liveOf, statesOf } from './expected.ts';
import type { Known } from './expected.ts';
import { tokenAt } from './tokens.ts';

/** So long after somebody said that they have leaked, credentials are ended. */
const LEAKED_MS = 30 * MINUTE_MS;
/** So long after they were minted, credentials that were replaced in the calm are retired: grace, hard limit and a few tries. */
const RETIRED_MS = 44 * MINUTE_MS;
/** Beside grace and hard limit: a few tries, so long after what replaced them was minted. */
const REPLACED_MS = 10 * MINUTE_MS;
/** So long after its time has come, what is looked into again is retired. */
const LOOKED_INTO_MS = 2 * MINUTE_MS;
/** Refused for the fourth time, a credential is tried again after 40 minutes, and then after twice as long each time. */
const RARE_AFTER = 4;
/** So long after it was opened again an account is known to be open: closed for an hour, it is looked at every 19 minutes. */
const NOTICED_MS = 33 * MINUTE_MS;
const DAY_MS = 1_440 * MINUTE_MS;

/** So long after it was written it is taken up: a restart waits five minutes for others, and what it reads may be synchronised first. */
const REFRESHED_MS = 8 * MINUTE_MS;

/** What is not as it should be, in words; none: the world has converged. */
export function unconverged(world: World): string[] {
  const held = [...world.journal.state.shared.values()]
    .filter(({ kind }) => !mayStand(world, kind))
    .map(({ kind, subject }) => `${kind} of ${subject} still holds`);
  return [...held, ...world.config().accounts.flatMap((policy) => ofAccount(world, policy))];
}

/** What is only found out by looking, and was not by whoever has nobody to ask for a look; before somebody does. */
export function unnoticed(world: World): string[] {
  const rows = [...world.journal.state.rows.values()];
  return world.config().accounts.flatMap((policy) => {
    const [id] = policy.accountIds;
    const row = rows.find((one) => one.policy.accountIds.includes(id));
    const isHeld = row?.holds.some(({ kind }) => kind === 'closed') === true;
    const before = world.timeline.now - NOTICED_MS;
    const isOpen = statesOf(world, policy).every(
      ({ exists, open, since }) => exists && open && since < before,
    );
    return isHeld && isOpen ? [`${policy.name} is held as closed, and was opened half an hour ago`] : [];
  });
}

function mayStand(world: World, kind: HoldKind): boolean {
  // A store that nobody has to write to stays held as down until somebody has.
  if (kind === 'store-down') return true;
  // Live credentials that are dead, of accounts that nothing may mint for, look as if the provider were at fault.
  const { accounts } = world.config();
  return kind === 'many-refused' && (accounts.some((one) => isDead(world, one)) || !accounts.some(isOpen));

  // Nothing can be tried of others.
  function isOpen({ accountIds }: Account): boolean {
    return accountIds.some((id) => world.service.stateOf(id)?.open === true);
  }
}

function ofAccount(world: World, policy: Account): string[] {
  const { watch } = world;
  const [id] = policy.accountIds;
  const states = statesOf(world, policy);
  const row = [...world.journal.state.rows.values()].find((one) => one.policy.accountIds.includes(id));
  if (row === undefined) return [`${policy.name} never got into the journal`];
  const known = watch.book.accountOf(row.id);
  const unnoted = policy.targets.filter((target) => known.configured?.has(target.id) === false);
  if (unnoted.length > 0) return [`${policy.name} does not know that ${unnoted[0]?.id} is configured`];
  if (states.some(({ exists, open }) => !exists || !open)) return [];
  // Held by a person, or until one comes.
  if (known.paused || policy.paused || known.mismatched) return [];
  const isOwn = policy.accountIds.includes(world.managerId);
  const left = policy.targets.filter((target) => isLeft(world, { policy, known }, target));
  const isStuck = isOwn || left.length > 0;
  const isHeld =
    known.parked ||
    isOwn ||
    known.contested.size > 0 ||
    known.foreign.size > 0 ||
    policy.targets.some((target) => isNoDocument(world, target));
  const given = { policy, known, states, isHeld };
  // What a target holds of a pair, and is left there, no mint may end.
  const mayWait = isHeld || (policy.strategy === 'pair' && isStuck);
  const forgotten = mayWait ? [] : forgottenSlot(world, policy, known);
  const live = liveOf(world, given);
  // What nobody takes is not delivered where it was not minted for it, nor what nobody can have.
  if (live === undefined) {
    if (isHiddenAndUnproved(world, policy)) return [];
    const bound = policy.targets.filter((target) => !left.includes(target));
    const isSeen = isHeld || !isDead(world, policy, bound);
    return isSeen ? forgotten : [...forgotten, ...unseenRefusal(world, { policy, known, holds: row.holds })];
  }
  if (isTriedRarely(world, known, live)) return forgotten;
  return [
    ...forgotten,
    ...(isStuck ? [] : unretired(world, policy, states)),
    ...(isStuck ? [] : unswept(world, policy, states)),
    ...(isStuck ? [] : leaked(world, given)),
    ...undelivered(world, given, live),
    ...unread(world, policy, live),
  ];
}

/**
 * Of a pair whose credentials the provider hides, the newest died before it was ever accepted, and nothing that is known works: nobody can
 * tell that from an hour in which the provider refuses everything.
 */
function isHiddenAndUnproved(
  { watch, service, showsLive }: World,
  { strategy, accountIds }: Account,
): boolean {
  if (strategy !== 'pair' || showsLive) return false;
  const newest = watch.mints.ofThisJournal.findLast(
    ({ id, outcome }) => accountIds.includes(id) && outcome === 'minted',
  )?.token;
  return newest !== undefined && !service.isValid(newest) && !watch.tries.wasAccepted(newest);
}

/** After looks that told nothing it is looked into ever more rarely: after a minute and a bit, twice that, and so on. */
const LOOK_AGAIN_MS = 1.5 * MINUTE_MS;

function isLookedIntoLater({ watch, timeline }: World, { reference = '' }: Token): boolean {
  const waits = watch.retirements.waits.get(reference);
  return waits !== undefined && timeline.now - waits.at < LOOK_AGAIN_MS * 2 ** (waits.times - 1);
}

/**
 * What was minted before the calm, is held by no target and works still. Mints of which nobody heard, or whose answer
 * brought another, are swept only after a day, and after the journal was lost nobody knows which were its own.
 */
function unretired(world: World, policy: Account, states: readonly AccountState[]): string[] {
  if (policy.strategy !== 'overlap' || world.hasLostJournal) return [];
  const before = world.timeline.now - RETIRED_MS;
  const held = policy.targets.map((target) => tokenAt(world, target));
  const ours = world.watch.mints.all.filter(({ outcome, isWrong }) => outcome === 'minted' && !isWrong);
  return states
    .flatMap(({ valid }) => valid)
    .filter((token) => ours.some((mint) => mint.token === token))
    .filter((token) => token.mintedAt < before && !held.includes(token))
    .filter((token) => !isJustReplaced(world, policy, token))
    .filter((token) => !worksForItsUser(world, policy, token) && !isLookedIntoLater(world, token))
    .map((token) => `${nameOf(token)} is held by no target, and was not retired`);
}

/** It was in use until lately: its rotation was put off, such as by a pause. */
function isJustReplaced({ watch, timeline }: World, policy: Account, token: Token): boolean {
  const { graceMs = 0, retireHardLimitMs = 0 } = policy;
  const next = watch.mints.ofThisJournal.find(
    ({ id, outcome, effectAt = 0 }) =>
      id === token.account && outcome === 'minted' && effectAt > token.mintedAt,
  );
  return (
    next?.effectAt !== undefined && next.effectAt + graceMs + retireHardLimitMs + REPLACED_MS > timeline.now
  );
}

/** Somebody goes on using it, and since its grace began the hard limit has not passed. */
function worksForItsUser({ watch, service, timeline }: World, policy: Account, token: Token): boolean {
  const { graceMs = 0, retireHardLimitMs = 0 } = policy;
  const from = timeline.now - LOOKED_INTO_MS;
  const graceAt = watch.book.graceAt.get(token.reference ?? '')?.at ?? 0;
  return (service.usedAt(token) ?? 0) + graceMs > from && graceAt + retireHardLimitMs > from;
}

/** What a mint brought of which nobody heard, more than a day ago: nobody ever had it. */
function unswept(world: World, policy: Account, states: readonly AccountState[]): string[] {
  if (policy.strategy !== 'overlap' || world.hasLostJournal) return [];
  const before = world.timeline.now - DAY_MS - RETIRED_MS;
  const held = policy.targets.map((target) => tokenAt(world, target));
  const unheard = world.watch.mints.all.filter(({ outcome }) => outcome === 'unknown' || outcome === 'open');
  return states
    .flatMap(({ valid }) => valid)
    .filter((token) => unheard.some((mint) => mint.token === token))
    .filter((token) => token.mintedAt < before && !held.includes(token))
    .filter((token) => world.service.usedAt(token) === undefined)
    .map((token) => `${nameOf(token)} turned up late, and was not swept`);
}

/** What somebody said has leaked, and works still: of what a target held then, or this journal knows to have been minted. */
function leaked(world: World, { policy, known, states }: Known): string[] {
  const { leakedAt, isLeakGivenUp, everConfirmed } = known;
  if (leakedAt === undefined || isLeakGivenUp || leakedAt > world.timeline.now - LEAKED_MS) return [];
  // What somebody else made, and put into a target beside or after it, is theirs to end.
  const held = policy.targets
    .map((target) => tokenAt(world, target, world.timeline.now - leakedAt))
    .filter((token) => token !== undefined && everConfirmed.has(world.fingerprintOf(token)));
  const ours = world.hasLostJournal
    ? []
    : world.watch.mints.all.flatMap(({ outcome, isWrong, token }) =>
        outcome === 'minted' && !isWrong ? (token ?? []) : [],
      );
  return states
    .flatMap(({ valid }) => valid)
    .filter((token) => token.mintedAt < leakedAt && world.service.isValid(token))
    .filter((token) => held.includes(token) || ours.includes(token))
    .map((token) => `${nameOf(token)} has leaked, and works still`);
}

/** A credential that was revoked, and neither replaced nor told to a person, although one account alone is refused. */
function unseenRefusal(
  world: World,
  given: { readonly policy: Account; readonly known: KnownAccount; readonly holds: readonly Hold[] },
): string[] {
  const { policy, known, holds } = given;
  const { accounts } = world.config();
  // Where credentials are listed, it is seen that this one is not there any more; else others have to be accepted.
  const isListed = policy.strategy === 'overlap';
  // What somebody put where that is only reported says nothing of what is live.
  const bound = policy.targets.filter((target) => !isLeft(world, { policy, known }, target));
  if (isListed && !bound.some((target) => tokenAt(world, target)?.account === policy.accountIds[0]))
    return [];
  const isGone = isListed && !world.service.hasRevoked(policy.accountIds[0]);
  const isAlone = accounts.filter((one) => isDead(world, one)).length === 1;
  const isShown = world.showsLive && policy.strategy === 'in-place';
  if (
    !(isGone || (isAlone && isShown)) ||
    policy.verifyMs === undefined ||
    known.parked ||
    policy.accountIds.some((one) => isTriedRarely(world, known, world.service.stateOf(one)?.live)) ||
    world.journal.state.shared.has(`many-refused ${policy.provider}`)
  )
    return [];
  // Nothing more is to be minted for refused credentials within this hour, or another reason comes soon.
  if (holds.some(({ kind }) => kind === 'refused-limit') || policy.schedule !== undefined) return [];
  return [`what is live of ${policy.name} is refused, and nobody was called`];
}

/** Refused so often that it is tried again so late, that no history lasts for so long. */
function isTriedRarely(world: World, { refusals }: KnownAccount, token: Token | undefined): boolean {
  if (token === undefined || world.watch.tries.wasAcceptedLast(token)) return false;
  return (refusals.get(world.fingerprintOf(token)) ?? 0) >= RARE_AFTER;
}

/** What is live, and was not taken up. What is left in a target in its place, such as what a late write brought back, nobody has to use. */
function unread(world: World, { targets }: Account, live: Token): string[] {
  return targets
    .filter((target) => tokenAt(world, target) === live)
    .flatMap((target) =>
      world.watch.refreshes
        .behind(target, world.timeline.now - REFRESHED_MS)
        .map((id) => `${id} has not taken up what ${target.id} holds`),
    );
}

function undelivered(world: World, { policy, known }: Known, live: Token): string[] {
  return policy.targets.flatMap((target) => {
    const held = tokenAt(world, target);
    if (known.foreign.has(target.id)) return notForeign(world, policy, target);
    if (isLeft(world, { policy, known }, target)) return [];
    return held === live ? [] : [`${target.id} holds ${nameOf(held)}, and ${nameOf(live)} is live`];
  });
}

/** What is held as foreign and is not: nothing is there, or what works for this very account and nothing else. */
function notForeign(world: World, { accountIds }: Account, target: Target): string[] {
  const held = tokenAt(world, target);
  const text = world.shelf(target.store).textAt(target.address) ?? '';
  const isOwn = held !== undefined && accountIds.includes(held.account) && world.service.isValid(held);
  if ((!isOwn || hasOthers(world, target)) && text !== '') return [];
  return [`${target.id} is held as foreign, and holds ${isOwn ? nameOf(held) : 'nothing'}`];
}

function nameOf(token: Token | undefined): string {
  return token === undefined ? 'no token' : `${token.account}#${token.number} (by ${token.by})`;
}
