import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import type { Observation, Tried } from '../../src/domain/situation.ts';
import { ALL_ACCEPTED, CERTAIN, EXPIRED, noted, refused, SENT, untilDone } from '../builders/refused.ts';
import type { Given } from '../builders/refused.ts';
import { ALL_SEEN, NOW, record, situation, TARGET } from '../builders/situation.ts';

describe('a live credential that somebody else minted', () => {
  const live = { fingerprint: 'live', ownMint: false, proved: false };
  const foreign = (seen: Observation = ALL_SEEN) =>
    situation({ record: record({ live }), seen, inHand: new Set(['live']), dueWhy: 'verify' });
  const tried = (outcome: Tried['outcome']) => ({ ...ALL_SEEN, tried: { live: { at: SENT, outcome } } });

  it('is tried as well when its account is verified, though every target holds it already', () => {
    expect(decide(foreign())).toEqual({ do: 'try', fingerprint: 'live' });
  });

  it('is noted as proved when it is accepted, once', () => {
    const { facts, decision } = untilDone(foreign(tried({ kind: 'accepted', accountId: 'a1' })));
    expect(facts).toEqual(['credential-proved']);
    expect(decision.do).toBe('rest');
  });

  it('is noted as refused, and then as accepted again', () => {
    expect(noted(foreign(tried(EXPIRED)))).toMatchObject([{ kind: 'live-tried', outcome: 'refused' }]);
    const again = refused({
      record: { live },
      seen: { tried: { live: { at: SENT, outcome: { kind: 'accepted', accountId: 'a1' } } } },
    });
    const { facts, record: after } = untilDone(again);
    expect(facts).toEqual(['live-tried']);
    expect(after).toMatchObject({ live: { proved: true } });
    expect(after.refused).toBeUndefined();
  });
});

describe('a refused credential of an account whose provider lists what it has', () => {
  const live = { fingerprint: 'live', ownMint: true, proved: true, reference: 'r1' };
  const listing = (references: string[], more: Partial<Observation> = {}): Given => {
    const credentials = references.map((reference) => ({ reference, name: '', createdAt: 0 }));
    const account = { requestedAt: NOW, state: 'open', certain: true, credentials } as const;
    return { record: { live }, seen: { account, ...more } };
  };
  const onceMore = { targets: {}, tried: {} };

  it('is tried with what a target holds', () => {
    const unread = { ...listing([], onceMore), more: { inHand: new Set<string>() } };
    const reading = { do: 'observe', account: false, manager: false, targets: [TARGET] };
    expect(decide(refused(unread))).toEqual(reading);
  });

  it('counts without a look at others where the list shows it no more, and says so', () => {
    const { others: _, ...seen } = CERTAIN;
    const gone = situation({ ...refused(listing([])), seen: { ...seen, ...listing([]).seen } });
    expect(noted(gone)).toMatchObject([{ kind: 'live-tried', counts: true }]);
    expect(untilDone(gone).record.parked?.why).toContain('and lists it no more in an open account');
  });

  it('needs others to be accepted where the list shows it still', () => {
    expect(noted(refused(listing(['r1'])))).toMatchObject([{ kind: 'live-tried', counts: true }]);
    const others = { ...ALL_ACCEPTED, accepted: 0, unknown: 3 };
    expect(noted(refused(listing(['r1'], { others })))).toMatchObject([{ counts: false }]);
  });

  it('says nothing where nothing tells which of them it is', () => {
    const { reference: _, ...untold } = live;
    const given = refused({ ...listing([]), record: { live: untold } });
    expect(noted(given)).toMatchObject([{ outcome: 'inconclusive' }]);
  });
});
