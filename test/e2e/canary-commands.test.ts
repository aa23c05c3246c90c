// A credential is in nothing that a command prints or leaves behind, whatever it finds: each command, with a daemon and without.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram, runCommand } from '../../src/cli/program.ts';
import { filesIn, leaks } from '../world/canary.ts';
import type { Place } from '../world/canary.ts';
import { canaryWorld, FOREIGN, OTHER_MANAGER } from '../world/canary-world.ts';
import type { CanaryWorld } from '../world/canary-world.ts';
import { fakeHost } from '../world/fake-host.ts';
import { LONG_LIMIT_MS } from '../world/patience.ts';

/** A token that nobody knows, as somebody pastes it. */
const PASTED = `eyJ${'p'.repeat(30)}.eyJ${'q'.repeat(40)}.${'r'.repeat(40)}`;

/** Names of all commands, such as `emulate kronup`. */
function commandsOf(command: Command): string[] {
  if (command.commands.length === 0) return [command.name()];
  return command.commands.flatMap((inner) => {
    const names = commandsOf(inner);
    return inner.commands.length === 0 ? names : names.map((name) => `${inner.name()} ${name}`);
  });
}

/** Runs it in this process: for those that only speak with the daemon. */
async function here(world: CanaryWorld, ...args: readonly string[]): Promise<Place> {
  const host = fakeHost({ directory: world.folder, arguments: args, userId: process.getuid?.() ?? 0 });
  await runCommand(host);
  return { name: args.join(' ').replaceAll(PASTED, '…'), content: host.written() + host.complained() };
}

/** Runs it as its users do: for those that have a credential in their own hands. */
async function apart(world: CanaryWorld, ...args: readonly string[]): Promise<Place> {
  const process = world.run(...args);
  await process.ended;
  return { name: `${args.join(' ')} (a process)`, content: process.output() };
}

const CONFIG = ['--config', 'rekeyd.yaml'];
const WHY = ['--reason', `because of ${PASTED}`];

/** How each command that speaks with a daemon is called. */
function asked({ good, foreign }: CanaryWorld): readonly (readonly string[])[] {
  const acts = ['pause', 'resume', 'unpark', 'reconcile'].map((act) => [act, good.name, ...WHY]);
  return [
    ['status'],
    ['status', good.name],
    ['status', foreign.name, '--output', 'json'],
    ['status', PASTED],
    ['history'],
    ['history', good.name, '--output', 'json'],
    ['history', '--rotation', PASTED],
    ['rotate', good.name, ...WHY, '--wait', '20s'],
    ['rotate', good.name, '--reason', FOREIGN, '--dry-run'],
    ['rotate', good.name, '--reason', 'x', '--request-id', PASTED],
    ['rotate', PASTED, ...WHY],
    ['rotate', '--token', PASTED],
    ...acts,
    ['accept', foreign.name, PASTED, ...WHY],
    ['accept', foreign.name, `files:${foreign.name}.token`, ...WHY],
    ['standby', foreign.name, PASTED, ...WHY],
    ['token'],
    ['freeze', 'kronup', ...WHY],
    ['freeze', 'kronup', '--reason', 'x', '--request-id', PASTED],
    ['unfreeze', 'kronup', ...WHY],
    ['reload'],
    ['schema'],
  ];
}

/** How each command that speaks with a provider by itself is called. */
function administered(id: string): ReadonlyMap<string, readonly string[]> {
  const at = ['--provider', 'kronup', ...CONFIG];
  const calls: Readonly<Record<string, readonly string[]>> = {
    list: ['--output', 'json'],
    read: [id, '--output', 'json'],
    create: ['--name', 'new', '--role', 'member', '--deliver', 'files:new.token', '--yes'],
    update: [id, '--name', PASTED],
    regenerate: [id, '--yes'],
    close: [id],
    delete: [id],
    'credentials list': [id],
    'credentials create': [id, '--name', PASTED],
    'credentials read': [id, PASTED],
    'credentials update': [id, PASTED, '--name', 'x'],
    'credentials delete': [id, PASTED],
  };
  const byHand = Object.entries(calls).map(([verb, args]): [string, readonly string[]] => [
    `service-accounts ${verb}`,
    ['service-accounts', ...verb.split(' '), ...args, ...at],
  ]);
  return new Map([...byHand, ['import', ['import', ...at]], ['rbac', ['rbac', ...CONFIG]]]);
}

describe('a credential', () => {
  it('is in nothing that a command prints while a daemon runs', { timeout: LONG_LIMIT_MS }, async () => {
    const world = await canaryWorld();
    await world.configureAll();
    const daemon = await world.start();
    await daemon.line({ event: 'target-foreign', account: world.foreign.name });
    await daemon.line({ event: 'target-confirmed', target: 'aws:prod/app' });
    const places: Place[] = [];
    for (const args of asked(world)) {
      places.push(await here(world, ...args));
      await world.remember();
    }
    places.push(await apart(world, 'check', '--write', ...CONFIG), await apart(world, 'plan', ...CONFIG));
    const byHand = administered(world.kronup.accounts[0]?.id ?? '');
    for (const args of byHand.values()) places.push(await apart(world, ...args));
    await world.remember();
    world.repeat('serviceAccountList', 403);
    places.push(await apart(world, 'check', '--output', 'json', ...CONFIG));
    places.push(await apart(world, 'once', '--timeout', '1s', ...CONFIG));
    daemon.signal('SIGTERM');
    await daemon.ended;
    places.push({ name: 'the daemon', content: daemon.output() }, ...(await world.files()));
    expect(places.filter(({ content }) => content === '')).toEqual([]);
    expect(leaks(places, [...world.credentials, PASTED])).toEqual([]);
    const names = commandsOf(buildProgram(fakeHost(), () => undefined));
    const covered = [
      ...asked(world).flatMap(([name]) => name ?? []),
      'check',
      'plan',
      'once',
      'run',
      'demo',
      'emulate kronup',
      'emulate keycard',
      ...byHand.keys(),
    ];
    expect([...new Set(covered)].toSorted()).toEqual([...new Set(names)].toSorted());
  });

  it('is in nothing that a command prints where no daemon runs', async () => {
    const world = await canaryWorld();
    await world.configureAll();
    world.repeat('serviceAccountRegenerate', 403);
    const places = [await apart(world, 'once', '--timeout', '2s', ...CONFIG)];
    await world.remember();
    places.push(await here(world, 'status', '--output', 'json', ...CONFIG));
    places.push(await here(world, 'history', ...CONFIG));
    places.push(await here(world, 'rotate', world.good.name, ...WHY, ...CONFIG));
    // A manager that is refused, and whose refusal repeats it.
    await world.putManagerToken(OTHER_MANAGER);
    places.push(await apart(world, 'check', '--output', 'json', ...CONFIG), ...(await world.files()));
    expect(places.filter(({ content }) => content === '')).toEqual([]);
    expect(leaks(places, [...world.credentials, PASTED])).toEqual([]);
  });
});

describe('a token of an emulator', () => {
  it('is in nothing that a demo prints or writes, but where it belongs', async () => {
    const world = await canaryWorld();
    const folder = join(world.folder, 'demo');
    await mkdir(folder);
    const demo = world.run('demo', '--directory', folder);
    for (let rotations = 0, from = 0; rotations < 3; rotations++) {
      const line = await demo.line({ event: 'rotation-succeeded' }, from);
      from = demo.log.indexOf(line) + 1;
    }
    await demo.kill();
    const tokens = await filesIn(join(folder, 'secrets'), []);
    const manager = await readFile(join(folder, 'manager-token'), 'utf8');
    const files = await filesIn(folder, ['secrets', 'manager-token', 'kronup.json']);
    const places = [{ name: 'output', content: demo.output() }, ...files];
    expect(tokens).toHaveLength(3);
    expect(places.length).toBeGreaterThan(3);
    expect(leaks(places, [manager, ...tokens.map(({ content }) => content)])).toEqual([]);
  });

  it('is in nothing that an emulator prints, unless it is asked for', async () => {
    const world = await canaryWorld();
    const path = join(world.folder, 'token');
    const state = join(world.folder, 'state.json');
    await writeFile(path, '');
    const emulator = world.run('emulate', 'kronup', '--port', '0', '--token-file', path, '--state', state);
    await emulator.says('Ctrl-C stops it');
    const token = await readFile(path, 'utf8');
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(emulator.output())?.[0] ?? '';
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${origin}/v1/service-accounts`, { headers });
    expect(await answer.text()).toMatch(/serviceToken/);
    await fetch(`${origin}/v1/${token}`, { headers: { authorization: `Bearer ${token}x` } });
    emulator.signal('SIGTERM');
    expect(await emulator.ended).toEqual({ code: 0 });
    expect(leaks([{ name: 'output', content: emulator.output() }], [token])).toEqual([]);
  });
});
