import { describe, expect, it } from 'vitest';
import type { RunningProcess } from '../world/daemon-process.ts';
import { daemonWorld, isMint, probesOf } from '../world/daemon-world.ts';
import type { AccountWords, DaemonWorld } from '../world/daemon-world.ts';
import type { Held } from '../world/gate.ts';

interface Running {
  readonly world: DaemonWorld;
  readonly account: AccountWords;
  readonly daemon: RunningProcess;
}

async function running(): Promise<Running> {
  const world = await daemonWorld();
  const account = world.account();
  await world.configure([account]);
  const daemon = await world.start();
  await daemon.line({ event: 'target-confirmed' });
  return { world, account, daemon };
}

/** With a mint that had its effect, and whose answer is on its way. */
async function minting(): Promise<Running & { readonly answer: Held }> {
  const started = await running();
  const answer = started.world.gate.holdAnswers(isMint);
  await started.world.rotate(started.account.name);
  await answer.arrived;
  return { ...started, answer };
}

describe('a daemon that is told to stop', () => {
  it('ends with exit code 0 and leaves no socket and no holder behind', async () => {
    const { world, daemon } = await running();
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 0 });
    await daemon.line({ event: 'daemon-stopped' });
    await expect(world.ask({ method: 'GET', path: '/v1/status' })).rejects.toThrow(/no daemon answers/);
    expect(world.kronup.mints()).toBe(0);
  });

  it('carries a mint that was sent through to its targets, and its probes answer meanwhile', async () => {
    const { world, account, daemon, answer } = await minting();
    daemon.signal('SIGTERM');
    await daemon.line({ event: 'daemon-stopping' });
    const alive = await fetch(`${probesOf(daemon.log)}/livez`);
    expect(alive.status).toBe(200);
    answer.release();
    expect(await daemon.ended).toEqual({ code: 0 });
    expect(await world.file(`${account.name}.token`)).toBe(await world.live());
    expect(world.kronup.mints()).toBe(1);
  });

  it('sends no mint any more, and sends it after the next start', async () => {
    const { world, account, daemon } = await running();
    const look = world.gate.hold(({ method, path }) => method === 'GET' && path.includes('service-accounts'));
    await world.rotate(account.name);
    await look.arrived;
    daemon.signal('SIGTERM');
    await daemon.line({ event: 'daemon-stopping' });
    look.release();
    expect(await daemon.ended).toEqual({ code: 0 });
    expect(world.kronup.mints()).toBe(0);
    const again = await world.start();
    await again.line({ event: 'rotation-succeeded' });
    expect(world.kronup.mints()).toBe(1);
  });

  it('takes a second signal within a second for the first one', async () => {
    const { world, account, daemon, answer } = await minting();
    daemon.signal('SIGINT');
    daemon.signal('SIGTERM');
    await daemon.line({ event: 'daemon-stopping' });
    answer.release();
    expect(await daemon.ended).toEqual({ code: 0 });
    expect(await world.file(`${account.name}.token`)).toBe(await world.live());
  });

  it('ends at once when a signal comes again after a second, and loses nothing', async () => {
    const { world, account, daemon, answer } = await minting();
    daemon.signal('SIGINT');
    await daemon.line({ event: 'daemon-stopping' });
    let over = false;
    void daemon.ended.then(() => (over = true));
    // Somebody who presses Ctrl-C again and again: the first presses come too early.
    while (!over) {
      await fetch(`${probesOf(daemon.log)}/livez`).catch(() => undefined);
      daemon.signal('SIGINT');
    }
    expect(await daemon.ended).toEqual({ code: 1 });
    expect(daemon.errors()).toContain('second signal');
    answer.release();
    const again = await world.start();
    await again.line({ event: 'rotation-succeeded' });
    expect(await world.file(`${account.name}.token`)).toBe(await world.live());
    expect(world.kronup.mints()).toBe(1);
  });
});

describe('a second daemon on the same journal', () => {
  it('is refused with exit code 3, naming who holds it, and the first goes on', async () => {
    const { world, account, daemon } = await running();
    const second = world.run('run', '--config', 'rekeyd.yaml');
    expect(await second.ended).toEqual({ code: 3 });
    expect(second.errors()).toContain(String(daemon.pid));
    expect(second.errors()).toContain('journal.db');
    const { rotation } = await world.rotate(account.name, { wait: '20s' });
    expect(rotation.rotation?.outcome).toBe('succeeded');
  });
});

describe('a daemon that is sent SIGUSR1', () => {
  it('goes on, and opens no debugger to the other users of the machine', async () => {
    const { daemon } = await running();
    daemon.signal('SIGUSR1');
    const from = daemon.log.length;
    daemon.signal('SIGHUP');
    await daemon.line({ event: 'config-applied' }, from);
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 0 });
    expect(daemon.errors()).toBe('');
  });
});
