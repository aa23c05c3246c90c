/** What a check found: one line for a person, one object for a program. */

/** A warning is worth a look and stops nothing; what failed would stop a rotation. */
export type Outcome = 'ok' | 'warning' | 'failed';

export interface Finding {
  /** What was looked at. */
  readonly scope: 'provider' | 'store' | 'consumer' | 'account' | 'target';
  /** Name of the provider, store, connection to consumers or account. */
  readonly subject: string;
  /** Of scope `target`: which one of the account. */
  readonly target?: string;
  /** What was asked of it, in one word, such as `manager`, `open`, `writable`. */
  readonly check: string;
  readonly outcome: Outcome;
  /** What was found and, where something is wrong, what to do. Never contains a credential. */
  readonly message: string;
}

type Find = (check: string, message: string) => Finding;

/** Makes findings of one scope and subject, one function for each outcome. */
export function findingsOf(
  about: Pick<Finding, 'scope' | 'subject' | 'target'>,
): Readonly<Record<Outcome, Find>> {
  const as =
    (outcome: Outcome): Find =>
    (check, message) => ({ ...about, check, outcome, message });
  return { ok: as('ok'), warning: as('warning'), failed: as('failed') };
}
