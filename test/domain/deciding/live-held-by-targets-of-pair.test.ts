/** What targets of a pair hold in place of its live credential: what somebody regenerated, or what the other account has. */
import { describe, expect, it } from 'vitest';
import { noteLive } from '../../../src/domain/deciding/finding-live.ts';
import type { Decision } from '../../../src/domain/decision.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import type { MemberSeen, Tried } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { noted } from '../../builders/decision.ts';
import { NOW, record, REFUSED, situation, TARGET } from '../../builders/situation.ts';

const PAIR = account({ strategy: 'pair', accountIds: ['blue', 'green'], targets: [TARGET] });
const BLUE: MemberSeen = { accountId: 'blue', state: 'open' };
const GREEN: MemberSeen = { accountId: 'green', state: 'open' };
const EXPIRES = NOW + 60_000;

interface Given {
  readonly known?: Partial<AccountRecord>;
  readonly members?: readonly MemberSeen[];
  readonly tried?: Readonly<Record<string, Tried['outcome']>>;
  readonly inHand?: readonly string[];
}

/** What is live is green's, and the target holds something else. */
function decided({ known, members = [BLUE, GREEN], tried = {}, inHand = ['held', 'live'] }: Given = {}):
  | Decision
  | undefined {
  const tries = Object.entries(tried).map(([name, outcome]) => [name, { at: NOW, outcome }] as const);
  const holds = { kind: 'credential', fingerprint: 'held', expiresAt: EXPIRES } as const;
  return noteLive(
    situation({
      policy: PAIR,
      record: record({
        live: { fingerprint: 'live', ownMint: true, proved: true, accountId: 'green' },
        ...known,
      }),
      inHand: new Set(inHand),
      seen: {
        account: { requestedAt: NOW, state: 'open', certain: true, members },
        targets: { [TARGET.id]: { requestedAt: NOW, holds } },
        preflights: {},
        tried: Object.fromEntries(tries),
      },
    }),
  );
}

const isOf = (accountId: string) => ({ kind: 'accepted', accountId }) as const;

describe('what a target of a pair holds, where the provider hides what the accounts have', () => {
  it('is tried, and live where it is of the account that has what is live: somebody regenerated it', () => {
    expect(decided()).toStrictEqual({ do: 'try', fingerprint: 'held' });
    const changed = { kind: 'live-changed', fingerprint: 'held', was: 'live', accountId: 'green' } as const;
    expect(decided({ tried: { held: isOf('green') } })).toStrictEqual(
      noted({ ...changed, expiresAt: EXPIRES }),
    );
  });

  it.each<[string, Given]>([
    ['it is of the other account', { tried: { held: isOf('blue') } }],
    ['it is refused', { tried: { held: { kind: 'refused', revoked: true } } }],
    ['it is known as replaced', { known: { superseded: ['held'] } }],
    ['its value is not to be had', { inHand: ['live'] }],
    ['it was tried in vain lately', { known: { retryAt: NOW + 1 } }],
    ['the account is closed', { members: [BLUE, { ...GREEN, state: 'closed' }] }],
    ['the account shows what it has', { members: [BLUE, { ...GREEN, live: { fingerprint: 'live' } }] }],
    ['the account is none of the two', { members: [BLUE] }],
  ])('is left alone where %s', (_name, given) => {
    expect(decided(given)).toBeUndefined();
  });
});

describe('what a target of a pair holds of the other account, where what is live was refused for certain', () => {
  const known = { refused: { ...REFUSED, fingerprint: 'live', countedAt: NOW } };
  const members: MemberSeen[] = [
    { ...BLUE, live: { fingerprint: 'held' } },
    { ...GREEN, live: { fingerprint: 'live' } },
  ];
  const held = { held: isOf('blue') };
  const given = { known, members, tried: held };
  const changed = noted({ kind: 'live-changed', fingerprint: 'held', was: 'live', accountId: 'blue' });

  it('takes its place only once that is refused again: it may be accepted by now', () => {
    expect(decided(given)).toStrictEqual({ do: 'try', fingerprint: 'live' });
    expect(decided({ ...given, tried: { ...held, live: isOf('green') } })).toBeUndefined();
    const unknown = { kind: 'unknown', failure: { kind: 'no-answer', message: 'x' } } as const;
    expect(decided({ ...given, tried: { ...held, live: unknown } })).toBeUndefined();
    expect(decided({ ...given, tried: { ...held, live: { kind: 'refused' } } })).toStrictEqual(changed);
  });

  it('takes its place at once where nobody has the value of that any more', () => {
    expect(decided({ ...given, inHand: ['held'] })).toStrictEqual(changed);
  });
});
