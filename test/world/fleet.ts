/** The engine's world with several accounts of one provider, that somebody freezes and unfreezes. */
import { expect } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { createFreezing } from '../../src/engine/freezing.ts';
import type { Freezing } from '../../src/engine/freezing.ts';
import { engineWorld, HOURLY } from './engine-world.ts';
import type { EngineWorld, EngineWorldOptions } from './engine-world.ts';

export const CAUSE = { actor: 'socket:ada', reason: 'a test' };

export type Fleet = EngineWorld & { readonly accounts: readonly Account[] };

/** So many accounts, adopted, each with an hourly schedule unless the changes (for its number) say otherwise. */
export async function fleet(
  size: number,
  changes: Partial<Account> | ((index: number) => Partial<Account>) = {},
  options: EngineWorldOptions = {},
): Promise<Fleet> {
  const world = await engineWorld({ ...options, emulator: { accounts: size, ...options.emulator } });
  const accounts = Array.from({ length: size }, (_, index) => {
    const own = typeof changes === 'function' ? changes(index) : changes;
    return world.account(index, { schedule: HOURLY, ...own });
  });
  await world.configure(...accounts);
  await world.settle();
  return Object.assign(world, { accounts });
}

/** As somebody does it by the socket. */
export async function byHand(world: Fleet, does: keyof Freezing): Promise<void> {
  await createFreezing(world.parts)[does]('kronup', CAUSE);
  world.engine.wake();
  await world.settle();
}

/** Every account's file holds what is live. */
export async function expectDelivered(world: Fleet): Promise<void> {
  for (const { name, accountIds } of world.accounts) {
    const live = await world.kronup.liveToken(accountIds[0]);
    expect(await world.file(`${name}/token`)).toBe(live.reveal());
  }
}
