import { afterEach, describe, expect, it } from 'vitest';
import {
  startKeycardEmulator,
  type KeycardEmulatorOptions,
} from '../../../src/emulators/keycard/emulator.ts';
import { FAILURES } from '../../../src/domain/failure.ts';
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

describe('a manager that is refused while a credential is proved', () => {
  it.each(['tokenCreate', 'organisationList', 'credentialList'])(
    'says nothing of the credential: %s',
    async (operation) => {
      const { emulator, provider, account } = await world();
      const credential = emulator.liveCredential(account.accountId);
      emulator.fault({ kind: 'status', status: 401, caller: 'manager', operation });
      const failure = failureIn(await provider.prove(credential, { account, signal: never }));
      expect(failure).toMatchObject({ kind: 'not-connected', status: 401 });
      expect(failure).not.toHaveProperty('revoked');
    },
  );

  it('says nothing of the credential after that was accepted', async () => {
    const { emulator, provider, account, mint } = await world();
    const { credential } = await mint();
    emulator.fault({ kind: 'status', status: 401, caller: 'manager', operation: 'organisationList' });
    const proof = provider.prove(credential, { account: { ...account, organisation: '' }, signal: never });
    expect(failureIn(await proof)).toMatchObject({ kind: 'not-connected', status: 401 });
  });
});

describe('a credential whose access tokens are accepted five seconds after they are given', () => {
  const NAPS = Array.from({ length: 5 }, () => 1_000);

  async function slow(options: Partial<KeycardEmulatorOptions> = {}) {
    const here = await world(options);
    const { emulator, account } = here;
    emulator.fault({ kind: 'young-access-token', ms: 5_000, caller: account.accountId });
    const given = () => emulator.calls({ operation: 'tokenCreate', caller: account.accountId });
    return { ...here, given };
  }

  it('is proved where it was just minted', async () => {
    const { clock, provider, account, mint, given } = await slow();
    const { credential } = await mint();
    const proof = await provider.prove(credential, { account, signal: never });
    expect(valueOf(proof).accountId).toBe(account.accountId);
    expect(clock.naps).toEqual(NAPS);
    expect(given()).toBe(1);
  });

  it('is proved where it is an old one', async () => {
    const { clock, emulator, provider, account, given } = await slow();
    const credential = emulator.liveCredential(account.accountId);
    const proof = await provider.prove(credential, { account, signal: never });
    expect(valueOf(proof).accountId).toBe(account.accountId);
    expect(clock.naps).toEqual(NAPS);
    expect(given()).toBe(1);
  });

  it('is proved where it is not known itself for some seconds', async () => {
    const { clock, provider, account, mint, given } = await slow({ consistencyMs: 2_500 });
    const { credential } = await mint();
    valueOf(await provider.prove(credential, { account, signal: never }));
    expect(clock.naps.length).toBe(3 + 5);
    expect(given()).toBe(3 + 1);
  });

  it('is refused where they still are not after a while', async () => {
    const { clock, emulator, provider, account, given } = await slow();
    emulator.fault({ kind: 'young-access-token', ms: 3_600_000, caller: account.accountId });
    const credential = emulator.liveCredential(account.accountId);
    const failure = failureIn(await provider.prove(credential, { account, signal: never }));
    expect(failure).toMatchObject({ kind: 'credential-refused', status: 401 });
    expect(clock.naps.length).toBe(15);
    expect(given()).toBe(1);
  });

  it('is refused where they end before that', async () => {
    const { clock, emulator, provider, account } = await slow({ tokenLifetimeMs: 3_000 });
    const credential = emulator.liveCredential(account.accountId);
    const failure = failureIn(await provider.prove(credential, { account, signal: never }));
    expect(failure).toMatchObject({ kind: 'credential-refused', status: 401 });
    expect(clock.naps.length).toBe(3);
  });

  it('is not judged by one who is stopped meanwhile', async () => {
    const { clock, emulator, provider, account } = await slow();
    const stopping = new AbortController();
    clock.sleep = () => {
      stopping.abort(new Error('stopped'));
      return Promise.reject(stopping.signal.reason as Error);
    };
    const credential = emulator.liveCredential(account.accountId);
    const proof = await provider.prove(credential, { account, signal: stopping.signal });
    expect(failureIn(proof).kind).toBe('not-connected');
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

  it('are refused for as long as nobody may know them yet, and then it is the credential that is', async () => {
    const { clock, emulator, provider, account } = await world();
    emulator.fault({ kind: 'young-access-token', ms: 3_600_000, caller: 'manager' });
    const failure = failureIn(await provider.observe([account], { signal: never }));
    expect(failure).toMatchObject({ kind: 'credential-refused', status: 401 });
    expect(clock.naps.length).toBe(15);
    expect(emulator.calls({ operation: 'tokenCreate' })).toBe(1);
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

describe('a manager whose new access token is accepted after five seconds', () => {
  async function slow() {
    const here = await world();
    here.emulator.fault({ kind: 'young-access-token', ms: 5_000, caller: 'manager' });
    return here;
  }

  it('makes its call with one access token', async () => {
    const { clock, emulator, provider, account } = await slow();
    valueOf(await provider.observe([account], { signal: never }));
    expect(clock.naps).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
    expect(emulator.calls({ operation: 'tokenCreate' })).toBe(1);
  });

  it('mints nothing until then, sends each mint once, and is not refused', async () => {
    const { clock, emulator, provider, account } = await slow();
    const mint = () => provider.mint(account, { name: 'rekeyd/test/1', signal: never });
    const failure = failureIn(await mint());
    expect(FAILURES[failure.kind]).toMatchObject({ effect: 'none', whose: 'service' });
    expect(failure.message).toContain('only the access token was refused');
    expect(clock.naps).toEqual([]);
    await clock.sleep(5_000);
    expect(valueOf(await mint()).accountId).toBe(account.accountId);
    expect(emulator.calls({ operation: 'credentialCreate' })).toBe(2);
    expect(emulator.calls({ operation: 'tokenCreate' })).toBe(1);
  });

  it('is not refused where it is stopped meanwhile', async () => {
    const { clock, provider, account } = await slow();
    const stopping = new AbortController();
    clock.sleep = () => {
      stopping.abort(new Error('stopped'));
      return Promise.reject(stopping.signal.reason as Error);
    };
    const failure = failureIn(await provider.observe([account], { signal: stopping.signal }));
    expect(failure.kind).toBe('not-connected');
  });
});
