/** Until when the credential works that a rotation replaced: told to whoever asked for the rotation and waited for it. */
import type { AccountView, OldCredentialView } from '../http/views.ts';
import type { HeldRotation } from './held.ts';
import type { Reached } from './reach.ts';
import { moment } from './text.ts';

/** A rotation that was waited for, with what is known of the credential before, in words. */
export interface EndedRotation extends HeldRotation {
  readonly stillValid?: string;
}

/** Accounts that are looked up, at most. */
const LOOKED_UP_MAX = 100;

/** In place there is nothing to say: the credential before died at the mint. */
export async function withStillValid(
  reached: Reached,
  rotations: readonly HeldRotation[],
  now: number,
): Promise<readonly EndedRotation[]> {
  const ended = rotations.filter(({ rotation }) => rotation?.outcome === 'succeeded').slice(0, LOOKED_UP_MAX);
  const words = new Map<HeldRotation, string>();
  for (const asked of ended) {
    // What was in place says so by itself.
    if (asked.rotation?.darkWindowMs !== undefined) continue;
    const path = `/v1/accounts/${encodeURIComponent(asked.account)}`;
    const { old = [] } = await reached.ask<AccountView>({ method: 'GET', path });
    const newest = old.filter(({ why }) => why === 'replaced').at(-1);
    if (newest !== undefined) words.set(asked, stillValidText(newest, now));
  }
  return rotations.map((asked) => {
    const stillValid = words.get(asked);
    return stillValid === undefined ? asked : { ...asked, stillValid };
  });
}

export function stillValidText({ reference, until }: OldCredentialView, now: number): string {
  if (reference === undefined) return 'the credential before works until the next rotation';
  if (until === undefined)
    return 'the credential before works until every target holds the new one, and longer';
  return `the credential before works until ${moment(until, now)} at least`;
}
