import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { becomesContested, overwrittenWith } from '../../src/domain/contest.ts';
import { decide } from '../../src/domain/decide.ts';
import type { NewFact } from '../../src/domain/decision.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { Fact } from '../../src/domain/fact.ts';
import type { AccountRecord, TargetRecord } from '../../src/domain/record.ts';
import type { Situation, TargetSeen } from '../../src/domain/situation.ts';
import { account } from '../builders/account.ts';
import { ALL_SEEN, NOW, record, situation, TARGET } from '../builders/situation.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OTHER: TargetSeen['holds'] = { kind: 'credential', fingerprint: 'other' };
const WRITTEN = { fingerprint: 'live', version: '1', at: NOW - HOUR_MS };
const CONFIRMED: TargetRecord = { failures: 0, accepted: false, written: WRITTEN, confirmed: WRITTEN };
const DRIFTED: TargetRecord = {
  failures: 0,
  accepted: false,
  drifted: { since: NOW - HOUR_MS, fingerprint: 'other' },
};
const CONTESTED: TargetRecord = {
  ...DRIFTED,
  contested: { since: NOW - HOUR_MS },
  overwritten: [NOW - 3 * HOUR_MS, NOW - 2 * HOUR_MS, NOW - HOUR_MS],
};

interface Given {
  readonly known?: TargetRecord;
  readonly holds?: TargetSeen['holds'];
  readonly lastWrite?: TargetSeen['lastWrite'];
  readonly record?: Partial<AccountRecord>;
  readonly policy?: Partial<Account>;
  readonly more?: Partial<Situation>;
}

/** The account was looked at, and its target holds this. */
function looked({ known = CONFIRMED, holds = OTHER, lastWrite, ...rest }: Given = {}): Situation {
  const target: TargetSeen = { requestedAt: NOW, holds, version: '2', ...(lastWrite && { lastWrite }) };
  return situation({
    record: record({ targets: { [TARGET.id]: known }, ...rest.record }),
    policy: account({ targets: [TARGET], ...rest.policy }),
    seen: { ...ALL_SEEN, targets: { [TARGET.id]: target } },
    inHand: new Set(['live']),
    ...rest.more,
  });
}

function noted(given: Situation): readonly NewFact[] {
  const decision = decide(given);
  return decision.do === 'note' ? decision.facts : [];
}

function fold(known: TargetRecord, fact: NewFact, at = NOW): TargetRecord | undefined {
  const whole = { ...fact, id: 'f', at, cause: { actor: 'rekeyd' } } as Fact;
  return evolve(record({ targets: { [TARGET.id]: known } }), whole).targets[TARGET.id];
}

describe('a target that somebody changed', () => {
  it.each([
    ['another credential', OTHER, {}],
    ['nothing', { kind: 'nothing' }, {}],
    ['something else', { kind: 'other' }, {}],
  ] as const)('to %s has drifted', (_what, holds, want) => {
    expect(noted(looked({ holds }))).toEqual([{ kind: 'target-drifted', target: TARGET.id, ...want }]);
  });

  it('is noted with when and by whom, where the store shows that', () => {
    const lastWrite = { at: NOW - 1, by: 'external-secrets' };
    const [fact] = noted(looked({ lastWrite }));
    expect(fact).toMatchObject({ writtenAt: NOW - 1, writtenBy: 'external-secrets' });
    if (fact === undefined) throw new Error('nothing was noted');
    expect(fold(CONFIRMED, fact)?.drifted?.lastWrite).toEqual(lastWrite);
  });

  it('is put right', () => {
    expect(decide(looked({ known: DRIFTED }))).toMatchObject({ do: 'deliver', targets: [TARGET] });
  });

  it('is noted once, and again only when it is changed again', () => {
    const policy = { onDrift: 'report' } as const;
    expect(noted(looked({ known: DRIFTED, policy }))).toEqual([]);
    const again = noted(looked({ known: DRIFTED, policy, holds: { kind: 'nothing' } }));
    expect(again).toEqual([{ kind: 'target-drifted', target: TARGET.id }]);
    expect(fold(DRIFTED, { kind: 'target-drifted', target: TARGET.id })?.drifted?.since).toBe(NOW - HOUR_MS);
  });

  it('is left alone where it is to be reported, or the account is paused', () => {
    const paused = { since: NOW, cause: { actor: 'person' } };
    expect(decide(looked({ known: DRIFTED, policy: { onDrift: 'report' } })).do).toBe('rest');
    expect(decide(looked({ known: DRIFTED, record: { paused } })).do).toBe('rest');
  });

  it('is brought to what is live once a person accepts it, although it is to be reported', () => {
    const known = fold(DRIFTED, { kind: 'target-accepted', target: TARGET.id });
    if (known === undefined) throw new Error('no target');
    expect(decide(looked({ known, policy: { onDrift: 'report' } }))).toMatchObject({
      do: 'deliver',
      fingerprint: 'live',
      targets: [TARGET],
    });
  });

  it('gets what was minted although it is to be reported', () => {
    const owed = { fingerprint: 'live', target: TARGET };
    const given = looked({ known: { failures: 0, accepted: false, owed }, policy: { onDrift: 'report' } });
    expect(decide(given).do).toBe('deliver');
  });

  it('has not drifted where something else has become live, and it holds what it was given', () => {
    const live = { fingerprint: 'new', ownMint: false, proved: true };
    const given = looked({
      holds: { kind: 'credential', fingerprint: 'live' },
      record: { live, superseded: ['live'] },
      policy: { onDrift: 'report' },
      more: { inHand: new Set(['new']) },
    });
    const seen = { ...given.seen, account: { ...ALL_SEEN.account, live: { fingerprint: 'new' } } };
    expect(decide({ ...given, seen })).toMatchObject({ do: 'deliver', fingerprint: 'new' });
  });
});

describe('a credential in a target that nobody knows', () => {
  const late = (): Situation => {
    const given = looked();
    return { ...given, seen: { ...given.seen, account: { ...ALL_SEEN.account, requestedAt: NOW - 1 } } };
  };

  it('is not written over before the provider was looked at again, since the target was read', () => {
    expect(decide(late())).toEqual({ do: 'observe', account: true, manager: false, targets: [] });
  });

  it('is not looked at again for where it is known to be old', () => {
    const given = late();
    expect(noted({ ...given, record: { ...given.record, superseded: ['other'] } })).toHaveLength(1);
  });

  describe('of a provider that does not show what is live', () => {
    const hidden = (outcome?: 'accepted' | 'refused', accountId = 'a1'): Situation => {
      const given = looked({ more: { inHand: new Set(['live', 'other']) } });
      const { live: _, ...shown } = ALL_SEEN.account;
      const tried =
        outcome === undefined
          ? {}
          : {
              other: {
                at: NOW,
                outcome: outcome === 'refused' ? { kind: outcome } : { kind: outcome, accountId },
              },
            };
      return { ...given, seen: { ...given.seen, account: shown, tried } };
    };

    it('is tried', () => {
      expect(decide(hidden())).toEqual({ do: 'try', fingerprint: 'other' });
    });

    it('is what is live where it is accepted as the account’s', () => {
      expect(noted(hidden('accepted'))).toEqual([
        { kind: 'live-changed', fingerprint: 'other', was: 'live' },
      ]);
    });

    it('is drift where it is refused, or another account’s', () => {
      for (const given of [hidden('refused'), hidden('accepted', 'b1')]) {
        expect(noted(given)).toMatchObject([{ kind: 'target-drifted' }]);
      }
    });

    it('is not written over where it is accepted while something is waited for', () => {
      const given = hidden('accepted');
      const waiting = { ...given, record: { ...given.record, retryAt: NOW + MINUTE_MS } };
      expect(decide(waiting)).toMatchObject({ do: 'rest' });
    });

    it('is not written over while nobody knows', () => {
      const failure = { kind: 'no-answer', message: 'timed out' } as const;
      const given = hidden('refused');
      const tried = { other: { at: NOW, outcome: { kind: 'unknown', failure } } } as const;
      const unknown = { ...given, seen: { ...given.seen, tried } };
      expect(noted(unknown)).toMatchObject([{ kind: 'observe-failed' }]);
      const waiting = { ...unknown, record: { ...unknown.record, retryAt: NOW + MINUTE_MS } };
      expect(noted(waiting)).toMatchObject([{ kind: 'target-failed' }]);
    });
  });
});

describe('overwritten deliveries', () => {
  const times = (...minutes: number[]): TargetRecord =>
    minutes.reduce<TargetRecord>(
      (known, minute) => ({ ...known, overwritten: overwrittenWith(known, minute * MINUTE_MS) }),
      CONFIRMED,
    );

  it('make a target contested when there were three within a day', () => {
    expect(becomesContested(times(0, 60))).toBe(false);
    expect(becomesContested(times(0, 60, 24 * 60))).toBe(true);
    expect(becomesContested(times(0, 60, 24 * 60 + 1))).toBe(false);
    expect(becomesContested(times(0, 60, 24 * 60 + 1, 24 * 60 + 2))).toBe(true);
  });

  it('are kept up to the newest three, and those within a minute are one', () => {
    expect(times(0, 10, 20, 30, 40).overwritten).toEqual([20, 30, 40].map((minute) => minute * MINUTE_MS));
    expect(times(0, 0.5, 0.9).overwritten).toEqual([0]);
  });

  it('are those of targets that had been written', () => {
    const fact = { kind: 'target-drifted', target: TARGET.id } as const;
    expect(fold(CONFIRMED, fact)?.overwritten).toEqual([NOW]);
    const { written: _, ...found } = CONFIRMED;
    expect(fold(found, fact)?.overwritten).toBeUndefined();
  });

  it('are also those that are seen when they are read back', () => {
    const { confirmed: _, ...written } = CONFIRMED;
    const [fact] = noted(looked({ known: { ...written, written: { ...WRITTEN, at: NOW } } }));
    expect(fact).toMatchObject({ kind: 'target-failed', misread: true, attempt: 1 });
    if (fact === undefined) throw new Error('nothing was noted');
    expect(fold(written, fact)?.overwritten).toEqual([NOW]);
  });

  it('are tried again more and more rarely where each is written over at once', () => {
    const failed = { ...CONFIRMED, misread: true, failures: 4 } as const;
    const body = { target: TARGET.id, fingerprint: 'live', version: '3', acknowledgedAt: NOW };
    const rewritten = fold(failed, { kind: 'target-written', ...body });
    if (rewritten === undefined) throw new Error('no target');
    expect(noted(looked({ known: rewritten }))).toMatchObject([{ kind: 'target-failed', attempt: 5 }]);
  });
});

describe('a contested target', () => {
  it('is noted as such', () => {
    const { contested: _, ...known } = CONTESTED;
    expect(noted(looked({ known }))).toMatchObject([{ kind: 'target-contested', target: TARGET.id }]);
  });

  it('is not put right', () => {
    expect(decide(looked({ known: CONTESTED }))).toMatchObject({
      do: 'rest',
      wake: { at: NOW - HOUR_MS + DAY_MS, why: 'hold-ends' },
    });
  });

  it('gets what was minted', () => {
    const { drifted: _, ...known } = CONTESTED;
    const owed = { fingerprint: 'live', target: TARGET };
    expect(decide(looked({ known: { ...known, owed } })).do).toBe('deliver');
  });

  it('is looked at and put right once its time is over', () => {
    const over = { ...CONTESTED, overwritten: [NOW - DAY_MS] };
    const unseen = { ...looked({ known: over }), seen: { targets: {}, preflights: {}, tried: {} } };
    expect(decide(unseen)).toMatchObject({ do: 'observe', account: true });
    expect(decide(looked({ known: over })).do).toBe('deliver');
  });

  it('is contested again by a single overwritten delivery after that', () => {
    const over = { ...CONTESTED, written: WRITTEN, overwritten: [NOW - 2 * DAY_MS] };
    const again = fold(over, { kind: 'target-drifted', target: TARGET.id });
    if (again === undefined) throw new Error('no target');
    expect(decide(looked({ known: again, holds: { kind: 'nothing' } })).do).toBe('rest');
  });

  it('is so no longer where what was delivered has stood for a day', () => {
    const stood = { ...CONFIRMED, written: { ...WRITTEN, at: NOW - DAY_MS } };
    const known = { ...stood, contested: { since: NOW - 2 * DAY_MS }, overwritten: [NOW - 2 * DAY_MS] };
    const live = { kind: 'credential', fingerprint: 'live' } as const;
    const want: NewFact = { kind: 'target-uncontested', target: TARGET.id };
    expect(noted(looked({ known, holds: live }))).toEqual([want]);
    expect(fold(known, want)).toEqual(stood);
  });

  it('is so no longer after a day where nothing is put right', () => {
    const known = { ...CONTESTED, overwritten: [NOW - DAY_MS] };
    expect(noted(looked({ known, policy: { onDrift: 'report' } }))).toEqual([
      { kind: 'target-uncontested', target: TARGET.id },
    ]);
  });

  it('is so no longer where a person accepts it', () => {
    const accepted = fold(CONTESTED, { kind: 'target-accepted', target: TARGET.id });
    expect(accepted).toEqual({ failures: 0, accepted: true });
  });

  it('is tried again rarely while what is owed to it is written over at once', () => {
    const { drifted: _, ...rest } = CONTESTED;
    const owed = { fingerprint: 'live', target: TARGET };
    const known = { ...rest, owed, written: { ...WRITTEN, at: NOW }, failures: 30 };
    expect(noted(looked({ known, more: { dice: 1 } }))).toMatchObject([
      { kind: 'target-failed', misread: true, retryAt: NOW + 3_600_000 },
    ]);
  });
});
