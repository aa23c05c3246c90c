/**
 * Which credential an account's targets have to hold in the end, and which of them: by what really happened at the provider and in the
 * stores.
 */
import type { Account } from '../../../src/domain/account.ts';
import type { Target } from '../../../src/domain/target.ts';
import { objectIn } from '../formats.ts';
import type { AccountState, Token } from '../service.ts';
import type { World } from '../world.ts';
import type { KnownAccount } from './book-entries.ts';
import type { SentMint } from './mints.ts';
import { tokenAt } from './tokens.ts';

/** Keys of a document that is to be ours alone. */
const OUR_KEYS = ['token', 'client_id', 'client_secret'];

export interface Known {
  readonly policy: Account;
  readonly known: KnownAccount;
  readonly states: readonly AccountState[];
  /** Nothing is minted for it unasked. */
  readonly isHeld: boolean;
}

/** Of each account that the policy names: of a pair, both. */
export function statesOf({ service }: World, { accountIds }: Account): AccountState[] {
  return accountIds.flatMap((id) => service.stateOf(id) ?? []);
}

/**
 * What every target has to hold that is not left as it is. `undefined`: nobody can have what works, or nobody can know which of them
 * is live; where nothing may be minted, that stays so.
 */
export function liveOf(world: World, given: Known): Token | undefined {
  const { policy, states, isHeld } = given;
  const valid = states.flatMap((state) => state.valid).filter((token) => world.service.isValid(token));
  const heldIn = (targets: readonly Target[]) =>
    targets.map((target) => tokenAt(world, target)).find((token) => token && valid.includes(token));
  // Of those that have to hold the same it may be any: else one of them does not.
  const bound = policy.targets.filter((target) => !isLeft(world, given, target));
  // What stands beside something of others in a document that was to be ours alone is not read at all.
  const readable = policy.targets.filter((target) => !hasOthers(world, target));
  const others = isFoundOut(world, given, bound) ? readable : [];
  const inUse = newestOf(world, given) ?? heldIn(bound) ?? heldIn(others);
  const newest = valid.at(-1);
  if (inUse !== undefined || newest === undefined) return inUse;
  if (policy.strategy === 'in-place' && world.showsLive) return newest;
  const isKnown = world.showsLive || policy.strategy === 'overlap' || isOurs(world, newest);
  return isHeld || !isKnown || isDead(world, policy, bound) ? undefined : newest;
}

/**
 * Whether it is found out that what is only in a target which is left as it is works. That what a pair has is dead, is seen where it is
 * verified, or where a mint waits for what a target holds of the other account. Where nobody tries it, nobody looks for another one in such
 * targets. With overlap nobody ever does: what was minted and delivered is live until it is replaced, also where it is dead.
 */
function isFoundOut(world: World, { policy, isHeld }: Known, bound: readonly Target[]): boolean {
  const { strategy, verifyMs, schedule } = policy;
  if (strategy === 'overlap') return !isDead(world, policy, bound);
  if (strategy !== 'pair' || verifyMs !== undefined || !isDead(world, policy)) return true;
  return schedule !== undefined && !isHeld;
}

/** Of a pair: what was minted last, if somebody has used it since, and it was neither lost before anybody else had it, nor given up. */
function newestOf(world: World, given: Known): Token | undefined {
  const { policy, known } = given;
  const { mints, tries } = world.watch;
  if (policy.strategy !== 'pair') return undefined;
  // Where the provider hides it, nobody can know that what comes to light is what a mint brought whose answer was lost.
  const isKnown = ({ isWrong, outcome }: SentMint) => !isWrong && (world.showsLive || outcome === 'minted');
  const token = mints.ofThisJournal
    .filter((mint) => policy.accountIds.includes(mint.id) && isKnown(mint) && !isLeftBehind(mint, known))
    .map((mint) => mint.token)
    .findLast((one) => one !== undefined && tries.wasAccepted(one));
  if (token === undefined || !world.service.isValid(token)) return undefined;
  const isLost = !world.showsLive && known.lost.has(world.fingerprintOf(token));
  return isLost || isGivenUp(world, token, given) ? undefined : token;
}

/**
 * It was refused until it was given up, and what the other account has, which it was to replace, was accepted since: that may have stayed
 * live, although what was given up came to light in a target and works as well.
 */
function isGivenUp(world: World, token: Token, { known, states }: Known): boolean {
  const { tries } = world.watch;
  const at = known.givenUp.get(world.fingerprintOf(token));
  if (at === undefined || !tries.wasOnlyRefusedUntil(token, at)) return false;
  return states
    .flatMap(({ valid }) => valid)
    .some((one) => one !== token && world.service.isValid(one) && tries.wasAcceptedSince(one, at));
}

/** The other account has been one by itself since, and what that one has was put into targets. */
function isLeftBehind({ id, effectAt = 0 }: SentMint, { single }: KnownAccount): boolean {
  return single !== undefined && single.accountId !== id && effectAt < single.at;
}

/** It is left as it is, whatever becomes live. */
export function isLeft(
  world: World,
  { policy, known }: Pick<Known, 'policy' | 'known'>,
  target: Target,
): boolean {
  const { id } = target;
  const isHeld = known.foreign.has(id) || known.contested.has(id);
  // A key cannot be put into what is no document: a person has to see to that.
  return isHeld || (policy.onDrift === 'report' && known.drifted.has(id)) || isNoDocument(world, target);
}

export function isNoDocument(world: World, { store, address, format }: Target): boolean {
  return format.kind === 'key' && objectIn(world.shelf(store).textAt(address) ?? '') === undefined;
}

/** Something else is in a document that was to be ours alone: it is somebody else's as a whole, and to write it would end that. */
export function hasOthers(world: World, { store, address, format }: Target): boolean {
  if (format.kind !== 'json') return false;
  const document = objectIn(world.shelf(store).textAt(address) ?? '') ?? {};
  return Object.keys(document).some((key) => !OUR_KEYS.includes(key));
}

/** Nobody takes what is live any more: with overlap, what these targets hold; of a pair, what one of the two has. */
export function isDead(world: World, policy: Account, targets: readonly Target[] = policy.targets): boolean {
  if (policy.strategy === 'overlap') return isHeldDead(world, policy, targets);
  return policy.accountIds.some((id) => {
    const state = world.service.stateOf(id);
    return state?.exists === true && state.open && world.service.isDead(id);
  });
}

/** Where several are valid: targets hold credentials of the account, and nobody takes any of them. */
function isHeldDead(world: World, { accountIds: [id] }: Account, targets: readonly Target[]): boolean {
  const state = world.service.stateOf(id);
  if (state?.exists !== true || !state.open) return false;
  const held = targets
    .flatMap((target) => tokenAt(world, target) ?? [])
    .filter(({ account }) => account === id);
  return held.length > 0 && !held.some((token) => world.service.isValid(token));
}

function isOurs(world: World, live: Token): boolean {
  return world.watch.mints.all.some(
    ({ token, outcome, isWrong }) => token === live && outcome === 'minted' && !isWrong,
  );
}
