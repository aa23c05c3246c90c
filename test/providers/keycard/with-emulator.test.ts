import { afterEach, describe, expect, it } from 'vitest';
import {
  startKeycardEmulator,
  type KeycardEmulatorOptions,
} from '../../../src/emulators/keycard/emulator.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { seededRandom } from '../../world/fake-random.ts';
import { failureIn, NapClock, never, valueOf } from '../http-world.ts';
import { openClient, openProvider } from './keycard-world.ts';

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

/** A clock by which the emulator stands still but for the naps of the client. */
class SharedClock extends NapClock {
  readonly service = new FakeClock();

  override sleep(ms: number): Promise<void> {
    this.service.pass(ms);
    return super.sleep(ms);
  }
}

async function world(options: Partial<KeycardEmulatorOptions> = {}, config = {}) {
  const clock = new SharedClock();
  const emulator = await startKeycardEmulator({ clock: clock.service, random: seededRandom(), ...options });
  const { clientId, clientSecret } = emulator.manager;
  const settings = { url: emulator.url, clock, clientId, clientSecret, config };
  const { provider } = openProvider(settings);
  const { client } = openClient(settings);
  cleanups.push(emulator, provider, client);
  const [first] = emulator.accounts;
  const account = { organisation: emulator.organisation, accountId: first?.id ?? '' };
  const mint = async (name = 'rekeyd/test/1') =>
    valueOf(await provider.mint(account, { name, signal: never }));
  return { clock, emulator, provider, client, account, mint };
}

describe('a credential that was just minted', () => {
  it('is tried again for some seconds, because the service is not consistent at once', async () => {
    const { clock, provider, account, mint } = await world({ consistencyMs: 4_500 });
    const { credential } = await mint();
    const proof = await provider.prove(credential, { account, signal: never });
    expect(valueOf(proof).accountId).toBe(account.accountId);
    expect(clock.naps).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
  });

  it('is refused where it still is after that', async () => {
    const { clock, provider, account, mint } = await world({ consistencyMs: 3_600_000 });
    const { credential } = await mint();
    const failure = failureIn(await provider.prove(credential, { account, signal: never }));
    expect(failure).toMatchObject({ kind: 'credential-refused', id: 'invalid_client' });
    expect(clock.naps.length).toBe(15);
  });

  it('is refused at once when it was retired meanwhile', async () => {
    const { clock, provider, account, mint } = await world();
    const { credential, reference = '' } = await mint();
    valueOf(
      (await provider.retire?.(account, { reference, signal: never })) ?? { ok: true, value: undefined },
    );
    const failure = failureIn(await provider.prove(credential, { account, signal: never }));
    expect(failure.kind).toBe('credential-refused');
    expect(clock.naps).toEqual([]);
  });
});

describe('what an observation shows of an account', () => {
  it('is its credentials, by name and client id, with when each was made and last used', async () => {
    const { emulator, provider, account, mint } = await world();
    const { credential, reference } = await mint('rekeyd/test/one/1');
    valueOf(await provider.prove(credential, { account, signal: never }));
    const { accounts } = valueOf(await provider.observe([account], { signal: never }));
    const clientId = credential.kind === 'client' ? credential.clientId : '';
    const at = Date.parse('2026-01-05T00:00:00Z');
    expect(accounts.get(account.accountId)?.credentials).toEqual([
      {
        reference: emulator.credentials(account.accountId)[0]?.id,
        name: 'first',
        clientId: emulator.credentials(account.accountId)[0]?.clientId,
        createdAt: at,
      },
      { reference, name: 'rekeyd/test/one/1', clientId, createdAt: at, lastUsedAt: at },
    ]);
  });

  it('is all of them, however many pages they take', async () => {
    const { emulator, provider, account } = await world();
    for (let made = 0; made < 120; made++) await emulator.person.mint(account.accountId, `by hand ${made}`);
    const { accounts } = valueOf(await provider.observe([account], { signal: never }));
    expect(accounts.get(account.accountId)?.credentials?.length).toBe(121);
  });

  it('is not certain where a list still shows an account that is gone', async () => {
    const { emulator, provider, account } = await world();
    emulator.fault({ kind: 'status', status: 404, operation: 'credentialList' });
    emulator.fault({ kind: 'status', status: 404, operation: 'accountRetrieve' });
    const { accounts } = valueOf(await provider.observe([account], { signal: never }));
    expect(accounts.get(account.accountId)).toEqual({ state: 'absent', certain: false });
  });

  it('is in the organisation of the manager where the account names none', async () => {
    const { provider, account } = await world();
    const { accounts } = valueOf(
      await provider.observe([{ ...account, organisation: '' }], { signal: never }),
    );
    expect(accounts.get(account.accountId)?.state).toBe('open');
  });
});

describe('the line about a rotation', () => {
  it('is written into the description where it is asked for, and keeps what people wrote', async () => {
    const { emulator, provider, account } = await world({}, { annotate: true });
    await emulator.person.describe(account.accountId, 'Ask Ada.');
    for (const line of ['first', 'second']) {
      const done = await provider.annotate?.(account, { line, signal: never });
      expect(done).toEqual({ ok: true, value: undefined });
    }
    expect(emulator.accounts[0]?.description).toBe('Ask Ada.\n[rekeyd] second');
  });

  it('is left out where people left no room for it, and that is said', async () => {
    const { emulator, provider, account } = await world({}, { annotate: true });
    await emulator.person.describe(account.accountId, 'x'.repeat(500));
    const done = await provider.annotate?.(account, { line: 'rotated', signal: never });
    expect(done).toMatchObject({ ok: false, failure: { kind: 'not-allowed' } });
    expect(emulator.accounts[0]?.description).toBe('x'.repeat(500));
  });

  it('is not written unless it is asked for', async () => {
    const { provider } = await world();
    expect('annotate' in provider).toBe(false);
  });
});

describe('the access tokens of the manager', () => {
  it('are replaced when the service does not accept them any more', async () => {
    const { emulator, provider, account } = await world();
    valueOf(await provider.observe([account], { signal: never }));
    emulator.fault({ kind: 'refused-access-token' });
    valueOf(await provider.observe([account], { signal: never }));
    expect(emulator.calls({ operation: 'tokenCreate' })).toBe(2);
  });

  it('tell nothing of whether its credential is accepted, so that is asked anew', async () => {
    const { emulator, provider } = await world();
    valueOf(await provider.manager({ signal: never }));
    emulator.fault({
      kind: 'refused-credential',
      clientId: emulator.manager.clientId,
      operation: 'tokenCreate',
    });
    valueOf(await provider.manager({ signal: never }));
    expect(failureIn(await provider.manager({ signal: never, again: true })).kind).toBe('credential-refused');
  });
});
