/** What a history is about, drawn from its seed: accounts, stores, replicas, weather and people. Nothing happens here. */
import type { Account, Strategy, Window } from '../../src/domain/account.ts';
import type { FreezeLimit } from '../../src/domain/limits.ts';
import type { Target } from '../../src/domain/target.ts';
import { formatEntry } from '../../src/formats/registry.ts';
import { account, target } from '../builders/account.ts';
import { diceOf } from './dice.ts';
import type { Dice } from './dice.ts';
import { MANAGER_ID, ORIGIN, PROVIDER } from './provider.ts';
import type { StoreKind } from './store.ts';
import type { Spell } from './weather.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** True time at which every history begins, a little before a slot. */
export const BEGIN = Date.parse('2026-01-05T00:20:00Z');

/** A day's budget in small, so that it runs out within a history. */
export interface Quota {
  readonly limit: number;
  readonly reserve: number;
  readonly periodMs: number;
}

export interface Plan {
  /** How the accounts of this history rotate. */
  readonly strategy: Strategy;
  readonly showsLive: boolean;
  /** Absent: tokens do not expire. */
  readonly lifetimeMs: number | undefined;
  readonly managerId: string;
  readonly accounts: readonly Account[];
  readonly stores: readonly StoreKind[];
  /** How many calls the manager credential may make in a period; absent: as many as it likes. */
  readonly quota: Quota | undefined;
  /** Processes that share the journal; with one, nobody else can have it. */
  readonly replicas: number;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly parkAfter: number;
  /** After how many failed mints of the last ones the provider is frozen. */
  readonly freeze: FreezeLimit;
  /** For how long there are troubles, and how long the world is calm after that. */
  readonly troubledMs: number;
  readonly calmMs: number;
  /** For how long nothing runs between the two. */
  readonly offMs: number;
  /** Troubles beside those that the weather brings. */
  readonly spells: readonly Spell[];
  /** Many troubles at once, or a few that can be told apart. */
  readonly roughness: number;
}

const STORES: readonly [StoreKind, StoreKind] = [
  {
    name: 'files',
    abilities: { compareAndSet: false, datesWrites: false, proofMaxAgeMs: 60_000, timeLimitMs: 10_000 },
  },
  {
    name: 'aws',
    abilities: { compareAndSet: true, datesWrites: true, proofMaxAgeMs: 86_400_000, timeLimitMs: 20_000 },
  },
];

const STRATEGIES = ['in-place', 'overlap', 'pair'] as const;
/** Each strategy has as many seeds for itself: the first million rotates in place. */
const SEEDS_OF_STRATEGY = 1_000_000;

export function strategyOf(seed: number): Strategy {
  return STRATEGIES[Math.floor(seed / SEEDS_OF_STRATEGY) % STRATEGIES.length] ?? 'in-place';
}

/** The first seed of so many histories with this strategy. */
export function firstSeedOf(strategy: Strategy): number {
  return STRATEGIES.indexOf(strategy) * SEEDS_OF_STRATEGY + 1;
}

/** Seeds that follow one another. */
export interface SeedRange {
  readonly from: number;
  readonly seeds: number;
}

/**
 * So many histories, a third with each strategy, from its first seed on; what three does not divide goes to the strategies in their order.
 * `undefined` where a strategy has not as many seeds.
 */
export function spread(seeds: number): readonly SeedRange[] | undefined {
  const each = STRATEGIES.map((strategy, index) => ({
    from: firstSeedOf(strategy),
    seeds: Math.ceil((seeds - index) / STRATEGIES.length),
  }));
  if (each.some((range) => range.seeds >= SEEDS_OF_STRATEGY)) return undefined;
  return each.filter((range) => range.seeds > 0);
}

export function planOf(dice: Dice, strategy: Strategy): Plan {
  const replicas = dice.pick([1, 1, 1, 2, 2, 3]);
  const stores = [...STORES];
  const count = dice.pick([1, 1, 2, 2, 3]);
  const ownAccount = dice.chance(0.05);
  return {
    strategy,
    showsLive: dice.chance(0.75) && strategy !== 'overlap',
    lifetimeMs: dice.chance(0.15) && strategy !== 'overlap' ? dice.between(20, 60) * MINUTE_MS : undefined,
    managerId: ownAccount ? 'a1' : MANAGER_ID,
    accounts: Array.from({ length: count }, (_, index) => drawAccount(dice, `a${index + 1}`, strategy)),
    stores,
    quota: dice.chance(0.15)
      ? { limit: dice.between(16, 60), reserve: 10, periodMs: 20 * MINUTE_MS }
      : undefined,
    replicas,
    concurrency: dice.pick([1, 2, 8]),
    leaseMs: 120_000,
    parkAfter: dice.pick([2, 3, 5]),
    freeze: dice.pick([FREEZE_LIMIT, FREEZE_LIMIT, { failures: 6, of: 8 }]),
    troubledMs: dice.between(25, 75) * MINUTE_MS,
    calmMs: 45 * MINUTE_MS,
    offMs: 0,
    spells: [],
    roughness: dice.pick([0, 0.3, 0.6, 1]),
  };
}

/** The journal's own: written out, because what is promised must not change with the table. */
const FREEZE_LIMIT: FreezeLimit = { failures: 10, of: 20 };

const PATTERNS: readonly [string, ...string[]] = ['*/10 * * * *', '*/15 * * * *', '7,27,47 * * * *'];

/** An account with all that its policy can say, drawn anew. */
export function drawAccount(dice: Dice, id: string, strategy: Strategy): Account {
  const targets = drawTargets(dice, id);
  const scheduled = dice.chance(0.8);
  const drawn = account({
    name: `${id}-name`,
    provider: PROVIDER,
    origin: ORIGIN,
    accountIds: [id],
    jitterMs: dice.pick([0, 0, 60_000]),
    missed: dice.pick(['run', 'skip']),
    minIntervalMs: dice.pick([1, 4]) * MINUTE_MS,
    priority: dice.between(0, 2),
    rotateOnAdopt: dice.chance(0.1),
    reopenClosed: dice.chance(0.1),
    paused: dice.chance(0.03),
    ...(dice.chance(0.8) ? { verifyMs: dice.pick([8, 16]) * MINUTE_MS } : {}),
    onRefused: dice.pick(['park', 'rotate']),
    onDrift: dice.chance(0.15) ? 'report' : 'deliver',
    targets,
    ...(strategy === 'in-place' ? drawWindows(dice.fork()) : {}),
    ...(scheduled ? { schedule: { pattern: dice.pick(PATTERNS), zone: 'UTC' } } : {}),
    ...(dice.chance(scheduled ? 0.8 : 0.4) ? {} : { maxAgeMs: dice.between(8, 40) * MINUTE_MS }),
  });
  if (strategy === 'in-place') return drawn;
  return { ...withStrategy(drawn, strategy), ...drawWindows(diceOf(numberOf(drawn))) };
}

/** For dice of their own that no other throw moves: another number for each account that is drawn. */
function numberOf(drawn: Account): number {
  let number = 7;
  for (const character of JSON.stringify(drawn))
    number = Math.imul(number, 31) + (character.codePointAt(0) ?? 0);
  return number;
}

const GRACE_MS = 3 * MINUTE_MS;

/** The same account as one that rotates so. Its dice are not thrown for it: histories in place stay what they are. */
function withStrategy(drawn: Account, strategy: Strategy): Account {
  const [id] = drawn.accountIds;
  const [first, ...more] = drawn.targets;
  const asJson = (one: Target): Target => inFormat(one, { kind: 'json', options: {} });
  switch (strategy) {
    case 'in-place':
      return drawn;
    case 'pair':
      return { ...drawn, strategy, accountIds: [id, partnerOf(id)] };
    case 'overlap': {
      const grace = { graceMs: GRACE_MS, retireHardLimitMs: 20 * MINUTE_MS };
      return { ...drawn, strategy, ...grace, targets: [asJson(first), ...more.map(asJson)] };
    }
  }
}

/** The other account of a pair. */
export function partnerOf(id: string): string {
  return `${id}p`;
}

/** Minutes of each hour in which nothing may be minted unasked, or alone may. */
function drawWindows(dice: Dice): Pick<Account, 'allow' | 'deny' | 'maxAgeOverridesDeny'> {
  const window = (minutes: string, lasting: number): Window => ({
    opens: { pattern: `${minutes} * * * *`, zone: 'UTC' },
    durationMs: lasting * MINUTE_MS,
  });
  const deny = dice.chance(0.15) ? [window(dice.pick(['8', '28,58', '19,40']), dice.between(3, 8))] : [];
  const allow = dice.chance(0.08) ? [window('5,25,45', dice.between(12, 16))] : [];
  return { allow, deny, maxAgeOverridesDeny: dice.chance(0.2) };
}

const FORMATS: readonly [Target['format'], ...Target['format'][]] = [
  { kind: 'raw', options: {} },
  { kind: 'raw', options: {} },
  { kind: 'json', options: {} },
  { kind: 'json', options: {} },
  { kind: 'key', options: { key: 'token' } },
];

function drawTargets(dice: Dice, id: string): [Target, ...Target[]] {
  const one = (number: number): Target => {
    const store = dice.pick(STORES).name;
    const drawn = target(`${store}:${id}/t${number}`, {
      required: number === 0 || dice.chance(0.7),
      overwrite: dice.chance(0.15),
    });
    return inFormat(drawn, dice.pick(FORMATS));
  };
  const more = Array.from({ length: dice.pick([0, 0, 1, 1, 2]) }, (_, index) => one(index + 1));
  return [one(0), ...more];
}

/** A part of what is there is another target than the whole of it, as the configuration has it. */
function inFormat(drawn: Target, format: Target['format']): Target {
  const part = formatEntry(format.kind)?.partOf(format.options as never);
  const { location, ...whole } = target(`${drawn.store}:${drawn.address}`);
  const suffix = part === undefined ? '' : `#${part}`;
  return { ...drawn, id: `${whole.id}${suffix}`, location: `${location}${suffix}`, format };
}
