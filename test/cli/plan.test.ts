import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/program.ts';
import { EXIT } from '../../src/ports/host.ts';
import { fakeHost } from '../world/fake-host.ts';
import { checkWorld } from './check-world.ts';
import { name, planJson, runPlan } from './plan-world.ts';

describe('rekeyd plan, looking ahead', () => {
  it('shows each slot in the time of its zone and in UTC', async () => {
    await using at = await checkWorld({ accounts: 1 });
    await at.configure(at.account(0, ["schedule: '30 9 * * *'", 'timeZone: Asia/Kolkata']));
    const { text } = await runPlan(at, { for: '1d' });
    expect(text).toContain('2026-03-28 09:30:00 +05:30 Asia/Kolkata = 2026-03-28 04:00:00Z');
  });

  it('shows how far jitter may put a slot off, and when it really runs', async () => {
    await using at = await checkWorld({ accounts: 1 });
    await at.configure(at.account(0, ["schedule: '0 3 * * *'", 'jitter: 10m']));
    const { text } = await runPlan(at, { for: '1d' });
    expect(text).toMatch(/2026-03-28 03:00:00Z, jitter until 03:10:00Z: runs at 03:0\d:\d\dZ/);
    expect((await runPlan(at, { for: '1d' })).text).toBe(text);
  });

  it('shows when a slot in a deny window runs instead', async () => {
    await using at = await checkWorld({ accounts: 1 });
    const deny = 'windows: { deny: [{ opens: "0 2 28 * *", duration: 6h }] }';
    await at.configure(at.account(0, ["schedule: '0 3 * * *'", deny]));
    const { planned } = await planJson(at, { for: '2d' });
    expect(planned[0]?.slots).toMatchObject([
      { slot: '2026-03-28T03:00:00.000Z', insteadAt: '2026-03-28T08:00:00.000Z', replaced: false },
      { slot: '2026-03-29T03:00:00.000Z', replaced: false },
    ]);
  });

  it('shows which slot takes the place of others that one window holds back', async () => {
    await using at = await checkWorld({ accounts: 1 });
    const deny = 'windows: { deny: [{ opens: "30 2 28 * *", duration: 2h }] }';
    await at.configure(at.account(0, ["schedule: '0 3,4 * * *'", deny]));
    const { planned } = await planJson(at, { for: '1d' });
    expect(planned[0]?.slots.map(({ replaced }) => replaced)).toEqual([true, false]);
  });

  it('tells what becomes of local times that do not exist', async () => {
    await using at = await checkWorld({ accounts: 1 });
    await at.configure(at.account(0, ["schedule: '30 2 * * *'", 'timeZone: Europe/Berlin']));
    const { text } = await runPlan(at);
    expect(text).toContain('02:30 does not exist then and runs at 03:00');
    expect(text).toContain('2026-03-29 03:00:00 +02:00 Europe/Berlin = 2026-03-29 01:00:00Z');
  });

  it('counts accounts of one provider and one store that are due in the same minute', async () => {
    await using at = await checkWorld({ accounts: 3 });
    const lines = [0, 1, 2].flatMap((index) =>
      at.account(index, [`schedule: '${index === 2 ? 5 : 0} 3 * * *'`]),
    );
    await at.configure(lines);
    const { collisions } = await planJson(at, { for: '1d' });
    const want = { at: '2026-03-28T03:00:00.000Z', count: 2, accounts: [name(at, 0), name(at, 1)] };
    expect(collisions).toEqual([
      { of: 'provider', name: 'kronup', ...want },
      { of: 'store', name: 'files', ...want },
    ]);
  });

  it('shows the outage of each rotation', async () => {
    await using at = await checkWorld({ accounts: 1 });
    await at.configure(at.account(0, ["schedule: '0 3 * * *'"]));
    const { text } = await runPlan(at);
    expect(text).toContain(
      `dark window unmeasured, typically the time of one write; then consumers: files:${name(at, 0)}.token 30s`,
    );
  });

  it('says plainly where it lists only the first of many slots', async () => {
    await using at = await checkWorld({ accounts: 1 });
    await at.configure(at.account(0, ["schedule: '* * * * *'"]));
    const { text } = await runPlan(at);
    expect(text).toContain('(and more than 990 more in this period)');
    expect((await planJson(at)).planned[0]).toMatchObject({ more: true });
  });

  it('says plainly where it lists only the first of many accounts', async () => {
    await using at = await checkWorld({ accounts: 60 });
    await at.configure(
      at.kronup.accounts.flatMap((_, index) => at.account(index, ["schedule: '0 3 * * *'"])),
    );
    const { text } = await runPlan(at, { for: '1d' });
    expect(text).toContain('(the first 50 of 60 accounts; name others with --account, or use -o json)');
    expect(text).toContain('60 accounts (');
  });
});

describe('rekeyd plan, asked wrongly', () => {
  it.each(['x', '7', '0s', '20000d'])('refuses the period %s', async (period) => {
    await using at = await checkWorld({ accounts: 1 });
    await at.configure(at.account(0));
    const host = fakeHost({ arguments: ['plan', '--config', at.config, '--for', period] });
    expect(await runCommand(host)).toBe(EXIT.usage);
    expect(host.complained()).toContain('allowed: a duration such as 36h, 7d or 4w');
  });

  it('names the accounts that there are when one is asked for that is not', async () => {
    await using at = await checkWorld({ accounts: 1 });
    await at.configure(at.account(0));
    const host = fakeHost({ arguments: ['plan', '--config', at.config, '--account', 'nobody'] });
    expect(await runCommand(host)).toBe(EXIT.usage);
    expect(host.complained()).toContain(`has no account "nobody"; it has ${name(at, 0)}`);
  });

  it('plans only the accounts that are asked for', async () => {
    await using at = await checkWorld({ accounts: 2 });
    await at.configure([...at.account(0), ...at.account(1)]);
    const { planned } = await planJson(at, { account: [name(at, 1)] });
    expect(planned.map(({ account }) => account)).toEqual([name(at, 1)]);
  });

  it('shows all problems of a bad configuration', async () => {
    await using at = await checkWorld({ accounts: 1 });
    await at.configure(at.account(0, ['foo: 1']));
    await rm(join(at.folder, 'manager-token'));
    const host = fakeHost({ arguments: ['plan', '--config', at.config] });
    expect(await runCommand(host)).toBe(EXIT.usage);
    expect(host.complained()).toContain(`${at.config}:12:5: accounts[0].foo: unknown key "foo"`);
  });
});
