/**
 * Thousands of accounts that are due together: the real engine, journal and provider over HTTP with the emulator, and a store in
 * memory. Time stands still while anything is being done, and goes on to the next timer when nothing is: an hour takes as long
 * as the work in it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from '../../src/domain/account.ts';
import { fingerprintOf } from '../../src/domain/credential.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { Fact } from '../../src/domain/fact.ts';
import { startEngine } from '../../src/engine/loop.ts';
import type { Engine } from '../../src/engine/loop.ts';
import type { EngineParts } from '../../src/engine/parts.ts';
import type { KeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { createServiceClocks } from '../../src/engine/service-clocks.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/open.ts';
import type { Journal } from '../../src/ports/journal.ts';
import type { Store } from '../../src/ports/store.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { account, target } from '../builders/account.ts';
import { formatOf } from './engine-connections.ts';
import { FakeClock } from './fake-clock.ts';
import { seededRandom } from './fake-random.ts';
import { keycardService, kronupService } from './herd-services.ts';
import type { HerdService, ServiceOptions } from './herd-services.ts';
import { inFlight } from './in-flight.ts';
import { memoryStore } from './memory-store.ts';
import type { Stored } from './memory-store.ts';

export interface HerdWorld<Emulator = unknown> extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly emulator: Emulator;
  readonly engine: Engine;
  readonly accounts: readonly Account[];
  /** Facts of these kinds, in order, with the names of their accounts. */
  readonly facts: readonly { readonly account: string; readonly fact: Fact }[];
  /** How many facts of a kind there are. */
  count(kind: Fact['kind']): number;
  /** The most that there was at once; of credentials, besides one for each rotation that is not over. */
  readonly most: { accounts: number; credentials: number };
  /** Whether its target holds what is live. */
  isConverged(account: Account): Promise<boolean>;
  /** Lets time go on until this is so; rejects when it is not within this long. */
  until(isSo: () => boolean, withinMs: number): Promise<void>;
}

export interface HerdOptions {
  readonly accounts: number;
  readonly callsPerSecond: number;
  /** How many accounts are worked on at once. */
  readonly concurrency: number;
  /** How many calls are under way at once; as many as accounts by default. */
  readonly callsAtOnce?: number;
  /** How many priorities the accounts have, in turn. */
  readonly priorities: number;
  /** Facts that are kept. */
  readonly kinds: readonly Fact['kind'][];
}

/** Every account is converged, and its slot is at the next whole hour. */
export const herdWorld = (options: HerdOptions): Promise<HerdWorld<KronupEmulator>> =>
  herdAt(kronupService, options);

/** The same at Keycard. */
export const keycardHerd = (options: HerdOptions): Promise<HerdWorld<KeycardEmulator>> =>
  herdAt(keycardService, options);

async function herdAt<Emulator>(
  start: (options: ServiceOptions) => Promise<HerdService<Emulator>>,
  options: HerdOptions,
): Promise<HerdWorld<Emulator>> {
  const clock = new FakeClock('2026-01-05T00:59:59Z');
  const random = seededRandom();
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-herd-'));
  const { concurrency, callsAtOnce = concurrency } = options;
  const work = inFlight();
  const clocks = createServiceClocks(clock);
  const service = await start({
    ...options,
    clock,
    callsAtOnce,
    onTime: (told) => clocks.told('provider', told),
    onCall: () => work.sent(),
  });
  const stored: Stored = new Map();
  const store = memoryStore(stored);
  const opened = await openSqliteJournal({
    path: join(folder, 'journal.db'),
    clock,
    holder: { host: 'test', pid: 1 },
  });
  const accounts = policies(service, options.priorities);
  await converge({ service, journal: opened, clock, stored }, accounts);
  const facts: HerdWorld['facts'][number][] = [];
  const counts = new Map<Fact['kind'], number>();
  const most = { accounts: 0, credentials: 0 };
  const journal = work.counted(opened);
  const told = telemetryTo({ facts, counts }, options.kinds);
  const parts = partsOf({ clock, random, clocks, journal, telemetry: told }, { service, store }, concurrency);
  const engine = await startEngine(parts, 'test');
  let failed: Error | undefined;
  engine.ended.catch((error: unknown) => (failed = new Error('the engine has ended', { cause: error })));
  const count = (kind: Fact['kind']) => counts.get(kind) ?? 0;
  return {
    clock,
    emulator: service.emulator,
    engine,
    accounts,
    facts,
    most,
    count,
    async isConverged({ accountIds, targets }) {
      const { credential } = await service.live(accountIds[0]);
      const held = stored.get(targets[0].address)?.bytes;
      return held?.revealText() === service.bytesOf(credential).revealText();
    },
    async until(isSo, withinMs) {
      const end = clock.now() + withinMs;
      while (!isSo()) {
        await work.done(() => service.answered());
        if (failed !== undefined) throw failed;
        most.accounts = Math.max(most.accounts, engine.busy());
        const underWay = count('rotation-opened') - count('rotation-succeeded');
        most.credentials = Math.max(most.credentials, engine.credentials() - underWay);
        if (clock.now() > end) throw new Error(`not so after ${withinMs} ms`);
        clock.wakeNext();
      }
    },
    async [Symbol.asyncDispose]() {
      await engine.stop(0).catch(() => undefined);
      await opened[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function partsOf(
  given: Pick<EngineParts, 'clock' | 'random' | 'clocks' | 'journal' | 'telemetry'>,
  { service, store }: { readonly service: HerdService; readonly store: Store },
  concurrency: number,
): EngineParts {
  return {
    ...given,
    connections: () => ({
      provider: () => service.provider,
      store: () => store,
      providers: [service.provider.name],
      stores: ['files'],
      consumer: () => undefined,
      consumers: [],
    }),
    formatOf,
    settings: {
      holder: 'test',
      runningSince: given.clock.now(),
      concurrency,
      concurrencyPerProvider: concurrency,
      leaseMs: 120_000,
      parkAfter: 5,
      historyMs: 90 * 86_400_000,
    },
  };
}

function policies({ accounts, policy, format }: HerdService, priorities: number): Account[] {
  return accounts.map(({ name, id }, index) =>
    account({
      ...policy,
      name,
      accountIds: [id],
      priority: index % priorities,
      schedule: { pattern: '0 * * * *', zone: 'UTC' },
      targets: [target(`files:${id}`, { format: { kind: format, options: {} } })],
    }),
  );
}

/** The journal and the store as they are after all accounts were adopted, an hour ago. */
async function converge(
  {
    service,
    journal,
    clock,
    stored,
  }: {
    readonly service: HerdService;
    readonly journal: Journal;
    readonly clock: FakeClock;
    readonly stored: Stored;
  },
  accounts: readonly Account[],
): Promise<void> {
  const now = clock.now() - 3_500_000;
  const hashed = accounts.map((policy) => ({ policy, hash: policy.name }));
  await journal.apply([{ path: 'test', hash: 'test', accounts: [hashed] }], now);
  for (;;) {
    const claims = await journal.claim({ holder: 'builder', now, leaseMs: 60_000, limit: 1_000 });
    if (claims.length === 0) return;
    await Promise.all(
      claims.map(async ({ id, fence, version, record, policy }) => {
        const { credential, reference } = await service.live(policy.accountIds[0]);
        const [{ id: targetId, address }] = policy.targets;
        stored.set(address, { bytes: service.bytesOf(credential), version: '0' });
        const live = {
          fingerprint: fingerprintOf(credential),
          ...(reference !== undefined && { reference }),
        };
        const facts = factsOf(now, policy.name, { live, target: targetId });
        const dueAt = Math.ceil(clock.now() / 3_600_000) * 3_600_000;
        const next = facts.reduce(evolve, record);
        const done = { account: id, fence, version, facts, record: next, holds: [], release: true };
        await journal.commit({ ...done, dueAt, dueWhy: 'slot' });
      }),
    );
  }
}

function factsOf(
  at: number,
  name: string,
  {
    live,
    target: targetId,
  }: {
    readonly live: { readonly fingerprint: string; readonly reference?: string };
    readonly target: string;
  },
): Fact[] {
  const cause = { actor: 'rekeyd' };
  return [
    { id: `${name}-1`, at, cause, kind: 'account-adopted', evidence: 'none' },
    { id: `${name}-2`, at, cause, kind: 'live-found', ...live },
    {
      id: `${name}-3`,
      at,
      cause,
      kind: 'target-confirmed',
      target: targetId,
      fingerprint: live.fingerprint,
      version: '',
    },
  ];
}

function telemetryTo(
  {
    facts,
    counts,
  }: { readonly facts: HerdWorld['facts'][number][]; readonly counts: Map<Fact['kind'], number> },
  kinds: HerdOptions['kinds'],
): Telemetry {
  return {
    fact: ({ account: name }, fact) => {
      counts.set(fact.kind, (counts.get(fact.kind) ?? 0) + 1);
      if (kinds.includes(fact.kind)) facts.push({ account: name, fact });
    },
    event: () => undefined,
    measure: () => undefined,
    failure: () => undefined,
  };
}
