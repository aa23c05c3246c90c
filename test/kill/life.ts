/** What is asked of a daemon in each of its lives: that it rests after first sight, and that it rotates. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountView } from '../../src/http/views.ts';
import type { RotationRow } from '../../src/ports/journal.ts';
import type { RunningProcess } from '../world/daemon-process.ts';
import type { World } from './world.ts';

/** Between two looks, at first and at the most: what has taken long is looked at more rarely. */
const LOOK_MS_MIN = 100;
const LOOK_MS_MAX = 1_000;
/** The part of the time since the first look that the next one may come later. */
const LOOK_SHARE = 0.05;
/** From the asking until the slot: time for the configuration to be read again. */
const SLOT_IN_MS = 4_000;

/** A rotation that somebody asks for: by hand or by a slot, and once only. */
export interface Wish {
  /** The name of the request: asking again under it must not rotate again. */
  readonly request: string;
  /** When it was first asked for, in ms since the epoch. */
  since?: number;
  /** The slot that it is scheduled for. */
  slot?: number;
}

/** Asks for it, unless that was done before, and resolves when it has ended and the account is at rest. */
export async function rotate(world: World, daemon: RunningProcess, wish: Wish): Promise<void> {
  await daemon.line({ event: 'daemon-started' });
  wish.since ??= Date.now();
  if (world.scenario.trigger === 'manual') await rotateByHand(world, wish);
  else await rotateBySlot(world, daemon, wish);
  await rest(world, daemon);
}

/** Resolves when nothing is open, due or held, and the daemon says that every target holds what is live, and its consumers have it. */
export async function rest(world: World, daemon: RunningProcess): Promise<void> {
  await daemon.line({ event: 'daemon-started' });
  await until(async () => isAtRest(await world.view()));
}

export function isAtRest(view: AccountView): boolean {
  const { rotation, due, holds, targets, live: known, converged, old = [] } = view;
  // What a pair has beside the live one is ended by its next turn, and by nothing else.
  if (old.some(({ reference }) => reference !== undefined)) return false;
  if (rotation !== undefined || due !== undefined || holds.length > 0 || known === undefined) return false;
  const consumers = targets.flatMap((target) => target.consumers ?? []);
  if (!consumers.every(({ state }) => state === 'idle' || state === 'through')) return false;
  return converged && targets.every(({ state }) => state === 'converged');
}

/** Whether this is the rotation that was asked for. */
export function isWished(row: RotationRow, { since = 0, slot }: Wish): boolean {
  if (row.openedAt < since) return false;
  return slot === undefined ? row.trigger === 'manual' : row.trigger === 'schedule' && row.slot === slot;
}

async function rotateByHand(world: World, { request }: Wish): Promise<void> {
  await until(async () => {
    const { status, body } = await world.ask({
      method: 'POST',
      path: '/v1/rotations?wait=20s',
      body: { accounts: [world.account], reason: 'the harness asks' },
      headers: { 'idempotency-key': request },
    });
    if (status !== 200 && status !== 202) throw new Error(`${status}: ${JSON.stringify(body)}`);
    return status === 200;
  });
}

async function rotateBySlot(world: World, daemon: RunningProcess, wish: Wish): Promise<void> {
  if (wish.slot === undefined || (await isConfiguredAfter(daemon, wish.slot))) {
    wish.slot = (Math.floor((Date.now() + SLOT_IN_MS) / 1_000) + 1) * 1_000;
    await world.configure({ schedule: patternOf(wish.slot) });
    daemon.signal('SIGHUP');
  }
  await until(async () => {
    const rows = await world.rotations();
    return rows.some((row) => isWished(row, wish) && row.outcome !== undefined);
  });
}

/** It died before it had the schedule for good, and took that up after the slot: slots count from when they are configured. */
async function isConfiguredAfter(daemon: RunningProcess, slot: number): Promise<boolean> {
  const { changed, time } = await daemon.line({ event: 'config-applied' });
  return Number(changed) > 0 && Date.parse(String(time)) >= slot;
}

/** A pattern with one slot a year. */
function patternOf(at: number): string {
  const date = new Date(at);
  const time = [date.getUTCSeconds(), date.getUTCMinutes(), date.getUTCHours()];
  return [...time, date.getUTCDate(), date.getUTCMonth() + 1, '*'].join(' ');
}

async function until(look: () => Promise<boolean>): Promise<void> {
  const from = performance.now();
  while (!(await look())) {
    const waitMs = (performance.now() - from) * LOOK_SHARE;
    await sleep(Math.min(LOOK_MS_MAX, Math.max(LOOK_MS_MIN, waitMs)));
  }
}
