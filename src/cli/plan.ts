/** `rekeyd plan`: what a configuration will do in a period, and what it would do now. Changes nothing. */
import type { Elsewhere } from '../app/known.ts';
import { makePlan } from '../app/plan.ts';
import type { Plan } from '../app/plan.ts';
import type { Account } from '../domain/account.ts';
import { parseDuration } from '../domain/duration.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { accountsOf } from './accounts-of.ts';
import { CommandError } from './explain.ts';
import { foundText } from './found-text.ts';
import { goodConfig } from './good-config.ts';
import { configPath } from './places.ts';
import { planText } from './plan-text.ts';
import type { CommonOptions } from './program.ts';
import { untilSignal } from './progress.ts';
import { reachAtUrl } from './reach.ts';

export interface PlanCommandOptions extends CommonOptions {
  /** How far to look ahead, as a duration. */
  readonly for: string;
  /** Only these accounts. */
  readonly account?: readonly string[];
}

const DAY_MS = 86_400_000;
const PERIOD_MAX_DAYS = 3_660;

export async function plan(host: Host, options: PlanCommandOptions): Promise<number> {
  const periodMs = periodOf(options.for);
  const path = configPath(host, options);
  await using daemon = await reachAtUrl(host, options);
  const elsewhere: Elsewhere | undefined = daemon && {
    url: daemon.where,
    get: (place) => daemon.ask({ method: 'GET', path: place }),
  };
  const { config: loaded, notes } = await untilSignal(host, (signal) =>
    goodConfig(host, { ...options, elsewhere }, { path, signal, undone: 'nothing was planned' }),
  );
  await using config = loaded;
  const all = await accountsOf(config);
  const now = host.clock.now();
  const made = await makePlan({
    host,
    settings: config.settings,
    accounts: chosen(all, options.account, path),
    all: options.account === undefined,
    period: { from: now, to: now + periodMs },
    ...(options.socket === undefined ? {} : { socketPath: options.socket }),
    ...(elsewhere && { elsewhere }),
  });
  host.output.write(
    options.output === 'json'
      ? `${JSON.stringify(shownAsJson(path, { ...made, accountsFrom: config.accountsFrom, notes }), null, 2)}\n`
      : planText(path, made) + foundText(config.accountsFrom, notes),
  );
  return EXIT.ok;
}

function periodOf(words: string): number {
  const ms = parseDuration(words);
  if (ms !== undefined && ms > 0 && ms <= PERIOD_MAX_DAYS * DAY_MS) return ms;
  throw new CommandError(
    `--for: found ${JSON.stringify(words)}; allowed: a duration such as 36h, 7d or 4w, at most ${PERIOD_MAX_DAYS}d`,
  );
}

function chosen(
  all: readonly Account[],
  names: readonly string[] | undefined,
  path: string,
): readonly Account[] {
  if (names === undefined) return all;
  const wanted = new Set(names);
  const found = all.filter(({ name }) => wanted.delete(name));
  if (wanted.size === 0) return found;
  const missing = [...wanted].map((name) => JSON.stringify(name)).join(', ');
  throw new CommandError(
    `--account: the configuration ${path} has no account ${missing}; it has ${examples(all)}`,
  );
}

const EXAMPLES_MAX = 5;

function examples(all: readonly Account[]): string {
  if (all.length === 0) return 'none';
  const named = all
    .slice(0, EXAMPLES_MAX)
    .map(({ name }) => name)
    .join(', ');
  return all.length > EXAMPLES_MAX ? `${named} and ${all.length - EXAMPLES_MAX} more` : named;
}

/** Instants as ISO 8601, beside the configuration that was planned. */
function shownAsJson(
  config: string,
  made: Plan & { readonly accountsFrom: unknown; readonly notes: readonly string[] },
): unknown {
  const withInstants = (key: string, value: unknown): unknown =>
    typeof value === 'number' && INSTANTS.has(key) ? new Date(value).toISOString() : value;
  const dstSlots = made.planned.map((account) => ({
    ...account,
    dst: account.dst.map(({ slots, ...rest }) => ({
      ...rest,
      slots: slots.map((slot) => new Date(slot).toISOString()),
    })),
  }));
  return JSON.parse(JSON.stringify({ config, ...made, planned: dstSlots }, withInstants));
}

const INSTANTS = new Set([
  'from',
  'to',
  'slot',
  'dueAt',
  'insteadAt',
  'at',
  'maxAgeAt',
  'expiryAt',
  'until',
  'since',
]);
