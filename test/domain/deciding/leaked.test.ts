import { describe, expect, it } from 'vitest';
import { answerRequests } from '../../../src/domain/deciding/requests.ts';
import { open, prepare } from '../../../src/domain/deciding/rotating.ts';
import { dueNow, dueOf } from '../../../src/domain/due.ts';
import { mintHold } from '../../../src/domain/holds.ts';
import type { Asked, Situation } from '../../../src/domain/situation.ts';
import { noted } from '../../builders/decision.ts';
import { BECAUSE, FOREIGN, known, shared } from '../../builders/held.ts';
import type { Given } from '../../builders/held.ts';
import { ASKED } from '../../builders/opening.ts';
import { NOW, OPEN, ready, record, situation, TARGET } from '../../builders/situation.ts';
import { account } from '../../builders/account.ts';

const LEAKED = { ...ASKED, compromised: 'now' } as const;

describe('a request because a credential has leaked', () => {
  function answered(does: Asked['does'], changes: Partial<Situation> = {}) {
    const asked: Asked = { id: 'q1', does, cause: { actor: 'socket:0' }, at: NOW - 5 };
    return answerRequests(situation({ requests: [asked], ...changes }));
  }
  function taken(does: Asked['does'], ...facts: readonly object[]) {
    return {
      do: 'note',
      facts: [{ kind: 'request-taken', request: 'q1', does }, ...facts],
      answers: [{ id: 'q1', state: 'taken' }],
    };
  }
  const MARKED = { kind: 'credential-compromised', fingerprint: 'live' };

  it('marks what is live', () => {
    expect(answered('rotate-compromised')).toStrictEqual(taken('rotate-compromised', MARKED));
    expect(answered('rotate-compromised-now')).toStrictEqual(taken('rotate-compromised-now', MARKED));
  });

  it('marks what is old where nobody knows what is live', () => {
    const { live: _, ...unknown } = record();
    expect(answered('rotate-compromised', { record: unknown })).toStrictEqual(
      taken('rotate-compromised', { kind: 'credential-compromised' }),
    );
  });

  it('joins the rotation that is open, and says how urgent it is', () => {
    const opened = { record: record({ rotation: OPEN }) };
    const joined = { kind: 'rotation-joined', requests: ['q1'] };
    expect(answered('rotate-compromised', opened)).toStrictEqual(
      taken('rotate-compromised', MARKED, { ...joined, compromised: 'after-delivery' }),
    );
    expect(answered('rotate-compromised-now', opened)).toStrictEqual(
      taken('rotate-compromised-now', MARKED, { ...joined, compromised: 'now' }),
    );
    expect(answered('rotate', opened)).toStrictEqual(taken('rotate', joined));
  });

  it('is taken although a target is foreign where it is ended now; otherwise it is looked whether it still is', () => {
    const foreign = { record: record({ targets: { [TARGET.id]: FOREIGN } }) };
    expect(answered('rotate-compromised-now', foreign)).toStrictEqual(
      taken('rotate-compromised-now', MARKED),
    );
    expect(answered('rotate-compromised', foreign)).toMatchObject({ do: 'observe' });
  });
});

describe('how urgent a leak is', () => {
  it('is part of what is due, and of nothing else that is', () => {
    const of = (waiting: Situation['record']['waiting'] & object) =>
      dueNow({ policy: account(), record: record({ waiting }), now: NOW });
    expect(of(LEAKED)).toStrictEqual({ trigger: 'manual', dueAt: NOW - 5, compromised: 'now' });
    expect(of(ASKED)).toStrictEqual({ trigger: 'manual', dueAt: NOW - 5 });
    expect(dueOf({ ...OPEN, compromised: 'after-delivery' })).toStrictEqual({
      trigger: 'schedule',
      dueAt: NOW,
      compromised: 'after-delivery',
    });
    expect(dueOf(OPEN)).toStrictEqual({ trigger: 'schedule', dueAt: NOW });
  });

  it('is passed on to the rotation that is opened', () => {
    expect(open(situation({ record: record({ waiting: LEAKED }) }))).toStrictEqual(
      noted({ kind: 'rotation-opened', trigger: 'manual', dueAt: NOW - 5, compromised: 'now' }),
    );
  });

  it('is passed on to the rotation that a waiting request joins', () => {
    const joined = { kind: 'rotation-joined', requests: ['q1'] };
    expect(prepare(ready({ record: record({ rotation: OPEN, waiting: LEAKED }) }))).toStrictEqual(
      noted({ ...joined, compromised: 'now' }),
    );
    expect(prepare(ready({ record: record({ rotation: OPEN, waiting: ASKED }) }))).toStrictEqual(
      noted(joined),
    );
  });
});

describe('what is to be ended now', () => {
  const stopping = (compromised: 'now' | 'after-delivery', given: Given) =>
    mintHold(known(given), { trigger: 'manual', dueAt: NOW, compromised })?.kind;

  it.each<[string, 'foreign' | 'store-down', Given]>([
    ['a foreign target', 'foreign', { record: { targets: { [TARGET.id]: FOREIGN } } }],
    ['a store that is down', 'store-down', { shared: [shared('store-down', 'files')] }],
  ])('does not wait for %s; what is ended after the delivery does', (_name, kind, given) => {
    expect(stopping('now', given)).toBeUndefined();
    expect(stopping('after-delivery', given)).toBe(kind);
  });

  it.each<[string, Given]>([
    ['own-account', { record: { held: { 'own-account': BECAUSE } } }],
    ['closed', { record: { held: { closed: BECAUSE } } }],
    ['mismatched', { record: { mismatched: BECAUSE } }],
    ['manager-refused', { shared: [shared('manager-refused', 'kronup')] }],
  ])('waits while the account or its provider is held: %s', (kind, given) => {
    expect(stopping('now', given)).toBe(kind);
  });
});
