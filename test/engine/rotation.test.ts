import { describe, expect, it } from 'vitest';
import { engineWorld } from '../world/engine-world.ts';

const ADOPTION = ['account-adopted', 'credential-proved', 'target-written', 'target-confirmed'];
const ROTATION = [
  'rotation-opened',
  'write-proved',
  'mint-intended',
  'credential-minted',
  'target-written',
  'target-confirmed',
  'credential-proved',
  'old-credential-tried',
  'rotation-succeeded',
];
const HOURLY = { pattern: '0 * * * *', zone: 'UTC' };

describe('a scheduled rotation in place', () => {
  it('adopts an account without rotating it and delivers the live credential to an empty target', async () => {
    await using world = await engineWorld();
    const billing = world.account(0, { schedule: HOURLY });
    await world.configure(billing);
    await world.settle();
    const live = await world.kronup.liveToken(billing.accountIds[0]);
    expect(await world.file(`${billing.name}/token`)).toBe(live.reveal());
    expect(world.kronup.mints()).toBe(0);
  });

  it('mints at each slot and delivers what was minted', async () => {
    await using world = await engineWorld();
    const billing = world.account(0, { schedule: HOURLY });
    await world.configure(billing);
    await world.advance(3 * 3_600_000 + 60_000);
    const kinds = world.factKinds();
    expect(kinds).toEqual([...ADOPTION, ...ROTATION, ...ROTATION, ...ROTATION]);
    expect(world.kronup.mints(billing.accountIds[0])).toBe(3);
    const live = await world.kronup.liveToken(billing.accountIds[0]);
    expect(await world.file(`${billing.name}/token`)).toBe(live.reveal());
  });
});
