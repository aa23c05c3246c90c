import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { HOLDS } from '../../src/domain/hold.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { Situation } from '../../src/domain/situation.ts';
import { account, restart } from '../builders/account.ts';
import {
  ALL_SEEN,
  LIVE_THERE,
  NOW,
  OPEN,
  ready,
  record,
  REFUSED,
  situation,
  TARGET,
} from '../builders/situation.ts';

type Seen = Situation['seen'];

describe('a mint', () => {
  it('is sent when nothing is missing and nothing holds it', () => {
    expect(decide(ready())).toEqual({ do: 'mint' });
  });

  const missing: readonly [string, Partial<Seen>][] = [
    ['the account was seen 10 s ago', { account: { ...ALL_SEEN.account, requestedAt: NOW - 10_000 } }],
    [
      'the target was read 60 s ago',
      { targets: { [TARGET.id]: { ...LIVE_THERE, requestedAt: NOW - 60_000 } } },
    ],
    ['the target was not read', { targets: {} }],
    ['the preflight is 60 s old', { preflights: { [TARGET.id]: { at: NOW - 60_000, identity: 'me' } } }],
    ['nobody tried whether the target is writable', { preflights: {} }],
    [
      'another identity made the last real write',
      { preflights: { [TARGET.id]: { at: NOW, identity: 'another' } } },
    ],
  ];
  for (const [name, seen] of missing) {
    it(`is not sent when ${name}; it is looked at again`, () => {
      const decision = decide(ready({ seen: { ...ALL_SEEN, ...seen } }));
      expect(['observe', 'preflight']).toContain(decision.do);
    });
  }

  it('is not sent when nobody knows whose the manager credential is', () => {
    const { manager: _, ...seen } = ALL_SEEN;
    expect(decide(ready({ seen }))).toMatchObject({ do: 'observe', manager: true });
  });

  it('is not sent when the last real write is older than the store’s proofMaxAge', () => {
    expect(decide(ready({ proofMaxAgeMs: { files: 1_000 } }))).toMatchObject({ do: 'preflight' });
  });

  it('is not sent when the last mint ended after the account was seen', () => {
    const ended = record({ rotation: OPEN, effectEndedAt: NOW });
    const seen = { ...ALL_SEEN, account: { ...ALL_SEEN.account, requestedAt: NOW - 1 } };
    expect(decide(ready({ record: ended, seen }))).toMatchObject({ do: 'observe', account: true });
  });

  it('is not sent while the daemon stops', () => {
    expect(decide(ready({ stopping: true })).do).toBe('rest');
  });

  it('is not sent while a mint’s outcome is unknown', () => {
    const intent = {
      attempt: 1,
      at: NOW,
      targets: [],
      sentAt: NOW,
      unknown: true,
      sightings: 0,
      preImage: 'live',
    };
    const unknown = record({ rotation: { ...OPEN, intent } });
    expect(decide(ready({ record: unknown })).do).not.toBe('mint');
  });
});

describe('the holds', () => {
  const since = NOW - 1_000;
  const cause = { actor: 'person' };
  const shared = (kind: Hold['kind'], subject: string): Partial<Situation> => ({
    sharedHolds: [{ kind, subject, since, by: 'rekeyd', reason: 'a test' }],
  });
  const base = ready().record;
  const becauseRefused = { ...base, rotation: { ...OPEN, trigger: 'refused' as const }, refused: REFUSED };
  const [known] = Object.values(base.targets);
  const held: Readonly<Record<keyof typeof HOLDS, Partial<Situation>>> = {
    'own-account': { seen: { ...ALL_SEEN, manager: { accountId: 'a1' } } },
    closed: { seen: { ...ALL_SEEN, account: { requestedAt: NOW, state: 'closed', certain: true } } },
    foreign: {
      record: { ...base, targets: { [TARGET.id]: { failures: 0, accepted: false, foreign: { since } } } },
      seen: { ...ALL_SEEN, targets: { [TARGET.id]: { requestedAt: NOW, holds: { kind: 'other' } } } },
    },
    undecided: {
      policy: account({ strategy: 'pair', accountIds: ['a1', 'b1'], targets: [TARGET] }),
    },
    mismatched: { record: { ...base, mismatched: { since, why: 'a test' } } },
    'store-down': shared('store-down', 'files'),
    'consumer-unhealthy': {
      policy: account({ targets: [{ ...TARGET, consumers: [restart({ onUnhealthy: 'hold' })] }] }),
      ...shared('consumer-unhealthy', restart().id),
    },
    'manager-refused': shared('manager-refused', 'kronup'),
    frozen: shared('frozen', 'kronup'),
    'reserve-low': shared('reserve-low', 'kronup'),
    'too-soon': { record: { ...base, mintedAt: NOW - 60_000 } },
    'many-refused': { record: becauseRefused, ...shared('many-refused', 'kronup') },
    'refused-limit': {
      record: {
        ...becauseRefused,
        refused: { ...REFUSED, limited: { since, until: NOW + 60_000, why: 'a test' } },
      },
    },
    'many-old': {
      policy: account({ strategy: 'overlap', targets: [TARGET] }),
      record: {
        ...base,
        old: Array.from({ length: 48 }, (_, index) => ({ why: 'late', since, reference: `r${index}` })),
      },
    },
    parked: { record: { ...base, parked: { since, why: 'a test' } } },
    paused: { record: { ...base, paused: { since, cause } } },
    contested: {
      record: {
        ...base,
        targets: known ? { [TARGET.id]: { ...known, contested: { since } } } : {},
      },
    },
    'clock-skew': shared('clock-skew', 'all'),
    'deny-window': {
      policy: account({
        targets: [TARGET],
        deny: [{ opens: { pattern: '0 * * * *', zone: 'UTC' }, durationMs: 3_000_000 }],
      }),
    },
  };
  for (const [kind, changes] of Object.entries(held)) {
    const stops: readonly string[] = HOLDS[kind as keyof typeof HOLDS].stops;
    it(`${kind} stops an unasked mint`, () => {
      expect(decide(ready(changes)).do).not.toBe('mint');
    });

    it(`${kind} ${stops.includes('mint') ? 'stops' : 'lets'} a manual one${stops.includes('mint') ? '' : ' pass'}`, () => {
      const manual = { ...(changes.record ?? base), rotation: { ...OPEN, trigger: 'manual' as const } };
      expect(decide(ready({ ...changes, record: manual })).do === 'mint').toBe(!stops.includes('mint'));
    });
  }

  it('of another store or provider stop nothing', () => {
    expect(decide(ready(shared('store-down', 'another')))).toEqual({ do: 'mint' });
    expect(decide(ready(shared('manager-refused', 'another')))).toEqual({ do: 'mint' });
    expect(decide(ready(shared('frozen', 'another')))).toEqual({ do: 'mint' });
  });

  it.each([
    ['paused', { paused: { since, cause } }, {}],
    ['frozen', {}, shared('frozen', 'kronup')],
  ])('%s does not stop the delivery of what was minted', (_kind, held, more) => {
    const owed = { fingerprint: 'live', target: TARGET };
    const owing = record({
      ...held,
      targets: { [TARGET.id]: { failures: 0, accepted: false, owed } },
    });
    const seen = {
      ...ALL_SEEN,
      targets: { [TARGET.id]: { requestedAt: NOW, holds: { kind: 'nothing' } } },
    } as const;
    expect(decide(situation({ record: owing, seen, inHand: new Set(['live']), ...more })).do).toBe('deliver');
    expect(known?.confirmed?.fingerprint).toBe('live');
  });

  it('mismatched stops the delivery of what was minted', () => {
    const owed = { fingerprint: 'live', target: TARGET };
    const owing = record({
      mismatched: { since, why: 'a test' },
      targets: { [TARGET.id]: { failures: 0, accepted: false, owed } },
    });
    const seen = {
      ...ALL_SEEN,
      targets: { [TARGET.id]: { requestedAt: NOW, holds: { kind: 'nothing' } } },
    } as const;
    expect(decide(situation({ record: owing, seen, inHand: new Set(['live']) })).do).not.toBe('deliver');
  });
});
