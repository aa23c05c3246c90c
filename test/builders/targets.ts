/** What is known and seen of targets. */
import type { TargetRecord } from '../../src/domain/record.ts';
import type { TargetSeen, Tried } from '../../src/domain/situation.ts';
import { target } from './account.ts';
import { FAILURE } from './decision.ts';
import { NOW } from './situation.ts';

export const OTHER = target('vault:billing');

export const UNTOUCHED: TargetRecord = { failures: 0, accepted: false };

export const STRANGER: TargetSeen = { requestedAt: NOW, holds: { kind: 'credential', fingerprint: 'x' } };
export const UNREADABLE: TargetSeen = { requestedAt: NOW, holds: { kind: 'unreadable', failure: FAILURE } };
export const NOTHING: TargetSeen = { requestedAt: NOW, holds: { kind: 'nothing' } };
export const STRANGE: TargetSeen = { requestedAt: NOW, holds: { kind: 'other' } };

export function holding(fingerprint: string, changes: Partial<TargetSeen> = {}): TargetSeen {
  return { requestedAt: NOW, holds: { kind: 'credential', fingerprint }, version: '1', ...changes };
}

/** A credential that was used just now, to this end. */
export function tried(outcome: Tried['outcome']): Tried {
  return { at: NOW, outcome };
}
