/** What `rekeyd once` prints. Pure. */
import type { DueReport } from '../http/due-report.ts';
import { columns, count, moment } from './text.ts';

/** More rotated accounts are counted, not named. */
const NAMED_MAX = 10;

export function dueText(report: DueReport, now: number): string {
  const { accounts, rotatedCount, rotated, unfinished, unfinishedCount } = report;
  const { held, failed, waiting } = unfinishedCount;
  const left = [
    failed > 0 && `${failed} failed`,
    held > 0 && `${held} held`,
    waiting > 0 && `${waiting} not done yet`,
  ].filter((words) => words !== false);
  const names = rotated.length > 0 && rotated.length <= NAMED_MAX ? ` (${rotated.join(', ')})` : '';
  const rest = left.length === 0 ? 'nothing left to do' : left.join(', ');
  const head = `${count(accounts, 'account')}: ${rotatedCount} rotated${names}, ${rest}\n`;
  if (unfinished.length === 0) return head;
  const rows = unfinished.map(({ account, state, why, nextAt }) => [
    account,
    state,
    nextAt === undefined ? '' : moment(nextAt, now),
    why,
  ]);
  return `${head}\n${columns(['ACCOUNT', 'STATE', 'LOOKED AT AGAIN', 'WHY'], rows)}`;
}
