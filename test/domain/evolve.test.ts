import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_RECORD, evolve } from '../../src/domain/evolve.ts';
import type { Fact } from '../../src/domain/fact.ts';
import type { AccountRecord } from '../../src/domain/record.ts';
import { NOW, record, TARGET } from '../builders/situation.ts';

type Body = Omit<Fact, 'id' | 'at' | 'cause'> & Record<string, unknown>;

function fact(body: Body, at = NOW): Fact {
  return { id: 'f', at, cause: { actor: 'rekeyd' }, rotation: 'r', ...body } as Fact;
}

function fold(from: AccountRecord, ...bodies: Body[]): AccountRecord {
  return bodies.reduce((now, body) => evolve(now, fact(body)), from);
}

const OPENED: Body = { kind: 'rotation-opened', trigger: 'schedule', dueAt: NOW, slot: NOW };
const INTENDED: Body = { kind: 'mint-intended', attempt: 1, preImage: 'live' };
const MINTED: Body = {
  kind: 'credential-minted',
  fingerprint: 'new',
  preImage: 'live',
  sentAt: NOW,
  recovered: false,
  targets: [TARGET],
};

describe('the fold of facts', () => {
  it('counts each fact in the version', () => {
    expect(fold(EMPTY_RECORD, OPENED, INTENDED, MINTED).version).toBe(3);
  });

  it('takes a delivery for the last effect although the one before lies in the future: the clock was put back', () => {
    const before = record({ effectEndedAt: NOW + 3_600_000 });
    const body = { kind: 'target-written', target: TARGET.id, fingerprint: 'live', version: '2' };
    expect(fold(before, { ...body, acknowledgedAt: NOW - 5 } as Body).effectEndedAt).toBe(NOW - 5);
  });

  it('changes no record that it was given', () => {
    const before = record();
    const frozen = structuredClone(before);
    fold(before, OPENED, INTENDED, MINTED);
    expect(before).toEqual(frozen);
  });

  it('takes what a mint replaced as never live again, and owes the new one to each target', () => {
    const after = fold(record(), OPENED, INTENDED, MINTED);
    expect(after.live?.fingerprint).toBe('new');
    expect(after.superseded).toEqual(['live']);
    expect(after.targets[TARGET.id]?.owed?.fingerprint).toBe('new');
    expect(after.targets[TARGET.id]?.confirmed).toBeUndefined();
    expect(after.rotation?.intent).toBeUndefined();
  });

  it('keeps the intent until its outcome is known, and looks again three times after an unknown one', () => {
    const message = 'a test';
    const unknown: Body = { kind: 'mint-unknown', failure: 'no-answer', message, sentAt: NOW, counts: false };
    const after = fold(record(), OPENED, INTENDED, unknown);
    expect(after.rotation?.intent).toMatchObject({ unknown: true, sentAt: NOW });
    expect(after.reobserveAt).toEqual([NOW + 60_000, NOW + 300_000, NOW + 900_000]);
  });

  it('forgets a failed look once one succeeds', () => {
    const failed: Body = {
      kind: 'observe-failed',
      failure: 'no-answer',
      message: 'x',
      attempt: 1,
      retryAt: NOW,
    };
    const after = fold(record(), failed, { kind: 'looked', requestedAt: NOW });
    expect(after.lastFailure).toBeUndefined();
    expect(after.retries).toBe(0);
  });

  it('keeps the looks for a late effect when somebody asks for another look', () => {
    const reobserveAt = [NOW + 60_000];
    const after = fold(record({ reobserveAt }), { kind: 'request-taken', request: 'q', does: 'reconcile' });
    expect(after.reobserveAt).toEqual([NOW + 60_000, NOW]);
  });

  it('looks again when a mismatch was cleared', () => {
    const mismatched = { since: NOW, why: 'a test' };
    const after = fold(record({ mismatched }), { kind: 'mismatch-cleared' });
    expect(after).toMatchObject({ reobserveAt: [NOW] });
    expect(after.mismatched).toBeUndefined();
  });

  it('forgets back-off and parking when the policy changed', () => {
    const parked = { since: NOW, why: 'a test' };
    const after = fold(record({ parked, retryAt: NOW, retries: 3, failures: 5 }), {
      kind: 'policy-changed',
      name: 'x',
    });
    expect(after).toMatchObject({ retries: 0, failures: 0 });
    expect(after.parked ?? after.retryAt).toBeUndefined();
  });

  it('leaves the back-off of an open rotation alone when the account was looked at', () => {
    const open = fold(record({ retries: 0 }), OPENED);
    const failed: Body = {
      kind: 'rotation-failed',
      failure: 'no-answer',
      message: 'a',
      attempt: 2,
      retryAt: NOW + 9,
      counts: false,
    };
    const after = fold(open, failed, { kind: 'looked', requestedAt: NOW });
    expect(after).toMatchObject({ retries: 2, retryAt: NOW + 9 });
  });

  it('remembers that an account left until it is heard of again', () => {
    const left = fold(record(), { kind: 'account-left' });
    expect(left.leftAt).toBe(NOW);
    expect(fold(left, { kind: 'policy-changed', name: 'x' }).leftAt).toBeUndefined();
  });

  it('never lets a fingerprint that was replaced be live, in any order of mints and finds', () => {
    const fingerprint = fc.integer({ min: 0, max: 5 }).map((n) => `f${n}`);
    const step = fc.oneof(
      fingerprint.map((one): Body => ({ ...MINTED, fingerprint: one })),
      fc.constant<Body>({ kind: 'credential-lost', mintedAt: NOW }),
      fingerprint.map((one): Body => ({ kind: 'live-changed', fingerprint: one })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let now = record();
        for (const body of steps) {
          const { fingerprint: next } = body as { readonly fingerprint?: string };
          // What decides never notes these of a fingerprint that is known as replaced, or of the live one.
          if (next !== undefined && (now.superseded.includes(next) || now.live?.fingerprint === next))
            continue;
          const was = now.live?.fingerprint;
          now = fold(now, body);
          if (was !== undefined) expect(now.superseded).toContain(was);
          expect(now.superseded).not.toContain(now.live?.fingerprint);
          expect(now.superseded.length).toBeLessThanOrEqual(32);
        }
      }),
    );
  });
});
