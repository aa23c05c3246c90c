import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { awaited, isDeliverable, isLeftAsItIs, mostHeld, preImageOf } from '../../src/domain/live.ts';
import type { TargetRecord } from '../../src/domain/record.ts';
import type { Situation, TargetSeen } from '../../src/domain/situation.ts';
import { account, target } from '../builders/account.ts';
import { ALL_SEEN, NOW, record, situation, TARGET } from '../builders/situation.ts';
import { FAILURE } from '../builders/decision.ts';
import { UNTOUCHED, holding, tried } from '../builders/targets.ts';

/** Targets by what they hold: those named `r…` are required, those named `o…` are optional. */
function held(seen: Record<string, TargetSeen>, changes: Partial<Situation> = {}): Situation {
  const [first = TARGET, ...rest] = Object.keys(seen).map((id) =>
    target(id, { required: id.startsWith('r') }),
  );
  return situation({
    policy: account({ targets: [first, ...rest] }),
    record: record({ targets: {} }),
    seen: { targets: seen, preflights: {}, tried: {} },
    ...changes,
  });
}

describe('the credential that most required targets hold', () => {
  it('is the one that more of them hold', () => {
    const given = held({ r1: holding('a'), r2: holding('b'), r3: holding('b') });
    expect(mostHeld(given)).toBe('b');
  });

  it('is the one that a required target holds, however many optional ones hold another', () => {
    const given = held({
      o1: holding('a'),
      o2: holding('a'),
      o3: holding('a', { writtenByUsAt: NOW }),
      r1: holding('b'),
    });
    expect(mostHeld(given)).toBe('b');
  });

  it('is told by the optional targets where the required ones tie', () => {
    const given = held({ r1: holding('a', { writtenByUsAt: NOW }), r2: holding('b'), o1: holding('b') });
    expect(mostHeld(given)).toBe('b');
  });

  it('is, in a tie, the one that was written last', () => {
    const given = held({
      r1: holding('a', { writtenByUsAt: NOW - 2_000 }),
      r2: holding('b', { writtenByUsAt: NOW - 1_000 }),
    });
    expect(mostHeld(given)).toBe('b');
  });

  it('is, in a tie, the one whose time is known', () => {
    const given = held({ r1: holding('a'), r2: holding('b', { writtenByUsAt: NOW - 1_000 }) });
    expect(mostHeld(given)).toBe('b');
  });

  it('is never one that is known as superseded', () => {
    const given = held(
      { r1: holding('a'), r2: holding('a'), r3: holding('b') },
      { record: record({ targets: {}, superseded: ['a'] }) },
    );
    expect(mostHeld(given)).toBe('b');
  });

  it('is never one that was tried and refused', () => {
    const seen = { r1: holding('a'), r2: holding('a'), r3: holding('b') };
    const refused = { a: tried({ kind: 'refused' }) };
    expect(mostHeld(held(seen, { seen: { targets: seen, preflights: {}, tried: refused } }))).toBe('b');
  });

  it('may be one of which a trial told nothing', () => {
    const seen = { r1: holding('a'), r2: holding('a'), r3: holding('b') };
    const unknown = { a: tried({ kind: 'unknown', failure: FAILURE }) };
    expect(mostHeld(held(seen, { seen: { targets: seen, preflights: {}, tried: unknown } }))).toBe('a');
  });

  it('is none where no target holds a credential', () => {
    const given = held({
      r1: { requestedAt: NOW, holds: { kind: 'nothing' } },
      r2: { requestedAt: NOW, holds: { kind: 'other' } },
      r3: { requestedAt: NOW, holds: { kind: 'unreadable', failure: FAILURE } },
    });
    expect(mostHeld(given)).toBeUndefined();
  });

  it('leaves a target aside that was read before our last write to it ended', () => {
    const written = { fingerprint: 'b', version: '2', at: NOW };
    const given = held(
      { r1: holding('a', { requestedAt: NOW - 1 }) },
      { record: record({ targets: { r1: { ...UNTOUCHED, written } } }) },
    );
    expect(mostHeld(given)).toBeUndefined();
  });

  it('counts a target that left the configuration while a credential is owed to it', () => {
    const gone = target('r9');
    const owed = { fingerprint: 'b', target: gone };
    const seen = { r1: holding('a'), r9: holding('b', { writtenByUsAt: NOW }) };
    const given = held(seen, {
      policy: account({ targets: [target('r1')] }),
      record: record({ targets: { r9: { ...UNTOUCHED, owed } } }),
    });
    expect(mostHeld(given)).toBe('b');
  });
});

describe('a live credential', () => {
  it('may be delivered when it came with our own mint’s answer, or was proved', () => {
    expect(isDeliverable({ fingerprint: 'f', ownMint: true, proved: false })).toBe(true);
    expect(isDeliverable({ fingerprint: 'f', ownMint: false, proved: true })).toBe(true);
    expect(isDeliverable({ fingerprint: 'f', ownMint: false, proved: false })).toBe(false);
  });
});

describe('a target that does not hold what is live', () => {
  const CHANGED = { ...UNTOUCHED, drifted: { since: NOW } };
  const OWED = { owed: { fingerprint: 'live', target: target('r1') } };
  const REPORTED = { onDrift: 'report' } as const;

  it.each<[string, TargetRecord | undefined, { left?: true } & Partial<Account>, boolean, boolean]>([
    ['is put right', CHANGED, {}, false, true],
    ['is only reported, and an old credential waits for it', CHANGED, REPORTED, true, true],
    [
      'gets what was minted, although changes are only reported',
      { ...CHANGED, ...OWED },
      REPORTED,
      false,
      true,
    ],
    ['is new, and gets it although changes are only reported', undefined, REPORTED, false, true],
    ['is nobody’s business where its account has left', CHANGED, { left: true }, true, false],
    ['is so too where it was never delivered to', undefined, { left: true }, true, false],
    [
      'gets what was minted although its account has left',
      { ...CHANGED, ...OWED },
      { left: true },
      false,
      true,
    ],
  ])('%s', (_name, known, { left, ...changes }, isLeft, isAwaited) => {
    const given = {
      policy: account({ targets: [target('r1')], ...changes }),
      record: record({ targets: known === undefined ? {} : { r1: known } }),
      configured: left !== true,
    };
    expect(isLeftAsItIs(given, 'r1')).toBe(isLeft);
    expect(awaited(given).map(({ id }) => id)).toEqual(isAwaited ? ['r1'] : []);
  });

  it('is not awaited once it holds it', () => {
    expect(awaited(situation())).toEqual([]);
    expect(awaited(situation({ configured: false }))).toEqual([]);
  });
});

describe('the pre-image of a mint', () => {
  const seenLive = (fingerprint: string, requestedAt: number): Situation['seen'] => ({
    ...ALL_SEEN,
    account: { requestedAt, state: 'open', certain: true, live: { fingerprint } },
  });

  it('is what is seen to be live, although the record knows another', () => {
    expect(preImageOf(situation({ seen: seenLive('seen', NOW) }))).toBe('seen');
  });

  it('is what the record knows where the provider does not show what is live', () => {
    const notShown = { requestedAt: NOW, state: 'open', certain: true } as const;
    expect(preImageOf(situation({ seen: { ...ALL_SEEN, account: notShown } }))).toBe('live');
    expect(preImageOf(situation())).toBe('live');
  });

  it('is not what was seen before the last mint or delivery ended', () => {
    const given = situation({
      record: record({ effectEndedAt: NOW - 1_000 }),
      seen: seenLive('seen', NOW - 1_001),
    });
    expect(preImageOf(given)).toBe('live');
  });

  it('is none where nothing is known to be live', () => {
    const { live: _, ...unknown } = record();
    expect(preImageOf(situation({ record: unknown }))).toBeUndefined();
  });

  it('is not what another account had that was one of a pair with this one: what this one is known to have had, if it is', () => {
    const account = { requestedAt: NOW, state: 'open', certain: true } as const;
    const [its] = situation().policy.accountIds;
    const of = (accountId: string, old: Situation['record']['old'] = []) => {
      const live = { fingerprint: 'live', ownMint: true, proved: true, accountId };
      return preImageOf(situation({ record: record({ live, old }), seen: { ...ALL_SEEN, account } }));
    };
    const before = { why: 'replaced', since: NOW, fingerprint: 'its', accountId: its } as const;
    expect(of('other', [before])).toBe('its');
    expect(of('other')).toBeUndefined();
    expect(of(its, [before])).toBe('live');
  });
});
