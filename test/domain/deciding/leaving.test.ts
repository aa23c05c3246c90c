import { describe, expect, it } from 'vitest';
import { leave } from '../../../src/domain/deciding/requests.ts';
import { noteHolds } from '../../../src/domain/deciding/looking.ts';
import type { Account } from '../../../src/domain/account.ts';
import { LIMITS } from '../../../src/domain/limits.ts';
import type { AccountRecord, Intent } from '../../../src/domain/record.ts';
import type { AccountSeen, MemberSeen } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { noted } from '../../builders/decision.ts';
import { CHECKOUT, confirmedWith, refreshing } from '../../builders/refresh.ts';
import { ALL_SEEN, INTENT, NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';

describe('an account that left the configuration stays', () => {
  const left = (changes: Partial<AccountRecord>) =>
    leave(situation({ configured: false, record: record(changes) }));
  const old = { why: 'replaced', since: NOW, fingerprint: 'old' } as const;

  it('until its old credentials are retired, and not for those that end with a turn that never comes', () => {
    expect(left({ old: [{ ...old, reference: 'r-old' }] })).toBeUndefined();
    expect(left({ old: [{ ...old, accountId: 'green' }] })).toEqual(noted({ kind: 'account-left' }));
  });

  it('and not for those of an account that is not there: they stay known, should it come back', () => {
    const absent = (certain: boolean) =>
      leave(
        situation({
          configured: false,
          record: record({ old: [{ ...old, reference: 'r-old' }] }),
          seen: { ...ALL_SEEN, account: { requestedAt: NOW, state: 'absent', certain } },
        }),
      );
    expect(absent(true)).toEqual(noted({ kind: 'account-left' }));
    expect(absent(false)).toBeUndefined();
  });

  it('until what has leaked of a pair is ended, and not for what is of an account that was taken out of it', () => {
    const leaked = { ...old, accountId: 'green', compromised: true } as const;
    const leaving = (policy: Account) =>
      leave(situation({ policy, configured: false, record: record({ old: [leaked] }) }));
    const pair = account({ strategy: 'pair', accountIds: ['blue', 'green'] });
    expect(leaving(pair)).toBeUndefined();
    expect(leaving(account({ strategy: 'pair', accountIds: ['blue', 'red'] }))).toEqual(
      noted({ kind: 'account-left' }),
    );
    expect(leaving(account({ accountIds: ['green'] }))).toEqual(noted({ kind: 'account-left' }));
  });

  it('until whoever reads its targets has taken up what is live', () => {
    const known = (throughAt?: number) => ({
      [TARGET.id]: confirmedWith(refreshing(CHECKOUT, throughAt === undefined ? {} : { throughAt })),
    });
    const read = account({ targets: [{ ...TARGET, consumers: [CHECKOUT] }] });
    const leaving = (throughAt?: number) =>
      leave(situation({ policy: read, configured: false, record: record({ targets: known(throughAt) }) }));
    expect(leaving()).toBeUndefined();
    expect(leaving(NOW)).toEqual(noted({ kind: 'account-left' }));
  });
});

describe('an account that left while nobody knows whether its mint happened', () => {
  const intent = { ...INTENT, at: NOW - LIMITS.settleMs, sentAt: NOW - LIMITS.settleMs };
  const ABSENT = { requestedAt: NOW, state: 'absent', certain: true } as const;
  const left = (account: Partial<AccountSeen>, of: Partial<Intent> = {}, configured = false) =>
    leave(
      situation({
        configured,
        record: record({ rotation: { ...OPEN, intent: { ...intent, provedFirst: true, ...of } } }),
        seen: { ...ALL_SEEN, account: { ...ABSENT, ...account } },
      }),
    );

  it('is not waited for where no look will tell any more', () => {
    const abandoned = { facts: [{ kind: 'rotation-abandoned' }] };
    expect(left({})).toMatchObject(abandoned);
    expect(left({ state: 'closed' })).toMatchObject(abandoned);
  });

  it.each<[string, ReturnType<typeof left>]>([
    ['is open', left({ state: 'open' })],
    ['may be there after all', left({ certain: false })],
    ['was looked at too early', left({ requestedAt: NOW - 1 })],
    ['may have had its mint cut off just now', left({}, { unknown: false })],
    ['is configured', left({}, {}, true)],
  ])('is waited for where it %s', (_name, decision) => {
    expect(decision).toBeUndefined();
  });

  it('is waited for where what was live may be dead, but for a closed one', () => {
    const seen = (state: 'absent' | 'closed') =>
      leave(
        situation({
          configured: false,
          record: record({ rotation: { ...OPEN, intent } }),
          seen: { ...ALL_SEEN, account: { ...ABSENT, state } },
        }),
      );
    expect(seen('absent')).toBeUndefined();
    expect(seen('closed')).toMatchObject({ facts: [{ kind: 'rotation-abandoned' }] });
  });
});

describe('a pair of which one account is not open', () => {
  const BLUE: MemberSeen = { accountId: 'blue', state: 'open', live: { fingerprint: 'live' } };
  const held = (state: 'closed' | 'absent', ...members: readonly MemberSeen[]) =>
    noteHolds(
      situation({
        policy: account({ strategy: 'pair', accountIds: ['blue', 'green'], targets: [TARGET] }),
        seen: { ...ALL_SEEN, account: { requestedAt: NOW, state, certain: true, members } },
      }),
    );

  it.each([
    ['closed', 'the account green is closed at the provider; rekeyd does not re-open it'],
    ['absent', 'the provider has no account green; check accountId and organisation'],
  ] as const)('is held by its name: %s', (state, why) => {
    expect(held(state, BLUE, { accountId: 'green', state })).toStrictEqual(
      noted({ kind: 'account-held', hold: 'closed', why }),
    );
  });
});
