/** A plan for a person: what would happen now, the next slots, where they collide, what each rotation costs. */
import type { Plan } from '../app/plan.ts';
import type { DueAtOnce } from '../app/plan/compare.ts';
import type { PlannedAccount, PlannedSlot } from '../app/plan/slots.ts';
import { darkWindowWords, lagWords } from '../app/outage.ts';
import type { Hold } from '../domain/hold.ts';
import { formatDuration } from '../domain/duration.ts';
import { localTime, utcTime } from './instants.ts';

const ACCOUNTS_SHOWN = 50;
const SLOTS_SHOWN = 10;
const COLLISIONS_SHOWN = 20;
const CHANGES_SHOWN = 50;

export function planText(config: string, plan: Plan): string {
  const { from, to, accounts, planned } = plan;
  const shown = planned.slice(0, ACCOUNTS_SHOWN);
  const lines = [
    `Plan of ${config} from ${utcTime(from)} to ${utcTime(to)}: ${counted(accounts, 'account')}.`,
    '',
    ...nowLines(plan),
    '',
    'Next slots',
    ...shown.flatMap(accountLines),
  ];
  if (accounts > shown.length) {
    lines.push(
      `  (the first ${shown.length} of ${accounts} accounts; name others with --account, or use -o json)`,
    );
  }
  if (accounts > planned.length) {
    lines.push(`  (slots were calculated for the first ${planned.length} accounts only, for collisions too)`);
  }
  lines.push('', ...collisionLines(plan), '');
  return lines.join('\n');
}

function nowLines({ comparison, accounts }: Plan): string[] {
  const { added, changed, removed, dueAtOnce, holds, why } = comparison;
  const lines = [`Now, compared with ${comparison.with ?? 'nothing'}`];
  if (why !== undefined)
    lines.push(`  ${why}`, '  each account would be seen for the first time: observed and scheduled');
  else if (added.length + changed.length + removed.length === 0) {
    lines.push(`  the configuration of ${counted(accounts, 'account')} is unchanged`);
  }
  if (why === undefined)
    lines.push(...limited(added.map((name) => `added    ${name}: observed and scheduled`)));
  lines.push(
    ...limited(changed.map(({ account, fields }) => `changed  ${account}: ${fields.join('; ')}`)),
    ...limited(removed.map((name) => `removed  ${name}: no longer rotated; nothing is deleted in a store`)),
  );
  lines.push(...limited(holds.map(holdLine)));
  if (dueAtOnce.length === 0) lines.push('  no account would rotate at once');
  return [...lines, ...limited(dueAtOnce.map(dueLine))];
}

function holdLine({ kind, subject, since, by, reason }: Hold): string {
  const who = by === 'rekeyd' ? '' : ` by ${by}`;
  return `held     ${subject} (${kind}, since ${utcTime(since)}${who}): ${reason}`;
}

function dueLine({ account, trigger, slot, missed, then, at, hold }: DueAtOnce): string {
  const slotWords = slot === undefined ? '' : `, slot ${utcTime(slot)}${missed ? ' missed' : ''}`;
  const why = `(${trigger}${slotWords})`;
  switch (then) {
    case 'rotates':
      return `rotates  ${account} at once ${why}`;
    case 'later':
      return `rotates  ${account} ${at === undefined ? 'soon' : `at ${utcTime(at)}`} ${why}`;
    case 'skipped':
      return `skips    ${account} ${why}, as missed: skip says`;
    case 'held': {
      const until = hold?.until === undefined ? '' : ` until ${utcTime(hold.until)}`;
      return `held     ${account} ${why}: ${hold?.kind ?? 'held'}${until}: ${hold?.reason ?? ''}`;
    }
    case 'goes-on':
      return `goes on  ${account} with the rotation that is open ${why}`;
  }
}

function limited(entries: readonly string[]): string[] {
  const more = entries.length - CHANGES_SHOWN;
  const lines = entries.slice(0, CHANGES_SHOWN).map((entry) => `  ${entry}`);
  return more > 0 ? [...lines, `  (and ${more} more like these; -o json lists everything)`] : lines;
}

function accountLines(planned: PlannedAccount): string[] {
  const { account, schedule, slots, more, dst, maxAgeAt, expiryAt, outage, jitterMs, paused } = planned;
  const zone = schedule?.zone ?? 'UTC';
  const when = schedule === undefined ? 'no schedule' : `'${schedule.pattern}' in ${schedule.zone}`;
  const jitter = jitterMs > 0 ? `, jitter up to ${formatDuration(jitterMs)}` : '';
  const lines = [`  ${account}: ${when}${jitter}${paused ? ', paused: not rotated unasked' : ''}`];
  if (schedule !== undefined && slots.length === 0) lines.push('    no slot in this period');
  lines.push(...slots.slice(0, SLOTS_SHOWN).map((slot) => `    ${slotWords(slot, zone, jitterMs)}`));
  if (slots.length > SLOTS_SHOWN || more) {
    const left = more ? `more than ${slots.length - SLOTS_SHOWN}` : String(slots.length - SLOTS_SHOWN);
    lines.push(`    (and ${left} more in this period)`);
  }
  lines.push(...dst.map(({ words }) => `    ${words}`));
  if (maxAgeAt !== undefined) lines.push(`    max age is reached at ${bothTimes(maxAgeAt, zone)}`);
  if (expiryAt !== undefined) lines.push(`    rotated for its expiry at ${bothTimes(expiryAt, zone)}`);
  if (outage !== undefined) {
    const lags = outage.targets.map((target) => `${target.target} ${lagWords(target)}`).join(', ');
    lines.push(`    outage at each: dark window ${darkWindowWords(outage)}; then consumers: ${lags}`);
  }
  return lines;
}

function slotWords(planned: PlannedSlot, zone: string, jitterMs: number): string {
  const { slot, dueAt, insteadAt, replaced } = planned;
  const range = `, jitter until ${clockTime(slot + jitterMs)}: runs at ${clockTime(dueAt)}`;
  const words = `${bothTimes(slot, zone)}${jitterMs > 0 ? range : ''}`;
  if (insteadAt === undefined) return words;
  if (replaced) return `${words}; outside the windows: a newer slot takes its place`;
  if (insteadAt === 'never') return `${words}; outside the windows, which do not open within a year`;
  return `${words}; outside the windows: runs at ${bothTimes(insteadAt, zone)} instead`;
}

/** Without the date. */
function clockTime(at: number): string {
  return utcTime(at).slice(11);
}

function bothTimes(at: number, zone: string): string {
  return zone === 'UTC' ? utcTime(at) : `${localTime(at, zone)} = ${utcTime(at)}`;
}

function collisionLines({ collisions }: Plan): string[] {
  if (collisions.length === 0)
    return ['No two accounts of one provider or store are due in the same minute.'];
  const shown = collisions.slice(0, COLLISIONS_SHOWN);
  const more = collisions.length - shown.length;
  return [
    'Due in the same minute (most accounts first; rotations together are fine, within the rates of provider and store)',
    ...shown.map(({ of, name, at, count, accounts }) => {
      const rest = count > accounts.length ? `, and ${count - accounts.length} more` : '';
      return `  ${utcTime(at).slice(0, -4)}Z  ${of} ${name}: ${count} accounts (${accounts.join(', ')}${rest})`;
    }),
    ...(more > 0 ? [`  (and ${more} more such minutes; -o json lists everything)`] : []),
  ];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
