/** What was minted is refused, and nothing is live beside it: the provider may refuse whatever it mints. */
import { describe, expect, it } from 'vitest';
import { proveMinted } from '../../../src/domain/deciding/proving.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import type { Observation } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { noted } from '../../builders/decision.ts';
import { EXPIRED } from '../../builders/refused.ts';
import { ALL_SEEN, NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';

const MINTED = {
  fingerprint: 'new',
  sentAt: NOW - LIMITS.settleMs,
  recovered: false,
  provedFirst: true,
  reference: 'mine',
  unproved: { targets: [TARGET] },
} as const;
const { live: _live, ...NOTHING_LIVE } = record();

function listing(reference: string): Partial<Observation> {
  const credentials = [{ reference, name: '', createdAt: 0 }];
  return { account: { requestedAt: NOW, state: 'open', certain: true, credentials } };
}

function decided(attempts: number, seen: Partial<Observation>, sentAt: number = MINTED.sentAt) {
  const { account: _, ...bare } = ALL_SEEN;
  return proveMinted(
    situation({
      policy: account({ strategy: 'overlap', targets: [TARGET] }),
      record: { ...NOTHING_LIVE, rotation: { ...OPEN, attempts, minted: { ...MINTED, sentAt } } },
      seen: { ...bare, tried: { new: { at: NOW, outcome: EXPIRED } }, ...seen },
      inHand: new Set(['new']),
    }),
  );
}

const UNUSABLE = { do: 'note', facts: [{ kind: 'credential-unusable' }, { kind: 'rotation-failed' }] };

describe('a credential that is refused after its mint, with nothing live beside it', () => {
  it('has another one minted in its place', () => {
    expect(decided(1, listing('mine'))).toMatchObject(UNUSABLE);
  });

  it('is tried again, and nothing is minted, where another one was minted before and its account has it', () => {
    expect(decided(2, listing('mine'))).toMatchObject(
      noted({
        kind: 'rotation-failed',
        failure: 'credential-refused',
        message:
          'the provider refuses the credential new that it minted, as it did one before: the provider may be at fault; ' +
          'it is tried again, and nothing is minted meanwhile',
        counts: false,
      }),
    );
  });

  it('is looked for first', () => {
    expect(decided(2, {})).toStrictEqual({ do: 'observe', account: true, manager: false, targets: [] });
    const failure = { kind: 'no-answer', message: 'silence' } as const;
    expect(decided(2, { accountFailure: { at: NOW, failure } })).toMatchObject({
      facts: [{ kind: 'rotation-failed', failure: 'no-answer' }],
    });
  });

  it('is given up where somebody ended it, or once a day has passed', () => {
    expect(decided(2, listing('another'))).toMatchObject(UNUSABLE);
    const sentAt = NOW - LIMITS.refusedMintEveryMs;
    expect(decided(2, listing('mine'), sentAt)).toMatchObject(UNUSABLE);
    expect(decided(2, listing('mine'), sentAt + 1)).toMatchObject({ facts: [{ kind: 'rotation-failed' }] });
  });
});
