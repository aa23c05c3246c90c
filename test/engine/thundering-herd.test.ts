import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { herdWorld } from '../world/herd-world.ts';
import type { HerdWorld } from '../world/herd-world.ts';

// With REKEYD_TEST_HERD=10000 it is a herd of ten thousand, which takes some minutes of processor time.
const ACCOUNTS = Number(process.env['REKEYD_TEST_HERD'] ?? 400);
const CALLS_PER_SECOND = 50;
const CONCURRENCY = 32;
const PRIORITIES = 4;
const MINUTE_MS = 60_000;

/** A rotation is a mint, two proofs and a part of a list call; a third of that is to spare for what goes wrong. */
const WITHIN_MS = (4 * ACCOUNTS * 1_000) / CALLS_PER_SECOND + 10 * MINUTE_MS;

describe(`${ACCOUNTS} accounts due in one second, at ${CALLS_PER_SECOND} calls a second, with errors and lost answers`, () => {
  let world: HerdWorld<KronupEmulator>;
  beforeAll(async () => {
    world = await herdWorld({
      accounts: ACCOUNTS,
      callsPerSecond: CALLS_PER_SECOND,
      concurrency: CONCURRENCY,
      priorities: PRIORITIES,
      kinds: ['rotation-opened', 'rotation-succeeded', 'mint-unknown', 'mint-settled'],
    });
    world.emulator.fault({ kind: 'status', status: 503, share: 0.05 });
    world.emulator.fault({ kind: 'lost-answer', when: 'before', share: 0.01 });
    world.emulator.fault({ kind: 'lost-answer', when: 'after', share: 0.01 });
    await world.until(() => world.count('rotation-succeeded') === ACCOUNTS, WITHIN_MS);
  }, 3_600_000);
  afterAll(async () => await world[Symbol.asyncDispose]());

  it('all converge', async () => {
    for (const account of world.accounts) {
      expect(await world.isConverged(account)).toBe(true);
    }
  });

  it('are each minted for once, though answers were lost', () => {
    expect(world.count('mint-unknown')).toBeGreaterThan(0);
    expect(world.accounts.filter(({ accountIds }) => world.emulator.mints(accountIds[0]) !== 1)).toEqual([]);
  });

  it('begin in the order of their priority', () => {
    const priorities = new Map(world.accounts.map(({ name, priority }) => [name, priority]));
    const begun = world.facts
      .filter(({ fact }) => fact.kind === 'rotation-opened')
      .map(({ account }) => priorities.get(account) ?? 0);
    // Those that are claimed together open in whatever order their looks come back.
    const late = begun.filter((priority, index) =>
      begun.slice(0, Math.max(0, index - CONCURRENCY)).some((before) => before < priority),
    );
    expect(begun).toHaveLength(ACCOUNTS);
    expect(late).toEqual([]);
  });

  it('are worked on, and have their credentials in memory, in bounded numbers', () => {
    expect(world.most.accounts).toBeLessThanOrEqual(CONCURRENCY);
    // Of those being worked on a few each, and of those that one look takes in beforehand.
    expect(world.most.credentials).toBeLessThanOrEqual(8 * CONCURRENCY + 1_500);
  });

  it('make no more calls than the provider allows in any second', () => {
    expect(world.emulator.events.filter((event) => event.kind === 'called' && event.status === 429)).toEqual(
      [],
    );
  });
});
