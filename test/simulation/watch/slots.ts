/** Whether what a schedule asks for in the calm was minted. */
import type { Account } from '../../../src/domain/account.ts';
import { MINUTE_MS } from '../plan.ts';
import type { World } from '../world.ts';
import type { KnownAccount } from './book-entries.ts';

/** Jitter, minInterval and a failed try are over by then. */
const SLOT_GRACE_MS = 8 * MINUTE_MS;
/** No window keeps an account waiting for longer than this. */
const CLOSED_MS = 8 * MINUTE_MS;
/** Clocks that run a little fast begin a slot sooner. */
const CLOCK_MS = 10_000;

/** A slot that came in the calm a while ago, for which nothing was minted; one that came in a pause is run after it, or skipped. */
export function forgottenSlot(
  { watch, timeline }: World,
  policy: Account,
  { resumedAt = 0 }: KnownAccount,
): string[] {
  const { name, accountIds, schedule, missed, allow, deny } = policy;
  const [minutes = ''] = schedule?.pattern.split(' ') ?? [];
  if (minutes === '') return [];
  const latest = timeline.now - SLOT_GRACE_MS - (allow.length + deny.length) * CLOSED_MS;
  const slot = newestSlot(minutes, latest);
  if (slot < resumedAt && (missed === 'skip' || resumedAt > latest)) return [];
  const ours = watch.mints.all.filter(({ id }) => accountIds.includes(id));
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
