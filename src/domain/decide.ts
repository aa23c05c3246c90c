/**
 * `decide(situation)`: what to do next for one account. The stages are asked in order, and the first one that has an
 * answer gives it. Pure: the same situation always gets the same decision.
 */
import type { Decision } from './decision.ts';
import { noteClock } from './deciding/clock.ts';
import { noteTargets } from './deciding/comparing.ts';
import { confirmWritten, deliverLive, proveLive } from './deciding/delivering.ts';
import { noteLive } from './deciding/finding-live.ts';
import { adopt, forgetWhatIsDone, look, noteHolds } from './deciding/looking.ts';
import { proveMinted } from './deciding/proving.ts';
import { resolveMint } from './deciding/recovering.ts';
import { judgeTry, parkRefused } from './deciding/refusing.ts';
import { noteRoles } from './deciding/roles.ts';
import { giveUpConsumers, refreshConsumers } from './deciding/refreshing.ts';
import { answerRequests, leave, notePolicy } from './deciding/requests.ts';
import { beginGrace, endCompromised, noteCredentials, retireOld } from './deciding/retiring.ts';
import { finish } from './deciding/finishing.ts';
import { open, park, prepare } from './deciding/rotating.ts';
import { tryLive } from './deciding/trying-live.ts';
import { LIMITS } from './limits.ts';
import type { Situation } from './situation.ts';
import { wakeOf } from './wake.ts';

const STAGES: readonly ((situation: Situation) => Decision | undefined)[] = [
  /* the clock was put back: nothing waits for it    */ noteClock,
  /* the policy changed: forget back-off             */ notePolicy,
  /* consumers that nobody names any more            */ giveUpConsumers,
  /* somebody asked for something                    */ answerRequests,
  /* a mint whose outcome is unknown: find out       */ resolveMint,
  /* look, where there is a reason to                */ look,
  /* first sight                                     */ adopt,
  /* closed, re-opened, or the daemon's own account  */ noteHolds,
  /* the two accounts of a pair may do other things  */ noteRoles,
  /* what is live                                    */ noteLive,
  /* what the targets hold                           */ noteTargets,
  /* other credentials that the account has          */ noteCredentials,
  /* prove what was minted beside the live one       */ proveMinted,
  /* try what is live, where that is asked for       */ tryLive,
  /* what a try says                                 */ judgeTry,
  /* prove what we did not mint before delivering it */ proveLive,
  /* end what has leaked, as soon as that may be     */ endCompromised,
  /* deliver the live credential where it is not     */ deliverLive,
  /* read back what was written                      */ confirmWritten,
  /* prove the new credential, try the old, close    */ finish,
  /* who reads the targets takes up what they hold   */ refreshConsumers,
  /* all have the newer one: grace begins            */ beginGrace,
  /* all is as it should be: clear what was pending  */ forgetWhatIsDone,
  /* gone from the configuration, nothing left to do */ leave,
  /* too many failures of its own                    */ park,
  /* the live credential is refused: call a person   */ parkRefused,
  /* a reason to rotate, and nothing against it      */ open,
  /* get the proofs that a mint needs, then mint     */ prepare,
  /* retire what is old, when nothing is against it  */ retireOld,
];

export function decide(situation: Situation): Decision {
  for (const stage of STAGES) {
    const decision = stage(situation);
    if (decision !== undefined) return decision;
  }
  return rest(situation);
}

function rest(situation: Situation): Decision {
  const { record, now, stopping, configured } = situation;
  const wake = wakeOf(situation);
  const unfinished = record.rotation !== undefined || record.waiting !== undefined;
  if (unfinished && stopping) return { do: 'rest', wake: { at: now, why: 'now' } };
  if (unfinished && configured && wake === undefined && !isHeldByHand(situation)) {
    return { do: 'rest', wake: { at: now + LIMITS.againMs, why: 'retry' } };
  }
  return { do: 'rest', wake };
}

/** A person lifts it, by a request or a changed policy, which wakes the account. */
function isHeldByHand({ record, policy, sharedHolds }: Situation): boolean {
  const { parked, paused, mismatched, rotation, waiting } = record;
  if (policy.paused || parked !== undefined || paused !== undefined || mismatched !== undefined) return true;
  const unasked = rotation?.trigger !== 'manual' && waiting === undefined;
  return unasked && sharedHolds.some(({ kind, subject }) => kind === 'frozen' && subject === policy.provider);
}
