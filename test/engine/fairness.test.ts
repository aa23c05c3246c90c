import { describe, expect, it } from 'vitest';
import { ONCE } from '../world/before-slot.ts';
import { engineWorld, MINUTE_MS } from '../world/engine-world.ts';

const ACCOUNTS = 24;
const CALLS_PER_SECOND = 2;

describe('accounts that share the calls of one provider', () => {
  it('all get their turn, although some fail all the time and are tried again and again', async () => {
    await using world = await engineWorld({
      emulator: { accounts: ACCOUNTS },
      provider: { rate: CALLS_PER_SECOND },
    });
    const accounts = Array.from({ length: ACCOUNTS }, (_, index) => world.account(index, { schedule: ONCE }));
    const failing = accounts.filter((_, index) => index % 3 === 1).map(({ accountIds: [id] }) => id);
    await world.configure(...accounts);
    await world.advance(59 * MINUTE_MS);
    for (const accountId of failing) {
      world.kronup.fault({ kind: 'status', status: 500, method: 'PUT', when: 'before', accountId });
    }
    await world.advance(5 * MINUTE_MS);
    const wantMinted = accounts.flatMap(({ accountIds: [id] }) => (failing.includes(id) ? [] : [id]));
    const minted = wantMinted.filter((id) => world.kronup.mints(id) === 1);
    expect(minted).toEqual(wantMinted);
    expect(world.kronup.mints()).toBe(wantMinted.length);
    for (const { name, accountIds } of accounts) {
      const live = await world.kronup.liveToken(accountIds[0]);
      expect(await world.file(`${name}/token`)).toBe(live.reveal());
    }
  });
});
