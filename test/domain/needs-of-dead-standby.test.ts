import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/domain/limits.ts';
import { unmetForMint } from '../../src/domain/needs.ts';
import type { KnownCredential, Refusal } from '../../src/domain/record.ts';
import type { Situation, Tried } from '../../src/domain/situation.ts';
import { held, LIVE, ready } from '../builders/pair-needs.ts';
import { NOW, REFUSED, TARGET } from '../builders/situation.ts';

describe("a mint for a pair's standby of which a target holds a dead credential", () => {
  const old = [{ why: 'replaced', since: NOW, accountId: 'green', fingerprint: 'green-0' }] as const;

  describe('where a person named it because nothing is live', () => {
    const refused = { kind: 'refused', revoked: true } as const;
    const nothingLive = (
      fingerprint: string,
      outcome?: Tried['outcome'],
      agoMs = 0,
      live?: KnownCredential,
    ) => {
      const { live: _, ...unknown } = ready().record;
      const standby = { accountId: 'green', since: NOW - 1 };
      const more = { record: { ...unknown, standby, old, ...(live && { live }) } };
      const trying = outcome && { [fingerprint]: { at: NOW - agoMs, outcome } };
      return unmetForMint(ready({ holds: held(fingerprint), more, ...(trying && { tried: trying }) }));
    };
    const WAITS = [{ need: "a pair's standby held by no target", by: 'standby', targets: [TARGET] }];

    it.each(['green-0', 'green-1'])(
      'does not wait for a target whose %s is refused as no longer good',
      (its) => {
        expect(nothingLive(its, refused)).toStrictEqual([]);
        expect(nothingLive(its, refused, LIMITS.targetFreshMs - 1)).toStrictEqual([]);
      },
    );

    it('waits where that was seen a minute ago, or by a clock that was put back since', () => {
      expect(nothingLive('green-0', refused, LIMITS.targetFreshMs)).toStrictEqual(WAITS);
      expect(nothingLive('green-0', refused, -1)).toStrictEqual(WAITS);
    });

    it.each<[string, Tried['outcome'] | undefined]>([
      ['was not tried', undefined],
      ['is accepted', { kind: 'accepted', accountId: 'green' }],
      ['is refused for another reason', { kind: 'refused' }],
      ['could not be tried', { kind: 'unknown', failure: { kind: 'no-answer', message: 'silence' } }],
    ])('waits where what a target holds %s', (_name, outcome) => {
      expect(nothingLive('green-0', outcome)).toStrictEqual(WAITS);
    });

    it('waits where something is live after all, which the target is to hold first', () => {
      expect(nothingLive('green-0', refused, 0, LIVE)).toStrictEqual(WAITS);
    });
  });

  describe('where what is live is refused as well', () => {
    const waits = (
      known: Partial<Refusal>,
      outcome: Tried['outcome'] = { kind: 'refused', revoked: true },
    ) => {
      const record = {
        ...ready().record,
        old,
        refused: { ...REFUSED, fingerprint: LIVE.fingerprint, ...known },
      };
      const tried = { 'green-0': { at: NOW, outcome } };
      return unmetForMint(ready({ holds: held('green-0'), more: { record }, tried })).map(({ by }) => by);
    };

    it('does not wait for a target whose credential is refused as no longer good: nothing could take its place', () => {
      expect(waits({})).toEqual([]);
    });

    it('waits where that was seen a minute ago, or of another credential', () => {
      expect(waits({ triedAt: NOW - LIMITS.refusedFreshMs })).toEqual(['standby']);
      expect(waits({ fingerprint: 'another' })).toEqual(['standby']);
    });

    it('waits for a target whose credential works', () => {
      expect(waits({}, { kind: 'accepted', accountId: 'green' })).toEqual(['standby']);
    });
  });

  describe('that has expired', () => {
    const waits = (more: Partial<Situation> = {}) => {
      const holds = { kind: 'credential', fingerprint: 'green-0', expiresAt: NOW } as const;
      const known = { old };
      return unmetForMint(ready({ holds, known, more })).map(({ by }) => by);
    };

    it('does not wait for that target', () => {
      expect(waits()).toEqual([]);
    });

    it('waits where it is valid by the clock of the provider, or nobody knows what time it is', () => {
      expect(waits({ providerAheadMs: -1 })).toEqual(['standby']);
      expect(waits({ timeUnknown: true })).toEqual(['standby']);
    });
  });
});
