/**
 * Who reads the targets of a history's accounts, drawn from dice of their own: a history in which nobody is restarted is what it would be
 * if nobody ever were.
 */
import type { Account } from '../../src/domain/account.ts';
import { consumerId } from '../../src/domain/consumer.ts';
import type { Consumer, ConsumerAction } from '../../src/domain/consumer.ts';
import type { Target } from '../../src/domain/target.ts';
import { CLUSTER, HOOKS } from './cluster.ts';
import { diceOf } from './dice.ts';
import type { Dice } from './dice.ts';
import { MINUTE_MS } from './plan.ts';
import type { Plan } from './plan.ts';
import { Weather } from './weather.ts';
import type { Spell } from './weather.ts';
import type { World } from './world.ts';

/** Histories with consumers among all. */
const SHARE = 0.2;
/** Makes other dice of the seed than those for all else. */
const OWN = 0x2c_0b_5e_11;

export interface Readers {
  /** Absent: nobody is refreshed in this history. */
  readonly dice: Dice | undefined;
  /** The account with consumers of its targets; one that names any, or none on purpose, stays as it is. */
  name(account: Account): Account;
}

export function readersOf(seed: number): Readers {
  const dice = diceOf(seed ^ OWN);
  if (!dice.chance(SHARE)) return { dice: undefined, name: (account) => account };
  const drawn = dice.fork();
  const pool = drawPool(drawn);
  const named = (target: Target): Target => ({ ...target, consumers: drawFor(drawn, pool) });
  return {
    dice: dice.fork(),
    name(account) {
      if (account.targets.every(({ consumers }) => consumers !== undefined)) return account;
      const [first, ...more] = account.targets;
      return { ...account, targets: [named(first), ...more.map(named)] };
    },
  };
}

interface Pool {
  readonly workloads: readonly [Consumer, ...Consumer[]];
  readonly sync: Consumer;
  readonly hook: Consumer;
}

/** A few, so that accounts share them. */
function drawPool(dice: Dice): Pool {
  const one = (does: ConsumerAction, address: string): Consumer => {
    const which = { connection: does === 'webhook' ? HOOKS : CLUSTER, does, address };
    const timeLimitMs = dice.pick([2, 5]) * MINUTE_MS;
    return {
      ...which,
      id: consumerId(which),
      timeLimitMs,
      onUnhealthy: dice.chance(0.6) ? 'hold' : 'report',
    };
  };
  return {
    workloads: [one('restart', 'Deployment shop/checkout'), one('restart', 'Deployment shop/billing')],
    sync: one('forceSync', 'ExternalSecret shop/tokens'),
    hook: one('webhook', HOOKS),
  };
}

function drawFor(dice: Dice, { workloads, sync, hook }: Pool): readonly Consumer[] {
  const workload = dice.pick(workloads);
  return dice.pick<readonly Consumer[]>([
    [workload],
    [workload],
    [...workloads],
    [sync, workload],
    [hook],
    [hook, workload],
    [],
  ]);
}

const SPELLS: readonly [Spell['kind'], ...Spell['kind'][]] = [
  { unreachable: 1 },
  { lostGoing: 0.5 },
  { lostComing: 1 },
  { late: 0.7 },
  { storm: 1 },
  { limited: 1 },
  { readOnly: true },
  { slow: 1 },
];

/** When the consumers cannot be asked, and why. */
export function drawOutages(dice: Dice, { roughness, troubledMs }: Plan, begin: number): Weather {
  const rate = roughness * 0.03;
  const always = { unreachable: rate, lostGoing: rate, lostComing: rate, storm: rate, late: rate / 2 };
  const services = [CLUSTER, HOOKS];
  const spells = services.flatMap((service) =>
    Array.from({ length: Math.ceil(roughness * 3) }, () => {
      const from = begin + dice.between(0, troubledMs);
      const to = from + dice.pick([1, 5, 15, 40]) * MINUTE_MS;
      return { service, from, to, kind: dice.pick(SPELLS) };
    }),
  );
  return new Weather(spells, new Map(services.map((service) => [service, always])));
}

/** Those who read targets are restarted by hand as well. */
export function planRestarts(world: World, dice: Dice): void {
  for (let left = dice.between(0, 2); left > 0; left--) {
    world.timeline.after(dice.between(MINUTE_MS, world.plan.troubledMs), () => {
      const targets = world.config().accounts.flatMap((account) => account.targets);
      const consumers = targets.flatMap((target) => target.consumers ?? []);
      const workload = consumers.find(({ does }) => does === 'restart');
      if (workload !== undefined) world.cluster?.restart(workload.id);
    });
  }
}
