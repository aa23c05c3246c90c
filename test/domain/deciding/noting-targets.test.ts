import { describe, expect, it } from 'vitest';
import { noteTargets } from '../../../src/domain/deciding/comparing.ts';
import type { AccountRecord, TargetRecord } from '../../../src/domain/record.ts';
import type { Situation, TargetSeen } from '../../../src/domain/situation.ts';
import { account, restart } from '../../builders/account.ts';
import {
  ALL_SEEN,
  INTENT,
  LIVE_THERE,
  NOW,
  OPEN,
  TARGET,
  record,
  situation,
} from '../../builders/situation.ts';
import { FAILURE, noted } from '../../builders/decision.ts';
import { NOTHING, OTHER, STRANGE, STRANGER, UNREADABLE, tried } from '../../builders/targets.ts';

const CLEAN: TargetRecord = { failures: 0, accepted: false };

const CONFIRMED = { confirmed: { fingerprint: 'live', version: '1', at: NOW - 9 } };

const FOREIGN = { foreign: { since: NOW - 9 } };

const WRITTEN = { written: { fingerprint: 'live', version: '2', at: NOW - 9 } };

describe('what a target holds', () => {
  interface Given {
    readonly known?: TargetRecord;
    readonly read?: TargetSeen;
    readonly tried?: Situation['seen']['tried'];
    readonly more?: Partial<Situation>;
    readonly record?: Partial<AccountRecord>;
  }
  function note({ known = CLEAN, read = LIVE_THERE, tried: outcomes = {}, more, record: changes }: Given) {
    return noteTargets(
      situation({
        dice: 1,
        inHand: new Set(['x']),
        record: record({ targets: { [TARGET.id]: known }, ...changes }),
        seen: { ...ALL_SEEN, targets: { [TARGET.id]: read }, tried: outcomes },
        ...more,
      }),
    );
  }
  const failing = { target: TARGET.id, attempt: 1, retryAt: NOW + 1_000 };
  const UNKNOWN = { x: tried({ kind: 'unknown', failure: FAILURE }) };
  const silent = noted({ kind: 'target-failed', failure: 'no-answer', message: 'silence', ...failing });

  it.each<readonly [string, Given, object]>([
    [
      'is confirmed where it is the live credential',
      {},
      noted({ kind: 'target-confirmed', target: TARGET.id, fingerprint: 'live', version: '1' }),
    ],
    [
      'is confirmed also where the store has no versions',
      { read: { requestedAt: NOW, holds: { kind: 'credential', fingerprint: 'live' } } },
      noted({ kind: 'target-confirmed', target: TARGET.id, fingerprint: 'live', version: '' }),
    ],
    [
      'is confirmed anew where it was foreign',
      { known: { ...CLEAN, ...CONFIRMED, ...FOREIGN } },
      noted({ kind: 'target-confirmed', target: TARGET.id, fingerprint: 'live', version: '1' }),
    ],
    [
      'is confirmed anew where it could not be read before, and its consumers have nothing to take up',
      {
        known: {
          ...CLEAN,
          ...CONFIRMED,
          ...WRITTEN,
          failures: 1,
          lastFailure: { failure: 'no-answer', message: 'silence' },
        },
        more: { policy: account({ targets: [{ ...TARGET, consumers: [restart()] }] }) },
      },
      noted({ kind: 'target-confirmed', target: TARGET.id, fingerprint: 'live', version: '1' }),
    ],
    [
      'is foreign where it is not of the format',
      { read: STRANGE },
      noted({ kind: 'target-foreign', target: TARGET.id }),
    ],
    [
      'is foreign where it was refused, and nobody is told how to guess it',
      { read: STRANGER, tried: { x: tried({ kind: 'refused' }) } },
      noted({ kind: 'target-foreign', target: TARGET.id }),
    ],
    [
      'is foreign where it is accepted as another account’s, by its fingerprint',
      { read: STRANGER, tried: { x: tried({ kind: 'accepted', accountId: 'another' }) } },
      noted({ kind: 'target-foreign', target: TARGET.id, fingerprint: 'x' }),
    ],
    ['is tried where nobody knows whose it is', { read: STRANGER }, { do: 'try', fingerprint: 'x' }],
    ['is a failure where nobody could tell whose it is', { read: STRANGER, tried: UNKNOWN }, silent],
    ['is a failure where it cannot be read', { read: UNREADABLE }, silent],
    [
      'is a failure once more when it is time',
      { known: { ...CLEAN, retryAt: NOW }, read: UNREADABLE },
      silent,
    ],
    [
      'is foreign no more where that is gone',
      { known: { ...CLEAN, ...FOREIGN }, read: NOTHING },
      noted({ kind: 'target-cleared', target: TARGET.id }),
    ],
    [
      'is a failure where it is not what was just written',
      { known: { ...CLEAN, ...WRITTEN }, read: NOTHING },
      noted({
        kind: 'target-failed',
        failure: 'target-refused',
        message: `${TARGET.id} reads back something else than what was just written`,
        ...failing,
        misread: true,
      }),
    ],
    [
      'has drifted where it is not what was confirmed',
      { known: { ...CLEAN, ...CONFIRMED }, read: STRANGER },
      noted({ kind: 'target-drifted', target: TARGET.id }),
    ],
    [
      'has drifted by its fingerprint where that was of this account',
      { known: { ...CLEAN, ...CONFIRMED }, read: STRANGER, record: { superseded: ['x'] } },
      noted({ kind: 'target-drifted', target: TARGET.id, fingerprint: 'x' }),
    ],
    [
      'has drifted where it is gone',
      { known: { ...CLEAN, ...CONFIRMED }, read: NOTHING },
      noted({ kind: 'target-drifted', target: TARGET.id }),
    ],
    [
      'is confirmed where nothing was known of it',
      { record: { targets: {} } },
      noted({ kind: 'target-confirmed', target: TARGET.id, fingerprint: 'live', version: '1' }),
    ],
  ])('%s', (_, changes, wantDecision) => {
    expect(note(changes)).toStrictEqual(wantDecision);
  });

  it.each<readonly [string, Given]>([
    ['it is confirmed', { known: { ...CLEAN, ...CONFIRMED } }],
    ['it is known to be foreign', { known: { ...CLEAN, ...FOREIGN }, read: STRANGE }],
    [
      'it cannot be read before the next attempt',
      { known: { ...CLEAN, retryAt: NOW + 1 }, read: UNREADABLE },
    ],
    [
      'nobody could tell whose it is before the next attempt',
      { known: { ...CLEAN, retryAt: NOW + 1 }, read: STRANGER, tried: UNKNOWN },
    ],
    ['nobody has its value to try it', { read: STRANGER, more: { inHand: new Set() } }],
    ['it is empty and never held anything', { read: NOTHING }],
    [
      'it is found wanting already',
      { known: { ...CLEAN, ...WRITTEN, failures: 1, misread: true }, read: NOTHING },
    ],
    [
      'it holds what was confirmed before the last mint',
      { known: { ...CLEAN, confirmed: { fingerprint: 'x', version: '1', at: NOW } }, read: STRANGER },
    ],
    ['it is empty, and nothing was known of it', { record: { targets: {} }, read: NOTHING }],
    ['it was not read', { more: { seen: { ...ALL_SEEN, targets: {} } } }],
    [
      'nobody knows whether a mint happened',
      { record: { targets: {}, rotation: { ...OPEN, intent: INTENT } } },
    ],
  ])('is not noted where %s', (_, changes) => {
    expect(note(changes)).toBeUndefined();
  });

  it('is noted of all targets at once', () => {
    const targets = { [TARGET.id]: LIVE_THERE, [OTHER.id]: STRANGE };
    const policy = account({ targets: [TARGET, OTHER] });
    expect(note({ more: { policy, seen: { ...ALL_SEEN, targets } } })).toMatchObject(
      noted({ kind: 'target-confirmed', target: TARGET.id }, { kind: 'target-foreign', target: OTHER.id }),
    );
    const known = { [TARGET.id]: { ...CLEAN, ...CONFIRMED } };
    expect(note({ record: { targets: known }, more: { policy, seen: { ...ALL_SEEN, targets } } })).toEqual(
      noted({ kind: 'target-foreign', target: OTHER.id }),
    );
  });
});
