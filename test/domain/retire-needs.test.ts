import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { LIMITS } from '../../src/domain/limits.ts';
import type { AccountRecord, OldCredential } from '../../src/domain/record.ts';
import { graceUntil, isStillUsed, retireLookAt, unmetForRetire } from '../../src/domain/retire-needs.ts';
import type { Retirable } from '../../src/domain/retire-needs.ts';
import type { AccountSeen, CredentialSeen, Observation, Situation } from '../../src/domain/situation.ts';
import { wakeOf } from '../../src/domain/wake.ts';
import { account, target } from '../builders/account.ts';
import { LIVE_THERE, NOW, record, situation, TARGET } from '../builders/situation.ts';

const HOUR_MS = 3_600_000;
const GRACE_MS = 2 * HOUR_MS;
const LIMIT_MS = 24 * HOUR_MS;

/** Replaced three hours ago, and every target has held the newer one since then. */
const OLD: Retirable = {
  why: 'replaced',
  since: NOW - 3 * HOUR_MS,
  graceFrom: NOW - 3 * HOUR_MS,
  fingerprint: 'old',
  reference: 'r-old',
  clientId: 'c-old',
  rotation: 'r1',
};
const OTHER = target('files:billing/other', { required: false });

function seenCredential(name: string, more: Partial<CredentialSeen> = {}): CredentialSeen {
  return {
    reference: `r-${name}`,
    name,
    clientId: `c-${name}`,
    createdAt: NOW - 30 * HOUR_MS,
    ...more,
  };
}

const ACCOUNT: AccountSeen = {
  requestedAt: NOW,
  state: 'open',
  certain: true,
  credentials: [seenCredential('old', { lastUsedAt: NOW - 5 * HOUR_MS }), seenCredential('live')],
};

const SEEN: Observation = {
  account: ACCOUNT,
  manager: { clientId: 'c-manager' },
  targets: { [TARGET.id]: LIVE_THERE },
  preflights: {},
  tried: {},
};

interface Given {
  readonly old?: Partial<Retirable>;
  readonly record?: Partial<AccountRecord>;
  readonly seen?: Partial<Observation>;
  readonly more?: Partial<Situation>;
}

/** Everything is as it must be for the old credential to be retired now. */
function retirable(given: Given = {}): Situation {
  const old = { ...OLD, ...given.old };
  return situation({
    policy: account({
      strategy: 'overlap',
      targets: [TARGET],
      graceMs: GRACE_MS,
      retireHardLimitMs: LIMIT_MS,
    }),
    record: record({
      live: { fingerprint: 'live', ownMint: true, proved: true, reference: 'r-live', clientId: 'c-live' },
      old: [old],
      ...given.record,
    }),
    seen: { ...SEEN, ...given.seen },
    ...given.more,
  });
}

function oldOf({ record: { old = [] } }: Situation): Retirable {
  const [first] = old;
  if (first?.reference === undefined) throw new Error('nothing is to be retired');
  return { ...first, reference: first.reference };
}

function unmet(given: Given) {
  const known = retirable(given);
  return unmetForRetire(known, oldOf(known));
}

function usedAt(at: number): Partial<Observation> {
  const credentials = [seenCredential('old', { lastUsedAt: at }), seenCredential('live')];
  return { account: { ...ACCOUNT, credentials } };
}

describe('the needs of retiring an old credential', () => {
  it('are met where the newer one is everywhere, and nobody holds or uses the old one', () => {
    expect(unmet({})).toBeUndefined();
    expect(decide(retirable())).toEqual({ do: 'retire', reference: 'r-old' });
  });

  const looks: readonly [string, Given, string][] = [
    ['the account was not seen', { seen: { account: { ...ACCOUNT, requestedAt: NOW - 60_000 } } }, 'account'],
    [
      'the account was not seen since the last effect',
      { record: { effectEndedAt: NOW }, seen: { account: { ...ACCOUNT, requestedAt: NOW - 1 } } },
      'account',
    ],
    [
      'a target was read 60 s ago',
      { seen: { targets: { [TARGET.id]: { ...LIVE_THERE, requestedAt: NOW - 60_000 } } } },
      'targets',
    ],
    ['a target was not read', { seen: { targets: {} } }, 'targets'],
    [
      'a target that is not required was not read',
      { more: { policy: { ...retirable().policy, targets: [TARGET, OTHER] } } },
      'targets',
    ],
  ];
  it.each(looks)('lack a look where %s', (_name, given, by) => {
    expect(unmet(given)?.by).toBe(by);
    expect(decide(retirable(given)).do).toBe('observe');
  });

  it('lack a look where nobody knows whose the manager credential is', () => {
    const { manager: _, ...seen } = SEEN;
    const known = { ...retirable(), seen };
    expect(unmetForRetire(known, oldOf(known))?.by).toBe('manager');
    expect(decide(known)).toMatchObject({ do: 'observe', manager: true });
  });

  const held = (holds: Observation['targets'][string]['holds']): Given => ({
    seen: { targets: { [TARGET.id]: { requestedAt: NOW, holds, version: '1' } } },
  });
  const waits: readonly [string, Given, RegExp][] = [
    ['is the manager credential itself', { seen: { manager: { clientId: 'c-old' } } }, /manager credential/],
    [
      'is the last one that the provider lists',
      { seen: { account: { ...ACCOUNT, credentials: [seenCredential('old')] } } },
      /live credential is not seen/,
    ],
    [
      'may be in a target that cannot be read',
      held({ kind: 'unreadable', failure: { kind: 'store-unavailable', message: 'down' } }),
      /cannot be read/,
    ],
    [
      'is replaced by one that is not proved',
      { record: { live: { fingerprint: 'live', ownMint: true, proved: false, reference: 'r-live' } } },
      /not proved/,
    ],
    ['is still used', { seen: usedAt(NOW - GRACE_MS + 1) }, /still used/],
    [
      'may be what is beside the live one in a record that does not know which is live',
      { record: { live: { fingerprint: 'live', ownMint: true, proved: true } } },
      /live credential is not seen/,
    ],
    [
      'belongs to an account that is closed',
      { seen: { account: { ...ACCOUNT, state: 'closed', credentials: [] } } },
      /is closed/,
    ],
  ];
  it.each(waits)('are not met while it %s', (_name, given, why) => {
    const missing = unmet(given);
    expect(missing).toMatchObject({ by: 'waiting' });
    expect(missing?.need).toMatch(why);
    expect(decide(retirable(given)).do).not.toBe('retire');
  });

  it('are not met while a target holds it, or another value with its client id', () => {
    const known = { ...record().targets[TARGET.id], failures: 0, accepted: false };
    const confirmed = { [TARGET.id]: { ...known, retryAt: NOW + HOUR_MS } };
    for (const holds of [
      { kind: 'credential', fingerprint: 'old' },
      { kind: 'credential', fingerprint: 'another', clientId: 'c-old' },
    ] as const) {
      const missing = unmet({ ...held(holds), record: { targets: confirmed } });
      expect(missing?.need).toMatch(/holds it/);
    }
  });

  it('are not met while a target, required or not, is not known to hold the newer one', () => {
    const policy = { ...retirable().policy, targets: [TARGET, OTHER] as const };
    const targets = {
      [TARGET.id]: LIVE_THERE,
      [OTHER.id]: { requestedAt: NOW, holds: { kind: 'nothing' } },
    } as const;
    expect(unmet({ more: { policy }, seen: { targets } })?.need).toMatch(/not known to hold/);
  });

  it('are not met before its grace is over', () => {
    const given = { old: { graceFrom: NOW - GRACE_MS + 1 } };
    expect(unmet(given)?.need).toMatch(/grace/);
    expect(decide(retirable(given)).do).toBe('rest');
  });

  it('do not count use any more once the hard limit has passed', () => {
    const given = { old: { graceFrom: NOW - LIMIT_MS }, seen: usedAt(NOW - 1) };
    expect(unmet(given)).toBeUndefined();
    expect(isStillUsed(retirable(given), oldOf(retirable(given)))).toBe(true);
    const before = { old: { graceFrom: NOW - LIMIT_MS + 1 }, seen: usedAt(NOW - 1) };
    expect(unmet(before)).toMatchObject({ by: 'waiting', tryAt: NOW + 1 });
  });

  it('look again when it has been quiet for as long as the grace, if nobody uses it', () => {
    expect(unmet({ seen: usedAt(NOW - HOUR_MS) })).toMatchObject({ tryAt: NOW - HOUR_MS + GRACE_MS });
  });
});

describe('a credential that nobody ever had', () => {
  const unused: Partial<Retirable> = { why: 'unused', since: NOW - 1 };

  it('is retired at once, without grace or quiet, and wherever the newer one is', () => {
    const { graceFrom: _, ...rest } = OLD;
    const old: OldCredential = { ...rest, ...unused };
    const known = retirable({ record: { old: [old], targets: {} }, seen: usedAt(NOW - 1) });
    expect(unmetForRetire(known, oldOf(known))).toBeUndefined();
  });

  it('is not the last one, and is held by no target, all the same', () => {
    expect(
      unmet({ old: unused, seen: { account: { ...ACCOUNT, credentials: [seenCredential('old')] } } })?.by,
    ).toBe('waiting');
  });
});

describe('a credential whose mint seemed not to have happened', () => {
  const late = (since: number): Partial<Retirable> => ({ why: 'late', since });
  const neverUsed = { account: { ...ACCOUNT, credentials: [seenCredential('old'), seenCredential('live')] } };

  it('is swept when it is a day old and was never used', () => {
    expect(unmet({ old: late(NOW - LIMITS.sweepAfterMs), seen: neverUsed })).toBeUndefined();
    const young = retirable({ old: late(NOW - LIMITS.sweepAfterMs + 1), seen: neverUsed });
    expect(decide(young).do).toBe('rest');
  });

  it('is left alone where somebody used it', () => {
    expect(unmet({ old: late(NOW - LIMITS.sweepAfterMs), seen: usedAt(NOW - 20 * HOUR_MS) })?.need).toMatch(
      /was used/,
    );
  });
});

describe('when retiring is looked into', () => {
  const { policy } = retirable();

  it('is after the grace, counted from when every target held the newer one', () => {
    expect(graceUntil(policy, OLD)).toBe(NOW - 3 * HOUR_MS + GRACE_MS);
    const { graceFrom: _, ...waiting } = OLD;
    expect(graceUntil(policy, waiting)).toBeUndefined();
    expect(retireLookAt(policy, waiting)).toBeUndefined();
  });

  it('is an hour after that where the policy says nothing', () => {
    const { graceMs: _, ...silent } = policy;
    expect(graceUntil(silent, OLD)).toBe(NOW - 3 * HOUR_MS + LIMITS.graceMs);
  });

  it('wakes the account', () => {
    const young = { ...OLD, graceFrom: NOW - HOUR_MS };
    expect(wakeOf(retirable({ old: young }))).toEqual({ at: NOW + HOUR_MS, why: 'grace' });
    const waits = { times: 1, why: 'held', tryAt: NOW + 5_000 };
    expect(wakeOf(retirable({ old: { waits } }))).toEqual({ at: NOW + 5_000, why: 'grace' });
  });

  it('waits while the outcome of a mint is unknown, while mismatched, and while stopping', () => {
    const mismatched = { since: NOW, why: 'another account' };
    expect(decide(retirable({ record: { mismatched } })).do).toBe('rest');
    expect(decide(retirable({ more: { stopping: true } })).do).toBe('rest');
  });
});

describe('an old credential that is not listed any more', () => {
  const gone = { account: { ...ACCOUNT, credentials: [seenCredential('live')] } };

  it('was ended by somebody else', () => {
    expect(decide(retirable({ seen: gone }))).toMatchObject({
      do: 'note',
      facts: [{ kind: 'credential-retired', reference: 'r-old', gone: true }],
    });
  });

  it('was retired where that was intended and its answer lost', () => {
    const decision = decide(retirable({ seen: gone, old: { intendedAt: NOW - 1_000 } }));
    expect(decision).toEqual({
      do: 'note',
      facts: [{ kind: 'credential-retired', reference: 'r-old', fingerprint: 'old' }],
    });
  });
});
