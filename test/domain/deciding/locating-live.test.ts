import { describe, expect, it } from 'vitest';
import { noteLive } from '../../../src/domain/deciding/finding-live.ts';
import type { AccountRecord, KnownCredential } from '../../../src/domain/record.ts';
import type { AccountSeen, Situation } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { noted } from '../../builders/decision.ts';
import { NOW, record, situation, TARGET } from '../../builders/situation.ts';

const { live: _live, ...NONE_LIVE } = record();

describe('an account that can have several credentials', () => {
  const policy = account({ strategy: 'overlap', targets: [TARGET] });
  const credential = { reference: 'ref-1', name: 'n', clientId: 'client-1', createdAt: 11 };

  function openWith(credentials: AccountSeen['credentials']): AccountSeen {
    return { requestedAt: NOW, state: 'open', certain: true, ...(credentials && { credentials }) };
  }

  function found(
    clientId: string | undefined,
    credentials: AccountSeen['credentials'],
    others: Situation['seen']['targets'] = {},
    known: Partial<AccountRecord> = {},
  ) {
    const holds = { kind: 'credential', fingerprint: 'held', ...(clientId && { clientId }) } as const;
    const seen: Situation['seen'] = {
      account: openWith(credentials),
      targets: { ...others, [TARGET.id]: { requestedAt: NOW, holds } },
      preflights: {},
      tried: { held: { at: NOW, outcome: { kind: 'accepted', accountId: 'a1' } } },
    };
    return noteLive(situation({ policy, record: { ...NONE_LIVE, ...known }, seen }));
  }

  it('has live the one that the targets hold, and knows which one it is by its client id', () => {
    const its = {
      kind: 'live-found',
      fingerprint: 'held',
      clientId: 'client-1',
      reference: 'ref-1',
      issuedAt: 11,
    } as const;
    const others = [{ ...credential, reference: 'ref-0', clientId: 'client-0' }];
    expect(found('client-1', [...others, { ...credential, expiresAt: 99 }])).toStrictEqual(
      noted({ ...its, expiresAt: 99 }),
    );
    const { expiresAt: _, ...endless } = { ...credential, expiresAt: 1 };
    expect(found('client-1', [endless])).toStrictEqual(noted(its));
  });

  it('knows which one it is whatever other targets hold', () => {
    const others = {
      'files:empty': { requestedAt: NOW, holds: { kind: 'nothing' } },
      'files:other': {
        requestedAt: NOW,
        holds: { kind: 'credential', fingerprint: 'other', clientId: 'client-0' },
      },
    } as const;
    expect(found('client-1', undefined, others)).toStrictEqual(
      noted({ kind: 'live-found', fingerprint: 'held', clientId: 'client-1' }),
    );
  });

  it.each<[string, AccountSeen['credentials']]>([
    ['is not listed', []],
    ['cannot be listed', undefined],
  ])('knows its client id alone where it %s', (_name, credentials) => {
    expect(found('client-1', credentials)).toStrictEqual(
      noted({ kind: 'live-found', fingerprint: 'held', clientId: 'client-1' }),
    );
  });

  it('knows nothing more where the target does not tell which one it is', () => {
    expect(found(undefined, [credential])).toStrictEqual(noted({ kind: 'live-found', fingerprint: 'held' }));
  });

  it('is called what it was called when it was replaced, where it is live again and the list is behind', () => {
    const old = { why: 'replaced', since: 1, fingerprint: 'held', reference: 'ref-1' } as const;
    const again = { kind: 'live-found', fingerprint: 'held', reference: 'ref-1' } as const;
    expect(found('client-1', [], {}, { old: [old] })).toStrictEqual(
      noted({ ...again, clientId: 'client-1' }),
    );
    expect(found(undefined, [], {}, { old: [old] })).toStrictEqual(noted(again));
    const other = { ...old, fingerprint: 'other' };
    expect(found('client-1', [], {}, { old: [other] })).toStrictEqual(
      noted({ kind: 'live-found', fingerprint: 'held', clientId: 'client-1' }),
    );
  });

  function listed(live: Partial<KnownCredential>, credentials: AccountSeen['credentials']) {
    const seen = { account: openWith(credentials), targets: {}, preflights: {}, tried: {} };
    const known = { ...record(), live: { fingerprint: 'live', ownMint: false, proved: true, ...live } };
    return noteLive(situation({ policy, record: known, seen }));
  }

  it('has its live one located as soon as the list shows it', () => {
    expect(listed({ clientId: 'client-1' }, [credential])).toStrictEqual(
      noted({ kind: 'live-located', fingerprint: 'live', reference: 'ref-1' }),
    );
  });

  it.each<[string, Partial<KnownCredential>, AccountSeen['credentials']]>([
    ['is called is known', { clientId: 'client-1', reference: 'ref-1' }, [credential]],
    ['is called the list does not show', { clientId: 'client-0' }, [credential]],
    ['its client id is nobody knows', {}, [{ reference: 'ref-1', name: 'n', createdAt: 11 }]],
    ['is called cannot be listed', { clientId: 'client-1' }, undefined],
  ])('has nothing located where what its live one %s', (_name, live, credentials) => {
    expect(listed(live, credentials)).toBeUndefined();
  });
});
