import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { adoptedWithOverlap, NEVER, SHIPPING_FILE } from '../world/adopted.ts';
import { engineWorld, HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import { lastOutcome, triesOfOld } from '../world/ended.ts';
import { DOWN } from '../world/faulty-store.ts';
import { jsonOf } from '../world/overlap-service.ts';

/** In place: adopted, with its token in its file. */
async function inPlace(changes: Partial<Account> = {}) {
  const world = await engineWorld();
  const billing = world.account(0, { schedule: NEVER, ...changes });
  const [accountId] = billing.accountIds;
  const leaked = await world.kronup.liveToken(accountId);
  const address = `${billing.name}/token`;
  await world.put(address, leaked.reveal());
  await world.configure(billing);
  await world.advance(MINUTE_MS);
  world.facts.length = 0;
  return Object.assign(world, { billing, accountId, leaked, address });
}

describe('a compromised credential in place', () => {
  it('is dead once the new one is delivered, and the rotation succeeds because it was seen refused', async () => {
    await using world = await inPlace();
    await world.ask(world.billing, 'rotate-compromised');
    await world.advance(MINUTE_MS);
    expect(world.factsOf('credential-compromised')).toHaveLength(1);
    expect(world.factsOf('rotation-opened')).toMatchObject([
      { trigger: 'manual', compromised: 'after-delivery' },
    ]);
    expect(triesOfOld(world)).toEqual(['refused']);
    expect(lastOutcome(world)).toBe('rotation-succeeded');
    expect((await world.record(world.billing)).live).not.toHaveProperty('compromised');
  });

  it('is not minted for while a required target is down, unless it has to end now', async () => {
    await using world = await inPlace();
    world.files.down = DOWN;
    await world.ask(world.billing, 'rotate-compromised');
    await world.advance(10 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(0);
    await world.ask(world.billing, 'rotate-compromised-now');
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    expect(lastOutcome(world)).toBeUndefined();
    delete world.files.down;
    await world.advance(HOUR_MS);
    expect(await world.file(world.address)).toBe((await world.kronup.liveToken(world.accountId)).reveal());
    expect(lastOutcome(world)).toBe('rotation-succeeded');
    expect(world.kronup.mints()).toBe(1);
  });

  it('that has to end now does not wait for the deliveries of a rotation before', async () => {
    await using world = await inPlace();
    world.onceMinting(() => {
      world.files.down = DOWN;
    });
    await world.ask(world.billing, 'rotate');
    await world.advance(5 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(1);
    await world.ask(world.billing, 'rotate-compromised-now');
    await world.advance(15 * MINUTE_MS);
    expect(world.kronup.mints()).toBe(2);
    delete world.files.down;
    await world.advance(HOUR_MS);
    expect(lastOutcome(world)).toBe('rotation-succeeded');
    expect(await world.file(world.address)).toBe((await world.kronup.liveToken(world.accountId)).reveal());
  });

  it('is ended after all once a person lifts that an answer did not fit, by a rotation of its own', async () => {
    await using world = await inPlace();
    world.kronup.fault({ kind: 'other-account', method: 'PUT', times: 1 });
    await world.ask(world.billing, 'rotate-compromised');
    await world.advance(10 * MINUTE_MS);
    expect((await world.record(world.billing)).mismatched).toBeDefined();
    await world.ask(world.billing, 'unpark');
    await world.advance(10 * MINUTE_MS);
    expect(world.factsOf('rotation-opened')).toMatchObject([
      { compromised: 'after-delivery' },
      { compromised: 'after-delivery' },
    ]);
    expect(lastOutcome(world)).toBe('rotation-succeeded');
    expect(await world.file(world.address)).toBe((await world.kronup.liveToken(world.accountId)).reveal());
    expect(await world.file(world.address)).not.toBe(world.leaked.reveal());
  });

  it('whose value is gone with the process cannot be tried: the rotation says so instead of succeeding', async () => {
    await using world = await inPlace();
    world.killAt('target-confirmed');
    await world.ask(world.billing, 'rotate-compromised').catch(() => undefined);
    await world.revive();
    await world.advance(10 * MINUTE_MS);
    expect(lastOutcome(world)).toBe('rotation-abandoned');
    expect(world.factsOf('rotation-abandoned').at(-1)?.why).toContain('try it yourself');
    expect(world.kronup.mints()).toBe(1);
  });
});

/** With overlap: adopted, with the credential in its file. */
async function overlapping(changes: Partial<Account> = {}) {
  const world = await adoptedWithOverlap({ schedule: NEVER, graceMs: HOUR_MS, ...changes });
  world.facts.length = 0;
  return Object.assign(world, { leaked: world.first.credential });
}

describe('a compromised credential with overlap', () => {
  it('is retired without grace, although it is used, and the rotation succeeds only after it was refused', async () => {
    await using world = await overlapping();
    expect(world.overlap.use(world.leaked)).toBe(true);
    await world.ask(world.shipping, 'rotate-compromised');
    await world.advance(MINUTE_MS);
    const kinds = world.factKinds();
    expect(kinds.slice(-5)).toEqual([
      'target-confirmed',
      'retire-intended',
      'credential-retired',
      'old-credential-tried',
      'rotation-succeeded',
    ]);
    expect(triesOfOld(world)).toEqual(['refused']);
    expect(world.overlap.use(world.leaked)).toBe(false);
    expect(world.overlap.names('o1')).toHaveLength(1);
  });

  it('takes with it what awaits its retirement since earlier rotations', async () => {
    await using world = await overlapping();
    await world.ask(world.shipping, 'rotate');
    await world.advance(MINUTE_MS);
    expect(world.overlap.names('o1')).toHaveLength(2);
    await world.ask(world.shipping, 'rotate-compromised');
    await world.advance(MINUTE_MS);
    expect(world.overlap.names('o1')).toHaveLength(1);
    expect(world.overlap.use(world.leaked)).toBe(false);
    expect(triesOfOld(world)).toContain('refused');
    expect(lastOutcome(world)).toBe('rotation-succeeded');
  });

  it('that an earlier rotation replaced, and whose value is gone, is ended all the same', async () => {
    await using world = await overlapping();
    await world.ask(world.shipping, 'rotate');
    await world.advance(MINUTE_MS);
    await world.restart();
    world.facts.length = 0;
    await world.ask(world.shipping, 'rotate-compromised');
    await world.advance(MINUTE_MS);
    expect(triesOfOld(world).toSorted()).toEqual(['refused', 'unknown']);
    expect(world.overlap.names('o1')).toHaveLength(1);
    expect(lastOutcome(world)).toBe('rotation-succeeded');
  });

  it('goes on working while a required target does not hold the new one', async () => {
    await using world = await overlapping();
    world.facts.length = 0;
    world.overlap.onMinted = () => {
      world.files.down = DOWN;
    };
    await world.ask(world.shipping, 'rotate-compromised');
    await world.advance(10 * MINUTE_MS);
    expect(world.overlap.use(world.leaked)).toBe(true);
    delete world.files.down;
    await world.advance(30 * MINUTE_MS);
    expect(world.overlap.use(world.leaked)).toBe(false);
    expect(lastOutcome(world)).toBe('rotation-succeeded');
  });

  it('that has to end now is ended before the new one is delivered', async () => {
    await using world = await overlapping();
    world.files.down = DOWN;
    await world.ask(world.shipping, 'rotate-compromised-now');
    await world.advance(5 * MINUTE_MS);
    expect(world.overlap.use(world.leaked)).toBe(false);
    expect(world.overlap.names('o1')).toHaveLength(1);
    delete world.files.down;
    await world.advance(30 * MINUTE_MS);
    expect(await world.file(SHIPPING_FILE)).not.toBe(jsonOf(world.leaked));
  });

  it('ends although what replaces it is said to have leaked too, before it is delivered; that ends next', async () => {
    await using world = await overlapping();
    world.overlap.onMinted = () => {
      world.files.down = DOWN;
      world.overlap.onMinted = () => undefined;
    };
    await world.ask(world.shipping, 'rotate-compromised');
    await world.advance(MINUTE_MS);
    await world.ask(world.shipping, 'rotate-compromised');
    await world.advance(MINUTE_MS);
    delete world.files.down;
    await world.advance(30 * MINUTE_MS);
    expect(triesOfOld(world)).toEqual(['refused', 'refused']);
    expect(world.factKinds().filter((kind) => kind === 'rotation-succeeded')).toHaveLength(2);
    expect(world.overlap.names('o1')).toHaveLength(1);
    expect((await world.record(world.shipping)).live).not.toHaveProperty('compromised');
  });

  it('is ended after all where somebody ended what replaced it, although nobody verifies: another one comes first', async () => {
    await using world = await overlapping({ onRefused: 'rotate' });
    world.overlap.onMinted = () => {
      world.overlap.retirements.push('refused');
      world.overlap.onMinted = () => undefined;
    };
    await world.ask(world.shipping, 'rotate-compromised');
    await world.advance(10_000);
    const { live } = await world.record(world.shipping);
    world.overlap.end('o1', live?.reference ?? '');
    await world.advance(2 * HOUR_MS);
    expect(world.overlap.use(world.leaked)).toBe(false);
    expect(lastOutcome(world)).toBe('rotation-succeeded');
  });

  it('that was replaced before is ended although the account leaves before anything was minted', async () => {
    await using world = await overlapping();
    await world.ask(world.shipping, 'rotate');
    await world.advance(2 * MINUTE_MS);
    world.files.down = DOWN;
    await world.ask(world.shipping, 'rotate-compromised');
    await world.configure();
    delete world.files.down;
    await world.advance(10 * MINUTE_MS);
    expect(world.overlap.use(world.leaked)).toBe(false);
    expect(world.overlap.names('o1')).toHaveLength(1);
    expect(lastOutcome(world)).toBe('rotation-abandoned');
    expect(world.factsOf('account-left')).toHaveLength(1);
  });

  it('is tried again while its end is not known everywhere', async () => {
    await using world = await overlapping();
    world.overlap.endsAfterMs = 30_000;
    await world.ask(world.shipping, 'rotate-compromised');
    await world.advance(10_000);
    expect(lastOutcome(world)).toBeUndefined();
    expect(world.factsOf('rotation-failed').at(-1)?.message).toContain(
      'still accepts the compromised credential',
    );
    await world.advance(5 * MINUTE_MS);
    expect(triesOfOld(world)).toEqual(['refused']);
    expect(lastOutcome(world)).toBe('rotation-succeeded');
  });
});
