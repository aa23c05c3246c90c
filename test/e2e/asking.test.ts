import { describe, expect, it } from 'vitest';
import { daemonWorld, metric } from '../world/daemon-world.ts';

describe('a rotation that a person asks a running daemon for', () => {
  it('is minted, delivered and proved, and answer, log, metrics and history agree', async () => {
    const world = await daemonWorld();
    const account = world.account();
    await world.configure([account]);
    const daemon = await world.start();
    const before = await world.live();
    const { status, rotation } = await world.rotate(account.name, { wait: '20s' });
    const [past] = await world.history(account.name);
    const text = await world.metrics(daemon);
    expect(status).toBe(200);
    expect(rotation.rotation).toMatchObject({ trigger: 'manual', outcome: 'succeeded' });
    expect(past).toEqual(rotation.rotation);
    expect(await world.live()).not.toBe(before);
    expect(await world.file(`${account.name}.token`)).toBe(await world.live());
    const id = rotation.rotation?.id;
    const { fingerprint } = await daemon.line({ event: 'credential-minted', rotation: id });
    expect(fingerprint).toBe(past?.fingerprint);
    await daemon.line({ event: 'old-credential-tried', rotation: id, outcome: 'refused' });
    await daemon.line({ event: 'rotation-succeeded', rotation: id, darkWindowMs: past?.darkWindowMs });
    expect(metric(text, 'rekeyd_mints_total', { outcome: 'minted' })).toBe(1);
    expect(metric(text, 'rekeyd_rotations_total', { outcome: 'succeeded' })).toBe(1);
    expect(metric(text, 'rekeyd_dark_window_seconds_count')).toBe(1);
  });

  it('happens once for one Idempotency-Key, however often it is asked for', async () => {
    const world = await daemonWorld();
    const account = world.account();
    await world.configure([account]);
    const daemon = await world.start();
    const ask = () => world.rotate(account.name, { wait: '20s', key: 'change-4711' });
    const together = await Promise.all([ask(), ask()]);
    await daemon.kill();
    await world.start();
    const later = await ask();
    const ids = [...together, later].map(({ rotation }) => rotation.rotation?.id);
    expect(new Set(ids).size).toBe(1);
    expect(later.rotation.rotation?.outcome).toBe('succeeded');
    expect(world.kronup.mints()).toBe(1);
  });

  it('is refused for the account that the daemon itself authenticates with', async () => {
    const world = await daemonWorld();
    const own = { ...world.account(), name: 'own', accountId: world.kronup.manager.id };
    await world.configure([own]);
    const daemon = await world.start();
    await daemon.line({ event: 'account-held', hold: 'own-account' });
    const { rotation } = await world.rotate('own', { wait: '20s' });
    expect(rotation.state).toBe('refused');
    expect(rotation.why).toMatch(/own-account/);
    expect(world.kronup.calls({ method: 'PUT' })).toBe(0);
  });

  it('waits while the account is closed at the provider, and goes on once a person has re-opened it', async () => {
    const world = await daemonWorld();
    const account = world.account();
    await world.configure([account]);
    const daemon = await world.start();
    await daemon.line({ event: 'target-confirmed' });
    await world.kronup.person.close(account.accountId);
    await world.rotate(account.name);
    await daemon.line({ event: 'account-held', hold: 'closed' });
    expect(world.kronup.calls({ method: 'PUT' })).toBe(0);
    await world.kronup.person.reopen(account.accountId);
    const { rotation } = await world.rotate(account.name, { wait: '20s' });
    expect(rotation.rotation?.outcome).toBe('succeeded');
    expect(await world.file(`${account.name}.token`)).toBe(await world.live());
  });

  it('does not touch a target that holds something foreign, until a person accepts that', async () => {
    const world = await daemonWorld();
    const account = world.account();
    await world.configure([account]);
    await world.put(`${account.name}.token`, 'somebody-elses-password');
    const daemon = await world.start();
    const { target } = await daemon.line({ event: 'target-foreign' });
    const { rotation } = await world.rotate(account.name, { wait: '20s' });
    expect(rotation.why).toMatch(/foreign/);
    expect(await world.file(`${account.name}.token`)).toBe('somebody-elses-password');
    const path = `/v1/accounts/${account.name}/accept`;
    await world.ask({ method: 'POST', path, body: { reason: 'it is old', target } });
    await daemon.line({ event: 'target-confirmed', target });
    expect(await world.file(`${account.name}.token`)).toBe(await world.live());
    expect(world.kronup.mints()).toBe(0);
  });

  it('does not deliver what the provider answers for another account, and holds the account', async () => {
    const world = await daemonWorld();
    const account = world.account();
    await world.configure([account]);
    const daemon = await world.start();
    await daemon.line({ event: 'target-confirmed' });
    const before = await world.file(`${account.name}.token`);
    world.kronup.fault({ kind: 'other-account', operation: 'serviceAccountRegenerate', times: 1 });
    await world.rotate(account.name);
    const { level } = await daemon.line({ event: 'account-mismatched' });
    expect(level).toBe('error');
    const second = await world.rotate(account.name, { wait: '20s' });
    expect(second.rotation.state).toBe('refused');
    expect(await world.file(`${account.name}.token`)).toBe(before);
    expect(world.kronup.mints()).toBe(1);
  });
});
