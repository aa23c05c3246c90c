/** At the end: every target of every account holds what is live at the provider, but for what is exempt. */
import type { Account } from '../../../src/domain/account.ts';
import type { HoldKind } from '../../../src/domain/hold.ts';
import type { Target } from '../../../src/domain/target.ts';
import type { Token } from '../service.ts';
import { MINUTE_MS } from '../plan.ts';
import type { World } from '../world.ts';
import type { KnownAccount } from './fact-book.ts';

/** Jitter, minInterval and a failed try are over by then. */
const SLOT_GRACE_MS = 8 * MINUTE_MS;
/** Clocks that run a little fast begin a slot sooner. */
const CLOCK_MS = 10_000;

/** What is not as it should be, in words; none: the world has converged. */
export function unconverged(world: World): string[] {
  const held = [...world.journal.state.shared.values()]
    .filter(({ kind }) => !mayStand(world, kind))
    .map(({ kind, subject }) => `${kind} of ${subject} still holds`);
  return [...held, ...world.config().accounts.flatMap((policy) => ofAccount(world, policy))];
}

function mayStand(world: World, kind: HoldKind): boolean {
  // A store that nobody has to write to stays held as down until somebody has.
  if (kind === 'store-down') return true;
  // Live credentials that are dead, of accounts that nothing may mint for, look as if the provider were at fault.
  return kind === 'many-refused' && world.config().accounts.some((policy) => isDead(world, policy));
}

function isDead({ service, timeline }: World, { accountIds: [id] }: Account): boolean {
  const state = service.stateOf(id);
  const expiresAt = state?.exists === true && state.open ? state.live.expiresAt : undefined;
  return expiresAt !== undefined && expiresAt <= timeline.now;
}

function ofAccount(world: World, policy: Account): string[] {
  const { watch, service } = world;
  const [id] = policy.accountIds;
  const state = service.stateOf(id);
  const row = [...world.journal.state.rows.values()].find((one) => one.policy.accountIds.includes(id));
  if (row === undefined) return [`${policy.name} never got into the journal`];
  const known = watch.book.accountOf(row.id);
  if (state?.exists !== true || !state.open) return [];
  // Held by a person, or until one comes.
  if (known.paused || policy.paused || known.mismatched) return [];
  // Nothing can be delivered that anybody takes, and what would mint another is held until a person comes.
  const isHeld =
    known.parked ||
    known.contested.size > 0 ||
    known.foreign.size > 0 ||
    policy.accountIds.includes(world.managerId);
  if (isHeld && (isDead(world, policy) || !world.showsLive)) return [];
  const forgotten = isHeld ? [] : forgottenSlot(world, policy);
  if (!world.showsLive && !isOurs(world, state.live)) return forgotten;
  return [...forgotten, ...undelivered(world, { policy, known, live: state.live })];
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
function forgottenSlot({ watch, timeline }: World, { name, accountIds, schedule }: Account): string[] {
  const [minutes = ''] = schedule?.pattern.split(' ') ?? [];
  if (minutes === '') return [];
  const latest = timeline.now - SLOT_GRACE_MS;
  const slot = newestSlot(minutes, latest);
  const ours = watch.mints.all.filter(({ id }) => id === accountIds[0]);
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

/** Hidden, and not minted by us: nobody who is not told can know it. */
function isOurs(world: World, live: Token): boolean {
  return world.watch.mints.all.some(({ token, outcome }) => token === live && outcome === 'minted');
}

/** The token that the place holds, in the form in which it should; nothing where it holds anything else. */
function tokenAt(world: World, { store, address, format }: Target): Token | undefined {
  const text = world.shelf(store).textAt(address) ?? '';
  const token = format.kind === 'json' ? tokenIn(text) : text.trim();
  return world.service.tokens.get(token);
}

function tokenIn(document: string): string {
  try {
    const parsed = JSON.parse(document) as { readonly token?: unknown } | null;
    return typeof parsed?.token === 'string' ? parsed.token : '';
  } catch {
    return '';
  }
}

function nameOf(token: Token | undefined): string {
  return token === undefined ? 'no token' : `${token.account}#${token.number} (by ${token.by})`;
}
