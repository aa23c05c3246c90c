import { describe, expect, it } from 'vitest';
import { target } from '../builders/account.ts';
import { engineWorld, MINUTE_MS } from '../world/engine-world.ts';

const details = { expiresAt: 'until', account: 'name', accountId: 'id' };
const keys = { key: 'token', clientIdKey: 'client_id', clientSecretKey: 'client_secret' };
const asJson = (options: object) =>
  target('files:app', { format: { kind: 'json', options: { ...keys, ...options } } });

describe('details', () => {
  it('are delivered with the credential', async () => {
    await using world = await engineWorld({ emulator: { tokenLifetimeMs: 30 * 24 * 60 * MINUTE_MS } });
    const billing = world.account(0, { rotateOnAdopt: true, targets: [asJson({ details })] });
    await world.configure(billing);
    await world.advance(MINUTE_MS);
    const token = (await world.kronup.liveToken(billing.accountIds[0])).reveal();
    expect(JSON.parse((await world.file('app')) ?? '')).toEqual({
      token,
      until: expect.stringMatching(/^2026-02-04T\d\d:\d\d:\d\dZ$/) as string,
      name: billing.name,
      id: billing.accountIds[0],
    });
  });

  it('that are configured later come with the next credential, and cause no write of their own', async () => {
    await using world = await engineWorld();
    const billing = world.account(0, { rotateOnAdopt: true, targets: [asJson({})] });
    await world.configure(billing);
    await world.advance(MINUTE_MS);
    const before = await world.file('app');
    await world.configure({ ...billing, targets: [asJson({ details: { account: 'name' } })] });
    await world.advance(MINUTE_MS);
    expect(await world.file('app')).toBe(before);
    expect(world.factsOf('target-drifted')).toEqual([]);
    await world.ask(billing, 'rotate');
    await world.advance(MINUTE_MS);
    expect(JSON.parse((await world.file('app')) ?? '')).toMatchObject({ name: billing.name });
  });

  it('name the account of a pair whose credential it is', async () => {
    await using world = await engineWorld();
    const [a = '', b = ''] = world.kronup.accounts.map(({ id }) => id);
    const pair = world.account(0, {
      strategy: 'pair',
      accountIds: [a, b],
      targets: [asJson({ details: { accountId: 'id' } })],
    });
    await world.put('app', JSON.stringify({ token: (await world.kronup.liveToken(a)).reveal(), id: a }));
    await world.configure(pair);
    await world.advance(MINUTE_MS);
    await world.ask(pair, 'rotate');
    await world.advance(MINUTE_MS);
    const token = (await world.kronup.liveToken(b)).reveal();
    expect(JSON.parse((await world.file('app')) ?? '')).toEqual({ token, id: b });
  });
});
