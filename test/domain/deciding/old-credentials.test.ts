import { describe, expect, it } from 'vitest';
import type { Hold } from '../../../src/domain/hold.ts';
import { beginGrace, graceFacts, noteCredentials } from '../../../src/domain/deciding/retiring.ts';
import type { CredentialSeen, Situation } from '../../../src/domain/situation.ts';
import { NOW, OPEN, record } from '../../builders/situation.ts';
import { noted } from '../../builders/decision.ts';
import { BOTH, INTENT, LIVE, OLD, OVERLAP, credential, given } from '../../builders/retiring.ts';
import type { Given } from '../../builders/retiring.ts';

const HOUR_MS = 3_600_000;

describe('the credentials of an account', () => {
  const STRANGER = credential('x', { reference: 'ref-x' });

  it('are noted where nobody knows them, with what is seen of them', () => {
    const unknown = { kind: 'credential-unknown', reference: 'ref-x', name: 'x', createdAt: NOW - HOUR_MS };
    expect(noteCredentials(given({ credentials: [...BOTH, STRANGER] }))).toStrictEqual(noted(unknown));
    const used = { ...STRANGER, lastUsedAt: NOW - 7 };
    expect(noteCredentials(given({ credentials: [...BOTH, used] }))).toStrictEqual(
      noted({ ...unknown, lastUsedAt: NOW - 7 }),
    );
  });

  it('are found late where they have the mark of a mint', () => {
    const marks = [
      { name: 'mark-0', rotation: 'r0' },
      { name: 'mark-1', rotation: 'r1' },
    ];
    const late = {
      kind: 'credential-found-late',
      reference: 'ref-mark-1',
      name: 'mark-1',
      createdAt: NOW - HOUR_MS,
    };
    const found = (one: CredentialSeen) =>
      noteCredentials(given({ record: { marks }, credentials: [...BOTH, one] }));
    expect(found(credential('mark-1'))).toStrictEqual(noted(late));
    expect(found(credential('mark-1', { clientId: 'c' }))).toStrictEqual(noted({ ...late, clientId: 'c' }));
    expect(found(STRANGER)).toMatchObject({ facts: [{ kind: 'credential-unknown' }] });
  });

  const minted = { fingerprint: 'new', sentAt: NOW, recovered: false, reference: 'ref-x' };
  const unknown = [{ reference: 'ref-x', name: 'x', createdAt: 1, since: 2 }];
  it.each<[string, CredentialSeen, Given]>([
    ['what is live', credential('live'), {}],
    ['the live one by its client id', { ...STRANGER, clientId: 'client-live' }, {}],
    ['the manager’s own by its client id', { ...STRANGER, clientId: 'client-manager' }, {}],
    ['what is old', credential('old'), {}],
    ['what the open rotation minted', STRANGER, { record: { rotation: { ...OPEN, minted } } }],
    ['what was retired: a list may still show it', STRANGER, { record: { retired: ['ref-x'] } }],
    ['what is known as unknown', STRANGER, { record: { unknown } }],
  ])('are known where they are %s', (_name, one, more) => {
    expect(noteCredentials(given({ ...more, credentials: [one] }))).toBeUndefined();
  });

  it('are not taken for one another where they have no client id', () => {
    const { clientId: _, ...live } = LIVE;
    const known = { record: { live }, seen: { manager: {} }, credentials: [STRANGER] };
    expect(noteCredentials(given(known))).toMatchObject({ facts: [{ kind: 'credential-unknown' }] });
    const named = { ...known, credentials: [{ ...STRANGER, clientId: 'c' }] };
    expect(noteCredentials(given(named))).toMatchObject({ facts: [{ kind: 'credential-unknown' }] });
    const { manager: _manager, ...seen } = given(named).seen;
    expect(noteCredentials({ ...given(named), seen })).toMatchObject({
      facts: [{ kind: 'credential-unknown' }],
    });
  });

  it('are remembered up to 32 that nobody knows', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...credential(`u${index}`), since: 1 }));
    const all = (count: number) =>
      noteCredentials(given({ record: { unknown: many(count) }, credentials: [...many(count), STRANGER] }));
    expect(all(31)).toMatchObject({ facts: [{ kind: 'credential-unknown', reference: 'ref-x' }] });
    expect(all(32)).toBeUndefined();
  });

  it('that nobody knew are gone when they are not listed any more', () => {
    const known = [...unknown, { ...credential('y'), since: 3 }];
    expect(
      noteCredentials(given({ record: { unknown: known }, credentials: [credential('y')] })),
    ).toStrictEqual(noted({ kind: 'unknown-credential-gone', reference: 'ref-x' }));
  });

  const { adoptedAt: _adopted, ...unseen } = record({ live: LIVE });
  const { live: _live, ...noneLive } = record();
  it.each<[string, Situation]>([
    ['the account was not adopted yet', given({ more: { record: unseen }, credentials: [STRANGER] })],
    ['nothing is known to be live yet', given({ more: { record: noneLive }, credentials: [STRANGER] })],
    [
      'nobody knows whether a mint happened',
      given({ record: { rotation: { ...OPEN, intent: INTENT } }, credentials: [STRANGER] }),
    ],
    ['nobody looked', given({ more: { seen: { targets: {}, preflights: {}, tried: {} } } })],
  ])('are nobody’s business where %s', (_name, known) => {
    expect(noteCredentials(known)).toBeUndefined();
  });

  it('are noted where what is live is known to be missing', () => {
    const missing = { ...noneLive, liveMissingSince: NOW - 1 };
    expect(noteCredentials(given({ more: { record: missing }, credentials: [STRANGER] }))).toMatchObject({
      facts: [{ kind: 'credential-unknown' }],
    });
  });
});

describe('the grace of an old credential', () => {
  const { graceFrom: _, ...waiting } = OLD;
  const begun = {
    kind: 'grace-begun',
    reference: 'ref-old',
    fingerprint: 'old',
    until: NOW + 2 * HOUR_MS,
    hardLimitAt: NOW + 5 * HOUR_MS,
  };

  it('begins when every target holds the newer one, with the time at which it ends', () => {
    expect(beginGrace(given({ record: { old: [waiting] } }))).toStrictEqual(noted(begun));
  });

  it('waits for a clock that is right: dated by one that is behind, it would be over at once', () => {
    const reason = 'they differ';
    const skew: Hold = { kind: 'clock-skew', subject: 'all', since: NOW, by: 'rekeyd', reason };
    const known = { record: { old: [waiting] } };
    expect(beginGrace(given({ ...known, more: { sharedHolds: [skew] } }))).toBeUndefined();
    expect(beginGrace(given({ ...known, more: { timeUnknown: true } }))).toStrictEqual({ do: 'ask-time' });
    expect(beginGrace(given({ more: { timeUnknown: true } }))).toBeUndefined();
  });

  it('begins for each, also where nobody has the value any more', () => {
    const { fingerprint: _fingerprint, ...valueless } = { ...waiting, reference: 'ref-2' };
    const { fingerprint: _none, ...bare } = { ...begun, reference: 'ref-2' };
    expect(graceFacts(given({ record: { old: [waiting, valueless] } }))).toStrictEqual([begun, bare]);
  });

  it('ends at the hard limit at the earliest, where that is the shorter one', () => {
    const policy = { ...OVERLAP, retireHardLimitMs: HOUR_MS };
    const [fact] = graceFacts(given({ record: { old: [waiting] }, more: { policy } }));
    expect(fact).toMatchObject({ until: NOW + 2 * HOUR_MS, hardLimitAt: NOW + 2 * HOUR_MS });
  });

  it.each<[string, Given]>([
    ['has begun already', {}],
    ['is none of what leaked', { record: { old: [{ ...waiting, compromised: true }] } }],
    ['is none of what nobody ever had', { record: { old: [{ ...waiting, why: 'unused' }] } }],
    [
      'waits while the newer one is not proved',
      { record: { old: [waiting], live: { ...LIVE, proved: false } } },
    ],
    ['waits while a target does not hold the newer one', { record: { old: [waiting], targets: {} } }],
    [
      'is none where no call of its own ends it',
      { record: { old: [waiting] }, more: { policy: { ...OVERLAP, strategy: 'pair' } } },
    ],
  ])('%s', (_name, more) => {
    expect(beginGrace(given(more))).toBeUndefined();
  });
});
