import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { plan } from '../../src/cli/plan.ts';
import { EXIT } from '../../src/ports/host.ts';
import { daemonWorld } from '../world/daemon-world.ts';
import { fakeHost } from '../world/fake-host.ts';

describe('beside a daemon that runs', () => {
  it('check knows its accounts by it: the last dark window, and an older credential as the account’s own', async () => {
    const world = await daemonWorld({ emulator: { accounts: 1 } });
    await world.configure([world.account()]);
    const before = await world.live();
    const daemon = await world.start();
    expect((await world.rotate(world.emulated().name, { wait: '20s' })).status).toBe(200);
    await world.put(`${world.emulated().name}.token`, before);
    const host = fakeHost();
    const code = await check(host, { config: join(world.folder, 'rekeyd.yaml'), output: 'table' });
    expect(host.written()).toMatch(/dark window \d+ms at the last rotation/);
    expect(host.written()).toContain('holds something of this account that is not live');
    expect(code).toBe(EXIT.ok);
    daemon.signal('SIGTERM');
    await daemon.ended;
  });

  it('plan compares with what it knows', async () => {
    const world = await daemonWorld({ emulator: { accounts: 2 } });
    await world.configure([world.account(0)]);
    const daemon = await world.start();
    const host = fakeHost();
    await world.configure([world.account(0, { maxAge: '90d' }), world.account(1)]);
    const code = await plan(host, { config: join(world.folder, 'rekeyd.yaml'), output: 'table', for: '1d' });
    expect(host.written()).toContain(`Now, compared with the daemon at ${join(world.folder, 'rekeyd.sock')}`);
    expect(host.written()).toContain(`changed  ${world.emulated(0).name}: maxAge`);
    expect(host.written()).toContain(`added    ${world.emulated(1).name}`);
    expect(code).toBe(EXIT.ok);
    daemon.signal('SIGTERM');
    await daemon.ended;
  });
});
