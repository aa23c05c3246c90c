/** Whether what a mint brought is in use already, and the process that would mint again knows it. */
import type { Account } from '../../../src/domain/account.ts';
import type { Host } from '../host.ts';
import type { Token } from '../service.ts';
import type { World } from '../world.ts';
import { placeKey } from './knowledge.ts';
import { tokenAt } from './tokens.ts';
import type { Watch } from './watch.ts';

interface Brought {
  readonly id: string;
  readonly token?: Token;
  readonly host: Host;
  readonly policy: Account | undefined;
}

/** It is live and was accepted when it was tried, and the process has read it in a target, which holds it still. */
export function isInUse(
  { world, watch }: { readonly world: World; readonly watch: Watch },
  { id, token, host, policy }: Brought,
): boolean {
  if (token === undefined || policy === undefined) return false;
  if (world.service.stateOf(id)?.live !== token || !watch.tries.wasAcceptedLast(token)) return false;
  const { reads } = watch.knowledge.of(host);
  return policy.targets.some((target) => {
    const { store, address } = target;
    const since = world.shelf(store).valueAt(address)?.since ?? Number.POSITIVE_INFINITY;
    const read = reads.get(placeKey(store, address));
    return tokenAt(world, target) === token && read !== undefined && read.asked >= since;
  });
}
