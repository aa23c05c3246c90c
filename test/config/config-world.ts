// Configurations in folders of their own, and what comes of reading them.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Account } from '../../src/domain/account.ts';
import { unpack } from '../../src/config/batches.ts';
import { formatProblem, type Problem } from '../../src/config/problem.ts';
import { readConfig, type ReadConfig } from '../../src/config/read-config.ts';
import type { ConfiguredAccount, ConfiguredBatch, Found } from '../../src/ports/journal.ts';

export const NOW = Date.parse('2026-03-02T12:00:00Z');

/** Text by path; the main file is `rekeyd.yaml`. */
export type Files = Readonly<Record<string, string>>;

export interface ConfigFolder extends Disposable {
  readonly folder: string;
  readonly main: string;
  write(files: Files): void;
  read(appliedFiles?: ReadonlyMap<string, string>, found?: Found): ReadConfig;
  /** Problems as lines, without the folder. */
  problems(): string[];
  warnings(found?: Found): string[];
  /** The problems and the warnings of one reading. */
  told(): string[];
  /** Those that are handed out. */
  accounts(appliedFiles?: ReadonlyMap<string, string>, found?: Found): Account[];
}

export function configFolder(files: Files): ConfigFolder {
  const folder = mkdtempSync(join(tmpdir(), 'rekeyd-config-'));
  const main = join(folder, 'rekeyd.yaml');
  const write = (texts: Files): void => {
    for (const [path, text] of Object.entries(texts)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      // Whatever this process leaves to others of the files that it makes.
      writeFileSync(join(folder, path), text, { mode: 0o644 });
    }
  };
  const read = (
    appliedFiles: ReadonlyMap<string, string> = new Map(),
    found: Found = new Map(),
  ): ReadConfig => readConfig({ path: main, now: NOW, appliedFiles, found });
  const lines = (problems: readonly Problem[]): string[] =>
    problems.map((problem) => formatProblem(problem).replaceAll(`${folder}/`, ''));
  write(files);
  return {
    folder,
    main,
    write,
    read,
    problems() {
      const outcome = read();
      return outcome.ok ? [] : lines(outcome.bad.problems);
    },
    warnings(found) {
      const outcome = read(new Map(), found);
      return lines(outcome.ok ? outcome.config.warnings : outcome.bad.warnings);
    },
    told() {
      const outcome = read();
      const { problems, warnings } = outcome.ok
        ? { problems: [], warnings: outcome.config.warnings }
        : outcome.bad;
      return lines([...problems, ...warnings]);
    },
    accounts(appliedFiles, found) {
      const outcome = read(appliedFiles, found);
      if (!outcome.ok) throw new Error(lines(outcome.bad.problems).join('\n'));
      const batches = outcome.config.files.flatMap((file) => file.batches ?? []);
      return batches.flatMap((batch) => parseBatch(unpack(batch)).map(({ policy }) => policy));
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Ten lines: what every configuration needs beside accounts. */
export const BASE = `providers:
  kronup:
    kind: kronup
    token: { env: TOKEN }
stores:
  files: { kind: file, directory: /srv/consumers }
  aws: { kind: aws-secrets-manager, region: eu-central-1 }
defaults: { provider: kronup }
`;

/** A main file that ends with these accounts, each the lines of a mapping without indentation. */
export function withAccounts(...accounts: readonly string[]): Files {
  return { 'rekeyd.yaml': `${BASE}${accountList(...accounts)}` };
}

export function accountList(...accounts: readonly string[]): string {
  const items = accounts.map((text) => `  - ${text.trim().replaceAll('\n', '\n    ')}\n`);
  return `accounts:\n${items.join('')}`;
}

/** A target that has nothing wrong with it. */
export function target(address: string): string {
  return `targets: [{ store: files, address: ${address}, consumerLag: 1m }]`;
}

export function parseBatch(batch: ConfiguredBatch): readonly ConfiguredAccount[] {
  return typeof batch === 'string' ? (JSON.parse(batch) as readonly ConfiguredAccount[]) : batch;
}
