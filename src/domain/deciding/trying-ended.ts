/** A credential that has leaked and was ended is tried: its rotation succeeds only when it is seen refused. */
import type { Decision, NewFact } from '../decision.ts';
import { note } from '../decision.ts';
import type { Fingerprint } from '../credential.ts';
import { isOutOfPair } from '../pair.ts';
import type { OpenRotation, Untried } from '../record.ts';
import { retirables } from '../retire-needs.ts';
import type { Situation, Tried } from '../situation.ts';
import { failure, isWaiting } from './failing.ts';

/** What is still to be done about what has leaked before the rotation may succeed; `undefined`: nothing. */
export function endingOf(situation: Situation, rotation: OpenRotation): Decision | 'wait' | undefined {
  if (rotation.compromised === undefined) return undefined;
  // Ending them is another stage's work, which goes on for as long as it takes.
  if (retirables(situation).some(({ compromised }) => compromised === true)) return 'wait';
  const left = leftBehind(situation, rotation);
  if (left !== undefined) return left;
  const [ended] = rotation.untried ?? [];
  return ended && tryEnded(situation, ended);
}

/** Its account was taken out of the pair meanwhile, or is left of it alone: what has leaked works on, which is no success. */
function leftBehind({ record, policy }: Situation, { minted }: OpenRotation): Decision | undefined {
  const { old = [], live } = record;
  // What is of the account that was minted for leaked since, and is the next rotation's business.
  const isLive = live?.compromised === true && live.accountId !== minted?.accountId;
  const left = isLive ? live : old.find((one) => one.compromised === true && isOutOfPair({ policy }, one));
  if (left === undefined) return undefined;
  const end = isLive
    ? `end it by: rekeyd rotate ${policy.name} --compromised --reason …`
    : 'regenerate its token in the console, or close the account at the provider';
  const whose = left.accountId ?? policy.accountIds[0];
  const why = `what has leaked of ${whose} works still, because that account is not one of a pair any more; ${end}`;
  return note({ kind: 'rotation-abandoned', why });
}

/**
 * Tries it until it is refused. Where its value is gone that can never be seen, and the rotation that replaced it says so instead of
 * succeeding. That one replaced before was ended is all that can be known of it.
 */
export function tryEnded(
  situation: Situation,
  {
    fingerprint,
    endedAt,
    replaced,
  }: Omit<Untried, 'fingerprint'> & { readonly fingerprint: Fingerprint | undefined },
): Decision | 'wait' {
  if (isWaiting(situation)) return 'wait';
  if (fingerprint === undefined || !situation.inHand.has(fingerprint)) {
    const [tryless, abandoned] = unseen(fingerprint);
    return replaced ? note(tryless, abandoned) : note(tryless);
  }
  const since = triedSince(situation, fingerprint, endedAt);
  switch (since?.kind) {
    case undefined:
      return { do: 'try', fingerprint };
    case 'refused':
      return note({ kind: 'old-credential-tried', fingerprint, outcome: 'refused' });
    case 'unknown':
      return note(failure(situation, since.failure));
    case 'accepted': {
      const message =
        `${situation.policy.provider} still accepts the compromised credential ${fingerprint}, although it was ended; ` +
        'it is tried again. If this goes on, close the account at the provider';
      return note(failure(situation, { kind: 'answer-invalid', message }));
    }
  }
}

/**
 * How the newest try of a credential ended, where that was at `from` or later (ms since the epoch). What lies in the future is longer ago
 * than it says: the clock was put back since.
 */
export function triedSince(
  { seen, now }: Situation,
  fingerprint: Fingerprint | undefined,
  from: number,
): Tried['outcome'] | undefined {
  const tried = fingerprint === undefined ? undefined : seen.tried[fingerprint];
  return tried !== undefined && (tried.at >= from || from > now) ? tried.outcome : undefined;
}

function unseen(fingerprint: Fingerprint | undefined): [NewFact, NewFact] {
  const which = fingerprint === undefined ? 'what was live before' : `the credential ${fingerprint}`;
  const why =
    `a new credential is live, and ${which} was ended, but nobody has its value any more, so that it is refused was not seen: ` +
    'try it yourself where it leaked';
  return [
    { kind: 'old-credential-tried', fingerprint: fingerprint ?? '', outcome: 'unknown' },
    { kind: 'rotation-abandoned', why },
  ];
}
