import { describe, expect, it } from 'vitest';
import { createObserver } from '../../src/engine/observer.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { openKronup } from '../world/engine-connections.ts';
import { FakeClock, settle } from '../world/fake-clock.ts';
import { seededRandom } from '../world/fake-random.ts';

const SECOND_MS = 1_000;

/** Five accounts that ask, and seven more that are due. */
const ASKING = 5;
const DUE = 12;

async function herdLooked(maxAgeMs: number) {
  const clock = new FakeClock();
  const stack = new AsyncDisposableStack();
  const kronup = stack.use(await startKronupEmulator({ clock, random: seededRandom(), accounts: DUE }));
  const provider = stack.use(await openKronup(kronup, clock));
  const { organisation } = kronup;
  const keys = kronup.accounts.map(({ id }) => ({ origin: provider.origin, organisation, accountId: id }));
  const ending = new AbortController();
  const journal = { dueAccounts: () => Promise.resolve(keys) };
  const observer = createObserver({ signal: ending.signal, clock, journal });
  const { signal } = ending;
  const look = (account: number, notBefore = 0) => {
    const accountId = kronup.accounts[account]?.id ?? '';
    return observer.look(provider, { organisation, accountId }, { signal, notBefore, maxAgeMs });
  };
  await Promise.all(Array.from({ length: ASKING }, (_, account) => look(account)));
  await settle();
  stack.defer(() => ending.abort());
  const calls = () => kronup.calls({});
  return { clock, observer, look, calls, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

describe('a look that shows many accounts', () => {
  it('answers those who ask later as well, while it is young enough for them', async () => {
    await using herd = await herdLooked(5 * SECOND_MS);
    const before = herd.calls();
    herd.clock.pass(5 * SECOND_MS);
    expect((await herd.look(ASKING)).ok).toBe(true);
    expect(herd.calls()).toBe(before);
    herd.clock.pass(1);
    expect((await herd.look(ASKING + 1)).ok).toBe(true);
    expect(herd.calls()).toBe(before + 1);
  });

  it.each([5, 30])(
    'keeps the credentials of others for no longer than they are of use: %i s',
    async (seconds) => {
      await using herd = await herdLooked(seconds * SECOND_MS);
      expect(herd.observer.credentials()).toBe(DUE - ASKING);
      await herd.clock.advance(seconds * SECOND_MS);
      expect(herd.observer.credentials()).toBe(DUE - ASKING);
      await herd.clock.advance(SECOND_MS);
      expect(herd.observer.credentials()).toBe(0);
    },
  );

  it('lets go of the credentials of others when the engine ends', async () => {
    const herd = await herdLooked(30 * SECOND_MS);
    expect(herd.observer.credentials()).toBe(DUE - ASKING);
    await herd[Symbol.asyncDispose]();
    expect(herd.observer.credentials()).toBe(0);
    expect(herd.clock.sleeping).toBe(0);
  });
});
