import { describe, expect, it } from 'vitest';
import { finish } from '../../../src/domain/deciding/finishing.ts';
import type { AccountRecord, OpenRotation, TargetRecord } from '../../../src/domain/record.ts';
import type { Situation, Tried } from '../../../src/domain/situation.ts';
import { account, target } from '../../builders/account.ts';
import { ALL_SEEN, NOW, OPEN, record, REFUSED, situation, TARGET } from '../../builders/situation.ts';
import { FAILURE, noted } from '../../builders/decision.ts';
import { shared } from '../../builders/held.ts';

const SENT = NOW - 5_000;
const HOUR = 3_600_000;
const MINTED = { fingerprint: 'live', preImage: 'older', sentAt: SENT, recovered: false };
const INTENT = { attempt: 2, at: NOW, sentAt: NOW, targets: [], unknown: true, sightings: 0 };
const UNPROVED = { live: { fingerprint: 'live', ownMint: true, proved: false } };
const TRIED = { oldTried: true };
const OPTIONAL = target('vault:billing', { required: false });

function holdsLive(writtenAt: number): TargetRecord {
  const live = { fingerprint: 'live', version: '1' };
  return {
    failures: 0,
    accepted: false,
    confirmed: { ...live, at: NOW },
    written: { ...live, at: writtenAt },
  };
}

interface Given {
  readonly rotation?: Partial<OpenRotation>;
  readonly record?: Partial<AccountRecord>;
  readonly tried?: Record<string, Tried>;
  readonly more?: Partial<Situation>;
}

/** A rotation that minted; every required target is confirmed, and both credentials are in hand. */
function finished({ rotation, record: changes, tried = {}, more }: Given = {}) {
  const targets = { [TARGET.id]: holdsLive(SENT + 40) };
  return finish(
    situation({
      record: record({ targets, rotation: { ...OPEN, minted: MINTED, ...rotation }, ...changes }),
      seen: { ...ALL_SEEN, tried },
      inHand: new Set(['live', 'older']),
      ...more,
    }),
  );
}

function outcome(kind: Tried['outcome'], at = NOW): Tried {
  return { at, outcome: kind };
}

const SUCCEEDED = { kind: 'rotation-succeeded', fingerprint: 'live', estimated: false, darkWindowMs: 40 };

describe('a rotation that minted', () => {
  it.each<readonly [string, Given]>([
    ['nobody knows whether it minted again', { rotation: { intent: INTENT } }],
    ['a required target is not confirmed', { record: { targets: {} } }],
    [
      'a required target was only written',
      { record: { targets: { [TARGET.id]: { failures: 0, accepted: false } } } },
    ],
    [
      'a required target is confirmed to hold another',
      {
        record: {
          targets: {
            [TARGET.id]: {
              failures: 0,
              accepted: false,
              confirmed: { fingerprint: 'x', version: '1', at: NOW },
            },
          },
        },
      },
    ],
  ])('is not finished while %s', (_, changes) => {
    expect(finished(changes)).toBeUndefined();
  });

  it('is none where it has not minted, or nothing is live', () => {
    expect(finish(situation({ record: record({ rotation: OPEN }) }))).toBeUndefined();
    expect(finish(situation())).toBeUndefined();
    const { live: _, ...lost } = record({ rotation: { ...OPEN, minted: MINTED } });
    expect(finish(situation({ record: lost }))).toBeUndefined();
    expect(finish(situation({ record: lost, policy: account({ targets: [OPTIONAL] }) }))).toBeUndefined();
  });

  it('does not wait for a target that others changed since, where that is only reported', () => {
    const drifted = { failures: 0, accepted: false, drifted: { since: NOW, fingerprint: 'theirs' } };
    const targets = { [TARGET.id]: drifted };
    const ofPolicy = (onDrift: 'deliver' | 'report') =>
      finished({ rotation: TRIED, record: { targets }, more: { policy: account({ onDrift }) } });
    expect(ofPolicy('report')).toMatchObject(noted({ kind: 'rotation-succeeded' }));
    expect(ofPolicy('deliver')).toBeUndefined();
  });

  it('waits for a target that it has not delivered to yet, whatever others put there before', () => {
    const policy = account({ onDrift: 'report' });
    const owed = { fingerprint: 'live', target: TARGET };
    const drifted = { failures: 0, accepted: false, drifted: { since: NOW, fingerprint: 'theirs' }, owed };
    const targets = { [TARGET.id]: drifted };
    expect(finished({ rotation: TRIED, record: { targets }, more: { policy } })).toBeUndefined();
  });

  it('does not wait for targets that are not required', () => {
    const policy = account({ targets: [TARGET, OPTIONAL] });
    expect(finished({ rotation: TRIED, more: { policy } })).toEqual(noted(SUCCEEDED));
  });
});

describe('the new credential', () => {
  function proved(tried: Record<string, Tried> = {}, more: Given = {}) {
    return finished({ ...more, record: { ...UNPROVED, ...more.record }, tried });
  }

  it('is tried', () => {
    expect(proved()).toEqual({ do: 'try', fingerprint: 'live' });
  });

  it('is proved where it is accepted', () => {
    expect(proved({ live: outcome({ kind: 'accepted', accountId: 'a1' }) })).toEqual(
      noted({ kind: 'credential-proved', fingerprint: 'live' }),
    );
  });

  it('is tried again later where nobody knows what came of it', () => {
    expect(proved({ live: outcome({ kind: 'unknown', failure: FAILURE }) })).toMatchObject(
      noted({ kind: 'rotation-failed', failure: 'no-answer', counts: false }),
    );
  });

  it('stays unproved where the account’s own quota is used up: the rotation goes on', () => {
    const spent = { kind: 'rate-limited', message: 'spent' } as const;
    const unknown = { live: outcome({ kind: 'unknown', failure: spent }) };
    expect(proved(unknown, { rotation: TRIED })).toEqual(noted(SUCCEEDED));
  });

  it('waits for the next attempt, and for the account to be open', () => {
    expect(proved({}, { record: { retryAt: NOW + 1 } })).toBeUndefined();
    expect(proved({}, { record: { held: { closed: { since: NOW, why: 'x' } } } })).toBeUndefined();
  });

  it('that nobody has is asked of the provider, and stays unproved where it does not have it', () => {
    const { account: _, ...seen } = ALL_SEEN;
    const inHand = new Set<string>();
    expect(proved({}, { more: { inHand, seen } })).toEqual({
      do: 'observe',
      account: true,
      manager: false,
      targets: [TARGET],
    });
    expect(proved({}, { rotation: TRIED, more: { inHand } })).toEqual(noted(SUCCEEDED));
  });

  describe('that is refused', () => {
    const refused = { live: outcome({ kind: 'refused' }) };
    const message = 'the provider refuses the credential live that it has just minted';

    it('is looked at: somebody may have minted another', () => {
      const { account: _, ...seen } = ALL_SEEN;
      expect(proved({}, { more: { seen: { ...seen, tried: refused } } })).toEqual({
        do: 'observe',
        account: true,
        manager: false,
        targets: [],
      });
    });

    it('is tried again: one refusal is none', () => {
      expect(proved(refused)).toMatchObject(
        noted({ kind: 'rotation-failed', failure: 'credential-refused', message, counts: false }),
      );
    });

    it('ends the rotation of an account that was parked because that is certain, and of no other', () => {
      const parked = { since: NOW, why: 'x' };
      expect(proved(refused, { record: { parked, refused: REFUSED } })).toEqual(
        noted({ kind: 'rotation-abandoned', why: message }),
      );
      expect(proved(refused, { record: { parked } })).toMatchObject(noted({ kind: 'rotation-failed' }));
    });

    describe('although nobody can be certain of it', () => {
      const schedule = { pattern: '* * * * *', zone: 'UTC' };
      const lastFailure = { failure: 'credential-refused', message, at: SENT + 1 } as const;
      const slot = NOW - HOUR;
      const before = { lastFailure, retryAt: NOW + HOUR, slot, mintedAt: SENT - HOUR };
      const again = (changes: Partial<AccountRecord> = {}, more: Partial<Situation> = {}) =>
        proved({}, { record: { ...before, ...changes }, more: { policy: account({ schedule }), ...more } });

      it('does not keep a newer slot waiting: the rotation ends', () => {
        const ended = noted({ kind: 'rotation-abandoned', why: message });
        expect(again()).toEqual(ended);
        // Preparing the next one finds out whether it is up again: here nothing is written any more.
        expect(again({}, { sharedHolds: [shared('store-down', TARGET.store)] })).toEqual(ended);
      });

      it('goes on being tried while no slot has come, or the slot is held', () => {
        const soon = account({ schedule, minIntervalMs: 2 * HOUR });
        expect(again({}, { policy: account() })).toBeUndefined();
        expect(again({}, { policy: soon })).toBeUndefined();
        expect(again({ paused: { since: NOW, cause: { actor: 'socket:0' } } })).toBeUndefined();
      });

      it('goes on being tried where the refusal was another credential’s', () => {
        expect(again({ lastFailure: { ...lastFailure, at: SENT - 1 } })).toBeUndefined();
      });
    });

    it('ends the rotation where a person asked for another one', () => {
      const waiting = { requests: ['q1'], cause: { actor: 'socket:0' }, at: NOW };
      expect(proved(refused, { record: { waiting } })).toEqual(
        noted({ kind: 'rotation-abandoned', why: message }),
      );
    });
  });
});

describe('the old credential', () => {
  function oldTried(tried: Record<string, Tried> = {}, more: Given = {}) {
    return finished({ ...more, tried });
  }

  it('is tried after the mint', () => {
    expect(oldTried()).toEqual({ do: 'try', fingerprint: 'older' });
    expect(oldTried({ older: outcome({ kind: 'accepted', accountId: 'a1' }, SENT - 1) })).toEqual({
      do: 'try',
      fingerprint: 'older',
    });
  });

  it.each<readonly [string, Tried['outcome']]>([
    ['refused', { kind: 'refused' }],
    ['accepted', { kind: 'accepted', accountId: 'a1' }],
    ['unknown', { kind: 'unknown', failure: FAILURE }],
  ])('is noted as %s', (wantOutcome, kind) => {
    expect(oldTried({ older: outcome(kind, SENT) })).toEqual(
      noted({ kind: 'old-credential-tried', fingerprint: 'older', outcome: wantOutcome }),
    );
  });

  it('is noted as unknown where nobody has it, whatever it was before the mint', () => {
    const before = { older: outcome({ kind: 'accepted', accountId: 'a1' }, SENT - 1) };
    expect(oldTried(before, { more: { inHand: new Set(['live']) } })).toEqual(
      noted({ kind: 'old-credential-tried', fingerprint: 'older', outcome: 'unknown' }),
    );
  });

  it('is noted as unknown where there was none', () => {
    const minted = { fingerprint: 'live', sentAt: SENT, recovered: false };
    expect(oldTried({}, { rotation: { minted } })).toEqual(
      noted({ kind: 'old-credential-tried', fingerprint: '', outcome: 'unknown' }),
    );
  });
});

describe('a rotation that succeeded', () => {
  it('has a dark window until the last required write was acknowledged', () => {
    const second = target('vault:second');
    const policy = account({ targets: [TARGET, second, OPTIONAL] });
    const targets = {
      [TARGET.id]: holdsLive(SENT + 40),
      [second.id]: holdsLive(SENT + 70),
      [OPTIONAL.id]: holdsLive(SENT + 900),
    };
    expect(finished({ rotation: TRIED, record: { targets }, more: { policy } })).toEqual(
      noted({ ...SUCCEEDED, darkWindowMs: 70 }),
    );
  });

  it('has an estimated one where the answer was lost', () => {
    const minted = { ...MINTED, recovered: true };
    expect(finished({ rotation: { ...TRIED, minted } })).toEqual(noted({ ...SUCCEEDED, estimated: true }));
  });

  it('has none for a target that somebody else made hold it', () => {
    const { written: _, ...confirmed } = holdsLive(0);
    expect(finished({ rotation: TRIED, record: { targets: { [TARGET.id]: confirmed } } })).toStrictEqual(
      noted({ kind: 'rotation-succeeded', fingerprint: 'live', estimated: false }),
    );
  });

  it('has none below nothing, where a clock was put back', () => {
    const targets = { [TARGET.id]: holdsLive(SENT - 40) };
    expect(finished({ rotation: TRIED, record: { targets } })).toEqual(
      noted({ ...SUCCEEDED, darkWindowMs: 0 }),
    );
  });

  it('has none that could be measured where what it minted was not written by us', () => {
    const minted = { ...MINTED, fingerprint: 'another' };
    expect(finished({ rotation: { ...TRIED, minted } })).toStrictEqual(
      noted({ kind: 'rotation-succeeded', fingerprint: 'live', estimated: false }),
    );
  });
});
