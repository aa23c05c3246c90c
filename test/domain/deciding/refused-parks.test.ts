import { describe, expect, it } from 'vitest';
import { giveUp } from '../../../src/domain/deciding/finishing.ts';
import { parkRefused, refusedFailure } from '../../../src/domain/deciding/refusing.ts';
import { open } from '../../../src/domain/deciding/rotating.ts';
import { noted } from '../../builders/decision.ts';
import { refused } from '../../builders/refused.ts';
import type { Given } from '../../builders/refused.ts';
import { ALL_SEEN, NOW, OPEN, REFUSED } from '../../builders/situation.ts';

const MINUTE_MS = 60_000;
const SEEN =
  'kronup refuses the live credential live (auth-api-expired), seen 2 times from 2026-01-05T11:50:00.000Z to ' +
  '2026-01-05T12:00:00.000Z';
const SHOWN = 'while it shows it as live in an open account and accepts the manager credential';
const GONE =
  'and lists it no more in an open account, while it accepts the manager credential: somebody ended it there';
const ASK =
  'Its consumers are refused too: rekeyd rotate billing --reason … (onRefused: rotate does that by itself)';

function parked(given: Given = {}) {
  return parkRefused(refused({ ...given, record: { refused: REFUSED, ...given.record } }));
}

function because(why: string) {
  return noted({ kind: 'account-parked', why });
}

function listing(...references: readonly string[]): Given {
  const credentials = references.map((reference) => ({ reference, name: '', createdAt: 0 }));
  const account = { requestedAt: NOW, state: 'open', certain: true, credentials } as const;
  const live = { fingerprint: 'live', ownMint: true, proved: true, reference: 'r1' };
  return { record: { live }, seen: { account } };
}

describe('an account whose credential counts as refused is parked', () => {
  const { account: _, ...unseen } = ALL_SEEN;

  it.each<[string, Given, string]>([
    ['is shown as live', {}, SHOWN],
    ['is listed', listing('r1'), SHOWN],
    ['is listed no more', listing('r2'), GONE],
    ['was seen before this look', { more: { seen: unseen } }, SHOWN],
  ])('with words for whoever is called, where it %s', (_name, given, besides) => {
    expect(parked(given)).toStrictEqual(because(`${SEEN}, ${besides}. ${ASK}`));
  });

  it('where it was minted because of a refusal already that day, with when that was', () => {
    const policy = { onRefused: 'rotate' } as const;
    const record = { refusedMintAt: NOW - 60 * MINUTE_MS };
    expect(parked({ policy, record })).toStrictEqual(
      because(
        `${SEEN}, although it was minted at 2026-01-05T11:00:00.000Z because the one before had been refused. One such mint ` +
          'a day is made: find out who or what revokes it, then rekeyd rotate billing --reason …',
      ),
    );
  });

  it('also where another reason would rotate it, if nothing held that', () => {
    const due = { policy: { maxAgeMs: 1 }, record: { ageFrom: { at: 0, atLeast: false } } };
    expect(parked(due)).toBeUndefined();
    expect(parked({ ...due, policy: { maxAgeMs: 1, paused: true } })).toStrictEqual(
      because(`${SEEN}, ${SHOWN}. ${ASK}`),
    );
  });

  it.each<[string, Given]>([
    ['is parked', { record: { parked: { since: NOW, why: 'because' } } }],
    ['has a rotation that is open and has not minted', { record: { rotation: OPEN } }],
    ['is not configured', { more: { configured: false } }],
    ['was seen refused a minute ago', { record: { refused: { ...REFUSED, triedAt: NOW - MINUTE_MS } } }],
  ])('not where it %s', (_name, given) => {
    expect(parked(given)).toBeUndefined();
  });
});

describe('a rotation because of a refusal', () => {
  it('is not opened for what was seen a minute ago', () => {
    const policy = { onRefused: 'rotate' } as const;
    const opened = (triedAt: number) =>
      open(refused({ policy, record: { refused: { ...REFUSED, triedAt } } }));
    expect(opened(NOW - MINUTE_MS)).toBeUndefined();
    expect(opened(NOW - MINUTE_MS + 1)).toEqual({ do: 'grant' });
  });
});

describe('a rotation whose credential is refused for certain', () => {
  const minted = { fingerprint: 'live', sentAt: NOW - 20 * MINUTE_MS, recovered: false };
  const ended = (refusedMintAt: number) =>
    giveUp(
      refused({
        policy: { onRefused: 'rotate' },
        record: { refused: REFUSED, refusedMintAt, rotation: { ...OPEN, trigger: 'refused', minted } },
      }),
      'live',
    );

  it('ends for another one, and not for one of the same reason within a day', () => {
    expect(ended(NOW - 24 * 60 * MINUTE_MS)).toMatchObject({ facts: [{ kind: 'rotation-abandoned' }] });
    expect(ended(NOW - 20 * MINUTE_MS)).toBeUndefined();
  });
});

describe('what is refused and should be delivered', () => {
  const retryAt = (sinceMs: number) =>
    refusedFailure(refused({ record: { refused: { ...REFUSED, since: NOW - sinceMs } } }), 'refused');

  it('is tried with the other tries five minutes after it was refused first, and soon until then', () => {
    expect(retryAt(5 * MINUTE_MS)).toMatchObject({ retryAt: REFUSED.tryAt });
    expect(retryAt(5 * MINUTE_MS - 1)).toMatchObject({ retryAt: NOW + 3_750 });
  });
});
