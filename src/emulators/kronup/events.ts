/** What has been done to the emulator: calls, and changes of accounts. */
import type { CalledEvent } from '../witness.ts';
import type { Change } from './organisation.ts';

export interface ChangedEvent {
  readonly kind: Change['kind'];
  readonly at: number;
  readonly by: Change['by'];
  readonly accountId: string;
  /** Counts the tokens of this account. */
  readonly generation: number;
  readonly reopened: boolean;
}

export type EmulatorEvent = CalledEvent | ChangedEvent;

/** A change as it is recorded. */
export function eventOf(change: Change): ChangedEvent {
  const { kind, at, by, account, reopened } = change;
  return { kind, at, by, accountId: account.id, generation: account.generation, reopened };
}
