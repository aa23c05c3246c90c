/**
 * Checks a loaded configuration against the outside world: providers, stores, accounts, targets and who reads
 * these. It reads, and asks stores whether they could be written; it never mints and never writes what consumers read.
 */
import type { LoadedConfig } from '../config/load.ts';
import type { Account } from '../domain/account.ts';
import { formatDuration } from '../domain/duration.ts';
import type { Failure } from '../domain/failure.ts';
import type { AccountRecord } from '../domain/record.ts';
import type { Host } from '../ports/host.ts';
import type { AccountRef, Provider, SeenAccount } from '../ports/provider.ts';
import { checkAccount } from './check/account.ts';
import type { SeenPolicy } from './check/account.ts';
import { eachBounded } from './check/bounded.ts';
import { checkIdentity, checkProvider, checkQuota } from './check/connections.ts';
import { consumerAsker } from './check/consumers.ts';
import { findingsOf } from './check/finding.ts';
import type { Finding } from './check/finding.ts';
import type { CheckWorld } from './check/world.ts';
import { createConnectionPool, openForCommand } from './connections.ts';
import { formatFactory } from './formats.ts';
import { lookAtEach } from './look-at-each.ts';

/** Accounts that are checked at the same time. */
const CONCURRENCY = 16;
/** A service's clock that is further off than this is worth a word. */
const CLOCK_OFFSET_MAX_MS = 300_000;

export interface CheckOptions {
  readonly host: Host;
  readonly config: LoadedConfig;
  readonly accounts: readonly Account[];
  /** What is known of the account of this name already. */
  recordOf(account: string): AccountRecord | undefined;
  /** Ask stores for real writes. */
  readonly write: boolean;
  readonly signal: AbortSignal;
  /** Called after each account. */
  onProgress?(done: number, of: number): void;
}

/** Everything that was found, in the order of the configuration. Rejects with the signal's reason when it is aborted. */
export async function checkOnline(options: CheckOptions): Promise<readonly Finding[]> {
  const { host, config, accounts, signal } = options;
  await using pool = createConnectionPool(openForCommand(host, config.settings));
  await pool.update(config, () => Promise.resolve());
  const connections = pool.current;
  const opened = [...pool.providers()];
  const checked = await Promise.all(
    opened.map(async (provider) => [provider.name, await checkProvider(provider, { signal })] as const),
  );
  const stores = await Promise.all(
    connections.stores
      .flatMap((name) => connections.store(name) ?? [])
      .map((store) => checkIdentity('store', store, { signal })),
  );
  const consumers = await Promise.all(
    connections.consumers
      .flatMap((name) => connections.consumer(name) ?? [])
      .map((connection) => checkIdentity('consumer', connection, { signal })),
  );
  const providers = new Map(checked);
  const world: CheckWorld = {
    ...options,
    connections,
    formatOf: formatFactory(),
    askConsumer: consumerAsker({ connections, signal }),
    providers,
  };
  const looked = await lookAtAll(world, opened, accounts);
  let done = 0;
  const found = await eachBounded(looked.accounts, CONCURRENCY, async (account) => {
    signal.throwIfAborted();
    const findings = await checkAccount(world, account);
    done += 1;
    options.onProgress?.(done, accounts.length);
    return findings;
  });
  signal.throwIfAborted();
  return [
    ...checked.flatMap(([, { findings }]) => findings),
    ...looked.findings,
    ...opened
      .filter(({ name }) => providers.get(name)?.reached === true)
      .flatMap((provider) => checkQuota(provider)),
    ...stores,
    ...consumers,
    ...found.flat(),
  ];
}

interface Looked {
  readonly findings: readonly Finding[];
  readonly accounts: readonly SeenPolicy[];
}

/** One look for all accounts of an organisation, where that spares calls, so that the provider is asked once and not once an account. */
async function lookAtAll(
  world: CheckWorld,
  providers: readonly Provider[],
  accounts: readonly Account[],
): Promise<Looked> {
  const findings: Finding[] = [];
  const seen = new Map<Account, readonly SeenAccount[]>();
  const failures = new Map<Account, Failure>();
  for (const provider of providers) {
    const own = accounts.filter((account) => account.provider === provider.name);
    if (world.providers.get(provider.name)?.reached !== true) {
      findings.push(...notLookedAt(provider, own.length));
      continue;
    }
    const organisations = Map.groupBy(own, (account) => provider.refOf(account).organisation);
    for (const group of organisations.values()) {
      const { finding, sighted, unseen } = await lookAtGroup(world, provider, group);
      findings.push(...finding);
      for (const [account, one] of sighted) seen.set(account, one);
      for (const [account, why] of unseen) failures.set(account, why);
    }
  }
  return {
    findings,
    accounts: accounts.map((policy) => {
      const [one, second] = seen.get(policy) ?? [];
      const failure = failures.get(policy);
      return { policy, ...(one && { seen: one }), ...(second && { second }), ...(failure && { failure }) };
    }),
  };
}

function notLookedAt({ name }: Provider, accounts: number): Finding[] {
  if (accounts === 0) return [];
  const { warning } = findingsOf({ scope: 'provider', subject: name });
  const words = accounts === 1 ? '1 account was' : `${accounts} accounts were`;
  return [warning('accounts', `${words} not looked at, and what is live is told from what was last known`)];
}

async function lookAtGroup(
  { signal }: CheckWorld,
  provider: Provider,
  group: readonly Account[],
): Promise<{
  readonly finding: Finding[];
  readonly sighted: readonly (readonly [Account, readonly SeenAccount[]])[];
  /** Those that could not be looked at, though others could, and why. */
  readonly unseen: readonly (readonly [Account, Failure])[];
}> {
  const { warning, failed } = findingsOf({ scope: 'provider', subject: provider.name });
  const refs = new Map<Account, readonly AccountRef[]>(
    group.map((account) => {
      const ref = provider.refOf(account);
      return [account, account.accountIds.map((accountId) => ({ ...ref, accountId }))];
    }),
  );
  const looked = await lookAtEach(provider, [...refs.values()].flat(), { signal });
  if (!looked.ok) return { finding: [failed('accounts', looked.failure.message)], sighted: [], unseen: [] };
  const { clockOffsetMs = 0, accounts, failures } = looked.value;
  const absent: SeenAccount = { state: 'absent', certain: false };
  const failureOf = (its: readonly AccountRef[]) =>
    its.map(({ accountId }) => failures.get(accountId)).find((failure) => failure !== undefined);
  const sighted = [...refs]
    .filter(([, its]) => failureOf(its) === undefined)
    .map(
      ([account, its]) => [account, its.map(({ accountId }) => accounts.get(accountId) ?? absent)] as const,
    );
  const unseen = [...refs].flatMap(([account, its]) => {
    const failure = failureOf(its);
    return failure === undefined ? [] : [[account, failure] as const];
  });
  if (Math.abs(clockOffsetMs) <= CLOCK_OFFSET_MAX_MS) return { finding: [], sighted, unseen };
  const off = `its clock and this machine's differ by ${formatDuration(Math.abs(clockOffsetMs))}; set this machine's`;
  return { finding: [warning('clock', off)], sighted, unseen };
}
