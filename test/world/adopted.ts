/** Accounts that were adopted with what a person had made: one with overlap, and a pair. */
import type { Account } from '../../src/domain/account.ts';
import type { ClientCredential } from '../../src/domain/credential.ts';
import { engineWorld, HOURLY, MINUTE_MS } from './engine-world.ts';
import type { EngineWorld, EngineWorldOptions } from './engine-world.ts';
import { jsonOf } from './overlap-service.ts';

/** The address of the target of the account with overlap. */
export const SHIPPING_FILE = 'shipping/client';

/** A schedule that has no slot for as long as tests last. */
export const NEVER = { pattern: '0 0 1 1 *', zone: 'UTC' };

/** An hourly slot comes this long after what was made was adopted: in a minute. */
const BEFORE_SLOT_MS = 59 * MINUTE_MS;

export interface OverlapWorld extends EngineWorld {
  readonly shipping: Account;
  readonly first: { readonly credential: ClientCredential; readonly reference: string };
}

/** Its target holds a credential that a person made. */
export async function adoptedWithOverlap(changes: Partial<Account> = {}): Promise<OverlapWorld> {
  const world = await engineWorld();
  const first = world.overlap.make('o1', 'made by hand');
  await world.put(SHIPPING_FILE, jsonOf(first.credential));
  const shipping = world.overlapping({ schedule: HOURLY, ...changes });
  await world.configure(shipping);
  await world.advance(BEFORE_SLOT_MS);
  return Object.assign(world, { shipping, first });
}

export const GRACE_MS = 30 * MINUTE_MS;

/** The same, where an old credential has this grace. Its slot comes in a minute. */
export function adoptedWithGrace(changes: Partial<Account> = {}): Promise<OverlapWorld> {
  return adoptedWithOverlap({ graceMs: GRACE_MS, ...changes });
}

export interface PairWorld extends EngineWorld {
  readonly billing: Account;
  readonly a: string;
  readonly b: string;
  /** Of its target. */
  readonly address: string;
}

/** Its target holds the token of the first account, `a`, where nothing else is said. */
export async function adoptedPair(
  changes: Partial<Account> = {},
  options: EngineWorldOptions & { readonly holds?: 'a' | 'b' | 'nothing' } = {},
): Promise<PairWorld> {
  const world = await engineWorld(options);
  const [a = '', b = ''] = world.kronup.accounts.map(({ id }) => id);
  const { holds = 'a' } = options;
  const billing = world.account(0, { strategy: 'pair', accountIds: [a, b], schedule: HOURLY, ...changes });
  const address = `${billing.name}/token`;
  if (holds !== 'nothing') {
    const token = await world.kronup.liveToken(holds === 'a' ? a : b);
    await world.put(address, token.reveal());
  }
  await world.configure(billing);
  await world.advance(BEFORE_SLOT_MS);
  return Object.assign(world, { billing, a, b, address });
}
