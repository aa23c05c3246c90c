// No secret of Keycard's is in anything that a command prints or leaves behind, but where it was delivered to.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { filesIn, leaks } from '../world/canary.ts';
import type { Place } from '../world/canary.ts';
import { fakeHost } from '../world/fake-host.ts';
import { keycardCliWorld } from './keycard-cli-world.ts';
import type { KeycardCliWorld } from './keycard-cli-world.ts';
import { LONG_LIMIT_MS } from '../world/patience.ts';

/** A secret that nobody knows, as somebody pastes it. */
const PASTED = `eyJ${'p'.repeat(30)}.eyJ${'q'.repeat(40)}.${'r'.repeat(40)}`;

/** Where secrets belong. */
const DELIVERED = ['secret', 'secrets'];

/** Every secret that there is now, the manager's as well. */
function secretsOf({ keycard }: KeycardCliWorld): string[] {
  const ids = [keycard.manager.id, ...keycard.accounts.map(({ id }) => id)];
  return ids.flatMap((id) =>
    keycard.credentials(id).map((one) => keycard.liveCredential(id, one.id).clientSecret.reveal()),
  );
}

/** How each of the service-account commands is called, by its name. */
function calls(id: string, credential: string): Readonly<Record<string, readonly string[]>> {
  return {
    list: ['-o', 'json'],
    read: [id, '-o', 'yaml'],
    create: ['--name', 'fresh', '--description', PASTED],
    update: [id, '--name', PASTED],
    regenerate: [id, '--yes'],
    close: [id, '--yes'],
    delete: [id],
    'credentials list': [id, '-o', 'json'],
    'credentials create': [id, '--name', 'ci', '--deliver', 'files:ci.json', '--yes'],
    'credentials read': [id, credential, '-o', 'json'],
    'credentials update': [id, credential, '--name', PASTED],
    'credentials delete': [id, PASTED, '--yes'],
  };
}

async function printed(at: KeycardCliWorld, ...args: readonly string[]): Promise<Place> {
  const { output, errors } = await at.run(...args);
  return { name: args.join(' ').replaceAll(PASTED, '…'), content: output + errors };
}

describe('a secret of Keycard', () => {
  it('is in nothing that a service-account command prints', { timeout: LONG_LIMIT_MS }, async () => {
    const at = await keycardCliWorld();
    const id = at.id(0);
    const [credential] = at.keycard.credentials(id);
    const asked = Object.entries(calls(id, credential?.id ?? ''));
    const secrets = new Set(secretsOf(at));
    const places: Place[] = [];
    for (const [verb, args] of asked) {
      places.push(await printed(at, 'service-accounts', ...verb.split(' '), ...args));
      for (const secret of secretsOf(at)) secrets.add(secret);
    }
    for (const args of [
      ['import'],
      ['check', '-o', 'json'],
      ['check', '--canary', at.id(1), '--yes'],
      ['plan'],
    ])
      places.push(await printed(at, ...args));
    const files = await filesIn(at.folder, DELIVERED);
    expect(leaks([...places, ...files], [...secrets, PASTED])).toEqual([]);
    expect(places.filter(({ content }) => content === '')).toEqual([]);
    const delivered = await readFile(join(at.folder, 'secrets/ci.json'), 'utf8');
    expect(leaks([{ name: 'ci.json', content: delivered }], secrets)).toEqual(['ci.json']);
    const program = buildProgram(fakeHost(), () => undefined);
    const all = program.commands.find((command) => command.name() === 'service-accounts')?.commands ?? [];
    const names = all.flatMap((one) => [
      ...(one.commands.length === 0 ? [one.name()] : []),
      ...one.commands.map((inner) => `${one.name()} ${inner.name()}`),
    ]);
    expect(asked.map(([verb]) => verb).toSorted()).toEqual(names.toSorted());
  });

  it('is in nothing that they print where Keycard repeats it', { timeout: LONG_LIMIT_MS }, async () => {
    const at = await keycardCliWorld();
    const id = at.id(0);
    const all = secretsOf(at).join(' ');
    const body = { message: `refused: ${all}`, code: all, status: 403 };
    using fault = at.keycard.fault({ kind: 'status', path: '/organizations/*', status: 403, body });
    const places = [
      await printed(at, 'sa', 'list'),
      await printed(at, 'sa', 'read', id, '-o', 'json'),
      await printed(at, 'sa', 'credentials', 'create', id, '--name', 'ci', '--deliver', 'files:ci.json'),
      await printed(at, 'check', '--canary', id, '--yes'),
    ];
    expect(fault.hits).toBeGreaterThanOrEqual(places.length);
    expect(leaks([...places, ...(await filesIn(at.folder, DELIVERED))], secretsOf(at))).toEqual([]);
  });

  it('is shown where a person asks for it, and found there', { timeout: LONG_LIMIT_MS }, async () => {
    const at = await keycardCliWorld();
    const args = ['sa', 'credentials', 'create', at.id(0), '--name', 'ci', '--reveal', '--yes'];
    const place = await printed(at, ...args);
    expect(leaks([place], secretsOf(at))).toEqual([place.name]);
  });
});
