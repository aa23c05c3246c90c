/** What people do: to the daemon, to the provider in its console, to secrets by hand, to the configuration and to machines. */
import type { Account } from '../../src/domain/account.ts';
import type { Target } from '../../src/domain/target.ts';
import type { RequestDoes } from '../../src/ports/journal.ts';
import { setClock } from './clocks.ts';
import type { Dice } from './dice.ts';
import { formatOf, objectIn } from './formats.ts';
import { HOUR_MS, MINUTE_MS } from './plan.ts';
import { credentialOf } from './credentials.ts';
import { tokenAt } from './watch/tokens.ts';
import type { World } from './world.ts';
import { changeConfig } from './configuring.ts';

type Deed = (world: World, dice: Dice) => void;

/** How often each is done, relative to the others. */
const DEEDS: readonly (readonly [number, Deed])[] = [
  [6, (world, dice) => ask(world, dice, 'rotate')],
  [2, (world, dice) => ask(world, dice, 'reconcile')],
  [2, pauseAndResume],
  [2, (world, dice) => ask(world, dice, 'unpark')],
  [3, (world, dice) => ask(world, dice, 'accept')],
  [3, regenerate],
  [3, closeAndReopen],
  [4, editByHand],
  [3, writeForHours],
  [3, revoke],
  [2, shareDocument],
  [4, changeConfig],
  [3, (world, dice) => terminate(world, dice)],
  [6, (world, dice) => world.replica(dice).crash('at this instant')],
  [4, standStill],
  [2, setClock],
  [1, (world) => world.loseJournal()],
  [1, freezeAndUnfreeze],
  [1, changeIdentity],
  [1, refuseManager],
];

/** Plans what is done in a history. */
export function planDeeds(world: World, dice: Dice): void {
  const { roughness, troubledMs } = world.plan;
  const total = DEEDS.reduce((sum, [weight]) => sum + weight, 0);
  for (let left = Math.ceil(dice.between(1, 12) * Math.max(roughness, 0.2)); left > 0; left--) {
    let drawn = dice.fraction() * total;
    const [, deed] = DEEDS.find(([weight]) => (drawn -= weight) < 0) ?? DEEDS[0] ?? [0, () => undefined];
    const own = dice.fork();
    world.timeline.after(dice.between(MINUTE_MS, troubledMs), () => deed(world, own));
  }
  if (world.plan.strategy === 'overlap' && dice.chance(0.3)) goOnUsing(world, dice.fork());
  // Drawn after all others, so that histories without it are what they would be if nobody ever did it.
  if (!dice.chance(world.plan.strategy === 'in-place' ? 0.08 : 0.3)) return;
  const own = dice.fork();
  world.timeline.after(dice.between(MINUTE_MS, troubledMs), () => {
    ask(world, own, own.pick(['rotate-compromised', 'rotate-compromised', 'rotate-compromised-now']));
  });
}

function anAccount(world: World, dice: Dice): Account | undefined {
  const { accounts } = world.config();
  return accounts.length === 0 ? undefined : accounts[dice.between(0, accounts.length - 1)];
}

/** The account's id, or one of a pair's. */
function oneOf({ accountIds }: Account, dice: Dice): string {
  const [first, second] = accountIds;
  return second === undefined ? first : dice.pick([first, second]);
}

function aTarget(account: Account, dice: Dice): Target {
  return dice.pick(account.targets);
}

export function ask(world: World, dice: Dice, does: RequestDoes, account = anAccount(world, dice)): void {
  if (account === undefined) return;
  const target = does === 'accept' ? { target: aTarget(account, dice).id } : {};
  world.ask(account, { id: dice.id(world.timeline.now), does, ...target });
  // The same id again, as a caller who had no answer sends it.
  if (dice.chance(0.2)) world.ask(account, { id: dice.id(world.timeline.now), does, ...target });
}

/** Accounts that are not verified by themselves are looked at once more: somebody asks for it. */
export function reconcileAll(world: World): void {
  for (const account of world.config().accounts) {
    if (account.verifyMs === undefined) ask(world, world.dice, 'reconcile', account);
  }
}

/** Somebody says which account of each pair nobody uses, where that is not known. */
export function nameStandbys(world: World, accounts = world.config().accounts): void {
  for (const account of accounts) {
    const [, target] = account.accountIds;
    if (target === undefined) continue;
    world.ask(account, { id: world.dice.id(world.timeline.now), does: 'standby', target });
  }
}

/** Somebody looks for pairs that wait for that: it may be found out late that nothing shows which account is in use. */
export function nameUndecided(world: World): void {
  const undecided = [...world.journal.state.rows.values()].filter(
    ({ configured, holds }) => configured && holds.some(({ kind }) => kind === 'undecided'),
  );
  nameStandbys(
    world,
    undecided.map(({ policy }) => policy),
  );
  world.timeline.after(5 * MINUTE_MS, () => nameUndecided(world));
}

function pauseAndResume(world: World, dice: Dice): void {
  const account = anAccount(world, dice);
  if (account === undefined) return;
  ask(world, dice, 'pause', account);
  if (dice.chance(0.8))
    world.timeline.after(dice.between(1, 40) * MINUTE_MS, () => ask(world, dice, 'resume', account));
}

function regenerate(world: World, dice: Dice): void {
  const account = anAccount(world, dice);
  if (account === undefined) return;
  const id = oneOf(account, dice);
  world.trace.add('person', () => `regenerates ${id} in the console`);
  world.service.regenerate(id, 'console');
}

/** Once; again and again of one account, rather of one that its refusal alone rotates; or now of this one, now of that one. */
function revoke(world: World, dice: Dice): void {
  const how = dice.pick(['once', 'the same again', 'one or another']);
  const end = world.timeline.now + (how === 'once' ? 0 : dice.between(HOUR_MS / 2, 2 * HOUR_MS));
  const first = rotatedByRefusal(world) ?? anAccount(world, dice);
  const again = (account = first) => {
    if (world.isCalm || account === undefined) return;
    const id = oneOf(account, dice);
    const ends = world.plan.strategy === 'overlap' && !dice.chance(0.2);
    world.trace.add('person', () => `${ends ? 'ends' : 'revokes'} what is live of ${id}`);
    if (ends) world.service.end(id);
    else world.service.revoke(id);
    if (world.timeline.now >= end) return;
    const afterMs = how === 'the same again' ? dice.between(1, 8) : dice.between(10, 20);
    world.timeline.after(afterMs * MINUTE_MS, () => {
      again(how === 'the same again' ? first : anAccount(world, dice));
    });
  };
  again();
}

function rotatedByRefusal(world: World): Account | undefined {
  const { accounts } = world.config();
  return accounts.find(({ onRefused, schedule }) => onRefused === 'rotate' && schedule === undefined);
}

function closeAndReopen(world: World, dice: Dice): void {
  const account = anAccount(world, dice);
  if (account === undefined) return;
  const id = oneOf(account, dice);
  world.trace.add('person', () => `closes ${id}`);
  world.service.change(id, { open: false });
  if (dice.chance(0.3)) return;
  world.timeline.after(dice.between(1, 30) * MINUTE_MS, () => {
    if (world.isCalm || world.service.stateOf(id)?.open !== false) return;
    world.trace.add('person', () => `opens ${id} again`);
    if (world.plan.strategy === 'overlap') world.service.change(id, { open: true });
    else world.service.regenerate(id, 'console');
  });
}

/** A consumer that never looks for a new credential uses what it has for as long as that works. */
function goOnUsing(world: World, dice: Dice): void {
  world.timeline.after(dice.between(MINUTE_MS, world.plan.troubledMs), () => {
    const account = anAccount(world, dice);
    const token = account && tokenAt(world, aTarget(account, dice));
    if (token === undefined) return;
    world.trace.add('person', () => `uses ${token.account}#${token.number} from now on`);
    const again = () => {
      if (world.service.whose(token.text) !== undefined) world.timeline.after(MINUTE_MS, again);
    };
    again();
  });
}

/** Something else, something old, something of another account, or nothing. */
function editByHand(world: World, dice: Dice): void {
  const account = anAccount(world, dice);
  if (account !== undefined) edit(world, dice, { account, target: aTarget(account, dice) });
}

function edit(
  world: World,
  dice: Dice,
  { account, target }: { readonly account: Account; readonly target: Target },
): void {
  const tokens = [...world.service.tokens.values()];
  const old = tokens.filter((token) => account.accountIds.includes(token.account));
  const other = tokens.filter((token) => !account.accountIds.includes(token.account));
  const token = dice.pick([old[0], old.at(-1), other[0], undefined]);
  const encoded = token && formatOf(target).encode(credentialOf(token), undefined);
  const foreign = target.format.kind === 'key' ? '{"token":"not-ours"}' : 'not-ours';
  const text = encoded?.ok === true ? encoded.value.revealText() : dice.pick([foreign, '', undefined]);
  world.trace.add(
    'person',
    () =>
      `puts ${token === undefined ? JSON.stringify(text) : `${token.account}#${token.number}`} into ${target.id}`,
  );
  world.shelf(target.store).put(target.address, text);
}

function writeForHours(world: World, dice: Dice): void {
  const account = anAccount(world, dice);
  if (account === undefined) return;
  const target = aTarget(account, dice);
  const everyMs = dice.between(20_000, 3 * MINUTE_MS);
  const end = world.timeline.now + dice.between(HOUR_MS / 4, 1.5 * HOUR_MS);
  const again = () => {
    if (world.isCalm || world.timeline.now > end) return;
    edit(world, dice, { account, target });
    world.timeline.after(everyMs, again);
  };
  again();
}

/** Others keep something of their own in the same document, and change it all the time. */
function shareDocument(world: World, dice: Dice): void {
  const targets = world.config().accounts.flatMap((account) => account.targets);
  const target = targets.find(({ format }) => format.kind === 'key');
  if (target === undefined) return;
  const shelf = world.shelf(target.store);
  const everyMs = dice.between(100, 3_000);
  const end = world.timeline.now + dice.between(2, 20) * MINUTE_MS;
  world.trace.add('person', () => `shares ${target.id} from now on`);
  let count = 0;
  const again = () => {
    if (world.isCalm || world.timeline.now > end) return;
    const document = objectIn(shelf.textAt(target.address) ?? '');
    if (document !== undefined)
      shelf.put(target.address, JSON.stringify({ ...document, theirs: `${++count}` }));
    world.timeline.after(everyMs, again);
  };
  again();
}

function terminate(world: World, dice: Dice): void {
  world.replica(dice).terminate();
}

/** Up to several times the lease. */
function standStill(world: World, dice: Dice): void {
  const replica = world.replica(dice);
  replica.pause();
  world.timeline.after(dice.pick([2_000, 15_000, 60_000, 150_000, 600_000]), () => replica.resume());
}

function freezeAndUnfreeze(world: World, dice: Dice): void {
  world.freeze('freeze');
  world.timeline.after(dice.between(1, 30) * MINUTE_MS, () => world.freeze('unfreeze'));
}

function changeIdentity(world: World, dice: Dice): void {
  const shelf = world.shelf(dice.pick(['files', 'aws']));
  world.trace.add('person', () => `lets somebody else write to ${shelf.kind.name}`);
  shelf.identity = `writer-${dice.between(2, 9)}`;
}

function refuseManager(world: World, dice: Dice): void {
  world.trace.add('person', () => 'ends the manager credential');
  world.managerAccepted = false;
  world.timeline.after(dice.between(1, 30) * MINUTE_MS, () => {
    world.trace.add('person', () => 'gives the manager credential back');
    world.managerAccepted = true;
  });
}
