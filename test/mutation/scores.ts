// Stryker's plug-in `scores`: writes what a run measured into the table of docs/mutation.md. Rows of files that the run left
// out stay as they are, and the table says on which version each one was measured.

import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';

const PAGE = 'docs/mutation.md';
const BEGIN = '<!-- The scores: written by `npm run mutate`. -->';
const END = '<!-- The end of the scores. -->';
const DOMAIN = 'src/domain';
/** What decides whether a mutant is killed. */
const MEASURED = [`${DOMAIN}/**/*.ts`, 'test/domain/**/*.ts', 'test/builders/**/*.ts'];

export interface Score {
  /** Below `src/domain`, without its ending. */
  readonly file: string;
  readonly mutants: number;
  /** Noticed by a test, or never ending. */
  readonly killed: number;
  /** What the file was, and what the whole domain and its tests were: the beginnings of hashes. */
  readonly fileVersion: string;
  readonly version: string;
}

/** Of what Stryker says of a mutant, what is read here. */
interface Mutant {
  readonly fileName: string;
}

interface TestedMutant extends Mutant {
  readonly status: string;
}

/** What Stryker tells while it runs. */
interface Reporter {
  onMutationTestingPlanReady(plan: { readonly mutantPlans: readonly { readonly mutant: Mutant }[] }): void;
  onMutantTested(mutant: TestedMutant): void;
}

/** What is there now: the files of the domain with the version of each, and that of the whole. */
export interface Present {
  readonly files: ReadonlyMap<string, string>;
  readonly version: string;
}

/** Each file's row is written as soon as its last mutant was tried: a run that is broken off keeps what it measured. */
export function scoresReporter(): Reporter {
  // What is changed meanwhile is not what is measured.
  const { files, version } = present();
  const planned = new Map<string, number>();
  const tested = new Map<string, string[]>();
  // A run over a few lines of a file measures no file.
  const isOfLines = process.argv.some((argument) => /\.ts:\d/.test(argument));
  return {
    onMutationTestingPlanReady({ mutantPlans }) {
      for (const { mutant } of mutantPlans)
        planned.set(mutant.fileName, (planned.get(mutant.fileName) ?? 0) + 1);
    },
    onMutantTested({ fileName, status }) {
      const statuses = [...(tested.get(fileName) ?? []), status];
      tested.set(fileName, statuses);
      if (isOfLines || statuses.length < (planned.get(fileName) ?? Infinity)) return;
      const file = nameOf(relative('.', fileName));
      const score = { file, ...scoreOf(statuses), fileVersion: files.get(file) ?? '', version };
      writeFileSync(PAGE, withScores(readFileSync(PAGE, 'utf8'), [score], present()));
    },
  };
}

function scoreOf(statuses: readonly string[]): Pick<Score, 'mutants' | 'killed'> {
  const counted = statuses.filter((status) => status !== 'Ignored' && !status.endsWith('Error'));
  const killed = counted.filter((status) => status === 'Killed' || status === 'Timeout');
  return { mutants: counted.length, killed: killed.length };
}

/** The page with these scores in its table, beside those of other files that it has already. */
export function withScores(page: string, measured: readonly Score[], now: Present): string {
  const [before = '', rest = ''] = page.split(BEGIN);
  const [old = '', after = ''] = rest.split(END);
  const scores = new Map([...rowsOf(old), ...measured].map((score) => [score.file, score] as const));
  const kept = [...scores.values()]
    .filter(({ file, mutants }) => mutants > 0 && now.files.has(file))
    .toSorted((one, other) => (one.file < other.file ? -1 : 1));
  const text = [summary(kept, now), table(kept, now)].join('\n\n');
  return `${before}${BEGIN}\n\n${text}\n\n${END}${after}`;
}

function summary(scores: readonly Score[], now: Present): string {
  const mutants = scores.reduce((sum, score) => sum + score.mutants, 0);
  const killed = scores.reduce((sum, score) => sum + score.killed, 0);
  const lines = [`Together: ${killed} of ${mutants} killed, ${percent(killed, mutants)} %.`];
  const versions = new Set(scores.map(({ version }) => version));
  if (versions.size === 1) lines.push('All files were measured on one version of the domain and its tests.');
  else
    lines.push(
      `Not all files were measured on one version of the domain and its tests, but on ${versions.size}.`,
    );
  if (scores.some((score) => isChanged(score, now))) lines.push('Files marked * have changed since.');
  return lines.join('\n');
}

function table(scores: readonly Score[], now: Present): string {
  const rows = scores.map((score) => {
    const { file, mutants, killed, fileVersion, version } = score;
    const mark = isChanged(score, now) ? ' *' : '';
    return `| \`${file}\`${mark} | ${mutants} | ${killed} | ${percent(killed, mutants)} | ${fileVersion} | ${version} |`;
  });
  const head = '| file in `src/domain` | mutants | killed | % | version of the file | of domain and tests |';
  return [head, '|---|---|---|---|---|---|', ...rows].join('\n');
}

function rowsOf(text: string): Score[] {
  const rows = text.matchAll(/^\| `(.+)`(?: \*)? \| (\d+) \| (\d+) \| [\d.]+ \| (\w*) \| (\w*) \|$/gm);
  return [...rows].map(([, file = '', mutants, killed, fileVersion = '', version = '']) => {
    return { file, mutants: Number(mutants), killed: Number(killed), fileVersion, version };
  });
}

function isChanged({ file, fileVersion }: Score, now: Present): boolean {
  return now.files.get(file) !== fileVersion;
}

/** Rounded down: what is less than 90 never reads as 90. */
function percent(part: number, whole: number): string {
  return (Math.floor((1000 * part) / Math.max(whole, 1)) / 10).toFixed(1);
}

function present(): Present {
  const paths = globSync(MEASURED).toSorted();
  const texts = paths.map((path) => [path, readFileSync(path, 'utf8')] as const);
  const domain = texts.filter(([path]) => path.startsWith(DOMAIN));
  return {
    files: new Map(domain.map(([path, text]) => [nameOf(path), hashOf(text)])),
    version: hashOf(JSON.stringify(texts)),
  };
}

function nameOf(path: string): string {
  return path.slice(DOMAIN.length + 1, -'.ts'.length);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 7);
}
