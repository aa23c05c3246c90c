import { describe, expect, it } from 'vitest';
import { target } from '../builders/account.ts';
import { engineWorld, HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';

const PATH = 'billing/token';
const DOWN = { kind: 'store-unavailable', message: 'down' } as const;

describe('a credential that somebody regenerated and pasted into a target while a delivery was owed there', () => {
  it.each([false, true])('is not written over, hidden tokens: %s', async (hideTokens) => {
    await using world = await engineWorld({ emulator: { hideTokens } });
    const targets = [target(`files:${PATH}`), target(`safe:${PATH}`)] as const;
    const billing = world.account(0, { verifyMs: HOUR_MS, targets });
    const [id] = billing.accountIds;
    await world.configure(billing);
    await world.settle();
    const before = world.kronup.mints();
    world.onceMinting(() => {
      world.files.down = DOWN;
    });
    await world.ask(billing, 'rotate');
    await world.advance(5 * MINUTE_MS);
    await world.kronup.person.regenerate(id);
    const pasted = (await world.kronup.liveToken(id)).reveal();
    await world.put(PATH, pasted);
    delete world.files.down;
    await world.advance(10 * MINUTE_MS);
    expect(await world.file(PATH)).toBe(pasted);
    expect(await world.file(PATH, 'safe')).toBe(pasted);
    expect(world.kronup.mints()).toBe(before + 1);
  });
});
