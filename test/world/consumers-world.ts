/** An engine world whose targets are read by consumers. */
import type { Account } from '../../src/domain/account.ts';
import type { Consumer } from '../../src/domain/consumer.ts';
import { target, restart } from '../builders/account.ts';
import { engineWorld, HOURLY, MINUTE_MS } from './engine-world.ts';
import type { EngineWorld } from './engine-world.ts';

export const CHECKOUT = restart();

export const HOLDING = restart({ onUnhealthy: 'hold' });

export const UNDER_WAY = { state: 'under-way', why: '1 of 2 pods is updated' } as const;

export const UNHEALTHY = { state: 'unhealthy', why: 'ProgressDeadlineExceeded' } as const;

export function readBy(name: string, ...consumers: readonly Consumer[]): Account['targets'] {
  return [target(`files:${name}/token`, { consumers })];
}

export interface World extends EngineWorld {
  readonly billing: Account;
}

/** An account that was adopted, whose hourly slot comes in half a minute, and whose target these consumers read. */
export async function reading(
  consumers: readonly Consumer[] = [CHECKOUT],
  changes: Partial<Account> = {},
): Promise<World> {
  const world = await engineWorld({ now: '2026-01-05T00:58:30Z' });
  const billing = await configured(world, 0, consumers, changes);
  await world.configure(billing);
  await world.advance(MINUTE_MS);
  return Object.assign(world, { billing });
}

/** An account of the world whose target holds what is live. */
export async function configured(
  world: EngineWorld,
  index: number,
  consumers: readonly Consumer[] = [CHECKOUT],
  changes: Partial<Account> = {},
): Promise<Account> {
  const { name } = world.account(index);
  const one = world.account(index, { schedule: HOURLY, targets: readBy(name, ...consumers), ...changes });
  await world.put(`${name}/token`, (await world.kronup.liveToken(one.accountIds[0])).reveal());
  return one;
}

export async function holdKinds(world: EngineWorld): Promise<readonly string[]> {
  return (await world.journal.shared()).holds.map(({ kind }) => kind);
}
