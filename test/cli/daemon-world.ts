/** A daemon in this process, with an emulated Kronup, files, a journal and a real socket, and commands that find it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDaemon } from '../../src/app.ts';
import type { Daemon } from '../../src/app.ts';
import { runCommand } from '../../src/cli/program.ts';
import { loadConfig } from '../../src/config/load.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { fakeHost } from '../world/fake-host.ts';

export interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export interface DaemonWorld extends AsyncDisposable {
  readonly folder: string;
  readonly configPath: string;
  readonly socketPath: string;
  readonly kronup: KronupEmulator;
  /** Names of the accounts, none of which is ever due by itself. */
  readonly names: readonly string[];
  /** Lines of the daemon's log so far. */
  readonly log: () => string;
  start(): Promise<Daemon>;
  /** Runs a command as the command line would, in the world's folder. */
  run(...args: readonly string[]): Promise<Ran>;
  token(name: string): Promise<string>;
}

export async function daemonWorld(options: { readonly account?: string } = {}): Promise<DaemonWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'rk-'));
  const host = fakeHost({ directory: folder });
  const { clock, random } = host;
  const kronup = await startKronupEmulator({ clock, random, accounts: 2 });
  const configPath = join(folder, 'rekeyd.yaml');
  const socketPath = join(folder, 'rekeyd.sock');
  await writeFile(join(folder, 'manager'), kronup.manager.token.reveal(), { mode: 0o600 });
  await writeFile(configPath, configText(folder, kronup, options.account ?? ''));
  let logged = '';
  const daemons: Daemon[] = [];
  return {
    folder,
    configPath,
    socketPath,
    kronup,
    names: kronup.accounts.map(({ name }) => name),
    log: () => logged,
    async start() {
      const loaded = await loadConfig({ path: configPath, clock, appliedFiles: new Map() });
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
      const output = { write: (text: string) => void (logged += text) };
      const telemetry = await createTelemetry({ level: 'info', output, clock });
      const daemon = await startDaemon({ host, telemetry, configPath, config: loaded.config });
      daemons.push(daemon);
      await daemon.engine.idle();
      return daemon;
    },
    async run(...args) {
      const command = fakeHost({ directory: folder, arguments: args });
      const code = await runCommand(command);
      return { code, output: command.written(), errors: command.complained() };
    },
    token: (name) => readFile(join(folder, 'secrets', name), 'utf8'),
    async [Symbol.asyncDispose]() {
      for (const daemon of daemons) await daemon.stop('the test is over');
      await kronup[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configText(folder: string, kronup: KronupEmulator, account: string): string {
  const accounts = kronup.accounts.flatMap(({ id, name }) => [
    `  - { name: ${name}, provider: kronup, accountId: ${id}, minInterval: 1s${account},`,
    `      targets: [{ store: files, address: ${name}, consumerLag: 1m }] }`,
  ]);
  return [
    'installation: test',
    `journal: { path: ${join(folder, 'journal.db')} }`,
    'probes: { address: 127.0.0.1:0 }',
    `providers: { kronup: { kind: kronup, baseUrl: ${kronup.url}, token: { file: ${join(folder, 'manager')} } } }`,
    `stores: { files: { kind: file, directory: ${join(folder, 'secrets')} } }`,
    'accounts:',
    ...accounts,
    '',
  ].join('\n');
}
