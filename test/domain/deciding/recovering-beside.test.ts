import { describe, expect, it } from 'vitest';
import { resolveMint } from '../../../src/domain/deciding/recovering.ts';
import type { Intent } from '../../../src/domain/record.ts';
import type { AccountSeen, MemberSeen } from '../../../src/domain/situation.ts';
import { account } from '../../builders/account.ts';
import { ALL_SEEN, NOW, OPEN, record, situation, TARGET } from '../../builders/situation.ts';
import { noted } from '../../builders/decision.ts';

const SENT = NOW - 130_000;
const SETTLED = SENT + 120_000;
const INTENT: Intent = {
  attempt: 2,
  at: SENT - 10,
  preImage: 'before',
  sentAt: SENT,
  targets: [TARGET],
  unknown: true,
  sightings: 0,
  provedFirst: true,
  name: 'mark-1',
};
const SIGHTED = { sightings: 1, sightedAt: SENT + 5 };
const SEEN_STILL = noted({ kind: 'pre-image-seen', requestedAt: SETTLED });
const MINT_SETTLED = noted({ kind: 'mint-settled', attempt: 2 });

/** An account whose mint beside the live credential has an unknown outcome, and that was looked at when everything had settled. */
function resolved(
  intent: Partial<Intent>,
  seen: Partial<AccountSeen>,
  requestedAt = SETTLED,
  reopenClosed = false,
) {
  return resolveMint(
    situation({
      policy: account({
        strategy: 'overlap',
        targets: [TARGET],
        accountIds: ['blue', 'green'],
        reopenClosed,
      }),
      record: record({ rotation: { ...OPEN, intent: { ...INTENT, ...intent } } }),
      seen: { ...ALL_SEEN, account: { requestedAt, state: 'open', certain: true, ...seen } },
    }),
  );
}

describe('a mint beside the live credential, of unknown outcome,', () => {
  const listed = { reference: 'ref-new', name: 'mark-1', createdAt: SENT };
  const other = { reference: 'ref-old', name: 'mark-0', createdAt: SENT - 9 };

  it('happened where its mark is found; its value is lost', () => {
    const unusable = {
      kind: 'credential-unusable',
      why: 'value-lost',
      reference: 'ref-new',
      mintedAt: SENT - 10,
    };
    expect(resolved({}, { credentials: [other, listed] })).toStrictEqual(noted(unusable));
    const named = { ...listed, clientId: 'client-new' };
    expect(resolved({}, { credentials: [named] })).toStrictEqual(
      noted({ ...unusable, clientId: 'client-new' }),
    );
  });

  it.each<[string, Partial<AccountSeen>]>([
    ['its mark is not found', { credentials: [other] }],
    ['nothing is listed', {}],
  ])('did not happen where %s, twice and late enough', (_name, seen) => {
    expect(resolved({}, seen)).toStrictEqual(SEEN_STILL);
    expect(resolved(SIGHTED, seen)).toStrictEqual(MINT_SETTLED);
    expect(resolved(SIGHTED, seen, SETTLED - 1)).toStrictEqual(
      noted({ kind: 'pre-image-seen', requestedAt: SETTLED - 1 }),
    );
  });

  it('stays unknown while the account is closed', () => {
    expect(resolved({}, { state: 'closed', credentials: [listed] })).toBeUndefined();
  });
});

describe('a mint for the standby of a pair, of unknown outcome,', () => {
  const ofGreen = { accountId: 'green' };
  const blue: MemberSeen = { accountId: 'blue', state: 'open', live: { fingerprint: 'live' } };
  const green = (more: Partial<MemberSeen> = {}): Partial<AccountSeen> => ({
    members: [blue, { accountId: 'green', state: 'open', ...more }],
  });

  const minted = (live: NonNullable<MemberSeen['live']>) =>
    noted({
      kind: 'credential-minted',
      ...live,
      sentAt: SENT - 10,
      recovered: true,
      targets: [TARGET],
      provedFirst: true,
      accountId: 'green',
      preImage: 'before',
    });

  it('happened where the standby shows another credential than before', () => {
    const live = { fingerprint: 'new', issuedAt: SENT + 1, expiresAt: SENT + 9 };
    expect(resolved(ofGreen, green({ live }))).toStrictEqual(minted(live));
  });

  it('has not happened where the standby shows what it had before', () => {
    const shown = green({ live: { fingerprint: 'before' } });
    expect(resolved(ofGreen, shown)).toStrictEqual(SEEN_STILL);
    expect(resolved({ ...ofGreen, ...SIGHTED }, shown)).toStrictEqual(MINT_SETTLED);
  });

  it('counts as having happened once it has settled, where the standby hides what it has', () => {
    const lost = { kind: 'credential-unusable', why: 'value-lost', mintedAt: SENT - 10 };
    expect(resolved(ofGreen, green())).toStrictEqual(noted(lost));
    expect(resolved(ofGreen, green(), SETTLED - 1)).toStrictEqual(
      noted({ kind: 'pre-image-seen', requestedAt: SETTLED - 1 }),
    );
  });

  it('stays unknown while the standby is closed, whatever the other one is', () => {
    expect(resolved(ofGreen, green({ state: 'closed', live: { fingerprint: 'new' } }))).toBeUndefined();
  });

  it('has not happened where the standby is closed still that it would have opened', () => {
    const closed = green({ state: 'closed' });
    expect(resolved(ofGreen, closed, SETTLED, true)).toStrictEqual(SEEN_STILL);
    expect(resolved({ ...ofGreen, ...SIGHTED }, closed, SETTLED, true)).toStrictEqual(MINT_SETTLED);
  });

  it('is of no interest any more where the standby has left the configuration', () => {
    expect(resolved(ofGreen, { members: [blue] })).toStrictEqual(MINT_SETTLED);
    expect(resolved({ accountId: 'red' }, { live: { fingerprint: 'before' } })).toStrictEqual(MINT_SETTLED);
  });

  it('is waited for until it has settled where the standby has left the configuration: it may come back', () => {
    const sentAt = NOW - 60_000;
    expect(resolved({ ...ofGreen, sentAt }, { members: [blue] }, NOW - 1)).toStrictEqual(
      noted({
        kind: 'rotation-failed',
        failure: 'no-answer',
        message: 'a mint may still be under way for the account that was taken out of the pair',
        attempt: 1,
        retryAt: NOW + 60_000,
        counts: false,
      }),
    );
  });

  it('is found out from that account where it is a single one by now', () => {
    const live = { fingerprint: 'new' };
    expect(resolved(ofGreen, { live })).toStrictEqual(minted(live));
    const before = { live: { fingerprint: 'before' } };
    expect(resolved(ofGreen, before)).toStrictEqual(SEEN_STILL);
    expect(resolved({ ...ofGreen, ...SIGHTED }, before)).toStrictEqual(MINT_SETTLED);
    expect(resolved(ofGreen, { live, state: 'closed' })).toBeUndefined();
  });
});

describe('a mint in place for what has become a pair since', () => {
  const { provedFirst: _, name: _name, ...inPlace } = INTENT;
  const members: MemberSeen[] = [
    { accountId: 'blue', state: 'closed' },
    { accountId: 'green', state: 'open', live: { fingerprint: 'new' } },
  ];

  it('is found out from the account that it was for', () => {
    const intent = { ...inPlace, accountId: 'green' };
    const known = situation({
      record: record({ rotation: { ...OPEN, intent } }),
      seen: { ...ALL_SEEN, account: { requestedAt: SETTLED, state: 'closed', certain: true, members } },
    });
    expect(resolveMint(known)).toStrictEqual(
      noted({
        kind: 'credential-minted',
        fingerprint: 'new',
        sentAt: SENT - 10,
        recovered: true,
        targets: [TARGET],
        preImage: 'before',
      }),
    );
  });
});
