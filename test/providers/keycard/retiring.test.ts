import { afterEach, describe, expect, it } from 'vitest';
import { startKeycardEmulator } from '../../../src/emulators/keycard/emulator.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { seededRandom } from '../../world/fake-random.ts';
import { NapClock, never, valueOf } from '../http-world.ts';
import { openProvider } from './keycard-world.ts';

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

describe('a credential that a server does not find when it is to be retired', () => {
  it.each(['credentialRetrieve', 'credentialDelete'])(
    'is not taken for gone, and is retired by the next try: %s',
    async (operation) => {
      const emulator = await startKeycardEmulator({ clock: new FakeClock(), random: seededRandom() });
      const { clientId, clientSecret } = emulator.manager;
      const { provider } = openProvider({ url: emulator.url, clock: new NapClock(), clientId, clientSecret });
      cleanups.push(emulator, provider);
      const account = { organisation: emulator.organisation, accountId: emulator.accounts[0]?.id ?? '' };
      const minted = await provider.mint(account, { name: 'rekeyd/test/1', signal: never });
      const { reference = '' } = valueOf(minted);
      emulator.fault({ kind: 'status', status: 404, operation, times: 1 });
      const retire = async () => await provider.retire?.(account, { reference, signal: never });
      const first = await retire();
      expect(first).toMatchObject({ ok: false, failure: { kind: 'not-found' } });
      expect(first).toHaveProperty('failure.message', expect.stringContaining('if the list'));
      expect(await retire()).toMatchObject({ ok: true });
    },
  );
});
