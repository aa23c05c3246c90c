/** Works on one claimed account until there is nothing more to do for it now: decide, perform, and again. */
import type { Conditions } from './conditions.ts';
import type { Decision } from '../domain/decision.ts';
import { decide } from '../domain/decide.ts';
import { withLook } from '../domain/deciding/looking.ts';
import { targetsOf } from '../domain/situation.ts';
import type { Situation } from '../domain/situation.ts';
import type { Observer } from './observer.ts';
import type { Others } from './others.ts';
import { causeOf, commit, hasBegun, situationOf } from './session.ts';
import type { Session } from './session.ts';
import type { SharedHolds } from './shared-holds.ts';
import { annotate } from './steps/annotate.ts';
import { askTime } from './steps/ask-time.ts';
import { deliver } from './steps/deliver.ts';
import { mint } from './steps/mint.ts';
import { observe } from './steps/observe.ts';
import { grant, tryOthers } from './steps/refused.ts';
import { preflight } from './steps/preflight.ts';
import { prove } from './steps/prove.ts';
import { refresh } from './steps/refresh.ts';
import { retire } from './steps/retire.ts';

/**
 * More decisions than an account can need in one go, and than each thing of it can need beside that: beyond, something is wrong with the
 * tables.
 */
const DECISIONS_MAX = 200;
const DECISIONS_EACH_MAX = 10;

export interface Tools {
  readonly observer: Observer;
  readonly others: Others;
  readonly sharedHolds: SharedHolds;
  readonly conditions: Conditions;
  readonly installation: string;
}

/** Rejects with `StaleClaimError` where the account was taken over, with the signal's reason where it was stopped. */
export async function work(session: Session, tools: Tools): Promise<void> {
  let most = DECISIONS_MAX;
  for (let decisions = 0; decisions < most; decisions++) {
    await tools.conditions.settle(session.claim.policy.provider);
    const known = situationOf(session);
    session.record = withLook(known);
    const situation = session.record === known.record ? known : { ...known, record: session.record };
    most = Math.max(most, decisionsMax(situation));
    // What a stop broke off is no failure: it is left as it was committed.
    const leaves = situation.stopping && !hasBegun(session);
    const decision: Decision = leaves
      ? { do: 'rest', wake: { at: situation.now, why: 'now' } }
      : decide(situation);
    if (decision.do === 'rest') {
      await commit(session, [], { release: decision.wake ?? 'nothing-due' });
      if (!hasBegun(session)) session.values.clear();
      return;
    }
    await perform(session, decision, tools);
  }
  throw new Error(`no rest after ${most} decisions`);
}

/** So that whoever has much to do is not taken for whoever goes round. */
function decisionsMax(situation: Situation): number {
  const targets = targetsOf(situation);
  const consumers = targets.flatMap((target) => target.consumers ?? []);
  const old = situation.record.old ?? [];
  const things = targets.length + consumers.length + old.length + situation.requests.length;
  return DECISIONS_MAX + things * DECISIONS_EACH_MAX;
}

async function perform(
  session: Session,
  decision: Exclude<Decision, { readonly do: 'rest' }>,
  tools: Tools,
): Promise<void> {
  switch (decision.do) {
    case 'note': {
      const cause = causeOf(session, decision);
      const answers = decision.answers ?? [];
      const rotation = session.record.rotation?.id;
      for (const fact of decision.facts) {
        if (fact.kind === 'consumer-given-up') await tools.sharedHolds.consumerReleased(fact.consumer);
      }
      await commit(session, decision.facts, { answers, ...(cause === undefined ? {} : { cause }) });
      const succeeded = decision.facts.some(({ kind }) => kind === 'rotation-succeeded');
      if (succeeded && rotation !== undefined) await annotate(session, rotation, tools.installation);
      return;
    }
    case 'ask-time':
      return askTime(session);
    case 'observe':
      return observe(session, decision, tools);
    case 'try':
      return prove(session, decision.fingerprint);
    case 'try-others':
      return tryOthers(session, tools.others);
    case 'grant':
      return grant(session);
    case 'preflight':
      return preflight(session, decision.targets, tools.sharedHolds);
    case 'mint':
      return mint(session, tools.installation, tools.sharedHolds);
    case 'refresh':
      return refresh(session, decision, tools.sharedHolds);
    case 'retire':
      return retire(session, decision.reference, tools.sharedHolds);
    case 'deliver': {
      const credential = session.values.get(decision.fingerprint);
      if (credential === undefined)
        throw new Error('a delivery was decided of a credential that is not in hand');
      return deliver(session, credential, decision.targets, { sharedHolds: tools.sharedHolds });
    }
  }
}
