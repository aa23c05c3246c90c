/** What holds rotations that were waited for in vain: a hold says more than what failed before it stood. */
import type { AskedRotation } from '../http/routes/rotations.ts';
import type { AccountView } from '../http/views.ts';
import type { Reached } from './reach.ts';

/** A rotation that was asked for, with the hold in words that stops it now. */
export interface HeldRotation extends AskedRotation {
  readonly held?: string;
}

/** Accounts that are looked up, at most: the first ones say what holds the others. */
const LOOKED_UP_MAX = 100;

/** Those that have not minted yet get the hold that stops every mint of their account, where there is one. */
export async function withHolds(
  reached: Reached,
  rotations: readonly AskedRotation[],
): Promise<readonly HeldRotation[]> {
  const open = rotations.filter(isUnminted).slice(0, LOOKED_UP_MAX);
  const held = new Map<AskedRotation, string>();
  for (const rotation of open) {
    const path = `/v1/accounts/${encodeURIComponent(rotation.account)}`;
    const { holds } = await reached.ask<AccountView>({ method: 'GET', path });
    const hold = holds.find(({ stops }) => stops.includes('mint'));
    if (hold !== undefined) held.set(rotation, `held (${hold.kind}): ${hold.reason}`);
  }
  return rotations.map((rotation) => {
    const words = held.get(rotation);
    return words === undefined ? rotation : { ...rotation, held: words };
  });
}

function isUnminted({ state, rotation }: AskedRotation): boolean {
  if (state === 'refused' || rotation?.outcome !== undefined) return false;
  return rotation?.mintedAt === undefined;
}
