/** Reads who takes up what one target holds: which consumers, through which connections. */
import { consumerId, type Consumer, type ConsumerAction } from '../domain/consumer.ts';
import type { TargetSettings } from './account-schema.ts';
import type { KnownConsumers } from './connections.ts';
import type { Flaw, Path } from './problem.ts';
import { foundWords, listWords, suggestion } from './words.ts';

type ConsumerSettings = NonNullable<TargetSettings['consumers']>;

const TIME_LIMIT_MS = 600_000;

interface Reading {
  readonly connections: ReadonlyMap<string, KnownConsumers>;
  /** Where the consumers stand. */
  readonly path: Path;
  readonly flaws: Flaw[];
}

/** Those that others wait for come first: what a workload reads may have to be synchronised before. */
export function readConsumers(settings: ConsumerSettings, reading: Reading): readonly Consumer[] {
  const { timeLimit: timeLimitMs = TIME_LIMIT_MS, onUnhealthy = 'report' } = settings;
  const found = [
    ...ofCluster('forceSync', settings, reading),
    ...ofCluster('restart', settings, reading),
    ...webhooks(settings.webhook ?? [], reading),
  ];
  const consumers = new Map<string, Consumer>();
  for (const { path, ...which } of found) {
    const consumer: Consumer = { id: consumerId(which), ...which, timeLimitMs, onUnhealthy };
    if (consumers.has(consumer.id)) {
      const message = `found ${foundWords(which.address)}; it is named twice in this target: once is enough`;
      reading.flaws.push({ path, at: 'value', message });
    }
    consumers.set(consumer.id, consumer);
  }
  return [...consumers.values()];
}

type Found = Pick<Consumer, 'connection' | 'does' | 'address'> & { readonly path: Path };

function ofCluster(
  does: 'restart' | 'forceSync',
  settings: ConsumerSettings,
  { connections, path, flaws }: Reading,
): Found[] {
  const addresses = settings[does] ?? [];
  if (addresses.length === 0) return [];
  const chosen = chooseConnection(does, settings.cluster, connections);
  if (typeof chosen === 'string') {
    const at = settings.cluster === undefined ? does : 'cluster';
    // Said once where it stands once.
    if (!flaws.some((flaw) => flaw.message === chosen && flaw.path.length === path.length + 1)) {
      flaws.push({ path: [...path, at], at: 'value', message: chosen });
    }
    return [];
  }
  return addresses.flatMap((address, index) => {
    const place = [...path, does, index];
    const problem = chosen.entry?.addressProblem(does, address);
    if (problem === undefined) return [{ connection: chosen.name, does, address, path: place }];
    flaws.push({ path: place, at: 'value', message: `found ${foundWords(address)}; ${problem}` });
    return [];
  });
}

/** The connection that is named, or the only one that does it; or why there is none, in words. */
function chooseConnection(
  does: ConsumerAction,
  name: string | undefined,
  connections: ReadonlyMap<string, KnownConsumers>,
): KnownConsumers | string {
  if (name !== undefined) return named(does, name, connections);
  const able = ableTo(does, connections);
  const [only, other] = able;
  if (only === undefined) return `nothing among the connections under consumers does ${does}; add one`;
  if (other === undefined) return only;
  return `${listWords(able.map((one) => one.name))} can do ${does}; say which one by cluster`;
}

function named(
  does: ConsumerAction,
  name: string,
  connections: ReadonlyMap<string, KnownConsumers>,
): KnownConsumers | string {
  const known = [...connections.keys()];
  const connection = connections.get(name);
  if (connection === undefined) {
    return `there is no connection ${foundWords(name)} under consumers; configured: ${listWords(known)}${suggestion(name, known)}`;
  }
  if (mayDo(connection, does)) return connection;
  const able = ableTo(does, connections).map((one) => one.name);
  return `${name} is of kind ${connection.entry?.kind ?? 'unknown'}, which does no ${does}; those that do: ${listWords(able)}`;
}

function ableTo(
  does: ConsumerAction,
  connections: ReadonlyMap<string, KnownConsumers>,
): readonly KnownConsumers[] {
  return [...connections.values()].filter((one) => mayDo(one, does));
}

/** One with problems of its own may do anything: these are said where it stands. */
function mayDo({ entry }: KnownConsumers, does: ConsumerAction): boolean {
  return entry === undefined || entry.actions.includes(does);
}

function webhooks(names: readonly string[], { connections, path, flaws }: Reading): Found[] {
  return names.flatMap((name, index) => {
    const place = [...path, 'webhook', index];
    const connection = named('webhook', name, connections);
    if (typeof connection !== 'string')
      return [{ connection: name, does: 'webhook', address: name, path: place }];
    flaws.push({ path: place, at: 'value', message: connection });
    return [];
  });
}
