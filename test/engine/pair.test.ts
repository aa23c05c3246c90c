import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/domain/credential.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Account } from '../../src/domain/account.ts';
import type { FactKind } from '../../src/domain/fact.ts';
import { adoptedPair } from '../world/adopted.ts';
import type { PairWorld } from '../world/adopted.ts';
import { ONCE } from '../world/before-slot.ts';
import { engineWorld, HOUR_MS, HOURLY, MINUTE_MS } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';
import { giveRole } from '../world/give-role.ts';

async function holder(world: PairWorld): Promise<'a' | 'b' | 'neither'> {
  const { kronup, address, a, b } = world;
  const text = await world.file(address);
  if (text === (await kronup.liveToken(a)).reveal()) return 'a';
  return text === (await kronup.liveToken(b)).reveal() ? 'b' : 'neither';
}

async function fingerprintAt(world: PairWorld): Promise<string> {
  const text = await world.file(world.address);
  return fingerprintOf({ kind: 'token', token: new Secret(text ?? '') });
}

describe('a pair', () => {
  it.each(['a', 'b'] as const)(
    'finds from the target that %s is live, whatever comes first',
    async (holds) => {
      await using world = await adoptedPair({}, { holds });
      const { live } = await world.record(world.billing);
      expect(live).toMatchObject({ accountId: world[holds], fingerprint: await fingerprintAt(world) });
      expect(world.kronup.mints()).toBe(0);
    },
  );

  it('mints for the standby, proves, delivers and confirms in this order', async () => {
    await using world = await adoptedPair();
    world.facts.length = 0;
    await world.advance(5 * MINUTE_MS);
    expect(world.factKinds()).toEqual([
      'rotation-opened',
      'write-proved',
      'mint-intended',
      'credential-minted',
      'credential-proved',
      'target-written',
      'target-confirmed',
      'rotation-succeeded',
    ]);
    expect(world.kronup.mints(world.a)).toBe(0);
    expect(world.kronup.mints(world.b)).toBe(1);
    expect(await holder(world)).toBe('b');
  });

  it('takes turns, and what was in use works until the next turn', async () => {
    await using world = await adoptedPair();
    const first = await world.kronup.liveToken(world.a);
    await world.advance(5 * MINUTE_MS);
    expect((await world.kronup.liveToken(world.a)).reveal()).toBe(first.reveal());
    await world.advance(HOUR_MS);
    expect(await holder(world)).toBe('a');
    expect((await world.kronup.liveToken(world.a)).reveal()).not.toBe(first.reveal());
    await world.advance(HOUR_MS);
    expect(await holder(world)).toBe('b');
    expect([world.kronup.mints(world.a), world.kronup.mints(world.b)]).toEqual([1, 2]);
  });

  it('measures no dark window', async () => {
    await using world = await adoptedPair();
    await world.advance(5 * MINUTE_MS);
    expect(world.factsOf('rotation-succeeded').map(({ darkWindowMs }) => darkWindowMs)).toEqual([undefined]);
  });

  it('delivers what the live account shows when a person regenerates it, and leaves the standby alone', async () => {
    await using world = await adoptedPair();
    await world.kronup.person.regenerate(world.a);
    await world.ask(world.billing, 'reconcile');
    expect(await holder(world)).toBe('a');
    await world.kronup.person.regenerate(world.b);
    await world.ask(world.billing, 'reconcile');
    expect(await holder(world)).toBe('a');
    expect(world.factsOf('live-changed')).toHaveLength(1);
  });

  it('whose accounts have different roles says so once, and when they have the same again', async () => {
    await using world = await adoptedPair();
    await giveRole(world.kronup, world.b, 'admin');
    await world.ask(world.billing, 'reconcile');
    await world.ask(world.billing, 'reconcile');
    const roles = { [world.a]: 'member', [world.b]: 'admin' };
    expect(world.factsOf('pair-roles-differ')).toMatchObject([{ roles }]);
    await giveRole(world.kronup, world.b, 'member');
    await world.ask(world.billing, 'reconcile');
    expect(world.factsOf('pair-roles-agree')).toHaveLength(1);
    await world.advance(5 * MINUTE_MS);
    expect(await holder(world)).toBe('b');
  });

  it('mints for neither while one of the two is closed, and says which one', async () => {
    await using world = await adoptedPair();
    await world.kronup.person.close(world.b);
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    expect(world.factsOf('account-held').map(({ why }) => why)).toEqual([expect.stringContaining(world.b)]);
  });

  it('is given what is owed at its own pace although one account of a pair was closed', async () => {
    await using world = await adoptedPair({ schedule: ONCE });
    world.onceMinted(() => {
      world.files.down = DOWN;
    });
    await world.advance(2 * MINUTE_MS);
    await world.kronup.person.close(world.a);
    await world.ask(world.billing, 'reconcile');
    expect((await world.record(world.billing)).held).toHaveProperty('closed');
    await world.advance(2 * HOUR_MS);
    delete world.files.down;
    await world.advance(6 * MINUTE_MS);
    expect(await holder(world)).toBe('b');
    expect(world.kronup.mints()).toBe(1);
  });

  it('is held where the manager credential belongs to one of the two', async () => {
    await using world = await engineWorld();
    const { id, token } = world.kronup.manager;
    const other = world.kronup.accounts[0]?.id ?? '';
    const billing = world.account(0, { strategy: 'pair', accountIds: [other, id], schedule: HOURLY });
    await world.put(`${billing.name}/token`, (await world.kronup.liveToken(other)).reveal());
    await world.configure(billing);
    await world.advance(2 * HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
    expect((await world.kronup.liveToken(id)).reveal()).toBe(token.reveal());
  });
});

describe('a pair of which nothing shows which account is live', () => {
  it('is minted for by nobody, not even by hand', async () => {
    await using world = await adoptedPair({ rotateOnAdopt: true }, { holds: 'nothing' });
    await world.advance(2 * HOUR_MS);
    expect(world.kronup.mints()).toBe(0);
    const asked = await world.ask(world.billing, 'rotate');
    expect(asked).toMatchObject({ state: 'refused' });
    expect(asked.why).toContain('undecided');
  });

  it('is minted for once a person has named the standby, and that one only', async () => {
    await using world = await adoptedPair({}, { holds: 'nothing' });
    expect(await world.ask(world.billing, 'standby', { target: world.b })).toMatchObject({ state: 'taken' });
    await world.advance(5 * MINUTE_MS);
    expect(await holder(world)).toBe('b');
    expect([world.kronup.mints(world.a), world.kronup.mints(world.b)]).toEqual([0, 1]);
    // The slot that came meanwhile waits for minInterval.
    await world.advance(10 * MINUTE_MS);
    expect(await holder(world)).toBe('a');
  });

  it('refuses a standby that is not one of the two, or where it is known which is live', async () => {
    await using world = await adoptedPair({}, { holds: 'nothing' });
    expect(await world.ask(world.billing, 'standby', { target: 'another' })).toMatchObject({
      state: 'refused',
    });
    await world.put(world.address, (await world.kronup.liveToken(world.a)).reveal());
    await world.ask(world.billing, 'reconcile');
    expect(await world.ask(world.billing, 'standby', { target: world.a })).toMatchObject({
      state: 'refused',
    });
  });
});

describe('the mint of a pair whose answer is lost', () => {
  it('is recovered from what the standby shows, without another mint', async () => {
    await using world = await adoptedPair();
    world.kronup.fault({ kind: 'lost-answer', when: 'after', method: 'PUT', times: 1 });
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(world.factsOf('credential-minted').map(({ recovered }) => recovered)).toEqual([true]);
    expect(await holder(world)).toBe('b');
  });

  it('is repeated for the same account once it has settled, where the standby shows what it had', async () => {
    await using world = await adoptedPair();
    world.kronup.fault({ kind: 'lost-answer', when: 'before', method: 'PUT', times: 1 });
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('mint-settled')).toHaveLength(1);
    expect([world.kronup.mints(world.a), world.kronup.mints(world.b)]).toEqual([0, 1]);
    expect(await holder(world)).toBe('b');
  });

  const places: readonly FactKind[] = [
    'mint-intended',
    'credential-minted',
    'credential-proved',
    'target-written',
  ];
  it.each(places)('or whose process ends at %s, costs no second mint of the account in use', async (kind) => {
    await using world = await adoptedPair();
    const inUse = await world.kronup.liveToken(world.a);
    world.killAt(kind);
    await world.advance(2 * MINUTE_MS);
    await world.revive();
    await world.advance(30 * MINUTE_MS);
    expect(await holder(world)).toBe('b');
    expect((await world.kronup.liveToken(world.a)).reveal()).toBe(inUse.reveal());
    expect(world.kronup.mints(world.b)).toBe(1);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });
});

describe('from one account to a pair, and back', () => {
  it('loses nothing: the account in use stays live, and the new one is minted for', async () => {
    await using world = await engineWorld();
    const single = world.account(0, { schedule: HOURLY });
    await world.configure(single);
    await world.advance(90 * MINUTE_MS);
    const [a = '', b = ''] = world.kronup.accounts.map(({ id }) => id);
    const pair = { ...single, strategy: 'pair' as const, accountIds: [b, a] as const };
    await world.configure(pair);
    await world.settle();
    expect((await world.record(pair)).live).toMatchObject({ accountId: a });
    await world.advance(HOUR_MS);
    expect([world.kronup.mints(a), world.kronup.mints(b)]).toEqual([1, 1]);
    const there = Object.assign(world, { billing: pair, a, b, address: `${single.name}/token` });
    expect(await holder(there)).toBe('b');
  });

  it.each(['before', 'after'] as const)(
    'recovers a mint whose answer was lost %s its effect, though it has become a pair since; nothing is undecided',
    async (when) => {
      await using world = await engineWorld();
      const single = world.account(0, { schedule: ONCE });
      await world.configure(single);
      await world.advance(59 * MINUTE_MS);
      world.kronup.fault({ kind: 'lost-answer', method: 'PUT', when, times: 1 });
      world.killAt('mint-unknown');
      await world.advance(2 * MINUTE_MS);
      const [a = '', b = ''] = world.kronup.accounts.map(({ id }) => id);
      const pair = { ...single, strategy: 'pair' as const, accountIds: [b, a] as const };
      await world.configure(pair);
      await world.revive();
      await world.advance(10 * MINUTE_MS);
      const there = Object.assign(world, { billing: pair, a, b, address: `${single.name}/token` });
      expect(world.factsOf('credential-lost')).toEqual([]);
      // What was not minted in place is minted for the standby.
      expect(await holder(there)).toBe(when === 'after' ? 'a' : 'b');
      expect(world.kronup.mints()).toBe(1);
      const row = await world.journal.account(pair.name);
      expect(row?.holds).toEqual([]);
      expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    },
  );

  it.each([
    ['the live one', 'b'],
    ['the standby', 'a'],
  ] as const)('goes back to %s, whose token the target holds then', async (_name, stays) => {
    await using world = await adoptedPair();
    await world.advance(5 * MINUTE_MS);
    expect(await holder(world)).toBe('b');
    const single: Account = { ...world.billing, strategy: 'in-place', accountIds: [world[stays]] };
    await world.configure(single);
    await world.ask(single, 'reconcile');
    expect(await holder(world)).toBe(stays);
    expect(world.kronup.mints()).toBe(1);
    await world.advance(HOUR_MS);
    expect(world.kronup.mints(world[stays])).toBe(stays === 'b' ? 2 : 1);
    expect(await holder(world)).toBe(stays);
  });

  it('goes there and back again', async () => {
    await using world = await adoptedPair();
    await world.advance(5 * MINUTE_MS);
    const single: Account = { ...world.billing, strategy: 'in-place', accountIds: [world.a] };
    await world.configure(single);
    await world.ask(single, 'reconcile');
    await world.configure(world.billing);
    await world.ask(world.billing, 'reconcile');
    expect(await holder(world)).toBe('a');
    await world.advance(HOUR_MS);
    expect(await holder(world)).toBe('b');
    await world.advance(HOUR_MS);
    expect(await holder(world)).toBe('a');
  });
});
