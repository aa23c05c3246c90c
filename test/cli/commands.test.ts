import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { socketClient } from '../../src/http/client.ts';
import { EXIT } from '../../src/ports/host.ts';
import { daemonWorld } from './daemon-world.ts';
import type { DaemonWorld } from './daemon-world.ts';
import { PATIENCE_MS } from '../world/patience.ts';

let world: DaemonWorld;
let name: string;

beforeEach(async () => {
  world = await daemonWorld();
  await mkdir(join(world.folder, 'secrets'), { mode: 0o700 });
  name = world.names[0] ?? '';
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

describe('rotate', () => {
  it('mints, delivers and says so when it waits', async () => {
    await world.start();
    const mints = world.kronup.mints();
    const { code, output } = await world.run('rotate', name, '--reason', 'leaked', '--wait');
    expect(code).toBe(EXIT.ok);
    expect(output).toContain('succeeded');
    expect(world.kronup.mints()).toBe(mints + 1);
  });

  it('rotates once for the same request id, however often it is asked', async () => {
    await world.start();
    const mints = world.kronup.mints();
    const asked = ['rotate', name, '--reason', 'x', '--wait', '--request-id', 'ticket-7', '-o', 'json'];
    const [first, second] = [await world.run(...asked), await world.run(...asked)];
    expect(second.code).toBe(EXIT.ok);
    expect(second.output).toBe(first.output);
    expect(world.kronup.mints()).toBe(mints + 1);
  });

  it('refuses a request id that asked for something else', async () => {
    await world.start();
    await world.run('rotate', name, '--reason', 'x', '--wait', '--request-id', 'ticket-7');
    const { code, output } = await world.run('pause', name, '--reason', 'x', '--request-id', 'ticket-7');
    expect(code).toBe(EXIT.usage);
    expect(output).toContain('was used to ask for something else (rotate)');
  });

  it('ends what has leaked, and succeeds when that was seen refused', async () => {
    await world.start();
    const asked = ['rotate', name, '--compromised', '--reason', 'leaked', '--wait'];
    const { code, output } = await world.run(...asked, '--now');
    expect(output).toMatch(/ succeeded /);
    expect(code).toBe(EXIT.ok);
  });

  it('ends nothing before its time that has not leaked', async () => {
    const { code, errors } = await world.run('rotate', name, '--now', '--reason', 'x');
    expect(code).toBe(EXIT.usage);
    expect(errors).toContain('--now goes with --compromised only');
  });

  it('wants a reason', async () => {
    const { code, errors } = await world.run('rotate', name);
    expect(code).toBe(EXIT.usage);
    expect(errors).toContain('--reason');
  });

  it('names the account that was meant', async () => {
    await world.start();
    const { code, errors } = await world.run('rotate', `${name}x`, '--reason', 'x');
    expect(code).toBe(EXIT.usage);
    expect(errors).toContain(`did you mean "${name}"?`);
  });

  it('says what holds it where it waited in vain', async () => {
    await writeFile(join(world.folder, 'manager'), 'refused', { mode: 0o600 });
    await world.start();
    const { code, output } = await world.run('rotate', name, '--reason', 'x', '--wait', '2s');
    expect(code).toBe(EXIT.held);
    expect(output).toMatch(/ held .*held \(manager-refused\): /);
  });

  it('asks nothing in a dry run', async () => {
    await world.start();
    const mints = world.kronup.mints();
    const { code, output } = await world.run('rotate', '--all', '--reason', 'x', '--dry-run');
    expect(code).toBe(EXIT.ok);
    expect(output.match(/would rotate/g)).toHaveLength(2);
    expect(world.kronup.mints()).toBe(mints);
  });
});

describe('pause and resume', () => {
  it('are seen in the status with who asked and why', async () => {
    await world.start();
    await world.run('pause', name, '--reason', 'audit');
    const { output } = await world.run('status', name);
    expect(output).toMatch(/held by +paused .*set by socket:ada/);
    expect(output).toMatch(/because +audit/);
    await world.run('resume', name, '--reason', 'done');
    expect((await world.run('status', name)).output).toContain('Nothing holds it.');
  });
});

describe('freeze and unfreeze', () => {
  it('are seen in the status with who asked and why', async () => {
    await world.start();
    const { code, output } = await world.run('freeze', 'kronup', '--reason', 'they migrate tonight');
    expect(code).toBe(EXIT.ok);
    expect(output).toMatch(/^kronup +frozen: nothing is minted there that nobody asks for/m);
    const all = (await world.run('status')).output;
    expect(all).toMatch(/^Held: frozen kronup, since .*, by socket:ada: they migrate tonight\./m);
    expect(all).toContain('rekeyd unfreeze kronup --reason');
    expect(all).toMatch(new RegExp(`^${name} .*frozen$`, 'm'));
    const one = (await world.run('status', name)).output;
    expect(one).toMatch(/held by +frozen \(kronup\), set by socket:ada/);
    expect(one).toMatch(/stops +rotations that nobody asks for/);
    expect((await world.run('unfreeze', 'kronup', '--reason', 'done')).code).toBe(EXIT.ok);
    expect((await world.run('status', name)).output).toContain('Nothing holds it.');
    expect(world.log()).toMatch(/"event":"provider-frozen".*"by":"socket:ada".*"why":"they migrate tonight"/);
    expect(world.log()).toMatch(/"event":"provider-unfrozen".*"why":"done","was":"they migrate tonight"/);
  });

  it('let a rotation by hand pass', async () => {
    await world.start();
    await world.run('freeze', 'kronup', '--reason', 'x');
    const { code, output } = await world.run('rotate', name, '--reason', 'leaked', '--wait');
    expect(code).toBe(EXIT.ok);
    expect(output).toContain('succeeded');
  });

  it('say that it was so already, and keep who did it first', async () => {
    await world.start();
    await world.run('freeze', 'kronup', '--reason', 'first');
    const again = await world.run('freeze', 'kronup', '--reason', 'second');
    expect(again).toMatchObject({ code: EXIT.ok });
    expect(again.output).toMatch(/kronup +frozen already, since .*, by socket:ada: first/);
    await world.run('unfreeze', 'kronup', '--reason', 'x');
    const none = await world.run('unfreeze', 'kronup', '--reason', 'x');
    expect(none).toMatchObject({ code: EXIT.ok });
    expect(none.output).toMatch(/kronup +was not frozen/);
  });

  it('answer as JSON', async () => {
    await world.start();
    const { output } = await world.run('freeze', 'kronup', '--reason', 'x', '-o', 'json');
    expect(JSON.parse(output)).toMatchObject({
      providers: [
        { provider: 'kronup', state: 'frozen', changed: true, hold: { kind: 'frozen', by: 'socket:ada' } },
      ],
    });
  });

  it('name the providers that there are', async () => {
    await world.start();
    const { code, output } = await world.run('freeze', 'kronop', 'kronup', '--reason', 'x');
    expect(code).toBe(EXIT.usage);
    expect(output).toContain(
      'there is no provider "kronop"; did you mean "kronup"? the providers are: kronup',
    );
    expect(output).toMatch(/^kronup +frozen/m);
  });

  it('want a reason', async () => {
    await world.start();
    const { code, errors } = await world.run('freeze', 'kronup');
    expect(code).toBe(EXIT.usage);
    expect(errors).toContain('--reason');
  });

  it('outlast a restart, in status, readiness and metrics', async () => {
    const daemon = await world.start();
    const metric = async (probes = '') => {
      const text = await (await fetch(`${probes}/metrics`)).text();
      return text.split('\n').find((line) => line.startsWith('rekeyd_provider_frozen'));
    };
    expect(await metric(daemon.probes)).toBe('rekeyd_provider_frozen{provider="kronup"} 0');
    await world.run('freeze', 'kronup', '--reason', 'x');
    await daemon.stop('restart');
    expect((await world.run('status')).output).toContain('Held: frozen kronup');
    const { probes = '' } = await world.start();
    expect((await world.run('status')).output).toContain('Held: frozen kronup');
    expect(await metric(probes)).toBe('rekeyd_provider_frozen{provider="kronup"} 1');
    // A rotation by hand would pass.
    const answer = await fetch(`${probes}/readyz/accounts/${name}`);
    expect(await answer.json()).toMatchObject({
      status: 'ready',
      holds: [{ hold: 'frozen', liftedBy: 'a person: rekeyd unfreeze kronup --reason …' }],
    });
  });
});

describe('status and history', () => {
  it('read the journal where no daemon runs', async () => {
    const daemon = await world.start();
    await world.run('rotate', name, '--reason', 'x', '--wait');
    await daemon.stop('stopped');
    const status = await world.run('status');
    expect(status.code).toBe(EXIT.ok);
    expect(status.output).toContain('No daemon runs.');
    const history = await world.run('history', name, '-o', 'json');
    expect(JSON.parse(history.output)).toMatchObject({ items: [{ accountName: name, trigger: 'manual' }] });
  });

  it('say what was tried where nobody answers', async () => {
    const { code, errors } = await world.run('status', '--socket', join(world.folder, 'none.sock'));
    expect(code).toBe(EXIT.unreachable);
    expect(errors).toContain('none.sock: there is no socket');
  });
});

describe('once', () => {
  it('does what is due by itself and says what it did', async () => {
    const { code, output } = await world.run('once', '--timeout', '10s');
    expect(code).toBe(EXIT.ok);
    expect(output).toContain('2 accounts:');
    expect(await world.token(name)).toMatch(/^ey/);
  });

  it('ends with the code of a hold where a hold stops what is due', async () => {
    await using held = await daemonWorld({ account: ', rotateOnAdopt: true' });
    await mkdir(join(held.folder, 'secrets'), { mode: 0o700 });
    await held.kronup.person.close(held.kronup.accounts[0]?.id ?? '');
    const { code, output } = await held.run('once', '--timeout', '2s');
    expect(code).toBe(EXIT.held);
    expect(output).toMatch(/held .*closed: /);
    expect(output).toContain('1 rotated');
  });

  it.each(['5s', '20m'])('asks the daemon that holds the journal, with %s as well', async (timeout) => {
    await world.start();
    const { code, errors } = await world.run('once', '--timeout', timeout);
    expect(code).toBe(EXIT.ok);
    expect(errors).toContain('a daemon runs and holds the journal');
  });
});

describe('the socket', () => {
  it('is not asked where every user of the machine may write to it', async () => {
    await world.start();
    await chmod(world.socketPath, 0o666);
    const { code, errors } = await world.run('status', '--socket', world.socketPath);
    expect(code).toBe(EXIT.unreachable);
    expect(errors).toMatch(/rekeyd\.sock: not asked: every user of this machine may write to it.*chmod o-w/);
    await chmod(world.socketPath, 0o660);
    expect((await world.run('status', '--socket', world.socketPath)).code).toBe(EXIT.ok);
  });

  it('has its mode, and is gone after the stop', async () => {
    const daemon = await world.start();
    expect((await stat(world.socketPath)).mode & 0o777).toBe(0o600);
    await daemon.stop('stopped');
    await expect(stat(world.socketPath)).rejects.toThrow('ENOENT');
  });

  it('answers who waits when the daemon stops, without an error in the log', async () => {
    const daemon = await world.start();
    world.kronup.fault({ kind: 'latency', when: 'before', ms: 3_000 });
    const before = new Set(world.kronup.events);
    await using client = socketClient(world.socketPath);
    const asked = client.call({
      method: 'POST',
      path: '/v1/rotations?wait=10m',
      body: { accounts: [name], reason: 'x' },
      timeoutMs: PATIENCE_MS,
    });
    await world.kronup.when((event) => event.kind === 'called' && !before.has(event));
    await daemon.stop('stopped');
    expect((await asked).status).toBe(202);
    expect(world.log()).not.toContain('request failed');
  });

  it('says in words what is wrong with a request', async () => {
    await world.start();
    await using client = socketClient(world.socketPath);
    const answer = await client.call({
      method: 'POST',
      path: '/v1/rotations',
      body: { all: true },
      timeoutMs: 9_000,
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('say why') as string },
    });
  });
});
