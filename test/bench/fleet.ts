// The compiled daemon, as a process of its own, with fleets of different sizes: how soon it is ready, and what it takes at rest.

import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from './child.ts';
import { DAILY_LIMIT } from './kronup-limits.ts';
import type { KronupGiven, KronupReady } from './kronup-process.ts';
import { round } from './statistics.ts';

export interface FleetNumbers {
  readonly accounts: number;
  readonly rssMb: number;
  /** From the start of the process until it runs, with a configuration that it had applied before. */
  readonly readyMs: number;
  /** The same with a configuration that it never saw. */
  readonly applyMs: number;
  readonly idleCpuPercent: number;
  /** Accounts seen for the first time, a second: read at the provider and in their targets, and noted. */
  readonly adoptedPerSecond: number;
}

const SETTLE_MS = 10_000;
const IDLE_MS = 20_000;
/** What Linux counts CPU time in. */
const TICKS_PER_S = 100;

export async function measureFleet(main: string, accounts: number): Promise<FleetNumbers> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-bench-'));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const targets = join(folder, 'targets');
  await mkdir(targets);
  const given: KronupGiven = { accounts, fleet: { path: join(folder, 'fleet.jsonl'), targets } };
  const { ready: kronup, child } = await startChild<KronupReady>('kronup-process.ts', given);
  undo.use(child);
  await writeFile(join(folder, 'rekeyd.json'), configOf(folder, targets, kronup));

  const first = await startDaemon(main, folder, kronup);
  const adoptingFrom = performance.now();
  let adoptedPerSecond: number;
  try {
    await first.adopted(accounts);
    adoptedPerSecond = round(accounts / ((performance.now() - adoptingFrom) / 1_000), 0);
  } finally {
    await first.stop();
  }
  const second = await startDaemon(main, folder, kronup);
  try {
    await sleep(SETTLE_MS);
    const before = await cpuSeconds(second.pid);
    const from = performance.now();
    await sleep(IDLE_MS);
    const used = (await cpuSeconds(second.pid)) - before;
    const idleCpuPercent = round((100 * used) / ((performance.now() - from) / 1_000), 2);
    const rssMb = round((await rssKib(second.pid)) / 1_024, 0);
    const { startedMs: readyMs } = second;
    return { accounts, rssMb, readyMs, applyMs: first.startedMs, idleCpuPercent, adoptedPerSecond };
  } finally {
    await second.stop();
  }
}

interface Daemon {
  readonly pid: number;
  readonly startedMs: number;
  /** Resolves when so many accounts were seen for the first time. */
  adopted(count: number): Promise<void>;
  stop(): Promise<void>;
}

async function startDaemon(main: string, folder: string, kronup: KronupReady): Promise<Daemon> {
  const from = performance.now();
  const daemon: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    [main, 'run', '--config', join(folder, 'rekeyd.json')],
    { env: { ...process.env, KRONUP_TOKEN: kronup.token }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const over = once(daemon, 'exit');
  const end = (): void => void daemon.kill('SIGKILL');
  process.once('exit', end);
  let count = 0;
  const wanted = { count: Number.POSITIVE_INFINITY, reached: Promise.withResolvers<void>() };
  const lines: Interface = createInterface({ input: daemon.stdout });
  const started = Promise.withResolvers<void>();
  lines.on('line', (line) => {
    if (line.includes('"event":"daemon-started"')) started.resolve();
    if (line.includes('"event":"account-adopted"')) count++;
    if (count >= wanted.count) wanted.reached.resolve();
  });
  await Promise.race([started.promise, over.then(() => Promise.reject(new Error('the daemon ended')))]);
  return {
    pid: daemon.pid ?? 0,
    startedMs: round(performance.now() - from, 0),
    async adopted(all) {
      wanted.count = all;
      if (count >= all) wanted.reached.resolve();
      await Promise.race([wanted.reached.promise, over]);
    },
    async stop() {
      daemon.kill('SIGTERM');
      await over;
      process.off('exit', end);
    },
  };
}

async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold spaces; user and system time are the 12th and 13th field after it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

async function rssKib(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

function configOf(folder: string, targets: string, kronup: KronupReady): string {
  return JSON.stringify({
    installation: 'bench',
    journal: { path: join(folder, 'journal.db') },
    probes: { address: '127.0.0.1:0' },
    providers: {
      kronup: {
        kind: 'kronup',
        baseUrl: kronup.url,
        token: { env: 'KRONUP_TOKEN' },
        rate: 10_000,
        dailyLimit: DAILY_LIMIT,
      },
    },
    stores: { files: { kind: 'file', directory: targets } },
    include: 'fleet.jsonl',
  });
}
