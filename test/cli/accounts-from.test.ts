import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Daemon } from '../../src/app.ts';
import { EXIT } from '../../src/ports/host.ts';
import { serviceAccountWorld } from './service-account-world.ts';
import type { ServiceAccountWorld } from './service-account-world.ts';

let world: ServiceAccountWorld | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

const PROBES = 'probes: { address: 127.0.0.1:0 }';

function from(match: string): string[] {
  return [
    PROBES,
    'accountsFrom:',
    '  provider: kronup',
    `  match: '${match}'`,
    '  template:',
    '    minInterval: 1s',
    '    targets:',
    '      - { store: files, address: <name>.token, consumerLag: 30s }',
  ];
}

/** Two accounts, neither of which is written into the configuration. */
async function start(match = '*'): Promise<ServiceAccountWorld> {
  world = await serviceAccountWorld({ accounts: 2 });
  await world.configure([], from(match));
  return world;
}

async function held(at: ServiceAccountWorld, name: string): Promise<string> {
  return await readFile(join(at.folder, 'secrets', `${name}.token`), 'utf8').catch(() => '');
}

function names(at: ServiceAccountWorld): string[] {
  return at.kronup.accounts.map(({ name }) => name);
}

async function managed({ journal }: Daemon): Promise<string[]> {
  const { items } = await journal.accounts({ limit: 10 });
  return items.map(({ policy }) => policy.name);
}

describe('a daemon that takes accounts by their names', () => {
  it('manages them as if they were written out, and never its own', async () => {
    const at = await start();
    const daemon = await at.daemon();
    await expect.poll(() => managed(daemon)).toEqual(names(at).toSorted());
    await daemon.engine.idle();
    const [first = ''] = names(at);
    await expect.poll(() => held(at, first)).toBe((await at.kronup.liveToken(at.id(0))).reveal());
    const rotated = await at.run('rotate', first, '--reason', 'trying', '--wait', '20s');
    expect(rotated.code).toBe(EXIT.ok);
    expect(await held(at, first)).toBe((await at.kronup.liveToken(at.id(0))).reveal());
  });

  it('starts with those that it knew while the provider is away, and loses none of them', async () => {
    const at = await start();
    const daemon = await at.daemon();
    await expect.poll(() => managed(daemon)).toHaveLength(2);
    await daemon.stop('to start again');
    at.kronup.fault({ kind: 'status', status: 503 });
    const again = await at.daemon();
    expect(await managed(again)).toEqual(names(at).toSorted());
    await again.stop('to start again');
    at.kronup.liftFaults();
  });

  it('lets go of an account that was closed, and leaves its target as it is', async () => {
    const at = await start();
    const daemon = await at.daemon();
    await expect.poll(() => managed(daemon)).toHaveLength(2);
    const [first = '', second = ''] = names(at);
    await expect.poll(() => held(at, first)).not.toBe('');
    await daemon.stop('to start again');
    await at.kronup.person.close(at.id(0));
    const again = await at.daemon();
    await expect.poll(() => managed(again)).toEqual([second]);
    expect(await held(at, first)).not.toBe('');
  });
});

describe('rekeyd plan', () => {
  it('shows what would be taken, and what is configured already', async () => {
    const at = await start();
    await at.configure(at.account(0), from('*'));
    const { code, output } = await at.run('plan');
    expect(output).toContain('kronup, match *: 2 match, 1 taken (1 configured already); the limit is 1000');
    expect(output).toContain('2 accounts.');
    expect(code).toBe(EXIT.ok);
  });

  it('says where the list cannot be had, and plans with what the daemon has taken', async () => {
    const at = await start();
    const daemon = await at.daemon();
    await expect.poll(() => managed(daemon)).toHaveLength(2);
    at.kronup.fault({ kind: 'refused-caller', caller: 'manager' });
    const { output } = await at.run('plan');
    expect(output).toContain('kronup, match *: 2 match, 2 taken');
    expect(output).toContain('Until its list can be had, those that were taken before stay.');
    expect(output).not.toContain('removed');
    at.kronup.liftFaults();
  });
});

describe('rekeyd check', () => {
  it('checks the accounts that would be taken as it checks all others', async () => {
    const at = await start();
    const { output } = await at.run('check', '-o', 'json');
    const { findings } = JSON.parse(output) as { findings: { subject: string; check: string }[] };
    const open = findings.filter(({ check }) => check === 'open').map(({ subject }) => subject);
    expect(open).toEqual(names(at));
  });

  it('asks no provider offline, and says so', async () => {
    const at = await start();
    const { output } = await at.run('check', '--offline');
    expect(output).toContain('No provider was asked for its list');
    expect(at.kronup.calls()).toBe(0);
  });
});
