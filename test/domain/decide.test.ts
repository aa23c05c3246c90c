import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { evolve } from '../../src/domain/evolve.ts';
import type { Fact } from '../../src/domain/fact.ts';
import { mintHold } from '../../src/domain/holds.ts';
import { backOffMs, LIMITS } from '../../src/domain/limits.ts';
import { unmetForMint } from '../../src/domain/needs.ts';
import { wakeOf } from '../../src/domain/wake.ts';
import { NOW } from '../builders/situation.ts';
import { anything, cause } from '../builders/anything.ts';

describe('decide, whatever is known and seen', () => {
  it('has an answer, and wakes later than now where it rests', () => {
    fc.assert(
      fc.property(anything, (given) => {
        const decision = decide(given);
        if (decision.do !== 'rest' || given.stopping) return;
        expect(decision.wake?.at ?? Number.POSITIVE_INFINITY).toBeGreaterThan(NOW);
      }),
      { numRuns: 5_000 },
    );
  });

  it('never mints where a hold stands or something is not known', () => {
    fc.assert(
      fc.property(anything, (given) => {
        if (decide(given).do !== 'mint') return;
        const open = given.record.rotation;
        if (open === undefined) throw new Error('minted without a rotation');
        expect(mintHold(given, open)).toBeUndefined();
        expect(unmetForMint(given)).toEqual([]);
        expect(open.intent ?? open.minted).toBeUndefined();
        expect(given.stopping).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });

  it('comes to an end of what it notes', () => {
    fc.assert(
      fc.property(anything, (given) => {
        let now = given;
        for (let notes = 0; ; notes++) {
          const decision = decide(now);
          if (decision.do !== 'note') return;
          expect({ notes: notes < 20, facts: decision.facts }).toMatchObject({ notes: true });
          const facts = decision.facts.map((fact): Fact => ({ ...fact, id: 'f', at: NOW, cause }));
          now = { ...now, record: facts.reduce(evolve, now.record), policyChanged: false, requests: [] };
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('delivers nothing but the live credential, proved or from our own mint', () => {
    fc.assert(
      fc.property(anything, (given) => {
        const decision = decide(given);
        if (decision.do !== 'deliver') return;
        expect(decision.fingerprint).toBe(given.record.live?.fingerprint);
        expect(given.record.live?.ownMint === true || given.record.live?.proved === true).toBe(true);
        expect(given.record.mismatched).toBeUndefined();
        expect(given.inHand.has(decision.fingerprint)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('leaves no account that has something open without a next look, unless a person holds it', () => {
    fc.assert(
      fc.property(anything, (given) => {
        const decision = decide(given);
        const { parked, paused, mismatched, rotation: open } = given.record;
        const frozen = given.sharedHolds.find(({ kind }) => kind === 'frozen' && open?.trigger !== 'manual');
        const byHand = parked ?? paused ?? mismatched ?? frozen ?? (given.policy.paused || undefined);
        if (decision.do !== 'rest' || open === undefined || !given.configured || byHand !== undefined) return;
        expect(decision.wake).toBeDefined();
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('the instant of the next look', () => {
  it('is never now or before', () => {
    fc.assert(
      fc.property(anything, (given) => {
        expect(wakeOf(given)?.at ?? Number.POSITIVE_INFINITY).toBeGreaterThan(NOW);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('the back-off', () => {
  it('doubles up to its bound, and at least half of it is waited', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, dice) => {
          const wait = backOffMs(attempt, LIMITS.retryFirstMs, LIMITS.retryMaxMs, dice);
          expect(wait).toBeGreaterThanOrEqual(LIMITS.retryFirstMs / 2);
          expect(wait).toBeLessThanOrEqual(LIMITS.retryMaxMs);
        },
      ),
    );
  });
});
