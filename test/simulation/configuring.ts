/** What people do to the configuration: accounts come, go, are changed and put back, and pairs become single for a while. */
import type { Account } from '../../src/domain/account.ts';
import type { Dice } from './dice.ts';
import { drawAccount, MINUTE_MS } from './plan.ts';
import type { World } from './world.ts';

export function changeConfig(world: World, dice: Dice): void {
  const { accounts } = world.config();
  const index = dice.between(0, Math.max(0, accounts.length - 1));
  const chosen = accounts[index];
  if (chosen === undefined || dice.chance(0.2)) {
    world.configure(
      [...accounts, drawAccount(dice, world.newAccount(), world.plan.strategy)],
      'adds an account',
    );
    return;
  }
  const [id] = chosen.accountIds;
  const drawn = drawAccount(dice, id, chosen.strategy);
  if (world.plan.strategy === 'pair' && dice.chance(0.3)) return split(world, dice, chosen);
  const [what, changed] = dice.pick<readonly [string, Account | undefined]>([
    ['removes an account', undefined],
    ['renames an account', { ...chosen, name: `${id}-renamed-${dice.between(0, 9)}` }],
    ['changes a schedule', { ...chosen, ...schedulesOf(drawn) }],
    ['changes targets', { ...chosen, targets: drawn.targets }],
    ['changes how an account is treated', { ...drawn, name: chosen.name, targets: chosen.targets }],
  ]);
  const next = accounts.flatMap((each) => (each === chosen ? (changed ?? []) : each));
  world.configure(next, `${what} (${id})`);
  if (dice.chance(0.5)) {
    world.timeline.after(dice.between(1, 20 * MINUTE_MS), () => {
      put(world, chosen, `puts ${id} back as it was`);
    });
  }
}

/** A pair becomes a single account, one of the two, and later a pair again. */
function split(world: World, dice: Dice, chosen: Account): void {
  const { accounts } = world.config();
  const [id] = chosen.accountIds;
  if (!accounts.includes(chosen) || chosen.strategy !== 'pair') return;
  const stays = dice.pick(chosen.accountIds);
  const single: Account = { ...chosen, strategy: 'in-place', accountIds: [stays] };
  put(world, single, `makes ${stays} of the pair ${id} single`);
  world.timeline.after(dice.between(1, 20) * MINUTE_MS, () => put(world, chosen, `makes ${id} a pair again`));
}

/** In place of whatever names one of its accounts by then: no configuration may name one twice. */
function put(world: World, account: Account, what: string): void {
  const others = world
    .config()
    .accounts.filter(({ accountIds }) => !account.accountIds.some((one) => accountIds.includes(one)));
  world.configure([...others, account], what);
}

function schedulesOf({ schedule, jitterMs, missed }: Account) {
  return schedule === undefined ? { jitterMs, missed } : { schedule, jitterMs, missed };
}
