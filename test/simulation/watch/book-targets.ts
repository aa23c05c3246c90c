/** What the committed facts say of an account's targets, in the checker's own model: what they hold, and what was written over. */
import type { Account } from '../../../src/domain/account.ts';
import type { Fact } from '../../../src/domain/fact.ts';
import type { KnownAccount } from './book-entries.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

export function takeTarget(
  account: KnownAccount,
  fact: Fact & { readonly target: string },
  policy: Account,
): void {
  const overwrite = policy.targets.some(({ id, overwrite }) => id === fact.target && overwrite);
  switch (fact.kind) {
    case 'target-foreign':
      if (!overwrite) account.foreign.add(fact.target);
      return;
    case 'target-accepted':
      endContest(account, fact.target);
      return putRight(account, fact.target);
    case 'target-written':
      account.written.add(fact.target);
      return putRight(account, fact.target);
    case 'target-confirmed':
      account.confirmed.set(fact.target, fact.fingerprint);
      account.everConfirmed.add(fact.fingerprint);
      account.owed.delete(fact.target);
      return putRight(account, fact.target);
    case 'target-cleared':
      return putRight(account, fact.target);
    case 'target-contested':
      account.contested.set(fact.target, fact.at);
      return;
    case 'target-uncontested': {
      const last = account.overwritten.get(fact.target)?.at(-1) ?? Number.NEGATIVE_INFINITY;
      if (fact.at - last >= DAY_MS) endContest(account, fact.target);
      return;
    }
    case 'target-failed':
      // What reads back something else was written over, and counts once, whatever becomes of it then.
      if (fact.misread === true && account.written.has(fact.target)) {
        if (writtenOver(account, fact.target, fact.at)) account.written.delete(fact.target);
      }
      return;
    case 'target-drifted':
      account.drifted.add(fact.target);
      if (account.written.delete(fact.target)) writtenOver(account, fact.target, fact.at);
      break;
    default:
  }
}

function putRight({ foreign, drifted }: KnownAccount, target: string): void {
  foreign.delete(target);
  drifted.delete(target);
}

function endContest({ contested, overwritten }: KnownAccount, target: string): void {
  contested.delete(target);
  overwritten.delete(target);
}

/** Three within a day, each a minute and more after the last. Whether it counted. */
function writtenOver({ overwritten }: KnownAccount, target: string, at: number): boolean {
  const known = overwritten.get(target) ?? [];
  const last = known.at(-1) ?? Number.NEGATIVE_INFINITY;
  if (at - last <= MINUTE_MS && at >= last) return false;
  const kept = [...known, at].slice(-3);
  overwritten.set(
    target,
    kept.filter((one) => one <= at && at - one <= DAY_MS),
  );
  return true;
}

/**
 * What is known of a target ends when it is not configured any more, unless it is to get what was minted and nobody else has its
 * place; and when it comes back after it was away.
 */
export function forgetTargets(account: KnownAccount, targets: Account['targets'] | readonly []): void {
  const ids = new Set(targets.map(({ id }) => id));
  const isTaken = (id: string) =>
    targets.some(({ store, address }) => id.split('#')[0] === `${store}:${address}`);
  const stays = (id: string) =>
    ids.has(id) ? (account.configured?.has(id) ?? true) : account.owed.has(id) && !isTaken(id);
  const { foreign, contested, drifted, confirmed, owed, written, overwritten } = account;
  for (const known of [foreign, contested, drifted, confirmed, written, overwritten, owed]) {
    for (const id of known.keys()) if (!stays(id)) known.delete(id);
  }
}

/** These are its targets from now on. */
export function configureTargets(account: KnownAccount, targets: Account['targets']): void {
  account.configured = new Set(targets.map(({ id }) => id));
}
