/** Goes through the accounts that a file has, YAML or JSON Lines, each with where it stands. */
import { includedSchema } from './account-schema.ts';
import { isMapping } from './connections.ts';
import type { Findings } from './findings.ts';
import { jsonLines, parseJsonLine, positionInLine } from './json-lines.ts';
import { documentOf } from './main-file.ts';
import { formatPath, type Flaw, type Problem } from './problem.ts';
import { isJsonLines } from './read-file.ts';
import { foundWords, kindWords } from './words.ts';
import type { YamlDocument } from './yaml.ts';
import { unknownKey } from './zod-flaws.ts';

export interface WrittenAccount {
  readonly raw: unknown;
  readonly line: number;
  /** A flaw of the account's value as a problem of its file. */
  problemOf(flaw: Flaw): Problem;
}

const INCLUDED_KEYS = Object.keys(includedSchema.shape);

/** `shown` is what people call the file. What keeps accounts from being read becomes a problem. */
export function* accountsInFile(
  bytes: Buffer,
  shown: string,
  findings: Findings,
): Generator<WrittenAccount, void> {
  if (isJsonLines(shown)) return yield* accountsInLines(bytes, shown, findings);
  const document = documentOf(bytes, shown, findings);
  if (document === undefined) return;
  const { value } = document;
  const problem = (flaw: Flaw): void =>
    findings.problem({
      file: shown,
      ...document.positions().of(flaw.path, flaw.at),
      path: formatPath(flaw.path),
      message: flaw.message,
    });
  if (!isMapping(value)) {
    const message = `found ${kindWords(value)}; allowed: a mapping with the key accounts`;
    return problem({ path: [], at: 'value', message });
  }
  for (const key of Object.keys(value)) {
    if (INCLUDED_KEYS.includes(key)) continue;
    const { path, at, message } = unknownKey(key, INCLUDED_KEYS, []);
    problem({ path, at, message: `${message} (included files have accounts only)` });
  }
  if (!Array.isArray(value['accounts'])) {
    const message = `found ${foundWords(value['accounts'])}; allowed: a list of accounts`;
    return problem({ path: ['accounts'], at: 'value', message });
  }
  yield* accountsInDocument(value['accounts'], document, shown);
}

/** Those of a list under the document's key `accounts`. */
export function* accountsInDocument(
  list: readonly unknown[],
  document: YamlDocument,
  shown: string,
): Generator<WrittenAccount, void> {
  const positions = document.positions();
  const places = positions.items('accounts');
  for (const [index, raw] of list.entries()) {
    const base = ['accounts', index];
    yield {
      raw,
      line: places[index]?.line ?? 1,
      problemOf: (flaw) => ({
        file: shown,
        ...positions.of([...base, ...flaw.path], flaw.at),
        path: formatPath([...base, ...flaw.path]),
        message: flaw.message,
      }),
    };
  }
}

function* accountsInLines(bytes: Buffer, shown: string, findings: Findings): Generator<WrittenAccount, void> {
  for (const written of jsonLines(bytes)) {
    const { line } = written;
    const parse = parseJsonLine(written.text);
    if (!parse.ok) {
      const { column, message } = parse;
      findings.problem({ file: shown, line, column, path: '', message });
      continue;
    }
    yield {
      raw: parse.value,
      line,
      problemOf: (flaw) => ({
        file: shown,
        ...positionInLine(written, flaw),
        path: formatPath(flaw.path),
        message: flaw.message,
      }),
    };
  }
}
