/** An account whose live credential is refused: what was seen of it, and what is decided then. */
import type { Account } from '../../src/domain/account.ts';
import { decide } from '../../src/domain/decide.ts';
import type { Decision, NewFact } from '../../src/domain/decision.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { Fact, FactBodies } from '../../src/domain/fact.ts';
import type { AccountRecord, Refusal } from '../../src/domain/record.ts';
import type { Observation, Situation, Tried } from '../../src/domain/situation.ts';
import { account } from './account.ts';
import { ALL_SEEN, NOW, record, situation, TARGET } from './situation.ts';

const MINUTE_MS = 60_000;
/** When the last try was sent. */
export const SENT = NOW - 1_000;

/** The service knows it, and says that it is no longer good. */
export const EXPIRED: Tried['outcome'] = { kind: 'refused', revoked: true, id: 'auth-api-expired' };
/** As many others as are tried. */
export const ALL_ACCEPTED = { at: NOW, accepted: 3, refused: 0, unknown: 0 };

/** Refused once, ten minutes ago. */
export const ONCE: Refusal = {
  fingerprint: 'live',
  id: 'auth-api-expired',
  since: NOW - 10 * MINUTE_MS,
  lastAt: NOW - 10 * MINUTE_MS,
  times: 1,
  triedAt: NOW - 10 * MINUTE_MS,
  tryAt: NOW - MINUTE_MS,
};

/** Refused again just now, with everything that makes it count. */
export const CERTAIN: Observation = {
  ...ALL_SEEN,
  manager: { accountId: 'manager', acceptedAt: NOW },
  tried: { live: { at: SENT, outcome: EXPIRED } },
  others: ALL_ACCEPTED,
};

/** What a test changes. */
export interface Given {
  readonly policy?: Partial<Account>;
  readonly record?: Partial<AccountRecord>;
  readonly seen?: Partial<Observation>;
  readonly more?: Partial<Situation>;
}

/** An account whose live credential was refused again just now. */
export function refused(given: Given = {}): Situation {
  return situation({
    policy: account({ targets: [TARGET], ...given.policy }),
    record: record({ refused: ONCE, ...given.record }),
    seen: { ...CERTAIN, ...given.seen },
    inHand: new Set(['live']),
    dueWhy: 'refused',
    ...given.more,
  });
}

/** The facts of the first decision. */
export function noted(of: Situation): readonly NewFact[] {
  const decision = decide(of);
  return decision.do === 'note' ? decision.facts : [];
}

/** Decides and folds until something is to be done that only the engine can do. */
export function untilDone(of: Situation): {
  readonly decision: Decision;
  readonly facts: string[];
  record: AccountRecord;
} {
  let now = of;
  const facts: string[] = [];
  for (;;) {
    const decision = decide(now);
    if (decision.do !== 'note') return { decision, facts, record: now.record };
    facts.push(...decision.facts.map(({ kind }) => kind));
    const folded = decision.facts.reduce(
      (so, fact) => evolve(so, { ...fact, id: 'f', at: NOW, cause: { actor: 'rekeyd' } }),
      now.record,
    );
    now = { ...now, record: folded };
  }
}

/** The record after one fact more, which a person caused. */
export function fold<Kind extends keyof FactBodies>(
  of: AccountRecord,
  kind: Kind,
  body: FactBodies[Kind],
): AccountRecord {
  return evolve(of, { ...body, kind, id: 'f', at: NOW, cause: { actor: 'person' } } as unknown as Fact);
}
