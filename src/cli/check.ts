/** `rekeyd check`: whether a configuration is good, and whether the world is as it says. Changes nothing. */
import { checkOnline } from '../app/check.ts';
import { loadWithFound } from '../app/found.ts';
import type { Finding } from '../app/check/finding.ts';
import { openKnown } from '../app/known.ts';
import { outageOf } from '../app/outage.ts';
import type { Outage } from '../app/outage.ts';
import { checkVolumes } from '../app/volumes.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Problem } from '../config/problem.ts';
import type { Account } from '../domain/account.ts';
import { sanitiseText } from '../domain/credential-shapes.ts';
import type { AccountRecord } from '../domain/record.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import { accountsOf } from './accounts-of.ts';
import { checkText, countsOf } from './check-text.ts';
import { configPath } from './places.ts';
import type { CommonOptions } from './program.ts';
import { progressOn, untilSignal } from './progress.ts';

export interface CheckCommandOptions extends CommonOptions {
  /** Only what needs no network and no secret. */
  readonly offline?: boolean;
  /** Ask stores for real writes, beside what consumers read. */
  readonly write?: boolean;
  /** Id of a throw-away account on which facts about its provider are tried out. */
  readonly canary?: string;
}

/** All that `rekeyd check` found out. */
export interface Checked {
  readonly config: string;
  readonly online: boolean;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Of a good configuration. */
  readonly accounts: number;
  /** What is taken by name, and what stood in the way. */
  readonly accountsFrom: LoadedConfig['accountsFrom'];
  readonly notes: readonly string[];
  readonly findings: readonly Finding[];
  /** In-place accounts: what their consumers feel at each rotation. */
  readonly outages: readonly Outage[];
  /** Why what is known of the accounts already could not be had. */
  readonly note?: string;
}

export async function check(host: Host, options: CheckCommandOptions): Promise<number> {
  if (options.canary !== undefined) {
    const { checkCanary } = await import('./canary.ts');
    return await checkCanary(host, options, options.canary);
  }
  const path = configPath(host, options);
  const checked = await checkAll(host, path, options);
  const { failed } = countsOf(checked);
  const bad = checked.problems.length > 0;
  const text =
    options.output === 'json'
      ? `${JSON.stringify({ ok: !bad && failed === 0, ...checked }, null, 2)}\n`
      : checkText(checked);
  host.output.write(sanitiseText(text));
  if (bad) return EXIT.usage;
  return failed > 0 ? EXIT.failed : EXIT.ok;
}

async function checkAll(host: Host, path: string, options: CheckCommandOptions): Promise<Checked> {
  const online = options.offline !== true;
  const socketPath = options.socket === undefined ? {} : { socketPath: options.socket };
  const { loaded, notes } = await untilSignal(host, (signal) =>
    loadWithFound({ host, path, ask: online, signal, ...socketPath }),
  );
  const about = { config: path, online };
  if (!loaded.ok) {
    const { problems, warnings } = loaded;
    return { ...about, problems, warnings, accounts: 0, accountsFrom: [], notes, findings: [], outages: [] };
  }
  await using config = loaded.config;
  const accounts = await accountsOf(config);
  const known = online
    ? await knownRecords(host, config, options)
    : { records: new Map<string, AccountRecord>() };
  const findings = await checkVolumes({ accounts, stores: config.stores, environment: host.environment });
  if (online)
    findings.unshift(...(await checkWorld(host, options, { config, accounts, records: known.records })));
  return {
    ...about,
    problems: [],
    warnings: config.warnings,
    accounts: accounts.length,
    accountsFrom: config.accountsFrom,
    notes,
    findings,
    outages: accounts.flatMap((account) => outageOf(account, known.records.get(account.name)) ?? []),
    ...(known.note === undefined ? {} : { note: known.note }),
  };
}

async function checkWorld(
  host: Host,
  options: CheckCommandOptions,
  about: {
    readonly config: LoadedConfig;
    readonly accounts: readonly Account[];
    readonly records: ReadonlyMap<string, AccountRecord>;
  },
): Promise<readonly Finding[]> {
  const { config, accounts, records } = about;
  using progress = progressOn(host, 'checked', 'accounts');
  return await untilSignal(host, (signal) =>
    checkOnline({
      host,
      config,
      accounts,
      recordOf: (name) => records.get(name),
      write: options.write === true,
      signal,
      onProgress: (done, of) => progress.show(done, of),
    }),
  );
}

async function knownRecords(
  host: Host,
  config: LoadedConfig,
  { socket }: CheckCommandOptions,
): Promise<{ readonly records: Map<string, AccountRecord>; readonly note?: string }> {
  const records = new Map<string, AccountRecord>();
  const outcome = await openKnown({
    host,
    settings: config.settings,
    ...(socket === undefined ? {} : { socketPath: socket }),
  });
  if (outcome.kind === 'unknown') return { records, note: outcome.why };
  await using known = outcome.known;
  for await (const rows of known.rows()) {
    for (const { policy, record } of rows) records.set(policy.name, record);
  }
  return { records };
}
