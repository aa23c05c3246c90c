import { describe, expect, it } from 'vitest';
import type { OpenRotation } from '../../../src/domain/record.ts';
import { fact, folded, next, RECORD_OF_ALL as ALL, TARGET_OF_ALL } from '../../builders/fact.ts';
import { NOW, OPEN, record, TARGET } from '../../builders/situation.ts';

const SLOT = NOW - 600;
const ROTATION: OpenRotation = ALL.rotation ?? OPEN;
const CAUSE = { actor: 'socket:0', reason: 'leaked' };

describe('a slot', () => {
  it('that was skipped needs nothing more', () => {
    expect(folded(ALL, fact('slot-skipped', { slot: SLOT }))).toStrictEqual(
      next(ALL, { slot: SLOT }, 'missed', 'heldSlot', 'pausedSlot'),
    );
  });

  it('that was missed runs at the time that was chosen for it', () => {
    expect(folded(ALL, fact('slot-missed', { slot: SLOT, runAt: NOW + 600 }))).toStrictEqual(
      next(ALL, { missed: { slot: SLOT, runAt: NOW + 600 } }, 'pausedSlot'),
    );
  });

  it('that came while the account was paused is remembered as such', () => {
    expect(folded(ALL, fact('slot-held', { slot: SLOT, hold: 'paused' }))).toStrictEqual(
      next(ALL, { pausedSlot: SLOT }, 'missed', 'heldSlot'),
    );
  });

  it('that another hold kept waits', () => {
    expect(folded(ALL, fact('slot-held', { slot: SLOT, hold: 'store-down' }))).toStrictEqual(
      next(ALL, { heldSlot: SLOT }),
    );
  });
});

describe('a request', () => {
  it('to rotate waits, with who asked first and when', () => {
    const before = record();
    const once = folded(before, fact('request-taken', { request: 'q1', does: 'rotate' }, { cause: CAUSE }));
    expect(once).toStrictEqual(next(before, { waiting: { requests: ['q1'], cause: CAUSE, at: NOW } }));
    const twice = folded(once, fact('request-taken', { request: 'q2', does: 'rotate' }, { at: NOW + 5 }));
    expect(twice.waiting).toStrictEqual({ requests: ['q1', 'q2'], cause: CAUSE, at: NOW });
  });

  it('to reconcile forgets all back-off and has the account looked at', () => {
    expect(folded(ALL, fact('request-taken', { request: 'q3', does: 'reconcile' }))).toStrictEqual(
      next(
        ALL,
        {
          targets: { [TARGET.id]: next(TARGET_OF_ALL, {}, 'retryAt') },
          failures: 0,
          retries: 0,
          reobserveAt: [NOW - 10, NOW, NOW + 10, NOW],
        },
        'retryAt',
      ),
    );
  });

  it.each([
    [
      'for something else, which has facts of its own,',
      fact('request-taken', { request: 'q3', does: 'pause' }),
    ],
    ['that was refused', fact('request-refused', { request: 'q3', why: 'unknown' })],
  ])('%s changes nothing', (_, one) => {
    expect(folded(ALL, one)).toStrictEqual(next(ALL, {}));
  });
});

describe('a rotation that is opened', () => {
  it('for a slot uses it up, and leaves what somebody asked for waiting', () => {
    const body = { trigger: 'schedule', slot: SLOT, dueAt: SLOT + 5 } as const;
    expect(folded(ALL, fact('rotation-opened', body, { rotation: 'r7' }))).toStrictEqual(
      next(
        ALL,
        {
          rotation: {
            id: 'r7',
            trigger: 'schedule',
            cause: { actor: 'rekeyd' },
            dueAt: SLOT + 5,
            openedAt: NOW,
            requests: [],
            attempts: 0,
            lost: false,
            oldTried: false,
            slot: SLOT,
          },
          slot: SLOT,
          retries: 0,
        },
        'missed',
        'heldSlot',
        'pausedSlot',
        'retryAt',
      ),
    );
  });

  it('because somebody asked takes what waits, and is called by its fact where it has no name', () => {
    const body = { trigger: 'manual', dueAt: NOW - 30 } as const;
    const after = folded(ALL, fact('rotation-opened', body, { cause: CAUSE }));
    expect(after.rotation).toStrictEqual({
      id: 'f1',
      trigger: 'manual',
      cause: CAUSE,
      dueAt: NOW - 30,
      openedAt: NOW,
      requests: ['q2'],
      attempts: 0,
      lost: false,
      oldTried: false,
    });
    expect(after.slot).toBe(ALL.slot);
    expect(Object.keys(after)).not.toContain('waiting');
  });

  it('because somebody asked may have no request of its own', () => {
    const after = folded(record(), fact('rotation-opened', { trigger: 'manual', dueAt: NOW }));
    expect(after.rotation?.requests).toStrictEqual([]);
  });
});

describe('an open rotation', () => {
  it('that a newer slot joins uses that up, and waits on as before', () => {
    expect(folded(ALL, fact('rotation-joined', { slot: SLOT, requests: [] }))).toStrictEqual(
      next(ALL, { rotation: { ...ROTATION, slot: SLOT }, slot: SLOT }),
    );
  });

  it('because of a refusal goes on as one by schedule when a slot joins it: that waits for less', () => {
    const refused = { ...ALL, rotation: { ...ROTATION, trigger: 'refused' as const } };
    expect(folded(refused, fact('rotation-joined', { slot: SLOT, requests: [] })).rotation).toMatchObject({
      trigger: 'schedule',
      slot: SLOT,
    });
  });

  it.each(['manual', 'max-age', 'expiry', 'adopt'] as const)(
    'because of %s stays one for that when a slot joins it',
    (trigger) => {
      const before = { ...ALL, rotation: { ...ROTATION, trigger } };
      expect(folded(before, fact('rotation-joined', { slot: SLOT, requests: [] })).rotation).toMatchObject({
        trigger,
        slot: SLOT,
      });
    },
  );

  it('that a request joins is asked for from then on, and waits no longer', () => {
    const joined = fact('rotation-joined', { requests: ['q2', 'q3'] }, { cause: CAUSE });
    expect(folded(ALL, joined)).toStrictEqual(
      next(
        ALL,
        { rotation: { ...ROTATION, requests: ['q1', 'q2', 'q3'], trigger: 'manual', cause: CAUSE } },
        'waiting',
        'retryAt',
      ),
    );
  });

  it('knows that the old credential was tried', () => {
    const tried = fact('old-credential-tried', { fingerprint: 'older', outcome: 'refused' });
    expect(folded(ALL, tried)).toStrictEqual(next(ALL, { rotation: { ...ROTATION, oldTried: true } }));
  });

  it('that failed waits for its next attempt, held against the account only where the failure was its own', () => {
    const body = { failure: 'no-answer', message: 'silence', attempt: 6, retryAt: NOW + 60 } as const;
    const wantRecord = next(ALL, {
      lastFailure: { failure: 'no-answer', message: 'silence', at: NOW },
      retryAt: NOW + 60,
      retries: 6,
    });
    expect(folded(ALL, fact('rotation-failed', { ...body, counts: false }))).toStrictEqual(wantRecord);
    expect(folded(ALL, fact('rotation-failed', { ...body, counts: true }))).toStrictEqual({
      ...wantRecord,
      failures: 4,
    });
  });

  it('that is joined by what has leaked and no request ends that, and waits no longer', () => {
    const waiting = { requests: [], cause: CAUSE, at: NOW - 5, compromised: 'after-delivery' } as const;
    const before = record({ rotation: ROTATION, waiting });
    const joined = fact('rotation-joined', { requests: [], compromised: 'after-delivery' }, { cause: CAUSE });
    expect(folded(before, joined)).toStrictEqual(
      next(
        before,
        { rotation: { ...ROTATION, trigger: 'manual', cause: CAUSE, compromised: 'after-delivery' } },
        'waiting',
      ),
    );
  });

  it('that was abandoned is gone', () => {
    expect(folded(ALL, fact('rotation-abandoned', { why: 'left' }))).toStrictEqual(
      next(ALL, {}, 'rotation', 'retryAt'),
    );
  });
});

describe('a rotation that succeeded', () => {
  it('ends parking, back-off and failures, and is remembered with its dark window', () => {
    const body = { fingerprint: 'live', darkWindowMs: 40, estimated: true };
    expect(folded(ALL, fact('rotation-succeeded', body))).toStrictEqual(
      next(
        ALL,
        { failures: 0, retries: 0, lastRotation: { id: 'r1', at: NOW, darkWindowMs: 40, estimated: true } },
        'rotation',
        'parked',
        'retryAt',
        'lastFailure',
      ),
    );
  });

  it('is remembered also where none was open', () => {
    const after = folded(record(), fact('rotation-succeeded', { fingerprint: 'live', estimated: false }));
    expect(after.lastRotation).toStrictEqual({ id: '', at: NOW, estimated: false });
  });

  it('may have had no dark window that anybody could measure', () => {
    const after = folded(ALL, fact('rotation-succeeded', { fingerprint: 'live', estimated: false }));
    expect(after.lastRotation).toStrictEqual({ id: 'r1', at: NOW, estimated: false });
  });
});
