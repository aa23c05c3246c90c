import { describe, expect, it } from 'vitest';
import { target } from '../builders/account.ts';
import { engineWorld, HOUR_MS, HOURLY, MINUTE_MS } from '../world/engine-world.ts';

describe('a first look that fails', () => {
  it('rotates nothing when the provider hides tokens and a credential could not be tried yet', async () => {
    await using world = await engineWorld({ emulator: { hideTokens: true } });
    const billing = world.account(0, { schedule: HOURLY });
    const live = await world.kronup.liveToken(billing.accountIds[0]);
    await world.put(`${billing.name}/token`, live.reveal());
    world.kronup.fault({ kind: 'status', status: 503, method: 'GET', path: '/v1/account', times: 3 });
    await world.configure(billing);
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    expect(world.factsOf('live-found')).toHaveLength(1);
    expect(world.factsOf('rotation-opened')).toEqual([]);
  });

  it('adopts nothing while the provider’s answers do not agree', async () => {
    await using world = await engineWorld();
    const billing = world.account(0, { schedule: HOURLY });
    const id = billing.accountIds[0];
    world.kronup.fault({
      kind: 'status',
      status: 404,
      id: 'not-found',
      path: `/v1/service-accounts/${id}`,
      times: 1,
    });
    await world.configure(billing);
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    expect(world.factsOf('account-adopted').map(({ live }) => live !== undefined)).toEqual([true]);
  });
});

describe('a provider that hides tokens', () => {
  it('mints for an account whose credential no target holds', async () => {
    await using world = await engineWorld({ emulator: { hideTokens: true } });
    const billing = world.account(0, { schedule: HOURLY });
    await world.configure(billing);
    await world.settle();
    expect(world.factsOf('live-missing')).toHaveLength(1);
    expect(world.kronup.mints()).toBe(1);
    const live = await world.kronup.liveToken(billing.accountIds[0]);
    expect(await world.file(`${billing.name}/token`)).toBe(live.reveal());
  });

  it('dates a credential that a target holds by what it says of its own life', async () => {
    await using world = await engineWorld({ emulator: { hideTokens: true, tokenLifetimeMs: 3 * HOUR_MS } });
    const billing = world.account(0);
    const live = await world.kronup.liveToken(billing.accountIds[0]);
    await world.put(`${billing.name}/token`, live.reveal());
    await world.configure(billing);
    await world.advance(HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
    await world.advance(90 * MINUTE_MS);
    expect(world.factsOf('rotation-opened').map(({ trigger }) => trigger)).toEqual(['expiry']);
    expect(world.kronup.mints()).toBe(1);
  });
});

describe('a mint of unknown outcome', () => {
  it('is not minted for again in an hour in which hidden tokens are refused, before it has settled', async () => {
    await using world = await engineWorld({ emulator: { hideTokens: true } });
    const billing = world.account(0, { schedule: HOURLY });
    const [id] = billing.accountIds;
    await world.put(`${billing.name}/token`, (await world.kronup.liveToken(id)).reveal());
    await world.configure(billing);
    await world.advance(59 * MINUTE_MS);
    world.kronup.fault({ kind: 'lost-answer', when: 'before', method: 'PUT', times: 1 });
    const hour = world.kronup.fault({ kind: 'refused-caller', caller: id, id: 'jwt-issuer' });
    await world.advance(2 * MINUTE_MS);
    expect(world.factsOf('mint-unknown')).toHaveLength(1);
    expect(world.factsOf('mint-intended')).toHaveLength(1);
    hour.lift();
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('credential-lost')).toEqual([]);
    expect(world.kronup.mints()).toBe(1);
    expect(await world.file(`${billing.name}/token`)).toBe((await world.kronup.liveToken(id)).reveal());
  });

  it('does not owe what it made to a target that was configured after it', async () => {
    await using world = await engineWorld();
    const billing = world.account(0, { schedule: HOURLY });
    await world.configure(billing);
    await world.advance(59 * MINUTE_MS);
    world.kronup.fault({ kind: 'lost-answer', when: 'after', method: 'PUT', times: 1 });
    await world.put('precious', 'somebody else’s');
    world.killAt('mint-intended');
    await world.advance(2 * MINUTE_MS);
    await world.revive();
    await world.configure({ ...billing, targets: [...billing.targets, target('files:precious')] });
    await world.advance(10 * MINUTE_MS);
    expect(await world.file('precious')).toBe('somebody else’s');
    expect(world.factsOf('target-foreign').map((fact) => fact.target)).toContain('files:precious');
  });
});

describe('an account that is closed between mint and proof', () => {
  it('is not parked, and goes on when a person re-opens it', async () => {
    await using world = await engineWorld();
    const billing = world.account(0, { schedule: HOURLY });
    const id = billing.accountIds[0];
    await world.configure(billing);
    await world.advance(59 * MINUTE_MS);
    world.onceMinted(() => world.kronup.person.close(id));
    await world.advance(HOUR_MS / 2);
    expect(world.factsOf('account-parked')).toEqual([]);
    await world.kronup.person.reopen(id);
    await world.advance(12 * HOUR_MS);
    expect(world.factsOf('account-parked')).toEqual([]);
    const live = await world.kronup.liveToken(id);
    expect(await world.file(`${billing.name}/token`)).toBe(live.reveal());
  });
});
