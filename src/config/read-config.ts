/**
 * Reads a whole configuration: main file, included files, all accounts and what they have to do with one another. Takes
 * as long as it takes, so it runs in a worker thread.
 */
import { readAccount, type AccountContext } from './account.ts';
import { warningsOf } from './account-warnings.ts';
import { packAccounts } from './batches.ts';
import type { Connection, KnownConnection } from './connections.ts';
import { collectFindings } from './findings.ts';
import { gatherFleet, type Fleet } from './fleet.ts';
import { readMain, type MainFile } from './main-file.ts';
import { checkTemplates, readFound, type TakenFrom } from './found-accounts.ts';
import type { Problem } from './problem.ts';
import { warnOfSecrets } from './secret-warnings.ts';
import type { Settings } from './settings.ts';
import type { Found } from '../ports/journal-found.ts';
import { contextOf, hashOf, sourcesOf, type OpenSource, type Source } from './sources.ts';
import type { Notes, WatchedFiles } from './watched.ts';

export interface ReadOptions {
  /** Of the main file, as the person gave it. */
  readonly path: string;
  /** Ms since the epoch. */
  readonly now: number;
  /** By file: the hash under which it was applied last. */
  readonly appliedFiles: ReadonlyMap<string, string>;
  /** What providers' lists showed, for `accountsFrom`. */
  readonly found?: Found;
}

export interface ReadFile {
  /** Identifies it in the journal. */
  readonly path: string;
  readonly hash: string;
  /** Packed accounts; absent for a file that is unchanged since it was applied. */
  readonly batches?: readonly Uint8Array[];
}

export interface GoodConfig {
  readonly settings: Settings;
  readonly providers: readonly Connection[];
  readonly stores: readonly Connection[];
  /** Connections to consumers. */
  readonly consumers: readonly Connection[];
  readonly files: readonly ReadFile[];
  /** Absent where no file has changed, so that no account was looked at. */
  readonly accounts?: number;
  /** Accounts that are taken by their names, and how many. */
  readonly accountsFrom: readonly TakenFrom[];
  readonly warnings: readonly Problem[];
  readonly watched: WatchedFiles;
}

export interface BadConfig {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly watched: WatchedFiles;
}

export type ReadConfig =
  | { readonly ok: true; readonly config: GoodConfig }
  | { readonly ok: false; readonly bad: BadConfig };

/**
 * A file whose hash is the applied one is read again only where another file of the set has changed: accounts of different
 * files must not share anything, and that can be seen only with all of them in sight.
 */
export function readConfig({ appliedFiles, found, ...options }: ReadOptions): ReadConfig {
  return beginReading(options).finish(appliedFiles, found);
}

/** The main file is read. What was applied last is needed from here on, and its place may stand in the settings. */
export interface BegunReading {
  /** Absent where they have problems. */
  readonly settings?: Settings;
  /** Reads the rest. To be called once. */
  finish(appliedFiles: ReadonlyMap<string, string>, found?: Found): ReadConfig;
}

export function beginReading({ path, now }: Pick<ReadOptions, 'path' | 'now'>): BegunReading {
  const findings = collectFindings();
  const contents = new Map<string, string>();
  const main = readMain(path, { findings, contents });
  return {
    ...(main?.settings && { settings: main.settings }),
    finish(appliedFiles, found = new Map()) {
      const watched = { path, include: main?.include ?? [], contents };
      if (main !== undefined) warnOfSecrets(main, findings);
      const read = main && readSources(main, { path, now, appliedFiles, found, findings, contents });
      const warnings = findings.warnings();
      if (findings.failed || main?.settings === undefined || read === undefined) {
        return { ok: false, bad: { problems: findings.problems(), warnings, watched } };
      }
      const { settings } = main;
      const providers = connectionsOf(main.providers);
      const stores = connectionsOf(main.stores);
      const consumers = connectionsOf(main.consumers);
      const connections = { providers, stores, consumers };
      return { ok: true, config: { settings, ...connections, ...read, warnings, watched } };
    },
  };
}

type Reading = Required<ReadOptions> & Notes;

type ReadSources = Pick<GoodConfig, 'files' | 'accounts' | 'accountsFrom'>;

function readSources(main: MainFile, reading: Reading): ReadSources {
  const { appliedFiles, findings } = reading;
  const context = contextOf(main);
  const sources = sourcesOf(main, { ...reading, context });
  checkTemplates(main, reading);
  const foundWith = foundHash(main, context, reading);
  if (!findings.failed && sources.length + main.accountsFrom.length === appliedFiles.size) {
    const files = sources.map((source) => ({ path: source.key, hash: source.open()?.hash ?? '' }));
    const found = main.accountsFrom.map((_, index) => foundWith(index, files));
    const all = [...files, ...found];
    if (all.every((file) => appliedFiles.get(file.path) === file.hash)) {
      return { files: all, accountsFrom: main.accountsFrom.map(plainFrom) };
    }
  }
  const fleet = gatherFleet();
  const files = sources.flatMap((source) => {
    const opened = source.open();
    return opened === undefined ? [] : [readSource({ source, opened, main, fleet }, reading)];
  });
  const taken = main.accountsFrom.map((from, index) => {
    const { path, hash } = foundWith(index, files);
    const packer = appliedFiles.get(path) === hash ? undefined : packAccounts();
    const counted = readFound({ from, main, fleet, packer }, reading);
    return { counted, file: { path, hash, ...(packer !== undefined && { batches: packer.batches() }) } };
  });
  if (fleet.size === 0 && main.accountsFrom.length === 0) {
    const message = 'there are no accounts';
    findings.warning('empty', main.problemOf({ path: [], at: 'value', message }));
  }
  return {
    files: [...files, ...taken.map(({ file }) => file)],
    accounts: fleet.size,
    accountsFrom: taken.map(({ counted }) => counted),
  };
}

/**
 * What is taken by name depends on all accounts that are written out: one that is written there is not taken. So its hash is made of
 * theirs as well.
 */
function foundHash(
  main: MainFile,
  context: string,
  { found }: Reading,
): (index: number, files: readonly Pick<ReadFile, 'hash'>[]) => Pick<ReadFile, 'path' | 'hash'> {
  const all = main.accountsFrom.map(({ path: _, ...from }) => [from, found.get(from.provider) ?? []]);
  return (index, files) => ({
    path: `accountsFrom[${index}]`,
    hash: hashOf(context, JSON.stringify([index, all, files.map(({ hash }) => hash)])),
  });
}

function plainFrom({
  path: _path,
  template: _template,
  ...from
}: MainFile['accountsFrom'][number]): TakenFrom {
  return from;
}

function readSource(
  from: {
    readonly source: Source;
    readonly opened: OpenSource;
    readonly main: MainFile;
    readonly fleet: Fleet;
  },
  { now, appliedFiles, findings }: Reading,
): ReadFile {
  const { source, opened, main, fleet } = from;
  const { key, shown } = source;
  const packer = appliedFiles.get(key) === opened.hash ? undefined : packAccounts();
  const context: AccountContext = { ...main, now };
  for (const written of opened.accounts()) {
    const { account, claims, flaws } = readAccount(written.raw, context);
    const shared = fleet.add(claims, { file: shown, line: written.line });
    for (const flaw of [...flaws, ...shared]) {
      const { inDefaults, ...plain } = flaw;
      const inMain = { ...plain, path: ['defaults', ...flaw.path] };
      findings.problem(inDefaults === true ? main.problemOf(inMain) : written.problemOf(flaw));
    }
    if (account === undefined) continue;
    for (const { kind, path, message } of warningsOf(account, main.stores)) {
      findings.warning(kind, written.problemOf({ path, at: 'value', message }));
    }
    packer?.add(account);
  }
  return { path: key, hash: opened.hash, ...(packer !== undefined && { batches: packer.batches() }) };
}

function connectionsOf(known: ReadonlyMap<string, KnownConnection<unknown>>): Connection[] {
  return [...known.values()].flatMap(({ connection }) => connection ?? []);
}
