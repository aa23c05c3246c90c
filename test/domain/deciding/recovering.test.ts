import { describe, expect, it } from 'vitest';
import { resolveMint } from '../../../src/domain/deciding/recovering.ts';
import type { Intent } from '../../../src/domain/record.ts';
import type { AccountSeen } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { FAILURE, noted } from '../../builders/decision.ts';
import { resolved, SENT, SETTLED, UNKNOWN } from '../../builders/recovering.ts';
import { ALL_SEEN, NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';

const NEVER_SEEN = { targets: {}, preflights: {}, tried: {} };
const OLD = { live: { fingerprint: 'live' } };
const NEW = { live: { fingerprint: 'new', issuedAt: SENT + 1, expiresAt: SENT + 9_000 } };
const SEEN_ONCE = { sightings: 1, sightedAt: SENT + 5 };
const LOOK = { do: 'observe', account: true, manager: false, targets: [] };

describe('a mint of unknown outcome', () => {
  it('is none where none was intended', () => {
    expect(resolveMint(situation({ record: record({ rotation: OPEN }) }))).toBeUndefined();
    expect(resolveMint(situation())).toBeUndefined();
  });

  it('is unknown when the process ended before its outcome: it may have been sent until now', () => {
    expect(resolved({ intent: { unknown: false } })).toEqual(
      noted({
        kind: 'mint-unknown',
        failure: 'no-answer',
        message: 'the process ended before the outcome of the mint was known',
        sentAt: NOW,
        counts: false,
        interrupted: true,
      }),
    );
  });

  it('happened where the provider shows another credential than before', () => {
    expect(resolved({ account: NEW })).toEqual(
      noted({
        kind: 'credential-minted',
        fingerprint: 'new',
        sentAt: SENT - 10,
        recovered: true,
        targets: [TARGET],
        preImage: 'live',
        issuedAt: SENT + 1,
        expiresAt: SENT + 9_000,
      }),
    );
  });

  it('happened where nothing was live before, and its credential may tell nothing of its life', () => {
    const rotation = { ...OPEN, intent: { ...UNKNOWN } };
    const { preImage: _, ...intent } = rotation.intent;
    const account = {
      requestedAt: SETTLED,
      state: 'open',
      certain: true,
      live: { fingerprint: 'new' },
    } as const;
    const got = resolveMint(
      situation({ record: record({ rotation: { ...rotation, intent } }), seen: { ...ALL_SEEN, account } }),
    );
    expect(got).toStrictEqual(
      noted({
        kind: 'credential-minted',
        fingerprint: 'new',
        sentAt: SENT - 10,
        recovered: true,
        targets: [TARGET],
      }),
    );
  });

  it('is looked at, with the targets that were not read', () => {
    const rotation = { ...OPEN, intent: UNKNOWN };
    const bare = situation({ record: record({ rotation }), seen: NEVER_SEEN });
    expect(resolveMint(bare)).toEqual({ ...LOOK, targets: [TARGET] });
    const read = situation({
      record: record({ rotation }),
      seen: { ...NEVER_SEEN, targets: ALL_SEEN.targets },
    });
    expect(resolveMint(read)).toEqual(LOOK);
  });

  it('is looked at at once where it was not seen yet, and at its time where it was', () => {
    const just = { ...UNKNOWN, sentAt: NOW };
    const bare = (intent: Intent, now = NOW) =>
      resolveMint(situation({ now, record: record({ rotation: { ...OPEN, intent } }), seen: NEVER_SEEN }));
    expect(bare(just)?.do).toBe('observe');
    const seen = { ...just, sightings: 1, sightedAt: NOW };
    expect(bare(seen, NOW + 999)).toBeUndefined();
    expect(bare(seen, NOW + 1_000)?.do).toBe('observe');
  });

  it('is not looked at before the next attempt', () => {
    expect(resolved({ account: NEW, retryAt: NOW + 1 })).toBeUndefined();
    expect(resolved({ account: NEW, retryAt: NOW })).toMatchObject({ do: 'note' });
  });

  it('stays unknown where the look failed', () => {
    expect(resolved({ seen: { accountFailure: { at: NOW, failure: FAILURE } } })).toMatchObject(
      noted({ kind: 'rotation-failed', failure: 'no-answer', counts: false }),
    );
  });

  it('stays unknown while the account is closed', () => {
    expect(resolved({ account: { state: 'closed', ...NEW } })).toBeUndefined();
  });

  it('did not happen where the account is closed still that it would have opened, seen twice and late enough', () => {
    const policy = account({ targets: [TARGET], reopenClosed: true });
    const closed = (intent: Partial<Intent>, changes: Partial<AccountSeen> = {}) =>
      resolved({ intent, account: { state: 'closed', ...changes }, more: { policy } });
    expect(closed({})).toEqual(noted({ kind: 'pre-image-seen', requestedAt: SETTLED }));
    expect(closed(SEEN_ONCE)).toEqual(noted({ kind: 'mint-settled', attempt: 2 }));
    const early = SETTLED - 1;
    expect(closed(SEEN_ONCE, { requestedAt: early })).toEqual(
      noted({ kind: 'pre-image-seen', requestedAt: early }),
    );
    expect(closed(SEEN_ONCE, { state: 'absent' })).toBeUndefined();
    expect(closed(SEEN_ONCE, { certain: false })).toMatchObject(noted({ kind: 'rotation-failed' }));
  });
});

describe('the pre-image that is still live', () => {
  it('is noted when it is seen first, however late', () => {
    expect(resolved({ account: OLD })).toEqual(noted({ kind: 'pre-image-seen', requestedAt: SETTLED }));
  });

  it('settles it when it is seen again, two minutes after the request', () => {
    expect(resolved({ intent: SEEN_ONCE, account: OLD })).toEqual(
      noted({ kind: 'mint-settled', attempt: 2 }),
    );
  });

  it('is noted again when it is seen sooner than that', () => {
    const account = { ...OLD, requestedAt: SETTLED - 1 };
    expect(resolved({ intent: SEEN_ONCE, account })).toEqual(
      noted({ kind: 'pre-image-seen', requestedAt: SETTLED - 1 }),
    );
  });

  it('is noted as seen now at the latest', () => {
    expect(resolved({ account: { ...OLD, requestedAt: NOW + 50 } })).toEqual(
      noted({ kind: 'pre-image-seen', requestedAt: NOW }),
    );
  });

  it('is not counted twice for one look; the next look is had in its time', () => {
    const again = { intent: { sightings: 1, sightedAt: SETTLED }, account: OLD };
    expect(resolved(again)?.do).not.toBe('note');
    expect(resolved({ ...again, account: { ...OLD, requestedAt: SETTLED + 1 } })).toEqual(
      noted({ kind: 'mint-settled', attempt: 2 }),
    );
  });

  it('counts anew where the clock was put back since it was seen', () => {
    expect(resolved({ intent: { sightings: 1, sightedAt: NOW + 1 }, account: OLD })).toMatchObject({
      do: 'note',
    });
  });

  it('is looked for again soon after it was seen, and not before', () => {
    const just = {
      intent: { sightings: 1, sightedAt: NOW, sentAt: NOW - 1 },
      account: { ...OLD, requestedAt: NOW },
    };
    expect(resolved(just)).toBeUndefined();
    expect(resolved({ ...just, more: { now: NOW + 3_600_000 } })).toEqual(LOOK);
  });
});
