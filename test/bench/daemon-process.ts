// The real daemon, put together as `rekeyd run` does it, in a process of its own: with slower commits, a finer clock, and
// a way to be told which accounts to rotate now. Answers how long each dark window was.

import { openSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startDaemon } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Fact } from '../../src/domain/fact.ts';
import type { Host } from '../../src/ports/host.ts';
import type { AccountId } from '../../src/ports/journal.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';
import { openDestination } from '../../src/telemetry/destination.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { givenToChild, tellParent } from './child.ts';

export interface DaemonGiven {
  readonly folder: string;
  readonly configPath: string;
  readonly commitDelayMs: number;
}

/** Names of accounts to rotate, all at once. */
export type DaemonAsked = readonly string[];

export interface DaemonSaid {
  readonly darkWindowsMs: readonly number[];
  /** From the asking until the last rotation had succeeded. */
  readonly tookMs: number;
}

const { folder, configPath, commitDelayMs } = givenToChild() as DaemonGiven;

/** As the system's, with fractions of a ms. */
const clock = { ...systemClock(), now: () => performance.timeOrigin + performance.now() };
const random = systemRandom();
const discarded = { isTerminal: false, write: () => undefined };
const host: Host = {
  clock,
  random,
  arguments: [],
  environment: process.env,
  directory: folder,
  pid: process.pid,
  userId: process.getuid?.() ?? 0,
  userName: 'bench',
  hostname: hostname(),
  nodeVersion: process.version,
  timeZoneData: process.versions['tz'] ?? 'unknown',
  input: { isTerminal: false, line: () => Promise.reject(new Error('nobody is asked')) },
  output: discarded,
  errors: discarded,
  onSignal: () => ({ [Symbol.dispose]: () => undefined }),
  onExit: () => ({ [Symbol.dispose]: () => undefined }),
  exitNow: (code) => process.exit(code),
};

const waiting = new Map<string, (fact: Fact) => void>();
const loaded = await loadConfig({ path: configPath, clock, appliedFiles: new Map() });
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
const destination = openDestination(openSync(join(folder, 'daemon.log'), 'a'), clock);
const telemetry = await createTelemetry({ level: 'info', output: destination, clock, process: true });
const daemon = await startDaemon({
  host,
  telemetry,
  configPath,
  config: loaded.config,
  commitDelayMs,
  onFact({ account }, fact) {
    if (fact.kind.startsWith('rotation-') && fact.kind !== 'rotation-opened') waiting.get(account)?.(fact);
  },
});
daemon.ended.catch((error: unknown) => {
  process.stderr.write(`the daemon ended: ${String(error)}\n`);
  process.exit(1);
});
process.once('SIGTERM', () => void daemon.stop('SIGTERM').then(() => process.exit(0)));

// What is asked for is a rotation of accounts that were adopted before.
await daemon.engine.idle();
const ids = new Map<string, AccountId>();
const page = await daemon.journal.accounts({ limit: 1_000 });
for (const row of page.items) ids.set(row.policy.name, row.id);
process.on('message', (names: DaemonAsked) => void rotate(names).then(tellParent));
tellParent({});

async function rotate(names: DaemonAsked): Promise<DaemonSaid> {
  const from = performance.now();
  const rotated = names.map(async (name) => {
    const fact = await new Promise<Fact>((resolve) => waiting.set(name, resolve));
    if (fact.kind !== 'rotation-succeeded') throw new Error(`${name}: ${JSON.stringify(fact)}`);
    return fact.darkWindowMs ?? Number.NaN;
  });
  const now = clock.now();
  const cause = { actor: 'bench', reason: 'measured' };
  const requests = names.map((name) => {
    const account = ids.get(name);
    if (account === undefined) throw new Error(`there is no account ${name}`);
    return { id: random.id(now), account, does: 'rotate', cause } as const;
  });
  await daemon.journal.request(requests, now);
  daemon.engine.wake();
  const darkWindowsMs = await Promise.all(rotated);
  const tookMs = performance.now() - from;
  await daemon.engine.idle();
  return { darkWindowsMs, tookMs };
}
