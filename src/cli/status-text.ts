/** What `rekeyd status` prints of all accounts. Pure. */
import type { StatusView } from '../http/routes/status.ts';
import type { AccountView, HoldView } from '../http/views.ts';
import type { Page } from '../ports/journal.ts';
import { columns, count, moment, relative, rough } from './text.ts';

const HEAD = ['ACCOUNT', 'STATE', 'LIVE', 'AGE', 'LAST ROTATION', 'NEXT', 'HELD BY'];

export function statusText({
  summary,
  accounts,
  where,
}: {
  readonly summary: StatusView;
  readonly accounts: Page<AccountView>;
  readonly where: string;
}): string {
  const { now, nextAt } = summary;
  const rows = accounts.items.map((account) => row(account, now));
  const table = rows.length === 0 ? 'No account fits.\n' : columns(HEAD, rows);
  const more =
    accounts.next === undefined
      ? ''
      : `… and more; see them with --limit N, or choose with --hold, --provider or --label\n`;
  const next = nextAt === undefined ? '' : `, next look ${moment(nextAt, now)}`;
  return [
    `${whoText(summary, where)}\n`,
    `${count(summary.accounts, 'account')}: ${worst(summary)}${summary.running ? next : ''}\n`,
    refusedText(summary),
    heldText(summary),
    ...summary.holds.map((hold) => sharedText(hold, now)),
    '\n',
    table,
    more,
  ].join('');
}

/** A reason may end with a full stop of its own. */
function sharedText({ kind, subject, since, by, reason, liftedBy }: HoldView, now: number): string {
  const who = by === 'rekeyd' ? '' : `, by ${by}`;
  const why = reason.replace(/\.$/, '');
  return `Held: ${kind} ${subject}, since ${moment(since, now)}${who}: ${why}. Lifted by ${liftedBy}.\n`;
}

function whoText(summary: StatusView, where: string): string {
  const { installation, version, pid, host, startedAt, now, probes } = summary;
  if (!summary.running)
    return `No daemon runs. This is what the journal ${where} says; nothing is rotated until one runs.`;
  const serving = probes === undefined ? '' : `, probes at ${probes}`;
  return `rekeyd ${version}, installation ${installation}: process ${pid} on ${host}, started ${moment(startedAt, now)}${serving}`;
}

function worst({ notConverged, consumersBehind, overdue }: StatusView): string {
  return [
    notConverged === 0 ? 'all converged' : `${notConverged} not converged`,
    ...(consumersBehind === 0 ? [] : [`${consumersBehind} with consumers behind`]),
    ...(overdue === 0 ? [] : [`${overdue} overdue`]),
  ].join(', ');
}

function refusedText({ configRefused, now }: StatusView): string {
  if (configRefused === undefined) return '';
  const { at, problems } = configRefused;
  const head = `The configuration that was read ${moment(at, now)} is refused, and the last good one is in force:\n`;
  return `${head}${problems.map((problem) => `  ${problem}\n`).join('')}`;
}

function heldText({ held }: StatusView): string {
  const kinds = Object.entries(held).map(([kind, number]) => `${number} ${kind}`);
  return kinds.length === 0 ? '' : `Held: ${kinds.join(', ')} (rekeyd status --hold KIND lists them)\n`;
}

function row(account: AccountView, now: number): string[] {
  const { name, live, ageFrom, lastRotation, holds } = account;
  const next = nextOf(account);
  const age = ageFrom && `${ageFrom.atLeast ? '≥ ' : ''}${rough(Math.max(0, now - ageFrom.at))}`;
  const dark = lastRotation?.darkWindowMs;
  const last =
    lastRotation &&
    `${relative(lastRotation.at, now)}${dark === undefined ? '' : `, dark ${rough(dark)}${lastRotation.estimated ? ' (estimated)' : ''}`}`;
  return [
    name,
    stateText(account),
    live?.fingerprint ?? '',
    age ?? '',
    last ?? '',
    next === undefined ? '' : `${next.at <= now ? 'now' : relative(next.at, now)} (${next.why})`,
    [...new Set(holds.map(({ kind }) => kind))].join(', '),
  ];
}

/** What people wait for: that it is verified before it rotates is nothing to wait for. */
function nextOf({ next, dueNext }: AccountView): AccountView['next'] {
  if (next?.why !== 'verify' || dueNext === undefined) return next;
  return { at: dueNext.dueAt, why: dueNext.trigger };
}

/** In one or two words how an account is. */
export function stateText({
  configured,
  converged,
  rotation,
  due,
  targets,
  holds,
  live,
  lastFailure,
}: AccountView): string {
  if (!configured) return 'left';
  if (rotation?.minted === true) return 'delivering';
  if (rotation !== undefined)
    return lastFailure !== undefined && lastFailure.at >= rotation.openedAt
      ? 'failing to rotate'
      : 'rotating';
  const behind = targets.filter(({ state }) => state !== 'converged').length;
  if (!converged && live === undefined) return 'not known yet';
  if (!converged) return `${behind} of ${count(targets.length, 'target')} behind`;
  if (due !== undefined) return holds.length > 0 ? 'due, held' : 'due';
  return 'converged';
}
