import { describe, expect, it } from 'vitest';
import { answerRequests } from '../../../src/domain/deciding/requests.ts';
import { look } from '../../../src/domain/deciding/looking.ts';
import type { KnownCredential } from '../../../src/domain/record.ts';
import type { Asked, Situation } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { NOW, record, situation, TARGET } from '../../builders/situation.ts';

const PAIR = account({ strategy: 'pair', accountIds: ['blue', 'green'], targets: [TARGET] });
const LIVE: KnownCredential = { fingerprint: 'live', ownMint: true, proved: true };

function answered(target: string | undefined, changes: Partial<Situation> = {}) {
  const asked: Asked = {
    id: 'q1',
    does: 'standby',
    cause: { actor: 'socket:0' },
    at: NOW - 5,
    ...(target === undefined ? {} : { target }),
  };
  return answerRequests(situation({ policy: PAIR, requests: [asked], ...changes }));
}

function refused(why: string) {
  return {
    do: 'note',
    facts: [{ kind: 'request-refused', request: 'q1', why }],
    answers: [{ id: 'q1', state: 'refused', why }],
  };
}

describe('a request that names the standby', () => {
  it('is taken for an account of a pair of which nothing shows the live one', () => {
    const facts = [
      { kind: 'request-taken', request: 'q1', does: 'standby' },
      { kind: 'standby-named', accountId: 'green' },
    ];
    const want = { do: 'note', facts, answers: [{ id: 'q1', state: 'taken' }] };
    expect(answered('green')).toStrictEqual(want);
  });

  it('is refused for what is no pair', () => {
    expect(answered('a1', { policy: account() })).toStrictEqual(
      refused('billing is no pair: only one account is ever minted for'),
    );
  });

  it.each([
    ['red', "red is not one of billing's accounts: blue and green"],
    [undefined, " is not one of billing's accounts: blue and green"],
  ])('is refused for %s, which is none of its accounts', (target, why) => {
    expect(answered(target)).toStrictEqual(refused(why));
  });

  it('is refused where it is known which one is live', () => {
    const known = { record: record({ live: { ...LIVE, accountId: 'blue' } }) };
    expect(answered('green', known)).toStrictEqual(
      refused('it is known which account of billing is live (blue); the other one is the standby'),
    );
  });
});

describe('an account', () => {
  const LOOK = { do: 'observe', account: true };
  const of = (accountId: string | undefined, policy: Situation['policy']) =>
    look(situation({ policy, record: record({ live: { ...LIVE, ...(accountId && { accountId }) } }) }));

  it('that became a pair, or is none any more, is looked at: whose the live credential is has to be seen', () => {
    expect(of(undefined, PAIR)).toMatchObject(LOOK);
    expect(of('red', PAIR)).toMatchObject(LOOK);
    expect(of('blue', account({ targets: [TARGET] }))).toMatchObject(LOOK);
  });

  it('that is what it was is not looked at for that', () => {
    expect(of('green', PAIR)).toBeUndefined();
    expect(of(undefined, account({ targets: [TARGET] }))).toBeUndefined();
  });
});
