import { describe, expect, it } from 'vitest';
import { accountText } from '../../src/cli/account-text.ts';
import { stateText, statusText } from '../../src/cli/status-text.ts';
import { holdView } from '../../src/http/views.ts';
import type { AccountView } from '../../src/http/views.ts';
import { CONVERGED, statusView } from '../builders/views.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');

const ACCOUNT: AccountView = {
  ...CONVERGED,
  name: 'billing-ci',
  accountIds: ['64f1c0ffee0000000000a001'],
};

const SUMMARY = statusView(NOW);

const OPEN = {
  id: '01a1ffec-5206-740e-a131-121b194cb50d',
  trigger: 'schedule',
  openedAt: NOW - 60_000,
  minted: false,
  outcomeUnknown: false,
  attempts: 0,
};

describe('the status of the daemon', () => {
  it('says of a changed configuration that it is refused, why, and that the last good one is in force', () => {
    const configRefused = { at: NOW - 60_000, problems: ['rekeyd.yaml:3:1: accounts[0].name: a name'] };
    const summary = { ...SUMMARY, configRefused };
    const text = statusText({ summary, accounts: { items: [] }, where: 'here' });
    expect(text).toContain('is refused, and the last good one is in force:\n  rekeyd.yaml:3:1: ');
    expect(statusText({ summary: SUMMARY, accounts: { items: [] }, where: 'here' })).not.toContain('refused');
  });
});

describe('the status of a pair', () => {
  it('warns that its accounts have different roles, and says which', () => {
    const rolesDiffer = { since: NOW - 60_000, roles: { a: 'admin', b: 'member' } };
    const text = accountText({ ...ACCOUNT, strategy: 'pair', rolesDiffer }, NOW);
    expect(text).toMatch(/^roles +different, seen .* \(a: admin, b: member\)$/m);
    expect(text).toContain('give both the same role');
    expect(accountText(ACCOUNT, NOW)).not.toMatch(/^roles/m);
  });
});

describe('the state of an account', () => {
  it('tells a rotation that fails from one that is on its way', () => {
    const failed = (at: number) => ({ failure: 'not-connected', message: 'a test', at });
    expect(stateText({ ...ACCOUNT, rotation: OPEN })).toBe('rotating');
    expect(stateText({ ...ACCOUNT, rotation: OPEN, lastFailure: failed(NOW - 61_000) })).toBe('rotating');
    expect(stateText({ ...ACCOUNT, rotation: OPEN, lastFailure: failed(NOW - 59_000) })).toBe(
      'failing to rotate',
    );
  });
});

describe('an account in full', () => {
  it('names the organisation only where one is configured', () => {
    expect(accountText(ACCOUNT, NOW)).toContain('provider  kronup, account 64f1c0ffee0000000000a001\n');
    expect(accountText({ ...ACCOUNT, organisation: 'o1' }, NOW)).toContain(
      'provider  kronup, organisation o1, account 64f1c0ffee0000000000a001\n',
    );
  });

  it('says which target somebody changed, and when that was written', () => {
    const target = { id: 'files:a', required: true, state: 'drifted', failures: 0 } as const;
    const drifted = { since: NOW - 60_000, writtenAt: NOW - 120_000, writtenBy: 'external-secrets' };
    expect(accountText({ ...ACCOUNT, targets: [{ ...target, drifted }] }, NOW)).toMatch(
      /^files:a: changed by somebody else, seen .*, last written .* by external-secrets$/m,
    );
  });

  it('says when it rotates next beside when it is looked at next', () => {
    const at = NOW + 3_600_000;
    const account = {
      ...ACCOUNT,
      next: { at, why: 'verify' },
      dueNext: { trigger: 'schedule', dueAt: at } as const,
    };
    expect(accountText(account, NOW)).toMatch(/^due next .*: schedule$/m);
    expect(accountText(account, NOW)).toMatch(/^next look .*: verify$/m);
  });

  it('says when it was last looked at', () => {
    expect(accountText({ ...ACCOUNT, lookedAt: NOW - 3_600_000 }, NOW)).toMatch(/^last look +\S/m);
  });

  it('says since when its credential is refused, how often that was seen, and why it is not certain', () => {
    const seen = {
      id: 'auth-api-expired',
      since: NOW - 900_000,
      lastAt: NOW - 300_000,
      tryAt: NOW + 600_000,
    };
    const why = '1 of 3 others are refused as well';
    const doubtful = accountText({ ...ACCOUNT, refused: { ...seen, times: 2, counts: false, why } }, NOW);
    expect(doubtful).toContain(
      'refused   auth-api-expired, seen 2 times, first 15m ago (2026-11-21 09:45:00Z), last',
    );
    expect(doubtful).toContain(`not certain: ${why}; tried again in 10m`);
    const certain = accountText({ ...ACCOUNT, refused: { ...seen, times: 3, counts: true } }, NOW);
    expect(certain).toContain('  certain; tried again');
    const once = accountText({ ...ACCOUNT, refused: { ...seen, times: 1, counts: false } }, NOW);
    expect(once).toContain('auth-api-expired, seen once, 15m ago');
    expect(once).toContain('not certain yet; tried again');
  });

  it('shows the command that lifts a hold as it can be typed', () => {
    const target = 'files:notes.txt';
    const hold = holdView(
      { kind: 'foreign', subject: target, target, since: NOW, by: 'rekeyd', reason: 'a test' },
      'billing-ci',
    );
    expect(accountText({ ...ACCOUNT, holds: [hold] }, NOW)).toContain(
      'rekeyd accept billing-ci files:notes.txt --reason',
    );
  });
});

describe('a hold that many accounts share', () => {
  it('is shown with one full stop after its reason', () => {
    const hold = holdView({
      kind: 'manager-refused',
      subject: 'kronup',
      since: NOW,
      by: 'rekeyd',
      reason: 'kronup said 401. Put a valid key into its file.',
    });
    const summary = { ...SUMMARY, holds: [hold] };
    expect(statusText({ summary, accounts: { items: [] }, where: 'here' })).toContain(
      'into its file. Lifted by an accepted call.\n',
    );
  });
});

describe('the table of accounts', () => {
  it('says of an account that is only verified next when it rotates', () => {
    const next = { at: NOW + 3_600_000, why: 'verify' };
    const dueNext = { trigger: 'schedule', dueAt: NOW + 48 * 3_600_000 } as const;
    const text = statusText({
      summary: SUMMARY,
      accounts: { items: [{ ...ACCOUNT, next, dueNext }] },
      where: 'here',
    });
    expect(text).toContain('(schedule)');
    expect(text).not.toContain('(verify)');
  });
});
