import { describe, expect, it } from 'vitest';
import { engineWorld, HOUR_MS, HOURLY } from '../world/engine-world.ts';

const ACCOUNTS = 60;

async function herd() {
  const world = await engineWorld({ emulator: { accounts: ACCOUNTS } });
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => world.account(index, { schedule: HOURLY }));
  await world.configure(...accounts);
  await world.settle();
  return Object.assign(world, { accounts });
}

describe('accounts that are due together', () => {
  it('are looked at with far fewer calls than there are accounts, however few are worked on at once', async () => {
    await using world = await herd();
    const looks = () =>
      world.kronup.calls({ operation: 'serviceAccountList' }) +
      world.kronup.calls({ operation: 'serviceAccountRead' });
    const before = looks();
    await world.advance(HOUR_MS);
    expect(world.kronup.mints()).toBe(ACCOUNTS);
    expect(looks() - before).toBeLessThan(ACCOUNTS / 2);
  });

  it('each get the credential that was minted for them', async () => {
    await using world = await herd();
    await world.advance(HOUR_MS);
    for (const { name, accountIds } of world.accounts) {
      const live = await world.kronup.liveToken(accountIds[0]);
      expect(await world.file(`${name}/token`)).toBe(live.reveal());
    }
  });

  it('are not minted for when one of them was closed after the look that they share', async () => {
    await using world = await herd();
    const [, , , , , , , , , closing] = world.accounts;
    const id = closing?.accountIds[0] ?? '';
    await world.kronup.person.close(id);
    await world.advance(HOUR_MS);
    expect(world.kronup.mints(id)).toBe(0);
    expect(world.kronup.mints()).toBe(ACCOUNTS - 1);
  });

  it('leave nothing to wait for behind once the daemon has stopped', async () => {
    await using world = await herd();
    await world.engine.stop(50_000);
    expect(world.clock.sleeping).toBe(0);
    expect(world.engine.credentials()).toBe(0);
  });
});
