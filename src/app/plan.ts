/**
 * Plans ahead: the slots of a period, where they collide, and what a configuration would do now compared with what is known of its
 * accounts. Changes nothing, and makes no journal.
 */
import type { Settings } from '../config/settings.ts';
import type { Account } from '../domain/account.ts';
import type { Host } from '../ports/host.ts';
import { openKnown } from './known.ts';
import type { DaemonPlace, KnownOutcome } from './known.ts';
import { collisionsOf } from './plan/collisions.ts';
import type { Collision } from './plan/collisions.ts';
import { adopted, compare } from './plan/compare.ts';
import type { Comparison } from './plan/compare.ts';
import { lookAhead, planAccount } from './plan/slots.ts';
import type { Period, PlannedAccount } from './plan/slots.ts';

/** Slots that are calculated of one account. */
const SLOTS_MAX_EACH = 1_000;
/** Slots that are planned in all: what bounds memory, and the work where no two accounts share a schedule. */
const SLOTS_MAX = 200_000;

export interface Plan extends Period {
  /** In the configuration, or of those asked for. */
  readonly accounts: number;
  /** The first of them, as far as slots were calculated. */
  readonly planned: readonly PlannedAccount[];
  /** Among those that were planned. */
  readonly collisions: readonly Collision[];
  readonly comparison: Omit<Comparison, 'records'> & {
    /** What the configuration was compared with; absent where nothing is known of any account. */
    readonly with?: string;
    /** Why nothing is known. */
    readonly why?: string;
  };
}

export async function makePlan(
  options: DaemonPlace & {
    readonly host: Host;
    readonly settings: Settings;
    /** Those to plan. */
    readonly accounts: readonly Account[];
    /** Whether these are all of the configuration: only then can one be missed. */
    readonly all: boolean;
    readonly period: Period;
  },
): Promise<Plan> {
  const { accounts, period } = options;
  const { records, ...comparison } = await compared(options);
  const planned: PlannedAccount[] = [];
  const ahead = lookAhead(period, SLOTS_MAX_EACH);
  let slots = 0;
  for (const account of accounts) {
    if (slots >= SLOTS_MAX) break;
    const one = planAccount(account, ahead(account.schedule), records.get(account.name));
    // An account without slots costs something, too.
    slots += Math.max(1, one.slots.length);
    planned.push(one);
  }
  return { ...period, accounts: accounts.length, planned, collisions: collisionsOf(planned), comparison };
}

async function compared(
  options: Parameters<typeof makePlan>[0],
): Promise<Comparison & Pick<Plan['comparison'], 'with' | 'why'>> {
  const { host, accounts, all, period } = options;
  const outcome: KnownOutcome = await openKnown(options);
  if (outcome.kind === 'unknown') {
    return {
      why: outcome.why,
      added: accounts.map(({ name }) => name),
      changed: [],
      removed: [],
      dueAtOnce: adopted(accounts, { sharedHolds: [], now: period.from }),
      holds: [],
      records: new Map(),
    };
  }
  await using known = outcome.known;
  const comparison = await compare({
    accounts,
    all,
    // Also when only some are asked for: an account may have been renamed.
    rows: known.rows(),
    sharedHolds: known.sharedHolds,
    now: period.from,
    runningSince: known.runningSince ?? host.clock.now(),
  });
  return { ...comparison, with: known.where };
}
