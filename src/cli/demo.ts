/** `rekeyd demo`: an emulated Kronup and a daemon in one process, on files below one folder. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { startKronupEmulator } from '../emulators/kronup/emulator.ts';
import type { KronupEmulator } from '../emulators/kronup/emulator.ts';
import type { Host } from '../ports/host.ts';
import { serve } from './serve.ts';

/** Each account of the demo: how often it is rotated, in cron words. */
const SCHEDULES = ['*/10 * * * * *', '*/20 * * * * *', '0 * * * * *'];

export async function demo(host: Host, options: { readonly directory: string }): Promise<number> {
  const { clock, random } = host;
  const directory = resolve(host.directory, options.directory);
  await mkdir(join(directory, 'secrets'), { recursive: true, mode: 0o700 });
  await using kronup = await startKronupEmulator({
    clock,
    random,
    accounts: SCHEDULES.length,
    dailyLimit: 1_000_000,
    statePath: join(directory, 'kronup.json'),
  });
  const configPath = join(directory, 'demo.yaml');
  await writeFile(join(directory, 'manager-token'), kronup.manager.token.reveal(), { mode: 0o600 });
  await writeFile(configPath, demoConfig(kronup, directory));
  return await serve({
    host,
    configPath,
    onStarted: () => host.output.write(welcome(host, kronup, directory)),
  });
}

function demoConfig(kronup: KronupEmulator, directory: string): string {
  const accounts = kronup.accounts.map(({ id, name }, index) => [
    `  - name: ${name}`,
    '    provider: kronup',
    `    accountId: ${id}`,
    `    schedule: '${SCHEDULES[index] ?? '0 * * * * *'}'`,
    '    minInterval: 1s',
    '    targets:',
    `      - { store: files, address: ${name}.token, consumerLag: 0s }`,
  ]);
  return [
    '# Written by rekeyd demo at each start; changes are lost.',
    'installation: demo',
    `journal: { path: ${join(directory, 'journal.db')} }`,
    `socket: { path: ${join(directory, 'rekeyd.sock')} }`,
    'probes: { address: 127.0.0.1:0 }',
    'providers:',
    `  kronup: { kind: kronup, baseUrl: ${kronup.url}, token: { file: ${join(directory, 'manager-token')} }, dailyLimit: 1000000 }`,
    'stores:',
    `  files: { kind: file, directory: ${join(directory, 'secrets')} }`,
    'accounts:',
    ...accounts.flat(),
    '',
  ].join('\n');
}

function welcome(host: Host, kronup: KronupEmulator, directory: string): string {
  const place = relative(host.directory, directory) || '.';
  const accounts = kronup.accounts.map(
    ({ name }) => `  ${name} → ${join(place, 'secrets', `${name}.token`)}`,
  );
  return `\nThe demo runs. Rotated on schedule:\n${accounts.join('\n')}\n\n`;
}
