import { describe, expect, it } from 'vitest';
import { adoptedWithGrace as adopted } from '../world/adopted.ts';
import type { OverlapFault } from '../world/overlap-service.ts';
import { HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import { expectDelivered, fleet } from '../world/fleet.ts';

const times = (count: number, fault: OverlapFault) => Array.from({ length: count }, () => fault);

const DECLINED = { kind: 'status', status: 422, id: 'limit-reached', when: 'before', method: 'PUT' } as const;

/** A mint that is declined does not count as not made before this. */
const SETTLED_MS = 2 * MINUTE_MS;

describe('an account whose mints are declined', () => {
  it('is parked after as many failures of its own, and neither its provider is frozen nor any other held', async () => {
    await using world = await fleet(3);
    const [bad, ...others] = world.accounts;
    const accountId = bad?.accountIds[0] ?? '';
    const fault = world.kronup.fault({ ...DECLINED, accountId });
    await world.advance(6 * HOUR_MS);
    expect(fault.hits).toBe(5);
    expect(world.factsOf('account-parked')).toHaveLength(1);
    expect((await world.journal.shared()).holds).toEqual([]);
    fault.lift();
    expect(others.length).toBe(2);
    if (bad !== undefined) await world.ask(bad, 'rotate');
    await world.advance(MINUTE_MS);
    await expectDelivered(world);
  });

  it('is minted for again only when it is known that nothing was made', async () => {
    await using world = await adopted();
    world.overlap.mints.push(...times(20, 'declined'));
    await world.advance(2 * HOUR_MS);
    const sent = world.factsOf('mint-intended').map(({ at }) => at);
    expect(sent).toHaveLength(5);
    for (const [index, at] of sent.slice(1).entries())
      expect(at - (sent[index] ?? 0)).toBeGreaterThanOrEqual(SETTLED_MS);
    const [parked] = world.factsOf('account-parked');
    expect(parked?.why).toContain('5 failures of its own in a row; the last: mint ');
    expect((await world.journal.shared()).holds).toEqual([]);
  });

  it('has failed nothing where the credential was made all the same', async () => {
    await using world = await adopted();
    world.overlap.mints.push(...times(1, 'declined-after'));
    await world.advance(5 * MINUTE_MS);
    expect(world.factsOf('mint-settled')).toEqual([]);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
    expect(world.overlap.names('o1')).toHaveLength(2);
  });
});

describe('a provider that declines for all of its accounts', () => {
  it('is frozen as one that answers nothing of use', async () => {
    await using world = await fleet(12);
    world.kronup.fault(DECLINED);
    await world.advance(2 * HOUR_MS);
    expect((await world.journal.shared()).holds).toMatchObject([{ kind: 'frozen', subject: 'kronup' }]);
    expect(world.factsOf('account-parked')).toEqual([]);
    expect(world.kronup.mints()).toBe(0);
  });
});
