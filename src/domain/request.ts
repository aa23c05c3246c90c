/** What people ask for of one account, and how urgent a rotation is that they ask for. */

/**
 * `rotate-compromised`: the live credential has leaked, so it is ended without grace, and tried. `rotate-compromised-now`: that
 * waits for no target either.
 */
export type RequestDoes =
  | 'rotate'
  | 'rotate-compromised'
  | 'rotate-compromised-now'
  | 'accept'
  | 'pause'
  | 'resume'
  | 'unpark'
  | 'reconcile'
  | 'standby';

/**
 * The live credential has leaked. `after-delivery`: it is ended as soon as the required targets hold the new one. `now`: as soon as
 * there is a new one, whatever that does to consumers.
 */
export type Compromise = 'after-delivery' | 'now';

export function asksToRotate(does: RequestDoes): boolean {
  return does === 'rotate' || compromiseOf(does) !== undefined;
}

/** Whether the request says that the live credential has leaked, and how soon it has to end. */
export function compromiseOf(does: RequestDoes): Compromise | undefined {
  switch (does) {
    case 'rotate-compromised':
      return 'after-delivery';
    case 'rotate-compromised-now':
      return 'now';
    case 'rotate':
    case 'accept':
    case 'pause':
    case 'resume':
    case 'unpark':
    case 'reconcile':
    case 'standby':
      return undefined;
  }
}

/** The more urgent of two. */
export function moreUrgent(
  one: Compromise | undefined,
  other: Compromise | undefined,
): Compromise | undefined {
  return one === 'now' || other === undefined ? one : other;
}
