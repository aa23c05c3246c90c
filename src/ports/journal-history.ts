/** Rotations and their steps, as the journal keeps them for people to read. */
import type { Cause } from '../domain/fact.ts';
import type { AccountId } from './journal.ts';

/** One step of a rotation, for history: rows are keyed (rotation, step, target). */
export interface StepRow {
  readonly rotation: string;
  readonly step: string;
  readonly target?: string;
  readonly attempts: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly outcome?: string;
}

/** A rotation as history shows it. */
export interface RotationRow {
  readonly id: string;
  readonly account: AccountId;
  readonly accountName: string;
  readonly trigger: string;
  readonly slot?: number;
  readonly cause: Cause;
  readonly openedAt: number;
  readonly mintedAt?: number;
  readonly closedAt?: number;
  readonly outcome?: 'succeeded' | 'abandoned';
  readonly fingerprint?: string;
  readonly darkWindowMs?: number;
  readonly estimated?: boolean;
  readonly failure?: string;
  /** How long the slowest of its consumers took, in ms; what a commit says of it is added to what is there. */
  readonly consumerLagMs?: number;
}
