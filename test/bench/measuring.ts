// One daemon and the bare calls against the same two servers, in turns.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { AwsReady } from './aws-process.ts';
import { startChild } from './child.ts';
import type { DaemonGiven, DaemonSaid } from './daemon-process.ts';
import { openFloor, secretOf, SOCKETS } from './floor.ts';
import type { Floor } from './floor.ts';
import { DAILY_LIMIT } from './kronup-limits.ts';
import type { KronupGiven, KronupReady } from './kronup-process.ts';
import { percentile, round } from './statistics.ts';

interface DarkWindow {
  readonly floorP50Ms: number;
  readonly daemonP50Ms: number;
  readonly p50Ratio: number;
  readonly floorP99Ms: number;
  readonly daemonP99Ms: number;
  readonly p99Ratio: number;
}

interface Throughput {
  readonly rotationsPerSecond: number;
  readonly ceilingPerSecond: number;
  readonly ratio: number;
}

/** Rotations at once, of which the dark windows are measured. */
const AT_ONCE = 20;
/** Accounts of the daemon, all rotated together to find out how many a second it does. */
const ACCOUNTS = 400;
const COMMIT_DELAY_MS = 5;
/** Rounds that are not counted: connections are made, and code is compiled. */
const WARM_UP = 10;

export async function measureRotations({ quick }: { readonly quick: boolean }): Promise<{
  readonly darkWindow: DarkWindow;
  readonly throughput: Throughput;
}> {
  const [windowRounds, throughputRounds] = quick ? [15, 2] : [100, 5];
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-bench-'));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const given: KronupGiven = { accounts: ACCOUNTS + AT_ONCE };
  const kronup = await startChild<KronupReady>('kronup-process.ts', given);
  undo.use(kronup.child);
  const aws = await startChild<AwsReady>('aws-process.ts', {});
  undo.use(aws.child);
  const floor = undo.use(openFloor(kronup.ready, aws.ready.url));
  const bare = kronup.ready.ids.slice(ACCOUNTS);
  for (const id of bare) await floor.prepare(id);

  const ids = kronup.ready.ids.slice(0, ACCOUNTS);
  const configPath = join(folder, 'rekeyd.json');
  await writeFile(configPath, configOf({ folder, ids, kronup: kronup.ready, aws: aws.ready }));
  const daemonGiven: DaemonGiven = { folder, configPath, commitDelayMs: COMMIT_DELAY_MS };
  const environment = {
    KRONUP_TOKEN: kronup.ready.token,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: randomUUID(),
  };
  const daemon = await startChild<object, DaemonSaid>('daemon-process.ts', daemonGiven, environment);
  undo.use(daemon.child);

  const rotate = (names: readonly string[]): Promise<DaemonSaid> => daemon.child.ask(names);
  const darkWindow = await measureDarkWindow(windowRounds, {
    floor: () => Promise.all(bare.map((id) => floor.rotate(id))),
    daemon: async () => (await rotate(ids.slice(0, AT_ONCE).map(nameOf))).darkWindowsMs,
  });
  const throughput = await measureThroughput(throughputRounds, {
    ceiling: () => ceilingOf(floor, bare),
    daemon: async () => ACCOUNTS / ((await rotate(ids.map(nameOf))).tookMs / 1_000),
  });
  return { darkWindow, throughput };
}

type Take<T> = Readonly<Record<'floor' | 'daemon', () => Promise<T>>>;

async function measureDarkWindow(rounds: number, take: Take<readonly number[]>): Promise<DarkWindow> {
  const floor: number[] = [];
  const daemon: number[] = [];
  for (let turn = 0; turn < WARM_UP + rounds; turn++) {
    const bare = await take.floor();
    const ours = await take.daemon();
    if (turn < WARM_UP) continue;
    floor.push(...bare);
    daemon.push(...ours);
  }
  const at = (share: number) => [percentile(floor, share), percentile(daemon, share)] as const;
  const [floorP50, daemonP50] = at(0.5);
  const [floorP99, daemonP99] = at(0.99);
  return {
    floorP50Ms: round(floorP50, 2),
    daemonP50Ms: round(daemonP50, 2),
    p50Ratio: round(daemonP50 / floorP50, 2),
    floorP99Ms: round(floorP99, 2),
    daemonP99Ms: round(daemonP99, 2),
    p99Ratio: round(daemonP99 / floorP99, 2),
  };
}

async function measureThroughput(
  rounds: number,
  take: Readonly<Record<'ceiling' | 'daemon', () => Promise<number>>>,
): Promise<Throughput> {
  const ceilings: number[] = [];
  const ours: number[] = [];
  // The first turn is not counted.
  for (let turn = 0; turn <= rounds; turn++) {
    const ceiling = await take.ceiling();
    const rotations = await take.daemon();
    if (turn === 0) continue;
    ceilings.push(ceiling);
    ours.push(rotations);
  }
  const ceiling = percentile(ceilings, 0.5);
  const rotations = percentile(ours, 0.5);
  return {
    rotationsPerSecond: round(rotations, 0),
    ceilingPerSecond: round(ceiling, 0),
    ratio: round(rotations / ceiling, 2),
  };
}

/** Pairs of bare calls a second, with as many at once as there are sockets. */
async function ceilingOf(floor: Floor, ids: readonly string[]): Promise<number> {
  const from = performance.now();
  let left = ACCOUNTS;
  const one = async (index: number): Promise<void> => {
    const id = ids[index % ids.length] ?? '';
    while (left-- > 0) await floor.rotate(id);
  };
  await Promise.all(Array.from({ length: SOCKETS }, (_, index) => one(index)));
  return ACCOUNTS / ((performance.now() - from) / 1_000);
}

function nameOf(accountId: string): string {
  return `account-${accountId}`;
}

function configOf(given: {
  readonly folder: string;
  readonly ids: readonly string[];
  readonly kronup: KronupReady;
  readonly aws: AwsReady;
}): string {
  const { folder, ids, kronup, aws } = given;
  return JSON.stringify({
    installation: 'bench',
    journal: { path: join(folder, 'journal.db') },
    probes: { address: '127.0.0.1:0' },
    concurrency: { total: SOCKETS, perProvider: SOCKETS },
    providers: {
      kronup: {
        kind: 'kronup',
        baseUrl: kronup.url,
        token: { env: 'KRONUP_TOKEN' },
        rate: 10_000,
        concurrency: SOCKETS,
        dailyLimit: DAILY_LIMIT,
      },
    },
    stores: {
      aws: { kind: 'aws-secrets-manager', region: 'eu-central-1', endpoint: aws.url, rate: 1_000 },
    },
    accounts: ids.map((id) => ({
      name: nameOf(id),
      provider: 'kronup',
      accountId: id,
      schedule: '0 3 1 1 *',
      targets: [{ store: 'aws', address: secretOf(id), create: true, consumerLag: '0s' }],
    })),
  });
}
