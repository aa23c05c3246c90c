import { describe, expect, it } from 'vitest';
import { holdingOf, isConverged, isWritten, undelivered } from '../../src/domain/live.ts';
import type { TargetRecord } from '../../src/domain/record.ts';
import type { TargetSeen, Tried } from '../../src/domain/situation.ts';
import { account, target } from '../builders/account.ts';
import { NOW, record, situation, TARGET } from '../builders/situation.ts';
import { FAILURE } from '../builders/decision.ts';
import { STRANGE, UNTOUCHED, holding, tried } from '../builders/targets.ts';

describe('what a target holds', () => {
  const cases: readonly {
    name: string;
    seen: TargetSeen;
    want: ReturnType<typeof holdingOf>;
    known?: TargetRecord;
    outcome?: Tried['outcome'];
    overwrite?: boolean;
    superseded?: string[];
  }[] = [
    { name: 'the live credential is live', seen: holding('live'), want: 'live' },
    { name: 'nothing is nothing', seen: { requestedAt: NOW, holds: { kind: 'nothing' } }, want: 'nothing' },
    {
      name: 'what cannot be read is unreadable, also where it is ours',
      seen: { requestedAt: NOW, holds: { kind: 'unreadable', failure: FAILURE } },
      known: { ...UNTOUCHED, accepted: true },
      want: 'unreadable',
    },
    {
      name: 'something of another format is foreign',
      seen: { requestedAt: NOW, holds: { kind: 'other' } },
      want: 'foreign',
    },
    {
      name: 'something of another format is old where a person accepted it',
      seen: { requestedAt: NOW, holds: { kind: 'other' } },
      known: { ...UNTOUCHED, accepted: true },
      want: 'old',
    },
    {
      name: 'something of another format is old where it may be written over',
      seen: { requestedAt: NOW, holds: { kind: 'other' } },
      overwrite: true,
      want: 'old',
    },
    {
      name: 'something of another format is old where what was minted is owed to this place',
      seen: STRANGE,
      known: { ...UNTOUCHED, owed: { fingerprint: 'live', target: TARGET } },
      want: 'old',
    },
    {
      name: 'something of another format is foreign where what was minted is owed to another place of this name',
      seen: STRANGE,
      known: { ...UNTOUCHED, owed: { fingerprint: 'live', target: { ...TARGET, location: 'elsewhere' } } },
      want: 'foreign',
    },
    {
      name: 'what was found to be foreign is so still when something was minted all the same',
      seen: STRANGE,
      known: { ...UNTOUCHED, foreign: { since: NOW }, owed: { fingerprint: 'live', target: TARGET } },
      want: 'foreign',
    },
    { name: 'a credential that nobody knows is untried', seen: holding('x'), want: 'untried' },
    {
      name: 'a credential of which a trial told nothing is untried still',
      seen: holding('x'),
      outcome: { kind: 'unknown', failure: FAILURE },
      want: 'untried',
    },
    {
      name: 'a credential that is accepted as this account’s is old',
      seen: holding('x'),
      outcome: { kind: 'accepted', accountId: 'a1' },
      want: 'old',
    },
    {
      name: 'a credential that is accepted as another account’s is foreign',
      seen: holding('x'),
      outcome: { kind: 'accepted', accountId: 'a2' },
      want: 'foreign',
    },
    {
      name: 'a credential that is refused is foreign: nobody knows whose it was',
      seen: holding('x'),
      outcome: { kind: 'refused' },
      want: 'foreign',
    },
    { name: 'a superseded credential is old', seen: holding('x'), superseded: ['x'], want: 'old' },
    {
      name: 'another’s credential is old in a place that we wrote',
      seen: holding('x'),
      outcome: { kind: 'accepted', accountId: 'a2' },
      known: { ...UNTOUCHED, written: { fingerprint: 'live', version: '1', at: NOW - 1 } },
      want: 'old',
    },
    {
      name: 'an unknown credential is old in a place where ours is owed',
      seen: holding('x'),
      known: { ...UNTOUCHED, owed: { fingerprint: 'live', target: TARGET } },
      want: 'old',
    },
    {
      name: 'an unknown credential is old in a place that was confirmed once',
      seen: holding('x'),
      known: { ...UNTOUCHED, confirmed: { fingerprint: 'live', version: '1', at: NOW - 1 } },
      want: 'old',
    },
    {
      name: 'an unknown credential is old in a place that is known to have drifted',
      seen: holding('x'),
      known: { ...UNTOUCHED, drifted: { since: NOW - 1, fingerprint: 'x' } },
      want: 'old',
    },
    {
      name: 'an unknown credential is old in a place that the store shows as written by us',
      seen: holding('x', { writtenByUsAt: NOW - 1 }),
      want: 'old',
    },
    {
      name: 'a refused credential is foreign in a place where writing only failed',
      seen: holding('x'),
      outcome: { kind: 'refused' },
      known: { failures: 3, accepted: false, realWrite: { at: NOW - 1, identity: 'me' } },
      want: 'foreign',
    },
  ];

  it.each(cases)('$name', ({ seen, want, known, outcome, overwrite = false, superseded = [] }) => {
    const place = target(TARGET.id, { overwrite });
    const given = situation({
      policy: account({ targets: [place] }),
      record: record({ superseded, targets: known ? { [TARGET.id]: known } : {} }),
      seen: {
        targets: { [TARGET.id]: seen },
        preflights: {},
        tried: outcome ? { x: tried(outcome) } : {},
      },
    });
    expect(holdingOf(given, place, seen)).toBe(want);
  });
});

describe('what a target holds while nobody knows what is live', () => {
  it('is untried where it is a credential', () => {
    const { live: _, ...unknown } = record({ targets: {} });
    expect(holdingOf(situation({ record: unknown }), TARGET, holding('x'))).toBe('untried');
  });
});

describe('an undelivered target', () => {
  const confirmed = (fingerprint: string): TargetRecord => ({
    ...UNTOUCHED,
    confirmed: { fingerprint, version: '1', at: NOW },
  });
  const policy = account({ targets: [target('r1'), target('o1', { required: false })] });
  const idsOf = (targets: Record<string, TargetRecord>) =>
    undelivered({ policy, record: record({ targets }) }).map(({ id }) => id);

  it('is one that is not confirmed to hold the live credential, required or not', () => {
    expect(idsOf({ r1: confirmed('live'), o1: confirmed('old') })).toEqual(['o1']);
    expect(idsOf({})).toEqual(['r1', 'o1']);
  });

  it('is one that was written and not read back', () => {
    const written = { fingerprint: 'live', version: '2', at: NOW };
    const targets = { r1: { ...UNTOUCHED, written }, o1: confirmed('live') };
    expect(idsOf(targets)).toEqual(['r1']);
    expect(isWritten({ record: record({ targets }) }, 'r1')).toBe(true);
    expect(isWritten({ record: record({ targets }) }, 'o1')).toBe(false);
  });

  it('is not counted as written where something else was written', () => {
    const written = { fingerprint: 'old', version: '2', at: NOW };
    expect(isWritten({ record: record({ targets: { r1: { ...UNTOUCHED, written } } }) }, 'r1')).toBe(false);
  });

  it('is not one that was written and read back', () => {
    const written = { fingerprint: 'live', version: '2', at: NOW };
    expect(isWritten({ record: record({ targets: { r1: { ...confirmed('live'), written } } }) }, 'r1')).toBe(
      false,
    );
  });

  it('is also one that left the configuration while a credential is owed to it', () => {
    const owed = { fingerprint: 'live', target: target('r9') };
    const targets = { r1: confirmed('live'), o1: confirmed('live'), r9: { ...UNTOUCHED, owed } };
    expect(idsOf(targets)).toEqual(['r9']);
  });

  it('is none while nobody knows what is live, and the account is not converged then', () => {
    const written = { fingerprint: 'live', version: '2', at: NOW };
    const { live: _, ...unknown } = record({ targets: { r1: { ...confirmed('old'), written } } });
    expect(undelivered({ policy, record: unknown })).toEqual([]);
    expect(isWritten({ record: unknown }, 'r1')).toBe(false);
    expect(isConverged({ policy, record: unknown })).toBe(false);
  });

  it('keeps the account from being converged', () => {
    const converged = record({ targets: { r1: confirmed('live'), o1: confirmed('live') } });
    const behind = record({ targets: { r1: confirmed('live'), o1: confirmed('old') } });
    expect(isConverged({ policy, record: converged })).toBe(true);
    expect(isConverged({ policy, record: behind })).toBe(false);
  });
});
