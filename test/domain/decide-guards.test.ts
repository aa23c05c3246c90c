import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/decide.ts';
import { ALL_SEEN, LIVE_THERE, NOW, OPEN, record, situation, TARGET } from '../builders/situation.ts';

describe('while the outcome of a mint is unknown', () => {
  it('nothing is concluded from a live credential that nobody can show', () => {
    const intent = {
      attempt: 1,
      at: NOW - 10_000,
      sentAt: NOW - 10_000,
      sightedAt: NOW,
      targets: [],
      unknown: true,
      sightings: 1,
      preImage: 'live',
    };
    const unproved = { fingerprint: 'live', ownMint: false, proved: false };
    const known = record({ live: unproved, targets: {}, rotation: { ...OPEN, intent } });
    const { live: _, ...account } = ALL_SEEN.account;
    const seen = { ...ALL_SEEN, account: { ...account, requestedAt: NOW } };
    expect(decide(situation({ record: known, seen }))).toMatchObject({ do: 'rest' });
  });
});

describe('a credential that was minted and is still to be proved', () => {
  const failure = { kind: 'credential-refused', message: 'the manager is refused' } as const;
  const made = { fingerprint: 'live', preImage: 'old', sentAt: NOW - 5_000, recovered: false };
  const minted = record({
    live: { fingerprint: 'live', ownMint: true, proved: false },
    rotation: { ...OPEN, minted: made },
  });
  const failed = { targets: {}, preflights: {}, accountFailure: { at: NOW, failure } };

  it('is tried again later when it is refused and the look that would say why fails', () => {
    const seen = { ...failed, tried: { live: { at: NOW, outcome: { kind: 'refused' } } } } as const;
    const decision = decide(situation({ record: minted, seen, inHand: new Set(['live']) }));
    expect(decision).toMatchObject({ do: 'note', facts: [{ kind: 'rotation-failed', counts: false }] });
  });

  it('is looked for again later when nobody has its value and the look fails', () => {
    const decision = decide(situation({ record: minted, seen: { ...failed, tried: {} } }));
    expect(decision).toMatchObject({ do: 'note', facts: [{ kind: 'rotation-failed', counts: false }] });
  });
});

describe("a rotation of the manager's own account that a person asks for", () => {
  it('is refused at once, also when nobody can say now whose the manager credential is', () => {
    const held = { 'own-account': { since: NOW, why: 'it is the daemon’s own' } };
    const { manager: _, ...seen } = ALL_SEEN;
    const failure = { kind: 'no-answer', message: 'silence' } as const;
    const asked = { id: 'q1', does: 'rotate', cause: { actor: 'socket:ops' }, at: NOW } as const;
    const decision = decide(
      situation({
        record: record({ held }),
        seen: { ...seen, managerFailure: { at: NOW, failure } },
        requests: [asked],
      }),
    );
    expect(decision).toMatchObject({ do: 'note', facts: [{ kind: 'request-refused', request: 'q1' }] });
  });
});

describe('a live credential that is not our own, that the provider refuses, and that a target lacks', () => {
  const refused = { live: { at: NOW, outcome: { kind: 'refused' } } } as const;
  const seen = {
    ...ALL_SEEN,
    targets: { [TARGET.id]: { ...LIVE_THERE, holds: { kind: 'nothing' } } },
    tried: refused,
  } as const;
  const changes = { seen, inHand: new Set(['live']) };
  const known = {
    live: { fingerprint: 'live', ownMint: false, proved: false },
    targets: {
      [TARGET.id]: { failures: 0, accepted: false, realWrite: { at: NOW - 1_000, identity: 'me' } },
    },
  };

  it('is delivered nowhere', () => {
    const decision = decide(situation({ record: record(known), ...changes }));
    expect(decision).toMatchObject({
      do: 'note',
      facts: [{ kind: 'observe-failed', failure: 'credential-refused' }],
    });
  });

  it('does not keep the rotation back that replaces it', () => {
    const decision = decide(situation({ record: record({ ...known, rotation: OPEN }), ...changes }));
    expect(decision).toEqual({ do: 'mint' });
  });
});

describe('a new credential that the provider refuses', () => {
  it('waits for the next try when the provider cannot be looked at either', () => {
    const minted = { fingerprint: 'live', sentAt: NOW - 5_000, recovered: false };
    const { account: _, ...seen } = ALL_SEEN;
    const accountFailure = { at: NOW, failure: { kind: 'credential-refused', message: 'no' } } as const;
    const tried = { live: { at: NOW, outcome: { kind: 'refused' } } } as const;
    const known = record({
      live: { fingerprint: 'live', ownMint: true, proved: false },
      rotation: { ...OPEN, minted },
    });
    const decision = decide(
      situation({ record: known, seen: { ...seen, accountFailure, tried }, inHand: new Set(['live']) }),
    );
    expect(decision).toMatchObject({ do: 'note', facts: [{ kind: 'rotation-failed', counts: false }] });
  });
});

describe('the old credential after a mint', () => {
  it('is tried once, also when the clock was put back since the mint', () => {
    const minted = { fingerprint: 'live', preImage: 'old', sentAt: NOW + 240_000, recovered: false };
    const seen = { ...ALL_SEEN, tried: { old: { at: NOW, outcome: { kind: 'refused' } } } } as const;
    const known = record({ rotation: { ...OPEN, minted } });
    const decision = decide(situation({ record: known, seen, inHand: new Set(['live', 'old']) }));
    expect(decision).toMatchObject({ facts: [{ kind: 'old-credential-tried', outcome: 'refused' }] });
  });
});
