/**
 * Rare histories in which something happens that weather and people bring about too seldom, drawn from dice of their own: all other
 * histories are what they would be if there were none. An ordeal changes the plan so that it matters, and says what is done when.
 */
import type { Account, Strategy } from '../../src/domain/account.ts';
import { diceOf } from './dice.ts';
import type { Dice } from './dice.ts';
import { ask } from './people.ts';
import { BEGIN, drawAccount, HOUR_MS, MINUTE_MS } from './plan.ts';
import type { Plan } from './plan.ts';
import { MINTS } from './provider.ts';
import type { World } from './world.ts';

/** Histories with an ordeal among all, by strategy. */
const SHARE: Readonly<Record<Strategy, number>> = { 'in-place': 0.03, overlap: 0.06, pair: 0.03 };
/** Histories in which nobody looks at an account that was closed, among those in place without another ordeal. */
const UNSEEN_SHARE = 0.01;
/** Histories in which a process is killed again and again while it mints, among those in place without another ordeal. */
const KILLED_SHARE = 0.02;
/** Histories in which old credentials pile up, among those with overlap without another ordeal. */
const CROWDED_SHARE = 0.01;
/** Make other dice of the seed than those for all else. */
const OWN = 0x51_7e_a9_03;
const UNSEEN = 0x3b_90_c4_57;
const KILLED = 0x22_d8_4f_b1;
const CROWDED = 0x6e_05_b3_9d;

export interface Ordeal {
  plan(drawn: Plan): Plan;
  /** Plans what is done. */
  begin(world: World): void;
}

const NONE: Ordeal = { plan: (drawn) => drawn, begin: () => undefined };

export function ordealOf(seed: number, strategy: Strategy): Ordeal {
  const dice = diceOf(seed ^ OWN);
  if (!dice.chance(SHARE[strategy])) {
    if (strategy === 'in-place') return inPlaceAlone(seed);
    return strategy === 'overlap' && diceOf(seed ^ CROWDED).chance(CROWDED_SHARE) ? crowded() : NONE;
  }
  return strategy === 'overlap' ? aDayOff(dice.fork()) : refusals(dice.fork(), strategy);
}

function inPlaceAlone(seed: number): Ordeal {
  const other = diceOf(seed ^ UNSEEN);
  if (other.chance(UNSEEN_SHARE)) return closedForAWhile(other.fork());
  const own = diceOf(seed ^ KILLED);
  return own.chance(KILLED_SHARE) ? killedWhileMinting(own.fork()) : NONE;
}

const SLOTS_MS = 10 * MINUTE_MS;

/** Tokens are hidden, the disk is slow, and a process is killed soon after each slot: what was minted is written, and not yet noted. */
function killedWhileMinting(dice: Dice): Ordeal {
  const schedule = { pattern: '*/10 * * * *', zone: 'UTC' };
  return {
    plan: (drawn) => ({
      ...drawn,
      showsLive: false,
      lifetimeMs: undefined,
      accounts: drawn.accounts.map((one) => ({ ...one, schedule, jitterMs: 0, paused: false })),
      spells: [{ service: 'journal', from: BEGIN, to: BEGIN + drawn.troubledMs, kind: { slow: 1 } }],
    }),
    begin(world) {
      const { timeline, plan } = world;
      for (let afterMs = SLOTS_MS; afterMs < plan.troubledMs; afterMs += SLOTS_MS) {
        timeline.after(afterMs + dice.between(1_000, 10_000), () =>
          world.replica(dice).crash('while it mints'),
        );
      }
    },
  };
}

const CROWDED_GRACE_MS = 70 * MINUTE_MS;

/** A slot each minute, and a grace of more than an hour: old credentials pile up until they are as many as may wait. */
function crowded(): Ordeal {
  return {
    plan: (drawn) => ({
      ...drawn,
      quota: undefined,
      accounts: drawn.accounts.slice(0, 1).map(({ maxAgeMs: _, ...one }) => ({
        ...one,
        schedule: { pattern: '*/1 * * * *', zone: 'UTC' },
        jitterMs: 0,
        minIntervalMs: 30_000,
        paused: false,
        allow: [],
        deny: [],
        graceMs: CROWDED_GRACE_MS,
        retireHardLimitMs: CROWDED_GRACE_MS,
      })),
      troubledMs: 15 * MINUTE_MS,
      calmMs: 100 * MINUTE_MS,
    }),
    begin: () => undefined,
  };
}

/** Credentials that are shown as live and refused, of accounts that nothing else rotates. */
function refusals(dice: Dice, strategy: Strategy): Ordeal {
  const begin = dice.pick([oneByOne, theSameAgain, twoAtOnce, refusedFromTheStart]);
  const own = dice.fork();
  return {
    plan: (drawn) => ({
      ...drawn,
      showsLive: true,
      lifetimeMs: undefined,
      accounts: ['a1', 'a2'].map((id) => rotatedByRefusalAlone(drawAccount(own, id, strategy))),
      troubledMs: Math.max(drawn.troubledMs, 50 * MINUTE_MS),
    }),
    begin: (world) => begin(world, own),
  };
}

/** An account that nothing rotates or verifies is closed, somebody has a look at it, and it is open again later. */
function closedForAWhile(dice: Dice): Ordeal {
  const { schedule: _s, maxAgeMs: _m, verifyMs: _v, ...drawn } = drawAccount(dice, 'a1', 'in-place');
  const closedAt = dice.between(2, 5) * MINUTE_MS;
  return {
    plan: (plan) => ({ ...plan, lifetimeMs: undefined, accounts: [{ ...drawn, paused: false }] }),
    begin(world) {
      const { timeline, trace, service } = world;
      timeline.after(closedAt, () => {
        trace.add('person', () => 'closes a1');
        service.change('a1', { open: false });
      });
      const [account] = world.plan.accounts;
      timeline.after(closedAt + 1_000, () => account && ask(world, dice, 'reconcile', account));
      timeline.after(closedAt + dice.between(2, 5) * MINUTE_MS, () => {
        trace.add('person', () => 'opens a1 again');
        service.change('a1', { open: true });
      });
    },
  };
}

function rotatedByRefusalAlone({ schedule: _s, maxAgeMs: _m, ...drawn }: Account): Account {
  const [first, ...more] = drawn.targets;
  const accepting = (one: typeof first) => ({ ...one, overwrite: true });
  return {
    ...drawn,
    onRefused: 'rotate',
    paused: false,
    verifyMs: 8 * MINUTE_MS,
    allow: [],
    deny: [],
    targets: [accepting(first), ...more.map(accepting)],
  };
}

type Refused = (world: World, dice: Dice) => void;

/** The second one when the first has been minted for. */
const oneByOne: Refused = (world, dice) => {
  revokeAfter(world, 'a1', dice.between(1, 3));
  revokeAfter(world, 'a2', dice.between(20, 26));
};

/** What replaced it as well. */
const theSameAgain: Refused = (world, dice) => {
  revokeAfter(world, 'a1', dice.between(1, 3));
  revokeAfter(world, 'a1', dice.between(20, 26));
};

/** Then one of the two is closed, and the other one is alone. */
const twoAtOnce: Refused = (world, dice) => {
  revokeAfter(world, 'a1', dice.between(1, 3));
  revokeAfter(world, 'a2', dice.between(1, 3));
  world.timeline.after(dice.between(16, 24) * MINUTE_MS, () => {
    world.trace.add('person', () => 'closes a2 for good');
    world.service.change('a2', { open: false });
  });
};

/** What somebody made in the console is never accepted. */
const refusedFromTheStart: Refused = (world, dice) => {
  world.timeline.after(dice.between(2, 30) * MINUTE_MS, () => {
    world.trace.add('person', () => 'regenerates a1 in the console');
    world.service.regenerate('a1', 'console');
    revoke(world, 'a1');
  });
};

function revokeAfter(world: World, id: string, minutes: number): void {
  world.timeline.after(minutes * MINUTE_MS, () => revoke(world, id));
}

function revoke(world: World, id: string): void {
  world.trace.add('person', () => `revokes what is live of ${id}`);
  world.service.revoke(id);
}

/**
 * Mints of which nobody hears have their effect late, somebody makes credentials of their own, and then nothing runs for more than
 * a day: what was left behind is old enough to be swept.
 */
function aDayOff(dice: Dice): Ordeal {
  const own = dice.fork();
  return {
    plan(drawn) {
      const from = BEGIN + own.between(1, 15) * MINUTE_MS;
      const late = { service: MINTS, from, to: from + own.between(5, 15) * MINUTE_MS, kind: { late: 0.8 } };
      return { ...drawn, offMs: own.between(25, 30) * HOUR_MS, spells: [late] };
    },
    begin(world) {
      world.timeline.after(own.between(1, 30) * MINUTE_MS, () => {
        const { accounts } = world.config();
        const [id] = accounts[own.between(0, accounts.length - 1)]?.accountIds ?? [];
        if (id === undefined) return;
        world.trace.add('person', () => `makes a credential of ${id} in the console`);
        world.service.regenerate(id, 'console');
      });
    },
  };
}
