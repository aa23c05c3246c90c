/**
 * A real daemon in a folder of its own, with an emulated Kronup in another process (the test's): to be configured, started, asked by
 * its socket, killed and started again on the same files. Everything is gone when the test is finished.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFailed, onTestFinished, vi } from 'vitest';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type {
  EmulatedAccount,
  KronupEmulator,
  KronupEmulatorOptions,
} from '../../src/emulators/kronup/emulator.ts';
import { socketClient } from '../../src/http/client.ts';
import type { ApiAnswer, ApiCall } from '../../src/http/client.ts';
import type { AccountView } from '../../src/http/views.ts';
import type { RotationRow } from '../../src/ports/journal.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';
import { startProcess } from './daemon-process.ts';
import type { LogLine, RunningProcess } from './daemon-process.ts';
import { startGate } from './gate.ts';
import type { Gate, Passing } from './gate.ts';
import { PATIENCE_MS } from './patience.ts';

/** A configuration in the words of its file. YAML takes JSON as it is. */
export type Words = Readonly<Record<string, unknown>>;

export interface AccountWords {
  readonly name: string;
  readonly accountId: string;
  readonly targets: readonly Words[];
  readonly [word: string]: unknown;
}

export interface Asked {
  readonly status: number;
  readonly rotation: { readonly state: string; readonly why?: string; readonly rotation?: RotationRow };
}

export interface DaemonWorld {
  readonly folder: string;
  readonly kronup: KronupEmulator;
  /** What the daemon's calls to Kronup pass through. */
  readonly gate: Gate;
  /** The emulated account with this index. */
  emulated(index?: number): EmulatedAccount;
  /** That account in the configuration's words, with one file as its target unless `more` says otherwise. */
  account(index?: number, more?: Words): AccountWords;
  /** Writes the configuration: these accounts, and what `more` says at its top level. */
  configure(accounts: readonly AccountWords[], more?: Words): Promise<void>;
  /** Writes just this text in its place. */
  writeConfig(text: string): Promise<void>;
  /** Runs the program with these arguments, in the folder. */
  run(...args: readonly string[]): RunningProcess;
  /** The same by a command that becomes the program, such as `setpriv --reuid=1000`. */
  runThrough(through: readonly string[], ...args: readonly string[]): RunningProcess;
  /** Starts the daemon and resolves when it runs. */
  start(): Promise<RunningProcess>;
  /** Asks the daemon by its socket. */
  ask(call: Pick<ApiCall, 'method' | 'path'> & Partial<ApiCall>): Promise<ApiAnswer>;
  /** Asks for a rotation by hand, and waits for its end for as long as `wait` says (`0s` by default). */
  rotate(account: string, more?: { readonly wait?: string; readonly key?: string }): Promise<Asked>;
  status(account: string): Promise<AccountView>;
  history(account: string): Promise<readonly RotationRow[]>;
  /** The metrics as text, from where this daemon serves them. */
  metrics(daemon: RunningProcess): Promise<string>;
  /** What a file target holds; nothing where there is none. */
  file(address: string): Promise<string | undefined>;
  put(address: string, text: string): Promise<void>;
  /** Replaces the file that the manager credential is in. */
  putManagerToken(token: string): Promise<void>;
  /** Resolves when this instant has passed, after letting the program run in between. */
  passed(at: number): Promise<void>;
  /** The token that Kronup accepts now. */
  live(index?: number): Promise<string>;
}

export interface DaemonWorldOptions {
  readonly emulator?: Partial<KronupEmulatorOptions>;
  /** For the processes, beside what every process needs. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A command that becomes the program, such as `setpriv --reuid=1000`. */
  readonly through?: readonly string[];
}

const clock = systemClock();

const CONFIG = 'rekeyd.yaml';

// On a machine with much else to do, each process takes seconds to start.
vi.setConfig({ testTimeout: 60_000 });

/** To be called in a test. */
export async function daemonWorld(options: DaemonWorldOptions = {}): Promise<DaemonWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-e2e-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const kronup = await startKronupEmulator({ clock, random: systemRandom(), ...options.emulator });
  onTestFinished(() => kronup[Symbol.asyncDispose]());
  const gate = await startGate(kronup.origin);
  onTestFinished(() => gate[Symbol.asyncDispose]());
  await mkdir(join(folder, 'secrets'));
  const emulated = (index = 0): EmulatedAccount => {
    const account = kronup.accounts[index];
    if (account === undefined) throw new Error(`the emulator has no account ${index}`);
    return account;
  };
  const world: DaemonWorld = {
    folder,
    kronup,
    gate,
    emulated,
    account(index, more = {}) {
      const { id, name } = emulated(index);
      const targets = [{ store: 'files', address: `${name}.token`, consumerLag: '0s' }];
      return { name, accountId: id, targets, ...more };
    },
    live: async (index) => (await kronup.liveToken(emulated(index).id)).reveal(),
    ...filesOf(folder, gate),
    ...processesOf(folder, options),
    ...questionsOf(folder),
  };
  await world.putManagerToken(kronup.manager.token.reveal());
  return world;
}

function filesOf(
  folder: string,
  gate: Gate,
): Pick<DaemonWorld, 'configure' | 'writeConfig' | 'file' | 'put' | 'putManagerToken'> {
  // Whatever this process leaves to others of the files that it makes.
  const writeConfig = (text: string) => writeFile(join(folder, CONFIG), text, { mode: 0o644 });
  return {
    configure: (accounts, more = {}) =>
      writeConfig(JSON.stringify({ ...baseConfig(folder, gate), ...more, accounts }, undefined, 2)),
    writeConfig,
    file: (address) => readFile(join(folder, 'secrets', address), 'utf8').catch(() => undefined),
    put: (address, text) => writeFile(join(folder, 'secrets', address), text),
    putManagerToken: (token) => writeFile(join(folder, 'manager-token'), token, { mode: 0o600 }),
  };
}

function processesOf(
  folder: string,
  { environment: more, through = [] }: DaemonWorldOptions,
): Pick<DaemonWorld, 'run' | 'runThrough' | 'start' | 'passed'> {
  const environment = {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    TZ: 'UTC',
    // Spares each process a quarter of its start.
    NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
    ...more,
  };
  const runThrough = (by: readonly string[], ...args: readonly string[]): RunningProcess => {
    const started = startProcess({ arguments: args, directory: folder, environment, through: by });
    onTestFinished(() => started.kill());
    onTestFailed(() => {
      process.stderr.write(`\n--- rekeyd ${args.join(' ')}\n${started.output()}---\n`);
    });
    return started;
  };
  const run: DaemonWorld['run'] = (...args) => runThrough(through, ...args);
  return {
    run,
    runThrough,
    async start() {
      const daemon = run('run', '--config', CONFIG);
      await daemon.line({ event: 'daemon-started' });
      return daemon;
    },
    async passed(at) {
      while (clock.now() <= at) await run('--version').ended;
    },
  };
}

function questionsOf(folder: string): Pick<DaemonWorld, 'ask' | 'rotate' | 'status' | 'history' | 'metrics'> {
  const ask: DaemonWorld['ask'] = async (call) => {
    await using client = socketClient(join(folder, 'rekeyd.sock'));
    return await client.call({ timeoutMs: PATIENCE_MS, ...call });
  };
  return {
    ask,
    async rotate(account, { wait = '0s', key } = {}) {
      const answer = await ask({
        method: 'POST',
        path: `/v1/rotations?wait=${wait}`,
        body: { accounts: [account], reason: 'a test asks' },
        ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
      });
      const [rotation] = (answer.body as { readonly rotations: readonly [Asked['rotation']] }).rotations;
      return { status: answer.status, rotation };
    },
    async status(account) {
      return (await ask({ method: 'GET', path: `/v1/accounts/${account}` })).body as AccountView;
    },
    async history(account) {
      const answer = await ask({ method: 'GET', path: `/v1/rotations?account=${account}` });
      return (answer.body as { readonly items: readonly RotationRow[] }).items;
    },
    metrics: async ({ log }) => await (await fetch(`${probesOf(log)}/metrics`)).text(),
  };
}

function baseConfig(folder: string, { origin }: Gate): Words {
  return {
    journal: { path: join(folder, 'journal.db') },
    socket: { path: join(folder, 'rekeyd.sock') },
    probes: { address: '127.0.0.1:0' },
    log: { level: 'debug' },
    providers: {
      kronup: {
        kind: 'kronup',
        baseUrl: `${origin}/v1`,
        token: { file: join(folder, 'manager-token') },
        rate: 1_000,
      },
    },
    stores: { files: { kind: 'file', directory: join(folder, 'secrets') } },
    defaults: { provider: 'kronup', minInterval: '1s' },
  };
}

/** The request that mints. */
export function isMint({ method }: Passing): boolean {
  return method === 'PUT';
}

/** Where probes and metrics are served. */
export function probesOf(log: readonly LogLine[]): string {
  const line = log.find(({ event, listener }) => event === 'listener-started' && listener === 'probes');
  if (line === undefined) throw new Error('no probes are served');
  return String(line['address']);
}

/** A schedule of one slot a year: the first whole second that is more than `ms` from now. */
export function slotIn(ms: number): { readonly schedule: string; readonly at: number } {
  const at = (Math.floor((clock.now() + ms) / 1_000) + 1) * 1_000;
  const date = new Date(at);
  const time = [date.getUTCSeconds(), date.getUTCMinutes(), date.getUTCHours()];
  return { schedule: [...time, date.getUTCDate(), date.getUTCMonth() + 1, '*'].join(' '), at };
}

/** The value of a series, such as `rekeyd_facts_total{kind="looked"}` with all its labels; 0 where it is absent. */
export function metric(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const values = text.split('\n').flatMap((line) => {
    const [, found, given = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const parts = given.split(',');
    return found === name && wanted.every((label) => parts.includes(label)) ? [Number(value)] : [];
  });
  return values.reduce((sum, value) => sum + value, 0);
}
