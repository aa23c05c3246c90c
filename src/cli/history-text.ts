/** What `rekeyd history` prints: rotations, newest first, or one with its steps and facts. Pure. */
import type { Fact } from '../domain/fact.ts';
import type { Page, RotationRow, StepRow } from '../ports/journal.ts';
import type { RotationDetail } from './history.ts';
import { absolute, columns, fields, moment, precise, relative, rough } from './text.ts';

const HEAD = [
  'OPENED',
  'ACCOUNT',
  'TRIGGER',
  'OUTCOME',
  'DARK WINDOW',
  'CONSUMER LAG',
  'FINGERPRINT',
  'BY',
  'ROTATION',
];

export function historyText(page: Page<RotationRow>, now: number): string {
  if (page.items.length === 0) return 'No rotation yet.\n';
  const rows = page.items.map((rotation) => [
    `${absolute(rotation.openedAt)} (${relative(rotation.openedAt, now)})`,
    rotation.accountName,
    rotation.trigger,
    outcomeText(rotation),
    darkText(rotation) ?? '',
    lagText(rotation) ?? '',
    rotation.fingerprint ?? '',
    rotation.cause.actor,
    rotation.id,
  ]);
  const more = page.next === undefined ? '' : '… and older ones; see more with --limit N\n';
  return `${columns(HEAD, rows)}${more}`;
}

export function rotationText({ rotation, steps, facts }: RotationDetail, now: number): string {
  const { cause, slot, mintedAt, closedAt, failure } = rotation;
  const about = fields([
    ['rotation', rotation.id],
    ['account', rotation.accountName],
    ['trigger', slot === undefined ? rotation.trigger : `${rotation.trigger}, slot ${absolute(slot)}`],
    ['asked by', cause.reason === undefined ? cause.actor : `${cause.actor}: ${cause.reason}`],
    ['opened', moment(rotation.openedAt, now)],
    ['minted', mintedAt === undefined ? undefined : moment(mintedAt, now)],
    ['ended', closedAt === undefined ? undefined : moment(closedAt, now)],
    ['outcome', outcomeText(rotation)],
    ['fingerprint', rotation.fingerprint],
    ['dark window', darkText(rotation)],
    ['consumer lag', lagText(rotation)],
    ['last failure', failure],
  ]);
  return `${about}\n${stepsText(steps)}\n${factsText(facts)}`;
}

function outcomeText({ outcome, mintedAt }: RotationRow): string {
  return outcome ?? (mintedAt === undefined ? 'open, not minted yet' : 'open, being delivered');
}

function darkText({ darkWindowMs, estimated }: RotationRow): string | undefined {
  if (darkWindowMs === undefined) return undefined;
  return `${rough(darkWindowMs)}${estimated === true ? ' (estimated)' : ''}`;
}

function lagText({ consumerLagMs }: RotationRow): string | undefined {
  return consumerLagMs === undefined ? undefined : rough(consumerLagMs);
}

function stepsText(steps: readonly StepRow[]): string {
  const rows = steps.map(({ step, target, startedAt, endedAt, attempts, outcome }) => [
    precise(startedAt),
    step,
    target ?? '',
    outcome ?? 'under way',
    endedAt === undefined ? '' : rough(endedAt - startedAt),
    String(attempts),
  ]);
  return columns(['STARTED', 'STEP', 'TARGET', 'OUTCOME', 'TOOK', 'ATTEMPTS'], rows);
}

function factsText(facts: readonly Fact[]): string {
  const rows = facts.map((fact) => [precise(fact.at), fact.kind, bodyText(fact)]);
  return columns(['AT', 'FACT', 'WHAT'], rows);
}

const OWN_FIELDS: readonly string[] = ['id', 'at', 'kind', 'cause', 'rotation', 'targets', 'consumers'];

/** The fields that a kind of fact has of its own; times as such. */
function bodyText(fact: Fact): string {
  return Object.entries(fact)
    .filter(([key]) => !OWN_FIELDS.includes(key))
    .map(([key, value]) => {
      const isTime = typeof value === 'number' && (key.endsWith('At') || key === 'slot');
      return `${key}=${isTime ? precise(value) : typeof value === 'object' ? JSON.stringify(value) : String(value)}`;
    })
    .join(' ');
}
