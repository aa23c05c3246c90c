/** The files of a configuration that have accounts, each with a hash that tells whether its policies may have changed. */
import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import type { JsonObject } from '../domain/target.ts';
import { accountsInDocument, accountsInFile, type WrittenAccount } from './accounts-file.ts';
import { originOf } from './connections.ts';
import { findIncluded, isAccountsFile } from './include.ts';
import { configJsonSchema } from './json-schema.ts';
import type { MainFile } from './main-file.ts';
import { readConfigFile } from './read-file.ts';
import type { Notes } from './watched.ts';
import { foundWords, kindWords } from './words.ts';

export interface Source {
  /** Identifies the file in the journal. */
  readonly key: string;
  /** What people call it: its path as it follows from the path of the main file that they gave. */
  readonly shown: string;
  /** Reads the file as it is now. `undefined` where it cannot be read, which becomes a problem. */
  open(): OpenSource | undefined;
}

export interface OpenSource {
  readonly hash: string;
  accounts(): Iterable<WrittenAccount>;
}

/** Raised when the same words make another policy than before, so that every account is applied anew. */
const POLICY_FORM = 2;

/** The main file first, then the included ones. `path` is that of the main file, `context` what `contextOf` says of it. */
export function sourcesOf(
  main: MainFile,
  { path, ...opening }: Opening & { readonly path: string },
): Source[] {
  const { findings } = opening;
  const own = { key: basename(path), shown: path, open: () => openMain(main, path, opening) };
  const { files, empty } = findIncluded(path, main.include);
  for (const pattern of empty) {
    const message = `include ${JSON.stringify(pattern)} matches no *.yaml or *.jsonl file`;
    findings.warning('include', main.problemOf({ path: ['include'], at: 'value', message }));
  }
  const included = files.flatMap(({ path: file, key }): Source[] => {
    if (isAccountsFile(file)) {
      return [{ key, shown: file, open: () => openIncluded(file, opening) }];
    }
    const message = `found ${foundWords(key)}; allowed: names that end with .yaml, .yml or .jsonl`;
    findings.problem(main.problemOf({ path: ['include'], at: 'value', message }));
    return [];
  });
  return [own, ...included];
}

/** Made once in a process: that takes longer than all else about a small configuration. */
let schema: JsonObject | undefined;

/** Everything outside of its own words that a policy is made from, as one text. */
export function contextOf(main: MainFile): string {
  const providers = [...main.providers.values()].map((provider) => ({
    name: provider.name,
    kind: provider.entry?.kind,
    strategies: provider.entry?.strategies,
    origin: originOf(provider),
  }));
  const stores = [...main.stores.values()].map(({ name, connection }) => ({ name, hash: connection?.hash }));
  const consumers = [...main.consumers.values()].map(({ name, entry }) => ({ name, kind: entry?.kind }));
  schema ??= configJsonSchema();
  const form = [POLICY_FORM, schema];
  return JSON.stringify({ form, folder: resolve(), defaults: main.defaults, providers, stores, consumers });
}

interface Opening extends Notes {
  readonly context: string;
}

function openMain(main: MainFile, shown: string, { context, findings }: Opening): OpenSource {
  const written = main.accounts ?? [];
  const hash = hashOf(context, JSON.stringify(written));
  if (Array.isArray(written)) {
    return { hash, accounts: () => accountsInDocument(written, main.document, shown) };
  }
  const message = `found ${kindWords(written)}; allowed: a list of accounts`;
  findings.problem(main.problemOf({ path: ['accounts'], at: 'value', message }));
  return { hash, accounts: () => [] };
}

function openIncluded(path: string, { context, findings, contents }: Opening): OpenSource | undefined {
  const read = readConfigFile(path);
  contents.set(path, read.content);
  if (read.ok) {
    const { bytes } = read;
    return { hash: hashOf(context, bytes), accounts: () => accountsInFile(bytes, path, findings) };
  }
  findings.problem({ file: path, line: 1, column: 1, path: '', message: read.message });
  return undefined;
}

export function hashOf(context: string, content: string | Buffer): string {
  return createHash('sha256').update(context).update('\0').update(content).digest('hex');
}
