/** Reads the main file: settings, connections and defaults, and all that is wrong with them. Its accounts come later. */
import { salvage } from './account.ts';
import { defaultsSchema, type AccountDefaults } from './account-schema.ts';
import { accountsFromOf, type WrittenAccountsFrom } from './accounts-from.ts';
import { isMapping, readConnections, type KnownConnections } from './connections.ts';
import type { Findings } from './findings.ts';
import { formatPath, type Flaw, type Problem } from './problem.ts';
import { readConfigFile } from './read-file.ts';
import { mainSchema } from './schema.ts';
import { graceFlaws, settingsOf, type Settings } from './settings.ts';
import type { Notes } from './watched.ts';
import { kindWords } from './words.ts';
import { parseYaml, type YamlDocument } from './yaml.ts';
import { check } from './zod-flaws.ts';

export interface MainFile extends KnownConnections {
  /** Absent where there is a problem in it. */
  readonly settings?: Settings;
  /** Those that are right. */
  readonly defaults: AccountDefaults;
  /** As written, not looked at yet. */
  readonly accounts: unknown;
  readonly include: readonly string[];
  /** Those that are right by themselves; their templates are not looked at yet. */
  readonly accountsFrom: readonly WrittenAccountsFrom[];
  /** A flaw of the main file's value as a problem. */
  problemOf(flaw: Flaw): Problem;
  readonly document: YamlDocument;
}

/** `undefined` where the file cannot be read as a mapping at all. */
export function readMain(path: string, { findings, contents }: Notes): MainFile | undefined {
  const read = readConfigFile(path);
  contents.set(path, read.content);
  if (!read.ok) findings.problem({ file: path, line: 1, column: 1, path: '', message: read.message });
  const document = read.ok ? documentOf(read.bytes, path, findings) : undefined;
  if (document === undefined) return undefined;
  const { value } = document;
  const problemOf = (flaw: Flaw): Problem => ({
    file: path,
    ...document.positions().of(flaw.path, flaw.at),
    path: formatPath(flaw.path),
    message: flaw.message,
  });
  if (!isMapping(value)) {
    const message = `found ${kindWords(value)}; allowed: a mapping with providers, stores and accounts`;
    findings.problem(problemOf({ path: [], at: 'value', message }));
    return undefined;
  }
  const { accounts, ...rest } = value;
  const { flaws, ...connections } = readConnections(value);
  const checked = check(mainSchema, rest);
  if (!checked.ok) flaws.unshift(...checked.flaws);
  const own = checked.ok ? settingsOf(checked.value) : undefined;
  if (own !== undefined) {
    flaws.push(...own.flaws, ...graceFlaws(own.settings.shutdownGraceMs, connections));
  }
  for (const flaw of flaws) findings.problem(problemOf(flaw));
  return {
    ...connections,
    ...(own !== undefined && flaws.length === 0 && { settings: own.settings }),
    defaults: salvage(defaultsSchema.shape, rest['defaults']),
    accounts,
    include: patternsOf(rest['include']),
    accountsFrom: accountsFromOf(rest['accountsFrom']),
    problemOf,
    document,
  };
}

/** A YAML file’s document; what keeps it from being read becomes a problem. `shown` is what people call the file. */
export function documentOf(bytes: Buffer, shown: string, findings: Findings): YamlDocument | undefined {
  const parse = parseYaml(bytes.toString('utf8'));
  if (!parse.ok) {
    for (const problem of parse.problems) findings.problem({ file: shown, path: '', ...problem });
    return undefined;
  }
  if (parse.document.value !== null) return parse.document;
  findings.problem({ file: shown, line: 1, column: 1, path: '', message: 'there is nothing in the file' });
  return undefined;
}

function patternsOf(include: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(include) ? include : [include];
  return list.filter((pattern) => typeof pattern === 'string' && pattern !== '') as string[];
}
