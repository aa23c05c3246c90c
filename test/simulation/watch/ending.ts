/** At the end: every target of every account holds what is live at the provider, but for what is exempt. */
import type { Account } from '../../../src/domain/account.ts';
import type { Hold, HoldKind } from '../../../src/domain/hold.ts';
import type { Target } from '../../../src/domain/target.ts';
import { objectIn } from '../formats.ts';
import type { AccountState, Token } from '../service.ts';
import { MINUTE_MS } from '../plan.ts';
import type { World } from '../world.ts';
import type { KnownAccount } from './book-entries.ts';
import { tokenAt } from './tokens.ts';

/** Jitter, minInterval and a failed try are over by then. */
const SLOT_GRACE_MS = 8 * MINUTE_MS;
/** No window keeps an account waiting for longer than this. */
const CLOSED_MS = 8 * MINUTE_MS;
/** Clocks that run a little fast begin a slot sooner. */
const CLOCK_MS = 10_000;
/** So long after somebody said that they have leaked, credentials are ended. */
const LEAKED_MS = 30 * MINUTE_MS;
/** So long after they were minted, credentials that were replaced in the calm are retired: grace, hard limit and a few tries. */
const RETIRED_MS = 44 * MINUTE_MS;
/** So long after its time has come, what is looked into again is retired. */
const LOOKED_INTO_MS = 2 * MINUTE_MS;
/** Refused for the fourth time, a credential is tried again after 40 minutes, and then after twice as long each time. */
const RARE_AFTER = 4;
/** So long after it was opened again an account is known to be open: closed for an hour, it is looked at every 19 minutes. */
const NOTICED_MS = 33 * MINUTE_MS;
const DAY_MS = 1_440 * MINUTE_MS;

/** So long after it was written it is taken up: a restart waits five minutes for others, and what it reads may be synchronised first. */
const REFRESHED_MS = 8 * MINUTE_MS;

interface Known {
  readonly policy: Account;
  readonly known: KnownAccount;
  readonly states: readonly AccountState[];
}

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

function isDead(world: World, policy: Account): boolean {
  if (policy.strategy === 'overlap') return isHeldDead(world, policy);
  return policy.accountIds.some((id) => {
    const state = world.service.stateOf(id);
    return state?.exists === true && state.open && world.service.isDead(id);
  });
}

/** Where several are valid: targets hold credentials of the account, and nobody takes any of them. */
function isHeldDead(world: World, { accountIds: [id], targets }: Account): boolean {
  const state = world.service.stateOf(id);
  if (state?.exists !== true || !state.open) return false;
  const held = targets
    .flatMap((target) => tokenAt(world, target) ?? [])
    .filter(({ account }) => account === id);
  return held.length > 0 && !held.some((token) => world.service.isValid(token));
}

/** Of each account that the policy names: of a pair, both. */
function statesOf({ service }: World, { accountIds }: Account): AccountState[] {
  return accountIds.flatMap((id) => service.stateOf(id) ?? []);
}

/** What is live: where several are valid, the one that targets hold; all have to hold the same, but for what others changed. */
function liveOf(world: World, { policy, known, states }: Known): Token | undefined {
  const [only] = states;
  if (policy.strategy === 'in-place') return only?.live;
  const valid = states.flatMap((state) => state.valid).filter((token) => world.service.isValid(token));
  const unchanged = policy.targets.filter(({ id }) => policy.onDrift !== 'report' || !known.drifted.has(id));
  const held = unchanged.map((target) => tokenAt(world, target));
  return held.find((token) => token !== undefined && valid.includes(token)) ?? valid.at(-1);
}

function ofAccount(world: World, policy: Account): string[] {
  const { watch } = world;
  const [id] = policy.accountIds;
  const states = statesOf(world, policy);
  const row = [...world.journal.state.rows.values()].find((one) => one.policy.accountIds.includes(id));
  if (row === undefined) return [`${policy.name} never got into the journal`];
  const known = watch.book.accountOf(row.id);
  const live = liveOf(world, { policy, known, states });
  if (states.some(({ exists, open }) => !exists || !open)) return [];
  // Held by a person, or until one comes.
  if (known.paused || policy.paused || known.mismatched) return [];
  // A key cannot be put into what is no document: a person has to see to that.
  if (policy.targets.some((target) => isNoDocument(world, target))) return [];
  // Nothing can be delivered that anybody takes, and what would mint another is held until a person comes.
  const isHeld =
    known.parked ||
    known.contested.size > 0 ||
    known.foreign.size > 0 ||
    policy.accountIds.includes(world.managerId);
  if (isHeld && (isDead(world, policy) || !world.showsLive)) return [];
  // Nobody could say which account of the pair is in use, or which one a mint would cut off.
  if (policy.strategy === 'pair' && (isHeld || isReported(policy, known))) return [];
  const forgotten = isHeld ? [] : forgottenSlot(world, policy);
  // What nobody takes is not delivered where it was not minted for it.
  if (isDead(world, policy))
    return [...forgotten, ...unseenRefusal(world, { policy, known, holds: row.holds })];
  if (live === undefined || isTriedRarely(world, known, live)) return [];
  if (!world.showsLive && isUnknown(world, policy, live)) return forgotten;
  const left =
    isHeld || isReported(policy, known)
      ? []
      : [
          ...unretired(world, policy, states),
          ...unswept(world, policy, states),
          ...leaked(world, { policy, known, states }),
        ];
  return [
    ...forgotten,
    ...left,
    ...undelivered(world, { policy, known, live }),
    ...policy.targets.flatMap((target) =>
      watch.refreshes
        .behind(target, world.timeline.now - REFRESHED_MS)
        .map((id) => `${id} has not taken up what ${target.id} holds`),
    ),
  ];
}

/** What others changed is only reported: a target may go on holding something that is not live. */
function isReported({ onDrift }: Account, { drifted }: KnownAccount): boolean {
  return onDrift === 'report' && drifted.size > 0;
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
    .filter((token) => !worksForItsUser(world, policy, token))
    .map((token) => `${nameOf(token)} is held by no target, and was not retired`);
}

/** Somebody goes on using it, and since its grace began the hard limit has not passed. */
function worksForItsUser({ watch, service, timeline }: World, policy: Account, token: Token): boolean {
  const { graceMs = 0, retireHardLimitMs = 0 } = policy;
  const from = timeline.now - LOOKED_INTO_MS;
  const graceAt = watch.book.graceAt.get(token.reference ?? '') ?? 0;
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

/** What somebody said has leaked, and works still: of what a target holds, or this journal knows to have been minted. */
function leaked(world: World, { policy, known, states }: Known): string[] {
  const { leakedAt, isLeakGivenUp } = known;
  if (leakedAt === undefined || isLeakGivenUp || leakedAt > world.timeline.now - LEAKED_MS) return [];
  const held = policy.targets.map((target) => tokenAt(world, target));
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
  return token !== undefined && (refusals.get(world.fingerprintOf(token)) ?? 0) >= RARE_AFTER;
}

function undelivered(
  world: World,
  { policy, known, live }: { readonly policy: Account; readonly known: KnownAccount; readonly live: Token },
): string[] {
  return policy.targets.flatMap((target) => {
    const held = tokenAt(world, target);
    if (known.foreign.has(target.id)) {
      return held === live ? [`${target.id} is held as foreign, and holds what is live`] : [];
    }
    if (known.contested.has(target.id)) return [];
    if (policy.onDrift === 'report' && known.drifted.has(target.id)) return [];
    return held === live ? [] : [`${target.id} holds ${nameOf(held)}, and ${nameOf(live)} is live`];
  });
}

/** A slot that came in the calm a while ago, for which nothing was minted. */
function forgottenSlot({ watch, timeline }: World, policy: Account): string[] {
  const { name, accountIds, schedule, allow, deny } = policy;
  const [minutes = ''] = schedule?.pattern.split(' ') ?? [];
  if (minutes === '') return [];
  const latest = timeline.now - SLOT_GRACE_MS - (allow.length + deny.length) * CLOSED_MS;
  const slot = newestSlot(minutes, latest);
  const ours = watch.mints.all.filter(({ id }) => accountIds.includes(id));
  const isMinted = ours.some(({ effectAt }) => effectAt !== undefined && effectAt >= slot - CLOCK_MS);
  return isMinted ? [] : [`the slot ${new Date(slot).toISOString()} of ${name} came, and nothing was minted`];
}

/** The newest slot of a pattern that names minutes alone. */
function newestSlot(minutes: string, atOrBefore: number): number {
  const step = /^\*\/(\d+)$/.exec(minutes)?.[1];
  const fires = (minute: number) =>
    step === undefined ? minutes.split(',').includes(String(minute)) : minute % Number(step) === 0;
  let slot = Math.floor(atOrBefore / MINUTE_MS) * MINUTE_MS;
  while (!fires(new Date(slot).getUTCMinutes())) slot -= MINUTE_MS;
  return slot;
}

/** Not minted by us, and of a pair in no target: nobody who is not told can know it where it is hidden. */
function isUnknown(world: World, { strategy, targets }: Account, live: Token): boolean {
  if (strategy === 'overlap' || isOurs(world, live)) return false;
  return strategy === 'in-place' || targets.every((target) => tokenAt(world, target) !== live);
}

function isOurs(world: World, live: Token): boolean {
  return world.watch.mints.all.some(({ token, outcome }) => token === live && outcome === 'minted');
}

function isNoDocument(world: World, { store, address, format }: Target): boolean {
  return format.kind === 'key' && objectIn(world.shelf(store).textAt(address) ?? '') === undefined;
}

function nameOf(token: Token | undefined): string {
  return token === undefined ? 'no token' : `${token.account}#${token.number} (by ${token.by})`;
}
