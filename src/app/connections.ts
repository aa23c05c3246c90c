/**
 * The open providers, stores and connections to consumers. A reload opens what is new or changed, and what it replaced is closed
 * when nobody uses it any more; the rest stays as it is.
 */
import type { Connection } from '../config/connections.ts';
import type { Settings } from '../config/settings.ts';
import type { Connections } from '../engine/parts.ts';
import type { CallCounter } from '../engine/upkeep.ts';
import type { Clock, ToldTime } from '../ports/clock.ts';
import type { Host } from '../ports/host.ts';
import type { ConsumerConnection } from '../ports/consumer.ts';
import { consumerEntry } from '../consumers/registry.ts';
import type { Provider } from '../ports/provider.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import type { OpenProvider } from '../providers/entry.ts';
import { providerEntry } from '../providers/registry.ts';
import { storeEntry } from '../stores/registry.ts';
import { JournalError } from '../ports/journal.ts';
import { secretSource } from '../system/secret-source.ts';
import { OpenError } from './open-error.ts';
import type { OpenFailure } from './open-error.ts';
import { closeUnused, counted } from './replaced.ts';
import type { Counted } from './replaced.ts';
import { VERSION } from './version.ts';

export interface OpenWith {
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly installation: string;
  readonly version: string;
  readonly calls: Pick<CallCounter, 'count'>;
  /** Calls made to a provider today, before this process: for the daily budget. */
  callsMade(provider: string): Promise<number>;
  /** An answer of a service, such as `provider kronup`, says what time it is there. */
  onTime?(service: string, told: ToldTime): void;
  /** A provider asked the manager credential to wait. */
  onRateLimited?(provider: string, told: { readonly retryAfterMs: number }): void;
}

interface Open<T> extends Counted<T> {
  readonly connection: Connection;
}

interface Configured {
  readonly providers: readonly Connection[];
  readonly stores: readonly Connection[];
  readonly consumers: readonly Connection[];
}

export interface ConnectionPool extends AsyncDisposable {
  readonly current: Connections;
  /**
   * Makes the open connections those of a configuration, which `apply` puts into force once all of them are open. Rejects with
   * `OpenError` where one cannot be opened, else as `apply` does: then all is as it was. Calls of those replaced are carried
   * through, and whoever holds one may go on with it for a while; nobody waits here until it is closed.
   */
  update<T>(configured: Configured, apply: () => Promise<T>): Promise<T>;
  /** Providers that are open, for gauges. */
  providers(): Iterable<Provider>;
  /** Closes everything at once, those replaced too. */
  [Symbol.asyncDispose](): Promise<void>;
}

export function createConnectionPool(openWith: OpenWith): ConnectionPool {
  let providers = new Map<string, Open<Provider>>();
  let stores = new Map<string, Open<Store>>();
  let consumers = new Map<string, Open<ConsumerConnection>>();
  let changing = false;
  const { clock } = openWith;
  const closing = new AbortController();
  const closed = new Set<Promise<void>>();

  function close(connection: Open<AsyncDisposable>): void {
    // Nobody waits for it, and what it cannot let go of is of no use to anybody.
    const done = closeUnused(connection, { clock, signal: closing.signal }).catch(() => undefined);
    closed.add(done);
    void done.then(() => closed.delete(done));
  }

  return {
    get current() {
      return { ...connectionsOf({ providers, stores, consumers }), changing };
    },
    providers: () => [...providers.values()].map(({ it }) => it),
    async update(configured, apply) {
      const before = { providers, stores, consumers };
      const opening: Opening = { opened: [], failures: [] };
      const next = {
        providers: await reopen('providers', configured.providers, providers, opening, (one) =>
          openProvider(one, openWith),
        ),
        stores: await reopen('stores', configured.stores, stores, opening, (one) => openStore(one, openWith)),
        consumers: await reopen('consumers', configured.consumers, consumers, opening, (one) =>
          openConsumers(one, openWith),
        ),
      };
      try {
        throwAny(opening.failures);
        // Until it is applied, accounts of either configuration are worked on.
        providers = new Map([...before.providers, ...next.providers]);
        stores = new Map([...before.stores, ...next.stores]);
        consumers = new Map([...before.consumers, ...next.consumers]);
        changing = isReplacing(before, next);
        const applied = await apply();
        ({ providers, stores, consumers } = next);
        const kept = new Set<unknown>(allOf(next));
        for (const one of allOf(before)) if (!kept.has(one)) close(one);
        return applied;
      } catch (error) {
        ({ providers, stores, consumers } = before);
        for (const one of opening.opened) close(one);
        throw error;
      } finally {
        changing = false;
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('closed'));
      const all = allOf({ providers, stores, consumers });
      await Promise.all([...closed, ...all.map(({ it }) => it[Symbol.asyncDispose]())]);
    },
  };
}

interface AllOpen {
  readonly providers: ReadonlyMap<string, Open<Provider>>;
  readonly stores: ReadonlyMap<string, Open<Store>>;
  readonly consumers: ReadonlyMap<string, Open<ConsumerConnection>>;
}

function connectionsOf({ providers, stores, consumers }: AllOpen): Connections {
  return {
    provider: (name) => providers.get(name)?.it,
    store: (name) => stores.get(name)?.it,
    leadsTo: (name) => leadsTo(stores.get(name)?.connection),
    consumer: (name) => consumers.get(name)?.it,
    providers: [...providers.keys()],
    stores: [...stores.keys()],
    consumers: [...consumers.keys()],
  };
}

function leadsTo(store: Connection | undefined): string | undefined {
  return store && storeEntry(store.kind)?.leadsTo(store.config as never);
}

/** Whether a name that is kept leads to another connection afterwards. */
function isReplacing(before: AllOpen, next: AllOpen): boolean {
  return (['providers', 'stores', 'consumers'] as const).some((kind) =>
    [...before[kind]].some(([name, one]) => next[kind].has(name) && next[kind].get(name) !== one),
  );
}

function allOf(open: AllOpen): Open<AsyncDisposable>[] {
  return [...open.providers.values(), ...open.stores.values(), ...open.consumers.values()];
}

/** What opening came to so far. */
interface Opening {
  readonly opened: Open<AsyncDisposable>[];
  readonly failures: (OpenFailure & { readonly error: unknown })[];
}

/** Those that are known already stay as they are; the others are opened, as far as they can be. */
async function reopen<T extends AsyncDisposable>(
  key: string,
  configured: readonly Connection[],
  before: ReadonlyMap<string, Open<T>>,
  { opened, failures }: Opening,
  open: (connection: Connection) => Promise<T>,
): Promise<Map<string, Open<T>>> {
  const entries = configured.map(async (connection): Promise<[string, Open<T>][]> => {
    const { name, hash } = connection;
    const known = before.get(name);
    if (known?.connection.hash === hash) return [[name, known]];
    try {
      const one = { connection, ...counted(await open(connection)) };
      opened.push(one);
      return [[name, one]];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const message = `cannot be opened: ${why}. Correct its settings, or what they refer to, and reload.`;
      failures.push({ path: `${key}.${name}`, message, error });
      return [];
    }
  });
  return new Map((await Promise.all(entries)).flat());
}

function throwAny(failures: Opening['failures']): void {
  const ofJournal = failures.find(({ error }) => error instanceof JournalError);
  if (ofJournal !== undefined) throw ofJournal.error;
  if (failures.length > 0) throw new OpenError(failures);
}

export async function openProvider(connection: Connection, openWith: OpenWith): Promise<Provider> {
  const entry = providerEntry(connection.kind);
  if (entry === undefined) throw new Error(`no provider of kind ${connection.kind}`);
  const kind = await entry.load();
  return kind.open(await providerOptions(connection, openWith));
}

/** What a provider of whatever kind, and its administration, are opened with. */
export async function providerOptions(
  connection: Connection,
  openWith: OpenWith,
): Promise<OpenProvider<never>> {
  const { name } = connection;
  const { clock, random, environment, version, calls } = openWith;
  return {
    name,
    callsMade: await openWith.callsMade(name),
    config: connection.config as never,
    clock,
    random,
    environment,
    userAgent: `rekeyd/${version}`,
    secretOf: (reference) => secretSource(reference, environment),
    onCall: ({ caller, at }) => calls.count({ provider: name, caller, at }),
    onTime: (told) => openWith.onTime?.(`provider ${name}`, told),
    onRateLimited: (told) => openWith.onRateLimited?.(name, told),
  };
}

export async function openStore(connection: Connection, openWith: OpenWith): Promise<Store> {
  const entry = storeEntry(connection.kind);
  if (entry === undefined) throw new Error(`no store of kind ${connection.kind}`);
  const kind = await entry.load();
  const { clock, random, environment, installation } = openWith;
  const config = connection.config as never;
  const { name } = connection;
  const onTime = (told: ToldTime) => openWith.onTime?.(`store ${name}`, told);
  return kind.open({
    name,
    config,
    installation,
    clock,
    random,
    environment,
    secretOf: (reference) => secretSource(reference, environment),
    onTime,
  });
}

async function openConsumers(connection: Connection, openWith: OpenWith): Promise<ConsumerConnection> {
  const entry = consumerEntry(connection.kind);
  if (entry === undefined) throw new Error(`no connection to consumers of kind ${connection.kind}`);
  const kind = await entry.load();
  const { clock, environment, installation } = openWith;
  const { name } = connection;
  return kind.open({
    name,
    config: connection.config as never,
    installation,
    clock,
    environment,
    secretOf: (reference) => secretSource(reference, environment),
    onTime: (told) => openWith.onTime?.(`consumers ${name}`, told),
  });
}

/** For a command: it counts no calls and knows of none. */
export function openForCommand(
  { clock, random, environment }: Pick<Host, 'clock' | 'random' | 'environment'>,
  { installation }: Pick<Settings, 'installation'>,
): OpenWith {
  return {
    clock,
    random,
    environment,
    installation,
    version: VERSION,
    calls: { count: () => undefined },
    callsMade: () => Promise.resolve(0),
  };
}
