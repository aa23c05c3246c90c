import { describe, expect, it } from 'vitest';
import { noteTargets } from '../../../src/domain/deciding/comparing.ts';
import type { AccountRecord, TargetRecord } from '../../../src/domain/record.ts';
import type { AccountSeen, Situation, TargetSeen } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { FAILURE, noted } from '../../builders/decision.ts';
import { CHECKOUT } from '../../builders/refresh.ts';
import { ALL_SEEN, NOW, record, situation, TARGET } from '../../builders/situation.ts';
import { holding, NOTHING, UNTOUCHED } from '../../builders/targets.ts';

const CONFIRMED: TargetRecord = {
  ...UNTOUCHED,
  confirmed: { fingerprint: 'live', version: '1', at: NOW - 9 },
};

interface Given {
  readonly policy?: Partial<Situation['policy']>;
  readonly known?: TargetRecord;
  readonly record?: Partial<AccountRecord>;
  readonly account?: AccountSeen;
  readonly read?: TargetSeen;
  readonly inHand?: readonly string[];
}

function note(given: Given) {
  const { policy, known = UNTOUCHED, record: changes, account: seen = ALL_SEEN.account } = given;
  return noteTargets(
    situation({
      policy: account({ targets: [TARGET], ...policy }),
      record: record({ targets: { [TARGET.id]: known }, ...changes }),
      seen: { ...ALL_SEEN, account: seen, targets: { [TARGET.id]: given.read ?? holding('live') } },
      inHand: new Set(given.inHand),
    }),
  );
}

describe('what is live and is found in a target whose consumers are known', () => {
  const ADOPTED = NOW - 86_400_000;
  const policy = { targets: [{ ...TARGET, consumers: [CHECKOUT] }] } as const;
  const body = { kind: 'target-confirmed', target: TARGET.id, fingerprint: 'live', version: '1' };
  const written = { fingerprint: 'live', version: '1', at: NOW - 5 };
  const drifted = { since: NOW - 5, fingerprint: 'x' };

  it.each<[string, Given]>([
    ['it was written', { known: { ...UNTOUCHED, written } }],
    ['it is owed there', { known: { ...UNTOUCHED, owed: { fingerprint: 'live', target: TARGET } } }],
    ['its delivery was intended', { known: { ...UNTOUCHED, intended: true } }],
    ['it was to be put right', { known: { ...UNTOUCHED, drifted } }],
    [
      'the store says that we wrote it since the account is known',
      { read: holding('live', { writtenByUsAt: ADOPTED }) },
    ],
  ])('is for them to take up where %s', (_name, given) => {
    expect(note({ policy, ...given })).toStrictEqual(noted({ ...body, consumers: [CHECKOUT] }));
  });

  describe('that were asked to take up this very version', () => {
    const refresh = {
      version: '1',
      fingerprint: 'live',
      neededAt: NOW - 4,
      writtenAt: NOW - 5,
      consumers: {},
    };
    const owed = { fingerprint: 'live', target: TARGET };

    it.each<[string, Given]>([
      ['what was to take its place was lost', { known: { ...UNTOUCHED, refresh, written } }],
      [
        'it was confirmed when it was acknowledged',
        { known: { ...UNTOUCHED, refresh, written: { ...written, at: NOW - 4 } } },
      ],
      ['it is owed again', { known: { ...UNTOUCHED, refresh, owed } }],
      [
        'it was away, and the store says that we wrote it',
        { known: { ...UNTOUCHED, refresh }, read: holding('live', { writtenByUsAt: ADOPTED }) },
      ],
    ])('is nothing new to them where %s', (_name, given) => {
      expect(note({ policy, ...given })).toStrictEqual(noted(body));
    });

    it.each<[string, Given]>([
      ['somebody changed it in between', { known: { ...UNTOUCHED, refresh, drifted } }],
      ['it was gone in between', { known: { ...UNTOUCHED, refresh, drifted: { since: NOW - 5 } } }],
      ['it was written again', { known: { ...UNTOUCHED, refresh, written: { ...written, at: NOW - 3 } } }],
      [
        'it is another version by now',
        { known: { ...UNTOUCHED, refresh: { ...refresh, version: '0' }, written } },
      ],
    ])('is for them to take up where %s', (_name, given) => {
      expect(note({ policy, ...given })).toStrictEqual(noted({ ...body, consumers: [CHECKOUT] }));
    });
  });

  const { adoptedAt: _, ...UNKNOWN } = record({ targets: { [TARGET.id]: UNTOUCHED } });

  it.each<[string, Given]>([
    ['nothing tells that we wrote it', {}],
    ['we wrote something else there', { known: { ...UNTOUCHED, written: { ...written, fingerprint: 'x' } } }],
    ['something else is owed there', { known: { ...UNTOUCHED, owed: { fingerprint: 'x', target: TARGET } } }],
    [
      'somebody changed it, and that is only reported',
      { policy: { ...policy, onDrift: 'report' }, known: { ...UNTOUCHED, drifted } },
    ],
    [
      'the store says that we wrote it before the account was known',
      { read: holding('live', { writtenByUsAt: ADOPTED - 1 }) },
    ],
  ])('is nothing new to them where %s', (_name, given) => {
    expect(note({ policy, ...given })).toStrictEqual(noted(body));
  });

  it('is nothing new to them while the account is not known yet', () => {
    const of = situation({
      policy: account({ targets: policy.targets }),
      record: UNKNOWN,
      seen: { ...ALL_SEEN, targets: { [TARGET.id]: holding('live', { writtenByUsAt: NOW }) } },
    });
    expect(noteTargets(of)).toStrictEqual(noted(body));
  });

  it('is told without consumers where the target has none', () => {
    expect(note({ known: { ...UNTOUCHED, written } })).toStrictEqual(noted(body));
  });
});

describe('a target that was read after the provider was looked at', () => {
  const before = { ...ALL_SEEN.account, requestedAt: NOW - 5 };
  const { live: _, ...hidden } = before;
  const LOOK = { do: 'observe', account: true, manager: false, targets: [] };
  const DRIFTED = { kind: 'target-drifted', target: TARGET.id };

  it('has the provider looked at again where it holds what nobody knows', () => {
    expect(note({ account: before, known: CONFIRMED, read: holding('x') })).toEqual(LOOK);
  });

  it.each<[string, Given, object | undefined]>([
    ['it holds nothing', { account: before, read: NOTHING }, noted(DRIFTED)],
    ['the provider does not show what is live', { account: hidden, read: holding('x') }, undefined],
    [
      'the clock was put back since',
      { account: before, read: holding('x', { requestedAt: NOW + 1 }) },
      noted(DRIFTED),
    ],
  ])('has nothing looked at again where %s', (_name, given, want) => {
    expect(note({ known: CONFIRMED, ...given })).toStrictEqual(want);
  });

  it('of an account with overlap whose provider hides what is live is drift, and nothing to try', () => {
    const given = { account: hidden, known: CONFIRMED, read: holding('x'), inHand: ['x'] };
    expect(note({ ...given, policy: { strategy: 'overlap' } })).toStrictEqual(noted(DRIFTED));
    expect(note(given)).toEqual({ do: 'try', fingerprint: 'x' });
  });

  it('is drift where it holds an old credential that works still, whatever the provider shows', () => {
    const old = [{ why: 'replaced', since: NOW - 9, fingerprint: 'x', reference: 'r-x' }] as const;
    const given = { account: before, known: CONFIRMED, read: holding('x'), inHand: ['x'] };
    expect(note({ ...given, record: { old } })).toStrictEqual(noted({ ...DRIFTED, fingerprint: 'x' }));
  });
});

describe('a target that was read without a look at the provider', () => {
  const owed = { fingerprint: 'live', target: TARGET };
  const note = (fingerprint: string, changes: object = {}) => {
    const { account: _, ...seen } = ALL_SEEN;
    const targets = { [TARGET.id]: { ...UNTOUCHED, owed } };
    return noteTargets(
      situation({
        policy: account({ targets: [TARGET] }),
        record: record({ targets, superseded: ['older'] }),
        seen: { ...seen, targets: { [TARGET.id]: holding(fingerprint) }, ...changes },
      }),
    );
  };

  it('has the provider looked at where it holds what nobody knows', () => {
    expect(note('x')).toEqual({ do: 'observe', account: true, manager: false, targets: [] });
  });

  it('has nothing looked at where it holds what was replaced, or the look failed', () => {
    expect(note('older')).toBeUndefined();
    const accountFailure = { at: NOW, failure: FAILURE };
    expect(note('x', { accountFailure })).toBeUndefined();
    // One from before it was read does not make it be asked for again and again.
    const shown = { fingerprint: 'live' };
    const account = { requestedAt: NOW - 1, state: 'open', certain: true, live: shown } as const;
    expect(note('x', { account })).toMatchObject({ do: 'observe' });
    expect(note('x', { account, accountFailure })).toBeUndefined();
  });
});

describe("a target of a pair whose provider hides the standby's credential", () => {
  it('is confirmed with what is live, which is not tried for that', () => {
    const members = [
      { accountId: 'blue', state: 'open' },
      { accountId: 'green', state: 'open' },
    ] as const;
    const of: Given = {
      policy: { strategy: 'pair', accountIds: ['blue', 'green'] },
      record: { live: { fingerprint: 'live', ownMint: true, proved: true, accountId: 'blue' } },
      account: { requestedAt: NOW, state: 'open', certain: true, members },
      inHand: ['live'],
    };
    expect(note(of)).toMatchObject({ facts: [{ kind: 'target-confirmed', fingerprint: 'live' }] });
  });
});
