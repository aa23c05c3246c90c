import { describe, expect, it } from 'vitest';
import { judgeTry } from '../../../src/domain/deciding/refusing.ts';
import { refusedTryAt } from '../../../src/domain/refusal.ts';
import type { AccountSeen, Observation, Tried } from '../../../src/domain/situation.ts';
import { noted } from '../../builders/decision.ts';
import { ALL_ACCEPTED, CERTAIN, ONCE, refused, SENT } from '../../builders/refused.ts';
import type { Given } from '../../builders/refused.ts';
import { ALL_SEEN, NOW, record } from '../../builders/situation.ts';

const MINUTE_MS = 60_000;

const LIVE_TRIED = { kind: 'live-tried', fingerprint: 'live', triedAt: SENT };
const COUNTS = {
  ...LIVE_TRIED,
  outcome: 'refused',
  refusedAs: 'auth-api-expired',
  tryAt: refusedTryAt(NOW, 2),
  counts: true,
};
const DOUBTED = { ...COUNTS, counts: false };

function judged(given: Given = {}) {
  return judgeTry(refused(given));
}

function inconclusive(why: string) {
  return noted({
    ...LIVE_TRIED,
    outcome: 'inconclusive',
    counts: false,
    why,
    tryAt: refusedTryAt(NOW, 1),
  });
}

function since(ms: number): Given {
  return { record: { refused: { ...ONCE, since: SENT - ms } } };
}

describe('a second refusal', () => {
  it('counts where all else is in order', () => {
    expect(judged()).toStrictEqual(noted(COUNTS));
  });

  it('counts without a name where the service gives none', () => {
    const { refusedAs: _, ...nameless } = COUNTS;
    const tried: Tried = { at: SENT, outcome: { kind: 'refused', revoked: true } };
    expect(judged({ seen: { tried: { live: tried } } })).toStrictEqual(noted(nameless));
  });

  it('counts five minutes after the first, and not a moment sooner', () => {
    expect(judged(since(5 * MINUTE_MS))).toStrictEqual(noted(COUNTS));
    expect(judged(since(5 * MINUTE_MS - 1))).toStrictEqual(noted(DOUBTED));
  });

  it('that comes soon says nothing before it is time, and something from then on', () => {
    const soon = (tryAt: number): Given => ({
      record: { refused: { ...ONCE, since: SENT - MINUTE_MS, tryAt } },
    });
    expect(judged(soon(SENT + 1))).toBeUndefined();
    expect(judged(soon(SENT))).toStrictEqual(noted(DOUBTED));
  });

  it('says nothing while nobody looked at the account', () => {
    const { account: _, ...seen } = CERTAIN;
    expect(judged({ more: { seen } })).toBeUndefined();
  });

  it('needs the account to be open', () => {
    const seen = { account: { ...ALL_SEEN.account, state: 'closed' } } as const;
    expect(judged({ seen })).toStrictEqual(
      inconclusive('the provider does not show it as live in an open account'),
    );
  });

  it('needs the look to have gone well, and says how it failed', () => {
    const accountFailure = { at: NOW, failure: { kind: 'no-answer', message: 'silence' } } as const;
    expect(judged({ seen: { accountFailure } })).toStrictEqual(inconclusive('silence'));
  });
});

describe('what else has to be in order, and when that has to have been seen', () => {
  const others = (changes: Partial<typeof ALL_ACCEPTED>) =>
    judged({ seen: { others: { ...ALL_ACCEPTED, ...changes } } });
  const seenAt = (requestedAt: number, acceptedAt: number) =>
    judged({
      seen: {
        account: { ...ALL_SEEN.account, requestedAt },
        manager: { accountId: 'manager', acceptedAt },
      },
    });
  const look = { do: 'observe', manager: true, again: true, targets: [] };

  it('others are tried anew a minute after they were', () => {
    expect(others({ at: SENT - MINUTE_MS })).toEqual({ do: 'try-others' });
    expect(others({ at: SENT - MINUTE_MS + 1 })).toStrictEqual(noted(COUNTS));
  });

  it('one other that is refused as well puts the provider in doubt', () => {
    expect(others({ accepted: 2, refused: 1, unknown: 1 })).toStrictEqual(
      noted({
        ...DOUBTED,
        why: '1 of 4 other live credentials that were tried are refused as well: the provider is at fault',
        othersRefused: true,
      }),
    );
  });

  it('others of which none could be tried put it in doubt, and that there is no other does not', () => {
    expect(others({ accepted: 0, unknown: 3 })).toStrictEqual(
      noted({
        ...DOUBTED,
        why: 'none of 3 other live credentials could be tried, so the provider may be at fault',
      }),
    );
    expect(others({ accepted: 0 })).toStrictEqual(noted(COUNTS));
  });

  it('the account and the manager are asked again where that was before the try', () => {
    expect(seenAt(SENT - 1, SENT)).toEqual({ ...look, account: true });
    expect(seenAt(SENT, SENT - 1)).toEqual({ ...look, account: false });
    expect(seenAt(SENT, SENT)).toStrictEqual(noted(COUNTS));
  });

  it.each<[string, number, number]>([
    ['the account', MINUTE_MS, 0],
    ['the manager', 0, MINUTE_MS],
  ])('%s has to be seen within a minute of the try', (_name, account, manager) => {
    expect(seenAt(SENT + account, SENT + manager)).toStrictEqual(noted(COUNTS));
    const late = (ms: number) => SENT + (ms === 0 ? 0 : ms + 1);
    expect(seenAt(late(account), late(manager))).toStrictEqual(
      inconclusive('it took too long to see whether all else is in order'),
    );
  });
});

describe('a refused credential of an account whose provider lists what it has', () => {
  const listing = (
    live: { readonly reference?: string; readonly clientId?: string },
    credentials: AccountSeen['credentials'],
  ): Given => {
    const seen = { requestedAt: NOW, state: 'open', certain: true } as const;
    return {
      record: { live: { fingerprint: 'live', ownMint: true, proved: true, ...live } },
      seen: { account: credentials === undefined ? ALL_SEEN.account : { ...seen, credentials } },
    };
  };
  const one = (reference: string, clientId?: string) => ({
    reference,
    name: '',
    createdAt: 0,
    ...(clientId !== undefined && { clientId }),
  });
  const { others: _, ...ALONE } = CERTAIN;
  /** Whether it counts without a look at others: somebody ended it. */
  const isEnded = (given: Given) => {
    const seen: Observation = { ...ALONE, ...given.seen };
    return judged({ ...given, more: { seen } })?.do === 'note';
  };

  it.each<[string, Given, boolean]>([
    ['others alone', listing({ reference: 'r1' }, [one('r2')]), true],
    ['it', listing({ reference: 'r1' }, [one('r2'), one('r1')]), false],
    ['others alone, by their client ids', listing({ clientId: 'c1' }, [one('r2', 'c2'), one('r3')]), true],
    ['it, by its client id', listing({ clientId: 'c1' }, [one('r2', 'c2'), one('r1', 'c1')]), false],
    [
      'it, by its client id under another reference',
      listing({ reference: 'r1', clientId: 'c1' }, [one('r9', 'c1')]),
      false,
    ],
    ['others that have no client id', listing({ reference: 'r1' }, [one('r2')]), true],
  ])('which shows %s: somebody ended it: %s', (_name, given, want) => {
    expect(isEnded(given)).toBe(want);
  });

  it('counts by what the provider shows as live where it lists none', () => {
    expect(judged(listing({ reference: 'r1' }, undefined))).toStrictEqual(noted(COUNTS));
  });
});

describe('a first refusal', () => {
  it('is tried again, and does not count', () => {
    expect(judged({ more: { record: record() } })).toStrictEqual(
      noted({ ...DOUBTED, tryAt: refusedTryAt(NOW, 1) }),
    );
  });
});
