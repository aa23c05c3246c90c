/** What `rekeyd rotate` prints. Pure. */
import type { EndedRotation } from './still-valid.ts';
import { columns, rough } from './text.ts';

export function askedText(
  rotations: readonly EndedRotation[],
  { waited }: { readonly now: number; readonly waited: boolean },
): string {
  const rows = rotations.map((asked) => [
    asked.account,
    stateText(asked, waited),
    asked.rotation?.fingerprint ?? '',
    whatText(asked),
    asked.rotation?.id ?? '',
  ]);
  return columns(['ACCOUNT', 'RESULT', 'FINGERPRINT', 'WHAT', 'ROTATION'], rows);
}

function stateText({ state, rotation, held }: EndedRotation, waited: boolean): string {
  if (state === 'would-rotate') return 'would rotate';
  if (state === 'would-wait') return 'would wait';
  if (state === 'refused') return 'refused';
  if (rotation?.outcome !== undefined) return rotation.outcome;
  if (rotation?.mintedAt !== undefined) return 'being delivered';
  if (held !== undefined) return 'held';
  if (state === 'waiting') return waited ? 'not taken up yet' : 'asked for';
  return rotation === undefined ? 'waits its turn' : 'begun';
}

function whatText({ why, rotation, held, stillValid }: EndedRotation): string {
  if (why !== undefined) return why;
  if (held !== undefined) return held;
  const { darkWindowMs, estimated, failure } = rotation ?? {};
  if (darkWindowMs !== undefined)
    return `dark window ${rough(darkWindowMs)}${estimated === true ? ' (estimated)' : ''}`;
  return failure ?? stillValid ?? '';
}
