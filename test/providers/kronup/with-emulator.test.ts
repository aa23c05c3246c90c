import { afterEach, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../src/domain/credential.ts';
import { FAILURES } from '../../../src/domain/failure.ts';
import { startKronupEmulator } from '../../../src/emulators/kronup/emulator.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { seededRandom } from '../../world/fake-random.ts';
import { failureIn, never, openClient, openProvider, valueOf, type Settings } from './kronup-world.ts';

type EmulatorOptions = Partial<Parameters<typeof startKronupEmulator>[0]>;

const cleanups: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup[Symbol.asyncDispose]();
});

async function world(options: EmulatorOptions = {}, settings: Partial<Settings> = {}) {
  const emulatorClock = new FakeClock();
  const emulator = await startKronupEmulator({ clock: emulatorClock, random: seededRandom(), ...options });
  const common = { url: emulator.url, token: () => emulator.manager.token, ...settings };
  const { client } = openClient(common);
  const { provider, clock } = openProvider(common);
  cleanups.push(emulator, client, provider);
  const refs = emulator.accounts.map(({ id: accountId }) => ({
    organisation: emulator.organisation,
    accountId,
  }));
  const [first = { organisation: '', accountId: '' }] = refs;
  const live = async () => fingerprintOf({ kind: 'token', token: await emulator.liveToken(first.accountId) });
  const shown = async () => {
    const { accounts } = valueOf(await provider.observe([first], { signal: never }));
    const credential = accounts.get(first.accountId)?.live;
    return credential === undefined ? undefined : fingerprintOf(credential);
  };
  return { emulator, emulatorClock, client, provider, clock, refs, first, live, shown };
}

describe('the client with the emulated Kronup', () => {
  it('leads an account through its life', async () => {
    const { client, emulator } = await world();
    const options = { signal: never };
    const made = valueOf(await client.create({ roleOrg: 'member', userName: 'billing' }, options)).value;
    expect(made).toMatchObject({
      userName: 'billing',
      roleOrg: 'member',
      serviceAccount: true,
      closedTime: 0,
    });
    const { id } = made;
    const updated = valueOf(await client.update(id, { userName: 'payments' }, options)).value;
    expect(updated.userName).toBe('payments');
    expect(valueOf(await client.read(id, options)).value.serviceToken?.reveal()).toBe(
      made.serviceToken?.reveal(),
    );

    const minted = valueOf(await client.regenerate(id, options)).value.serviceToken;
    expect(minted.reveal()).not.toBe(made.serviceToken?.reveal());
    expect(valueOf(await client.account({ as: minted, ...options })).value).toMatchObject({
      id,
      userName: 'payments',
    });

    expect(valueOf(await client.close(id, options)).value.closedTime).toBeGreaterThan(0);
    expect(failureIn(await client.read(id, options))).toMatchObject({ kind: 'not-found', id: 'not-found' });
    expect(failureIn(await client.account({ as: minted, ...options })).id).toBe('auth-api-expired');

    valueOf(await client.regenerate(id, options));
    expect(valueOf(await client.read(id, options)).value.closedTime).toBe(0);
    expect(emulator.mints(id)).toBe(2);
  });

  it('lists accounts page by page, closed ones included', async () => {
    const { client, emulator } = await world({ accounts: 7 });
    await emulator.person.close(emulator.accounts[2]?.id ?? '');
    const states: boolean[] = [];
    for await (const page of client.list({ signal: never, pageSize: 3 })) {
      states.push(...valueOf(page).value.accounts.map(({ closedTime }) => closedTime === 0));
    }
    expect(states).toHaveLength(8);
    expect(states.filter((isOpen) => !isOpen)).toHaveLength(1);
  });

  it('comes to an end while pages move', async () => {
    const { client } = await world({ accounts: 20, movePages: true });
    const ids = new Set<string>();
    let complete = true;
    for await (const page of client.list({ signal: never, pageSize: 4 })) {
      const { accounts, complete: isWhole } = valueOf(page).value;
      for (const { id } of accounts) ids.add(id);
      complete = isWhole;
    }
    expect(complete).toBe(ids.size === 21);
  });

  it('is told the field that is wrong', async () => {
    const { client } = await world();
    const failure = failureIn(await client.create({ roleOrg: 'member', userName: 'x' }, { signal: never }));
    expect(failure).toMatchObject({ kind: 'not-allowed', status: 400, id: 'invalid-argument-userName' });
  });

  it('renames and closes its own account, and is refused from then on', async () => {
    const { client } = await world();
    const renamed = valueOf(
      await client.updateAccount({ userName: 'rekeyd itself' }, { signal: never }),
    ).value;
    expect(renamed.userName).toBe('rekeyd itself');
    expect(valueOf(await client.closeAccount({ signal: never })).value).toBe(true);
    expect(failureIn(await client.account({ signal: never })).kind).toBe('credential-refused');
  });
});

describe('the provider with the emulated Kronup', () => {
  it('recovers a mint whose answer was lost by looking', async () => {
    const { emulator, provider, first, live, shown } = await world();
    const preImage = await live();
    emulator.fault({ kind: 'lost-answer', when: 'after', method: 'PUT', times: 1 });
    const failure = failureIn(await provider.mint(first, { name: 'rekeyd/x', signal: never }));
    expect(FAILURES[failure.kind].effect).toBe('unknown');
    expect(await shown()).toBe(await live());
    expect(await shown()).not.toBe(preImage);
  });

  it('sees an effect that comes late only once it has come', async () => {
    const { emulator, emulatorClock, provider, first, live, shown } = await world();
    const preImage = await live();
    const fault = emulator.fault({ kind: 'late-effect', ms: 60_000, method: 'PUT', times: 1 });
    failureIn(await provider.mint(first, { name: 'rekeyd/x', signal: never }));
    expect(await shown()).toBe(preImage);
    await emulatorClock.advance(60_000);
    await fault.done;
    expect(await shown()).toBe(await live());
    expect(await shown()).not.toBe(preImage);
  });

  it('knows accounts whose tokens are not shown', async () => {
    const { provider, refs } = await world({ hideTokens: true });
    const { accounts } = valueOf(await provider.observe(refs, { signal: never }));
    expect([...accounts.values()]).toMatchObject(refs.map(() => ({ state: 'open', certain: true })));
    expect([...accounts.values()].filter(({ live: shownToken }) => shownToken !== undefined)).toEqual([]);
  });

  it('is not allowed to mint with a member, and says what to do', async () => {
    const { provider, first, emulator } = await world({ managerRole: 'member', accountRole: 'admin' });
    const failure = failureIn(await provider.mint(first, { name: 'rekeyd/x', signal: never }));
    expect(failure).toMatchObject({ kind: 'not-allowed', status: 403 });
    expect(failure.message).toContain('the role admin');
    expect(emulator.mints()).toBe(0);
  });

  it('has no calls left once the service counts no further', async () => {
    const { provider, first } = await world({ dailyLimit: 2 });
    valueOf(await provider.observe([first], { signal: never }));
    valueOf(await provider.observe([first], { signal: never }));
    expect(provider.callsLeft()?.left).toBe(9_998);
    expect(failureIn(await provider.observe([first], { signal: never })).kind).toBe('rate-limited');
    expect(provider.callsLeft()?.left).toBe(0);
    expect(failureIn(await provider.mint(first, { name: 'rekeyd/x', signal: never })).kind).toBe(
      'rate-limited',
    );
  });

  it('learns from the service how many calls others made with the same credential', async () => {
    const { client, provider, first } = await world();
    for (let call = 0; call < 5; call++) valueOf(await client.read(first.accountId, { signal: never }));
    valueOf(await provider.manager({ signal: never }));
    expect(provider.callsLeft()?.left).toBeLessThanOrEqual(9_995);
  });

  it('reads the life of a credential that ends', async () => {
    const { provider, first, emulatorClock } = await world({ tokenLifetimeMs: 3_600_000 });
    const { credential } = valueOf(await provider.mint(first, { name: 'rekeyd/x', signal: never }));
    expect(provider.lifetimeOf(credential)).toEqual({
      issuedAt: emulatorClock.now(),
      expiresAt: emulatorClock.now() + 3_600_000,
    });
  });
});
