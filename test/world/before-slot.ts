/** The engine's world with one account that was adopted and is converged, a minute before its slot. */
import { expect } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { engineWorld, HOURLY, MINUTE_MS } from './engine-world.ts';
import type { EngineWorld, EngineWorldOptions } from './engine-world.ts';

/** At the slot that tests wait for, and not again in a week. */
export const ONCE = { pattern: '0 1 * * 1', zone: 'UTC' };

export type BeforeSlot = EngineWorld & { readonly billing: Account; readonly id: string };

/** With an hourly schedule, unless the changes say otherwise. */
export async function beforeSlot(
  changes: Partial<Account> = {},
  options: EngineWorldOptions = {},
): Promise<BeforeSlot> {
  const world = await engineWorld(options);
  const billing = world.account(0, { schedule: HOURLY, ...changes });
  await world.configure(billing);
  await world.advance(59 * MINUTE_MS);
  return Object.assign(world, { billing, id: billing.accountIds[0] });
}

/** The account's file holds what is live. */
export async function expectDelivered(
  world: EngineWorld & { readonly billing: Account },
  { name, accountIds }: Account = world.billing,
): Promise<void> {
  const live = await world.kronup.liveToken(accountIds[0]);
  expect(await world.file(`${name}/token`)).toBe(live.reveal());
}

/** The kinds of hold upon the account, as the journal has them. */
export async function holdsOf(world: BeforeSlot): Promise<string[]> {
  const row = await world.journal.account(world.billing.name);
  return row?.holds.map(({ kind }) => kind) ?? [];
}
