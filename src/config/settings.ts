/** The daemon's own settings, as the rest of the program takes them. */
import { dirname, join } from 'node:path';
import { formatDuration } from '../domain/duration.ts';
import { readAddress } from './address.ts';
import type { Address } from './address.ts';
import { apiSettingsOf } from './api-settings.ts';
import type { ApiSettings } from './api-settings.ts';
import type { Connection, KnownConnections } from './connections.ts';
import type { Flaw } from './problem.ts';
import type { MainSettings } from './schema.ts';

export interface Settings {
  /** The name of this rekeyd; marks what it makes elsewhere. */
  readonly installation: string;
  readonly journal: {
    readonly path: string;
    /** How long history is kept. */
    readonly retentionMs: number;
    /** How long request ids are known. */
    readonly requestRetentionMs: number;
  };
  /** Where probes and metrics are served; port 0 is any free one. */
  readonly probes: Address;
  /** The API on TCP; absent: nothing listens there. */
  readonly api?: ApiSettings;
  readonly socket: { readonly path: string; readonly mode: number };
  readonly metrics: { readonly maxAccounts: number };
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' };
  readonly concurrency: { readonly total: number; readonly perProvider: number };
  readonly shutdownGraceMs: number;
  /** Failures of its own in a row after which an account is parked. */
  readonly parkAfter: number;
  readonly leaseMs: number;
}

const REQUEST_RETENTION_MS = 30 * 24 * 3_600_000;
/** Beside the journal, where the configuration names no other. */
export const SOCKET_NAME = 'rekeyd.sock';
/** The system's limit for the path of a unix socket. */
const SOCKET_PATH_BYTES_MAX = 107;
/** A connection whose kind names no time limit. */
const TIME_LIMIT_MS = 10_000;
const STOP_RESERVE_MS = 5_000;

export function settingsOf(main: MainSettings): { readonly settings: Settings; readonly flaws: Flaw[] } {
  const flaws: Flaw[] = [];
  const path = main.socket.path ?? join(dirname(main.journal.path), SOCKET_NAME);
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    const message =
      `the path of the socket has more than ${SOCKET_PATH_BYTES_MAX} bytes, which no system allows; give a shorter ` +
      'socket.path';
    flaws.push({ path: ['socket', 'path'], at: 'value', message });
  }
  const api = apiSettingsOf(main.api, flaws);
  const settings: Settings = {
    installation: main.installation,
    journal: {
      path: main.journal.path,
      retentionMs: main.journal.retention,
      requestRetentionMs: REQUEST_RETENTION_MS,
    },
    probes: readAddress(main.probes.address, ['probes', 'address'], flaws),
    ...(api && { api }),
    socket: { path, mode: Number.parseInt(main.socket.mode, 8) },
    metrics: main.metrics,
    log: main.log,
    concurrency: main.concurrency,
    shutdownGraceMs: main.shutdownGrace,
    parkAfter: main.parkAfter,
    leaseMs: main.lease,
  };
  return { settings, flaws };
}

/**
 * A stop must leave time for a mint that was sent already: for its answer, the delivery, a second try of that, and the
 * records.
 */
export function graceFlaws(shutdownGraceMs: number, { providers, stores }: KnownConnections): Flaw[] {
  const mintMs = longest(providers.values());
  const storeMs = longest(stores.values());
  const neededMs = mintMs + 2 * storeMs + STOP_RESERVE_MS;
  // With none that is good there is nothing to compare with, and problems enough.
  if (mintMs === 0 || storeMs === 0 || shutdownGraceMs >= neededMs) return [];
  const message =
    `found ${formatDuration(shutdownGraceMs)}; allowed: ${formatDuration(neededMs)} or more, which is the longest ` +
    `provider timeout (${formatDuration(mintMs)}), twice the longest store timeout (${formatDuration(storeMs)}) ` +
    `and ${formatDuration(STOP_RESERVE_MS)}; lengthen it or shorten a timeout`;
  return [{ path: ['shutdownGrace'], at: 'value', message }];
}

function longest(connections: Iterable<{ readonly connection?: Connection }>): number {
  let longestMs = 0;
  for (const { connection } of connections) {
    const config = connection?.config;
    const own =
      typeof config === 'object' && config !== null && 'timeout' in config ? config.timeout : undefined;
    if (connection !== undefined)
      longestMs = Math.max(longestMs, typeof own === 'number' ? own : TIME_LIMIT_MS);
  }
  return longestMs;
}
