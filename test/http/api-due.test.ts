import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { target } from '../builders/account.ts';
import type { FactOfRotation } from '../cli/commit-facts.ts';
import { apiWorld } from './api-world.ts';
import type { ApiWorld } from './api-world.ts';

const LIVE = '0123456789abcdef';
const OTHER = 'fedcba9876543210';
const B = target('files:b/token');
const SILENT = { failure: 'no-answer', message: 'timed out' } as const;

let world: ApiWorld;

beforeEach(async () => {
  const targets = [target('files:converged'), target('files:drifted')] as const;
  world = await apiWorld({ name: 'a', onDrift: 'report', targets }, { name: 'b' });
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

async function adopt(name: string): Promise<void> {
  await world.commit(name, [{ kind: 'account-adopted', live: LIVE, evidence: 'none' }]);
}

async function put(name: string, id: string): Promise<void> {
  const of = { target: id, fingerprint: LIVE, version: 'v1' } as const;
  const written = { kind: 'target-written', ...of, acknowledgedAt: world.clock.now() } as const;
  await world.commit(name, [written, { kind: 'target-confirmed', ...of }]);
}

describe('the report of what was due', () => {
  async function report(): Promise<unknown> {
    const answer = await world.api.inject({ method: 'POST', url: '/v1/due?wait=0s' });
    expect(answer.statusCode).toBe(200);
    return answer.json();
  }

  it('tells apart what a hold stops, what failed, and what is not done yet', async () => {
    await world.apply({ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' });
    await adopt('a');
    await put('a', 'files:a/token');
    await adopt('b');
    await world.commit('b', [{ kind: 'target-foreign', target: 'files:b/token' }]);
    await adopt('c');
    const retryAt = world.clock.now() + 5_000;
    const failure = { failure: 'no-answer', message: 'timed out', attempt: 1, retryAt } as const;
    await world.commit('c', [{ kind: 'target-failed', target: 'files:c/token', ...failure }], {
      dueAt: retryAt,
    });
    expect(await report()).toMatchObject({
      accounts: 4,
      rotated: [],
      unfinished: [
        { account: 'b', state: 'held', why: expect.stringMatching(/^foreign: .*; lifted by /) as string },
        { account: 'c', state: 'failed', why: 'timed out', nextAt: retryAt },
        { account: 'd', state: 'waiting', why: 'not looked at yet' },
      ],
      unfinishedCount: { held: 1, failed: 1, waiting: 1 },
    });
  });

  it.each<readonly [string, readonly FactOfRotation[]]>([
    ['of which nobody knows yet what came', [{ kind: 'mint-unknown', sentAt: 0, counts: false, ...SILENT }]],
    [
      'that is not delivered yet',
      [
        {
          kind: 'credential-minted',
          fingerprint: 'new',
          preImage: LIVE,
          sentAt: 0,
          recovered: false,
          targets: [B],
        },
        { kind: 'target-failed', target: B.id, attempt: 1, retryAt: 5_000, ...SILENT },
      ],
    ],
  ])('goes on with a mint %s, whatever stops the next one', async (_what, facts) => {
    await adopt('b');
    await put('b', B.id);
    const nextAt = world.clock.now() + 1_000;
    await world.commit('b', [{ kind: 'rotation-opened', rotation: 'r1', trigger: 'schedule', dueAt: 0 }]);
    const intent = {
      kind: 'mint-intended',
      rotation: 'r1',
      attempt: 1,
      preImage: LIVE,
      targets: [B],
    } as const;
    await world.commit('b', [intent, ...facts], { dueAt: nextAt });
    const by = { since: 0, by: 'rekeyd', reason: '10 of the last 20 mints failed' };
    await world.journal.hold({ kind: 'frozen', subject: 'kronup', ...by });
    expect(await report()).toMatchObject({
      unfinished: [{}, { account: 'b', state: 'failed', why: 'timed out', nextAt }],
      nextTryAt: nextAt,
    });
  });

  it('goes on with what was minted for an account that has left since', async () => {
    await adopt('b');
    const nextAt = world.clock.now() + 1_000;
    const minted = { fingerprint: OTHER, sentAt: 0, recovered: false, targets: [B] };
    await world.commit('b', [
      { kind: 'rotation-opened', rotation: 'r1', trigger: 'schedule', dueAt: 0 },
      { kind: 'mint-intended', attempt: 1, targets: [B] },
      { kind: 'credential-minted', preImage: LIVE, ...minted },
      { kind: 'target-failed', target: B.id, attempt: 1, retryAt: nextAt, ...SILENT },
    ]);
    await world.apply({ name: 'a' });
    expect(await report()).toMatchObject({
      accounts: 1,
      unfinished: [{ account: 'a' }, { account: 'b', state: 'failed', why: 'timed out' }],
    });
  });

  it('names what was rotated since it began', async () => {
    await adopt('b');
    await put('b', 'files:b/token');
    await world.commit('b', [
      { kind: 'rotation-opened', rotation: 'r1', trigger: 'manual', dueAt: 0 },
      { kind: 'rotation-succeeded', rotation: 'r1', fingerprint: LIVE, estimated: false },
    ]);
    expect(await report()).toMatchObject({ rotated: ['b'], rotatedCount: 1 });
  });

  it('says that somebody else’s change is reported only', async () => {
    await adopt('a');
    for (const state of ['converged', 'drifted']) await put('a', `files:${state}`);
    await world.commit('a', [{ kind: 'target-drifted', target: 'files:drifted' }]);
    expect(await report()).toMatchObject({
      unfinished: [
        {
          account: 'a',
          state: 'held',
          why:
            'somebody else changed files:drifted, which is reported and not put right (onDrift: report); ' +
            'lifted by rekeyd accept a files:drifted --reason …',
        },
        { account: 'b' },
      ],
    });
  });
});
