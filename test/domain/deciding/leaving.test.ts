import { describe, expect, it } from 'vitest';
import { leave } from '../../../src/domain/deciding/requests.ts';
import { noteHolds } from '../../../src/domain/deciding/looking.ts';
import type { Account } from '../../../src/domain/account.ts';
import type { AccountRecord } from '../../../src/domain/record.ts';
import type { MemberSeen } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { noted } from '../../builders/decision.ts';
import { CHECKOUT, confirmedWith, refreshing } from '../../builders/refresh.ts';
import { ALL_SEEN, NOW, record, situation, TARGET } from '../../builders/situation.ts';

describe('an account that left the configuration stays', () => {
  const left = (changes: Partial<AccountRecord>) =>
    leave(situation({ configured: false, record: record(changes) }));
  const old = { why: 'replaced', since: NOW, fingerprint: 'old' } as const;

  it('until its old credentials are retired, and not for those that end with a turn that never comes', () => {
    expect(left({ old: [{ ...old, reference: 'r-old' }] })).toBeUndefined();
    expect(left({ old: [{ ...old, accountId: 'green' }] })).toEqual(noted({ kind: 'account-left' }));
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
