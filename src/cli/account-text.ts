/** What `rekeyd status ACCOUNT` prints: why it is due, what holds it and what lifts that, its targets. Pure. */
import type { AccountView, HoldView, OldCredentialView, TargetView } from '../http/views.ts';
import { stateText } from './status-text.ts';
import { consumerLines } from './consumer-text.ts';
import { columns, fields, moment, rough } from './text.ts';

export function accountText(account: AccountView, now: number): string {
  const { live, ageFrom, rotation, lastFailure, labels } = account;
  const tags = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const age = ageFrom && `${ageFrom.atLeast ? 'at least ' : ''}${rough(Math.max(0, now - ageFrom.at))}`;
  const about = fields([
    ['account', account.name],
    ['labels', tags.join(', ')],
    [
      'provider',
      [
        account.provider,
        ...(account.organisation === '' ? [] : [`organisation ${account.organisation}`]),
        `account ${account.accountIds.join(' and ')}`,
      ].join(', '),
    ],
    ['strategy', account.strategy],
    ['state', stateText(account)],
    ['standby', standbyText(account)],
    ['roles', account.rolesDiffer && rolesText(account.rolesDiffer, now)],
    ['live', live === undefined ? 'not known yet' : liveText(live, now)],
    ['old', account.old?.map((old) => oldText(old, now)).join('\n')],
    ['not known', unknownText(account, now)],
    ['refused', account.refused && refusedText(account.refused, now)],
    ['age', age],
    ['due', dueText(account, now)],
    ['due next', account.dueNext && `${moment(account.dueNext.dueAt, now)}: ${account.dueNext.trigger}`],
    ['last look', account.lookedAt === undefined ? undefined : moment(account.lookedAt, now)],
    ['next look', account.next && `${moment(account.next.at, now)}: ${account.next.why}`],
    ['rotation', rotation && rotationText(rotation, now)],
    ['last rotation', lastText(account, now)],
    ['failures', account.failures === 0 ? undefined : `${account.failures} of its own in a row`],
    ['last failure', lastFailure && `${moment(lastFailure.at, now)}: ${lastFailure.message}`],
  ]);
  const holds = account.holds.map((hold) => holdText(hold, now)).join('');
  return `${about}${holds === '' ? '\nNothing holds it.\n' : `\n${holds}`}\n${targetsText(account.targets, now)}`;
}

function liveText(live: NonNullable<AccountView['live']>, now: number): string {
  const { fingerprint, mintedAt, issuedAt, expiresAt, proved, compromised } = live;
  const since =
    mintedAt === undefined
      ? issuedAt === undefined
        ? ''
        : `, issued ${moment(issuedAt, now)}`
      : `, minted ${moment(mintedAt, now)}`;
  const until = expiresAt === undefined ? '' : `, expires ${moment(expiresAt, now)}`;
  const leaked = compromised === true ? ', compromised' : '';
  return `${fingerprint}${since}${until}${proved ? ', proved' : ''}${leaked}`;
}

function standbyText({ standby, live }: AccountView): string | undefined {
  if (standby === undefined) return undefined;
  return live === undefined ? `${standby}, named by a person` : `${standby}, minted for next`;
}

function rolesText({ roles, since }: NonNullable<AccountView['rolesDiffer']>, now: number): string {
  const each = Object.entries(roles).map(([accountId, role]) => `${accountId}: ${role}`);
  return (
    `different, seen ${moment(since, now)} (${each.join(', ')})\n` +
    'what consumers may do changes with each turn; give both the same role'
  );
}

function oldText(old: OldCredentialView, now: number): string {
  const { fingerprint, reference, accountId, why, hardLimitAt, waits } = old;
  const whose = accountId === undefined ? '' : ` of ${accountId}`;
  const name = `${fingerprint ?? 'of unknown value'}${reference === undefined ? whose : ` (${reference})`}`;
  const limit = hardLimitAt === undefined ? '' : `, ${moment(hardLimitAt, now)} in any case`;
  const waiting =
    waits === undefined ? '' : `\nnot yet: ${waits.why}; looked into ${moment(waits.tryAt, now)}`;
  return `${name}, ${WHY_OLD[why]}; ${endText(old, now)}${limit}${waiting}`;
}

function endText({ reference, until, compromised }: OldCredentialView, now: number): string {
  if (compromised === true)
    return 'compromised: it is ended as soon as the required targets hold the live one';
  if (reference === undefined) return 'it works until its account is minted for';
  return until === undefined
    ? 'it is retired some time after every target holds the live one'
    : `retired ${moment(until, now)} at the earliest`;
}

const WHY_OLD: Readonly<Record<OldCredentialView['why'], string>> = {
  replaced: 'was live',
  unused: 'minted and given to nobody',
  late: 'minted by a mint that seemed not to have happened',
};

function unknownText({ unknown }: AccountView, now: number): string | undefined {
  if (unknown === undefined) return undefined;
  const rows = unknown.map(({ reference, name, createdAt, lastUsedAt }) => {
    const used = lastUsedAt === undefined ? 'never used' : `last used ${moment(lastUsedAt, now)}`;
    return `${reference} (${name}), created ${moment(createdAt, now)}, ${used}`;
  });
  return `${rows.join('\n')}\nleft alone: end what nobody needs at the provider`;
}

function refusedText(refused: NonNullable<AccountView['refused']>, now: number): string {
  const { id = 'by the provider', since, times, lastAt, counts, why, tryAt } = refused;
  const seen =
    times === 1
      ? `seen once, ${moment(since, now)}`
      : `seen ${times} times, first ${moment(since, now)}, last ${moment(lastAt, now)}`;
  const certain = counts ? 'certain' : `not certain${why === undefined ? ' yet' : `: ${why}`}`;
  return `${id}, ${seen}\n${certain}; tried again ${moment(tryAt, now)}`;
}

function dueText({ due, configured }: AccountView, now: number): string {
  if (!configured) return 'never again: it has left the configuration';
  if (due === undefined) return 'no';
  const slot = due.slot === undefined ? '' : `, slot ${moment(due.slot, now)}`;
  return `since ${moment(due.dueAt, now)}: ${due.trigger}${slot}`;
}

function rotationText(rotation: NonNullable<AccountView['rotation']>, now: number): string {
  const { id, trigger, openedAt, minted, outcomeUnknown, attempts } = rotation;
  const state = minted
    ? 'minted, being proved and delivered'
    : outcomeUnknown
      ? 'nobody knows yet whether it minted; looked at until that is known'
      : attempts > 0
        ? `not minted yet, ${attempts} tried`
        : 'not minted yet';
  return `${id} (${trigger}), opened ${moment(openedAt, now)}: ${state}`;
}

function lastText({ lastRotation, targets }: AccountView, now: number): string | undefined {
  if (lastRotation === undefined) return undefined;
  const { id, at, darkWindowMs, estimated } = lastRotation;
  const first = `${moment(at, now)}, ${id}`;
  if (darkWindowMs === undefined) return first;
  const lags = targets.filter(({ required }) => required).map(({ consumerLagMs }) => consumerLagMs);
  const lag = Math.max(0, ...lags.map((lagMs) => lagMs ?? 0));
  const unknown = lags.includes(undefined) ? '; a target without consumerLag may add to it' : '';
  const dark = `dark window ${rough(darkWindowMs)}${estimated ? ' (estimated)' : ''}`;
  return `${first}\n${dark}; with consumerLag, consumers were without for up to ${rough(darkWindowMs + lag)}${unknown}`;
}

function holdText(
  { kind, subject, since, until, by, reason, stops, liftedBy }: HoldView,
  now: number,
): string {
  return fields([
    ['held by', `${kind} (${subject}), set by ${by}`],
    ['since', since === 0 ? undefined : moment(since, now)],
    ['because', reason],
    ['stops', stops.map((what) => STOPS[what] ?? what).join(', ')],
    ['lifted by', `${liftedBy}${until === undefined ? '' : `, ${moment(until, now)}`}`],
  ]);
}

const STOPS: Readonly<Record<string, string>> = {
  mint: 'every rotation',
  'unasked-mint': 'rotations that nobody asks for',
  'refused-mint': 'rotations because a live credential is refused',
  write: 'writing to its targets',
  healing: 'putting right what others changed',
  verify: 'verifying',
};

function targetsText(targets: readonly TargetView[], now: number): string {
  const rows = targets.map((target) => [
    target.id,
    target.required ? 'yes' : 'no',
    target.state,
    target.fingerprint ?? '',
    target.confirmedAt === undefined ? '' : moment(target.confirmedAt, now),
    target.consumerLagMs === undefined ? '' : rough(target.consumerLagMs),
    target.retryAt === undefined ? '' : moment(target.retryAt, now),
  ]);
  const head = ['TARGET', 'REQUIRED', 'STATE', 'HOLDS', 'CONFIRMED', 'CONSUMER LAG', 'TRIED AGAIN'];
  const failures = targets.flatMap(({ id, lastFailure }) =>
    lastFailure === undefined ? [] : [`${id}: ${lastFailure.message}\n`],
  );
  const drifts = targets.flatMap(({ id, drifted }) =>
    drifted === undefined ? [] : [`${id}: ${driftText(drifted, now)}\n`],
  );
  const notes = [...drifts, ...failures, ...targets.flatMap((target) => consumerLines(target, now))];
  return `${columns(head, rows)}${notes.length === 0 ? '' : `\n${notes.join('')}`}`;
}

function driftText({ since, writtenAt, writtenBy }: NonNullable<TargetView['drifted']>, now: number): string {
  const when = writtenAt === undefined ? '' : ` ${moment(writtenAt, now)}`;
  const by = writtenBy === undefined ? '' : ` by ${writtenBy}`;
  const last = `${when}${by}` === '' ? '' : `, last written${when}${by}`;
  return `changed by somebody else, seen ${moment(since, now)}${last}`;
}
