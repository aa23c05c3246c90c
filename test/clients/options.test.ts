import { describe, expect, it } from 'vitest';
import { openKeycard } from '../../src/clients/keycard.ts';
import { openKronup } from '../../src/clients/kronup.ts';
import { startKeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import { FakeClock } from '../world/fake-clock.ts';
import { seededRandom } from '../world/fake-random.ts';

const { signal } = new AbortController();

describe('the options of a client', () => {
  it('are told one by one where they are wrong', () => {
    const wrong = { baseUrl: 'http://api.example', timeout: 'soon' };
    expect(() => openKronup({ token: 'x', ...wrong })).toThrow(
      /the kronup client are wrong: timeout: .*baseUrl: /,
    );
    expect(() => openKeycard({ clientId: 'x', clientSecret: 'y', rate: -1 })).toThrow(/keycard .* rate: /);
  });

  it('may be functions, which are asked anew, so that a secret can change', async () => {
    await using emulator = await startKeycardEmulator({ clock: new FakeClock(), random: seededRandom() });
    let secret = 'not yet there';
    const { clientId, clientSecret } = emulator.manager;
    const options = { baseUrl: emulator.url, clientId, clientSecret: () => Promise.resolve(secret) };
    await using client = openKeycard(options);
    expect(await client.organisations.page({ signal })).toMatchObject({
      failure: { kind: 'credential-refused' },
    });
    secret = clientSecret.reveal();
    expect(await client.organisations.page({ signal })).toMatchObject({ ok: true });
  });

  it('tell what is missing where a secret is empty or cannot be had, and call nobody', async () => {
    const calls: unknown[] = [];
    const onCall = (call: unknown) => void calls.push(call);
    const fails = () => Promise.reject(new RangeError('with words that could be anything'));
    await using empty = openKronup({ token: '', onCall });
    await using broken = openKronup({ token: fails, onCall });
    expect(await empty.account({ signal })).toMatchObject({
      failure: { kind: 'credential-refused', message: 'The option token is empty. Give one.' },
    });
    const { failure } = (await broken.account({ signal })) as {
      readonly failure?: { readonly message: string };
    };
    expect(failure?.message).toContain('RangeError');
    expect(failure?.message).not.toContain('anything');
    expect(calls).toEqual([]);
  });
});
