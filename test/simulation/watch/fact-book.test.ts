import { describe, expect, it } from 'vitest';
import type { Account } from '../../../src/domain/account.ts';
import type { FactBodies, FactKind } from '../../../src/domain/fact.ts';
import type { Commit } from '../../../src/ports/journal.ts';
import { account } from '../../builders/account.ts';
import { fact } from '../../builders/fact.ts';
import { Timeline } from '../timeline.ts';
import { FactBook } from './fact-book.ts';
import { Verdicts } from './verdicts.ts';

const ACCOUNT = 1;
const SECOND_MS = 1_000;
/** When a person says that what the account has has leaked. */
const SAID = 100 * SECOND_MS;
const FOUND = SAID + 50 * SECOND_MS;

/** What the checker's book makes of the facts of one account, each a second after the one before. */
function bookAt(start: number) {
  const timeline = new Timeline(start);
  let policy = account();
  const book = new FactBook(new Verdicts(timeline), { failures: 4, of: 20 });
  const noted = <Kind extends FactKind>(kind: Kind, body: FactBodies[Kind], rotation?: string) => {
    const { now } = timeline;
    const facts = [fact(kind, body, { at: now, ...(rotation !== undefined && { rotation }) })];
    const commit = { account: ACCOUNT, facts } as unknown as Commit;
    book.committed({ commit, policy, shared: new Set(), unhealthy: new Set(), now, startedAt: 0 });
    timeline.now += SECOND_MS;
  };
  return {
    saidToHaveLeaked: () => {
      timeline.now = SAID;
      noted('request-taken', { request: 'leaked', does: 'rotate-compromised' });
    },
    intended: (rotation: string) => {
      noted('rotation-opened', { trigger: 'manual', dueAt: start }, rotation);
      noted('mint-intended', { attempt: 1, targets: [] }, rotation);
    },
    minted: (rotation: string) =>
      noted(
        'credential-minted',
        { fingerprint: 'new', sentAt: start, recovered: false, targets: [] },
        rotation,
      ),
    lost: (rotation: string) => noted('credential-lost', { mintedAt: start }, rotation),
    abandoned: (rotation: string) => noted('rotation-abandoned', { why: 'it is gone' }, rotation),
    foundInUse: () => {
      timeline.now = FOUND;
      noted('live-found', { fingerprint: 'by-a-person' });
    },
    has: (...accountIds: Account['accountIds']) => {
      policy = account({ accountIds });
      noted('policy-changed', { name: policy.name });
    },
    wasOutAfter: (rotation: string, id: string, time: number) => book.wasOutAfter({ rotation, id }, time),
    /** What was minted before that counts as leaked. */
    leakedAt: () => book.accountOf(ACCOUNT).leakedAt,
  };
}

describe('what is found in use after somebody said that what the account has has leaked', () => {
  it('was meant, where nothing was minted in its place', () => {
    const book = bookAt(0);
    book.saidToHaveLeaked();
    book.intended('one');
    book.foundInUse();
    expect(book.leakedAt()).toBe(FOUND);
  });

  it('was not meant, once another one was minted, although nobody could see the leaked one refused', () => {
    const book = bookAt(0);
    book.saidToHaveLeaked();
    book.intended('one');
    book.minted('one');
    book.abandoned('one');
    book.foundInUse();
    expect(book.leakedAt()).toBe(SAID);
  });

  it('was meant, where only what was under way before was minted', () => {
    const book = bookAt(0);
    book.intended('before');
    book.saidToHaveLeaked();
    book.minted('before');
    book.foundInUse();
    expect(book.leakedAt()).toBe(FOUND);
  });

  it('was meant, where what was minted is lost, until another one is minted', () => {
    const book = bookAt(0);
    book.saidToHaveLeaked();
    book.intended('one');
    book.minted('one');
    book.lost('one');
    book.foundInUse();
    expect(book.leakedAt()).toBe(FOUND);
  });

  it('was not meant, where what a later rotation minted is lost', () => {
    const book = bookAt(0);
    book.saidToHaveLeaked();
    book.intended('one');
    book.minted('one');
    book.abandoned('one');
    book.intended('two');
    book.minted('two');
    book.lost('two');
    book.foundInUse();
    expect(book.leakedAt()).toBe(SAID);
  });
});

describe('an account that a mint was for', () => {
  it('was out of the pair until the last commit under a policy without it, though it came back', () => {
    const book = bookAt(SECOND_MS);
    book.has('blue', 'green');
    book.intended('one');
    expect(book.wasOutAfter('one', 'green', 1)).toBe(false);
    book.has('blue');
    book.has('blue', 'green');
    expect(book.wasOutAfter('one', 'green', 4 * SECOND_MS)).toBe(true);
    expect(book.wasOutAfter('one', 'green', 5 * SECOND_MS)).toBe(false);
    expect(book.wasOutAfter('one', 'blue', 1)).toBe(false);
  });
});
