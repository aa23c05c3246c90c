import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountView } from '../../src/http/views.ts';
import { target } from '../builders/account.ts';
import { apiWorld } from './api-world.ts';
import type { ApiWorld } from './api-world.ts';

const STATES = ['converged', 'unconfirmed', 'undelivered', 'foreign', 'drifted'] as const;
const LIVE = '0123456789abcdef';
const OTHER = 'fedcba9876543210';

let world: ApiWorld;

beforeEach(async () => {
  const [first, ...others] = STATES.map((state) => target(`files:${state}`));
  if (first === undefined) throw new Error('no target');
  world = await apiWorld({ name: 'a', onDrift: 'report', targets: [first, ...others] }, { name: 'b' });
});

afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

async function view(name: string): Promise<AccountView> {
  const answer = await world.api.inject({ method: 'GET', url: `/v1/accounts/${name}` });
  expect(answer.statusCode).toBe(200);
  return answer.json<AccountView>();
}

async function adopt(name: string): Promise<void> {
  await world.commit(name, [{ kind: 'account-adopted', live: LIVE, evidence: 'none' }]);
}

async function put(name: string, id: string, confirmed: boolean): Promise<void> {
  const of = { target: id, fingerprint: LIVE, version: 'v1' } as const;
  const written = { kind: 'target-written', ...of, acknowledgedAt: world.clock.now() } as const;
  await world.commit(name, confirmed ? [written, { kind: 'target-confirmed', ...of }] : [written]);
}

describe('the view of an account', () => {
  it('says of each target how it stands to the live credential', async () => {
    await adopt('a');
    await put('a', 'files:converged', true);
    await put('a', 'files:unconfirmed', false);
    await put('a', 'files:drifted', true);
    await world.commit('a', [
      { kind: 'target-foreign', target: 'files:foreign', fingerprint: OTHER },
      { kind: 'target-drifted', target: 'files:drifted', fingerprint: OTHER },
    ]);
    const { targets, converged } = await view('a');
    expect(targets.map(({ id, state, fingerprint }) => [id, state, fingerprint])).toEqual([
      ['files:converged', 'converged', LIVE],
      ['files:unconfirmed', 'unconfirmed', LIVE],
      ['files:undelivered', 'undelivered', undefined],
      ['files:foreign', 'foreign', OTHER],
      ['files:drifted', 'drifted', OTHER],
    ]);
    expect(converged).toBe(false);
  });

  it('says of a contested target when it was written over, by whom, and what ends that', async () => {
    await adopt('a');
    await put('a', 'files:drifted', true);
    const drifted = {
      kind: 'target-drifted',
      target: 'files:drifted',
      writtenAt: 1,
      writtenBy: 'other',
    } as const;
    await world.commit('a', [drifted, { kind: 'target-contested', target: 'files:drifted', why: 'a test' }]);
    const now = world.clock.now();
    const { holds, targets } = await view('a');
    expect(targets.find(({ id }) => id === 'files:drifted')).toMatchObject({
      state: 'drifted',
      drifted: { since: now, writtenAt: 1, writtenBy: 'other' },
      overwrittenAt: [now],
    });
    expect(holds).toMatchObject([
      {
        kind: 'contested',
        target: 'files:drifted',
        until: now + 86_400_000,
        liftedBy: expect.stringContaining('rekeyd accept a files:drifted --reason …') as string,
      },
    ]);
  });

  it('is converged when every target is', async () => {
    await adopt('b');
    await put('b', 'files:b/token', true);
    const now = world.clock.now();
    expect(await view('b')).toMatchObject({
      converged: true,
      live: { fingerprint: LIVE },
      holds: [],
      targets: [{ state: 'converged', required: true, writtenAt: now, confirmedAt: now, failures: 0 }],
    });
  });

  it('says what failed at a target, and when it is tried again', async () => {
    await adopt('b');
    const lastFailure = { failure: 'no-answer', message: 'timed out' } as const;
    const retryAt = world.clock.now() + 5_000;
    await world.commit('b', [
      { kind: 'target-failed', target: 'files:b/token', attempt: 1, retryAt, ...lastFailure },
    ]);
    expect((await view('b')).targets).toMatchObject([{ failures: 1, retryAt, lastFailure }]);
  });

  it('says that a target could not be read when it was last looked at, and no time at which nothing is tried', async () => {
    await adopt('b');
    await put('b', 'files:b/token', true);
    const lastFailure = { failure: 'no-answer', message: 'timed out' } as const;
    const retryAt = world.clock.now() + 5_000;
    await world.commit('b', [
      { kind: 'target-failed', target: 'files:b/token', attempt: 1, retryAt, ...lastFailure },
    ]);
    const [seen] = (await view('b')).targets;
    expect(seen).toMatchObject({ state: 'converged', failures: 1, lastFailure });
    expect(seen).not.toHaveProperty('retryAt');
  });

  it('says which rotation is open, and why', async () => {
    await adopt('b');
    const openedAt = world.clock.now();
    await world.commit('b', [
      { kind: 'rotation-opened', rotation: 'r1', trigger: 'manual', dueAt: openedAt },
    ]);
    expect((await view('b')).rotation).toEqual({
      id: 'r1',
      trigger: 'manual',
      openedAt,
      minted: false,
      outcomeUnknown: false,
      attempts: 0,
    });
  });

  it('says why it is due, and no longer when it has left the configuration', async () => {
    const maxAgeMs = 86_400_000;
    await world.apply({ name: 'b', maxAgeMs });
    await adopt('b');
    expect(await view('b')).not.toHaveProperty('due');
    await world.clock.advance(maxAgeMs);
    expect((await view('b')).due).toMatchObject({ trigger: 'max-age' });
    await world.apply({ name: 'c' });
    const left = await view('b');
    expect(left).toMatchObject({ configured: false });
    expect(left).not.toHaveProperty('due');
  });

  it('says when it is looked at next, and why', async () => {
    const dueAt = world.clock.now() + 7_000;
    await world.commit('b', [{ kind: 'looked', requestedAt: 1 }], { dueAt, dueWhy: 'retry' });
    expect((await view('b')).next).toEqual({ at: dueAt, why: 'retry' });
  });
});

describe('the holds of an account', () => {
  it('say what they stop and what lifts them: its own, its targets’ and those it shares', async () => {
    const since = world.clock.now();
    await adopt('b');
    await world.commit('b', [
      { kind: 'account-parked', why: 'failed too often' },
      { kind: 'target-foreign', target: 'files:b/token' },
    ]);
    await world.journal.hold({
      kind: 'store-down',
      subject: 'files',
      since,
      by: 'rekeyd',
      reason: 'no space',
    });
    await world.journal.hold({ kind: 'store-down', subject: 'vault', since, by: 'rekeyd', reason: 'sealed' });
    const { holds } = await view('b');
    expect(holds.map(({ kind, subject, stops }) => ({ kind, subject, stops }))).toEqual([
      { kind: 'parked', subject: 'b', stops: ['unasked-mint'] },
      { kind: 'foreign', subject: 'files:b/token', stops: ['mint', 'write'] },
      { kind: 'store-down', subject: 'files', stops: ['mint'] },
    ]);
    expect(holds.map(({ liftedBy }) => liftedBy)).toEqual([
      expect.stringContaining('rekeyd unpark'),
      expect.stringContaining('rekeyd accept'),
      'a real write there',
    ]);
  });
});

describe('the status of the daemon', () => {
  it('counts accounts and shows the holds that they share', async () => {
    const since = world.clock.now();
    const hold = { kind: 'store-down', subject: 'files', since, by: 'rekeyd', reason: 'no space' } as const;
    await world.journal.hold(hold);
    const answer = await world.api.inject({ method: 'GET', url: '/v1/status' });
    expect(answer.json()).toMatchObject({
      installation: 'test',
      now: since,
      accounts: 2,
      notConverged: 2,
      consumersBehind: 0,
      holds: [{ ...hold, liftedBy: 'a real write there' }],
    });
  });
});
