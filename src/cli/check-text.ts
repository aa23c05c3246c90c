/** What `rekeyd check` found, for a person: what is wrong in full, what is right for as many accounts as fit on a few screens. */
import type { Finding, Outcome } from '../app/check/finding.ts';
import { darkWindowWords, lagWords } from '../app/outage.ts';
import type { Outage } from '../app/outage.ts';
import { formatProblem } from '../config/problem.ts';
import type { Checked } from './check.ts';
import { foundText } from './found-text.ts';

/** Accounts whose findings are shown although nothing is wrong with them. */
const ACCOUNTS_SHOWN = 50;
/** Findings that are shown of what is wrong. */
const WRONG_SHOWN = 500;

export type Counts = Readonly<Record<Outcome, number>>;

export function countsOf({ findings }: Pick<Checked, 'findings'>): Counts {
  const counts = { ok: 0, warning: 0, failed: 0 };
  for (const { outcome } of findings) counts[outcome] += 1;
  return counts;
}

export function checkText(checked: Checked): string {
  const { config, problems, warnings, accounts, online, note } = checked;
  const lines: string[] = [];
  if (problems.length > 0) {
    lines.push(`The configuration ${config} has ${counted(problems.length, 'problem')}:`);
    lines.push(...problems.map(formatProblem), ...warnings.map(warningLine), '');
    return lines.join('\n');
  }
  lines.push(
    `The configuration ${config} is good: ${counted(accounts, 'account')}.`,
    ...warnings.map(warningLine),
  );
  const found = foundText(checked.accountsFrom, checked.notes).trimEnd();
  if (found !== '') lines.push(...found.split('\n'));
  if (note !== undefined && online) lines.push(`Nothing is known of the accounts already: ${note}.`);
  lines.push(...findingLines(checked), ...outageLines(checked.outages), '', summaryOf(checked), '');
  return lines.join('\n');
}

function warningLine(warning: Checked['warnings'][number]): string {
  return `warning: ${formatProblem(warning)}`;
}

function findingLines({ findings, accounts }: Checked): string[] {
  const isOfAccount = ({ scope }: Finding): boolean => scope === 'account' || scope === 'target';
  const ofAccounts = findings.filter(isOfAccount);
  const others = findings.filter((finding) => !isOfAccount(finding));
  const all = accounts <= ACCOUNTS_SHOWN;
  const shown = all ? ofAccounts : ofAccounts.filter(({ outcome }) => outcome !== 'ok');
  const lines = [
    ...section('Providers, stores and consumers', others),
    ...section(all ? 'Accounts' : 'Accounts with something wrong', shown.slice(0, WRONG_SHOWN)),
  ];
  if (!all)
    lines.push(`(${accounts} accounts: those with nothing wrong are not listed; -o json lists everything)`);
  if (shown.length > WRONG_SHOWN)
    lines.push(`(and ${shown.length - WRONG_SHOWN} more; -o json lists everything)`);
  return lines;
}

function section(title: string, findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const names = findings.map(({ subject, target }) =>
    target === undefined ? subject : `${subject} ${target}`,
  );
  const width = Math.min(60, Math.max(...names.map((name) => name.length)));
  return [
    '',
    title,
    ...findings.map(({ outcome, message }, index) => {
      return `  ${MARKS[outcome]}  ${(names[index] ?? '').padEnd(width)}  ${message}`;
    }),
  ];
}

const MARKS: Readonly<Record<Outcome, string>> = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' };

function outageLines(outages: readonly Outage[]): string[] {
  if (outages.length === 0) return [];
  const shown = outages.slice(0, ACCOUNTS_SHOWN);
  const lines = [
    '',
    'Outage at each rotation in place: the dark window, and then what consumers take to pick the new value up',
    ...shown.flatMap((outage) => [
      `  ${outage.account}: dark window ${darkWindowWords(outage)}`,
      ...outage.targets.map((target) => `    ${target.target}: ${lagWords(target)}`),
    ]),
  ];
  const more = outages.length - shown.length;
  if (more > 0) lines.push(`  (and ${counted(more, 'account')} more; -o json lists everything)`);
  return lines;
}

function summaryOf(checked: Checked): string {
  const { ok, warning, failed } = countsOf(checked);
  const configured = counted(checked.warnings.length, 'warning');
  const made = `${counted(ok + warning + failed, 'check')}: ${ok} ok, ${counted(warning, 'warning')}, ${failed} failed`;
  if (!checked.online) {
    return `Configuration: ${configured}. Checked offline: providers, stores and accounts were not looked at.`;
  }
  return `Configuration: ${configured}. ${made}.`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
