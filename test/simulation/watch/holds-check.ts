/** What stands against a mint or a write, looked up in what became durable and in what really happened. */
import type { Account, Window } from '../../../src/domain/account.ts';
import type { Host } from '../host.ts';
import type { World } from '../world.ts';
import type { KnownAccount, KnownIntent, KnownRotation } from './book-entries.ts';
import { isCrowded } from './crowd.ts';

/** Clocks of replicas, as far apart as they may be, and drift. */
const CLOCKS_MS = 8_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const CLOCK_SKEW_MS = 5 * MINUTE_MS;

export interface Minting {
  readonly world: World;
  readonly host: Host;
  readonly policy: Account;
  readonly account: KnownAccount;
  readonly rotation: KnownRotation;
  readonly intent: KnownIntent | undefined;
  /** When it is known to have been minted for last, in true time. */
  readonly mintedAt: number | undefined;
  /** All rotations of this journal. */
  readonly rotations: Iterable<KnownRotation>;
  /** For each of its credentials that was refused: when those tries were sent, in true time, the oldest first. */
  readonly refusals: readonly (readonly number[])[];
}

/** The holds that are against this mint, by their names; none: it may be sent. */
export function holdsAgainst(minting: Minting): string[] {
  return [...always(minting), ...(minting.rotation.isManual ? [] : unasked(minting))];
}

function always({ world, policy, account, intent, rotation: { endsNow } }: Minting): string[] {
  const { quota } = world.plan;
  const left = quota && quota.limit - world.callsMade(quota).made;
  const stores = policy.targets.filter(({ required }) => required).map(({ store }) => store);
  return named({
    undecided: policy.strategy === 'pair' && !account.isDecided,
    'reserve-low': quota !== undefined && left !== undefined && left <= quota.reserve,
    mismatched: account.mismatched,
    foreign: !endsNow && policy.targets.some(({ id, overwrite }) => account.foreign.has(id) && !overwrite),
    'store-down': !endsNow && stores.some((store) => intent?.shared.has(`store-down ${store}`)),
    'manager-refused': intent?.shared.has(`manager-refused ${policy.provider}`) === true,
  });
}

function unasked(minting: Minting): string[] {
  const { world, host, policy, account, intent } = minting;
  return named({
    paused: account.paused || policy.paused,
    parked: account.parked || account.ownFailures >= world.plan.parkAfter,
    frozen: intent?.shared.has(`frozen ${policy.provider}`) === true || intent?.isOverLimit === true,
    'consumer-unhealthy': policy.targets.some(({ consumers = [] }) =>
      consumers.some(
        ({ id, onUnhealthy }) =>
          onUnhealthy === 'hold' &&
          (intent?.shared.has(`consumer-unhealthy ${id}`) === true || intent?.unhealthy.has(id) === true),
      ),
    ),
    contested: policy.targets.some(
      ({ id, required }) => required && isContested(account, id, world.timeline.now),
    ),
    'clock-skew': Math.abs(host.clock.ahead) > CLOCK_SKEW_MS + CLOCKS_MS,
    'too-soon': isTooSoon(minting),
    // What is refused is replaced all the same.
    'many-old': account.refusals.size === 0 && isCrowded(world, policy),
    'deny-window': isDenied(minting),
    'a missed slot is skipped':
      minting.rotation.isForMissed && movedSince(world, 0) < CLOCKS_MS && isRight(host),
    ...(minting.rotation.trigger === 'refused' ? refused(minting) : {}),
  });
}

/** What is against a mint that only a refused credential is the reason for. */
function refused(minting: Minting): Readonly<Record<string, boolean>> {
  const { world, policy, rotation, rotations, refusals, intent } = minting;
  const { openedAt, account } = rotation;
  const { now } = world.timeline;
  // A grant is had a moment before the rotation is opened.
  const before = [...rotations].filter(
    (one) =>
      one !== rotation &&
      one.trigger === 'refused' &&
      !one.isManual &&
      one.openedAt < openedAt &&
      one.intents.size > 0,
  );
  const isWithin = (ms: number, one: KnownRotation) =>
    openedAt - one.openedAt < ms - MINUTE_MS - movedSince(world, one.openedAt - MINUTE_MS);
  const fresh = refusals.filter(
    (tries) => now - (tries.at(-1) ?? 0) <= MINUTE_MS + CLOCKS_MS + movedSince(world, tries.at(-1) ?? 0),
  );
  const isTwice = fresh.some(
    ([first = 0, ...more]) => (more.at(-1) ?? first) - first >= leastApartMs(world, first),
  );
  return {
    'many-refused': intent?.shared.has(`many-refused ${policy.provider}`) === true,
    'refused-limit (an hour)': before.some((one) => isWithin(HOUR_MS, one)),
    'refused-limit (a day)': before.some((one) => one.account === account && isWithin(DAY_MS, one)),
    'not refused lately': fresh.length === 0,
    'not refused twice': fresh.length > 0 && !isTwice,
  };
}

/** How far a refusal is at least from the first one, in true time, if both count. */
export function leastApartMs(world: World, first: number): number {
  return 5 * MINUTE_MS - CLOCKS_MS - movedSince(world, first);
}

/** By how much any of the clocks was set since then. */
function movedSince({ replicas }: World, at: number): number {
  return Math.max(...replicas.map(({ clock }) => clock.movedSince(at)));
}

function isRight({ clock }: Host): boolean {
  return Math.abs(clock.ahead) < CLOCKS_MS;
}

function named(holds: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(holds).flatMap(([name, holding]) => (holding ? [name] : []));
}

/** Said to be, or written over three times, and not a day ago: the checker counts by itself. */
function isContested({ contested, overwritten }: KnownAccount, target: string, now: number): boolean {
  const times = overwritten.get(target) ?? [];
  const isOver = now - (times.at(-1) ?? contested.get(target) ?? now) >= DAY_MS;
  return !isOver && (contested.has(target) || times.length >= 3);
}

function isTooSoon({ world, policy, rotation, mintedAt }: Minting): boolean {
  // A second mint of the same rotation, whose first value was lost: waiting would only prolong the outage.
  if (mintedAt === undefined || rotation.isLost) return false;
  // How long ago that was, nobody knows where a clock was set.
  if (world.replicas.some(({ clock }) => clock.wasSetSince(mintedAt))) return false;
  return world.timeline.now - mintedAt < policy.minIntervalMs - CLOCKS_MS;
}

/** By the clock of the process, which may be a few minutes wrong. */
function isDenied({ world, host, policy, rotation }: Minting): boolean {
  const { allow, deny, maxAgeMs, maxAgeOverridesDeny } = policy;
  if (rotation.isLost || world.plan.lifetimeMs !== undefined) return false;
  const now = host.clock.now();
  if (allow.length > 0 && !allow.some((window) => isOpen(window, now))) return true;
  if (maxAgeMs !== undefined && maxAgeOverridesDeny) return false;
  return deny.some((window) => isOpen(window, now));
}

/** Of windows that open at certain minutes of each hour. */
function isOpen({ opens, durationMs }: Window, now: number): boolean {
  const [minutes = ''] = opens.pattern.split(' ');
  return minutes.split(',').some((minute) => {
    const since = ((now % HOUR_MS) - Number(minute) * MINUTE_MS + HOUR_MS) % HOUR_MS;
    return since < durationMs;
  });
}

/** What is against writing this to that target, by the holds' names. */
export function holdsAgainstWrite(given: {
  readonly policy: Account;
  readonly account: KnownAccount;
  readonly target: string;
  /** It is not the first delivery there of what was minted: it puts right what somebody changed. */
  readonly isHealing: boolean;
  /** When holds are over for whoever writes. */
  readonly now: number;
}): string[] {
  const { policy, account, target, isHealing, now } = given;
  const overwrite = policy.targets.some(({ id, overwrite: may }) => id === target && may);
  return named({
    mismatched: account.mismatched,
    foreign: account.foreign.has(target) && !overwrite,
    paused: isHealing && (account.paused || policy.paused),
    contested: isHealing && account.contested.has(target) && isContested(account, target, now),
    'onDrift: report': isHealing && policy.onDrift === 'report' && account.drifted.has(target),
  });
}
