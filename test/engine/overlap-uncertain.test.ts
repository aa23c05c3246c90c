import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { fingerprintOf } from '../../src/domain/credential.ts';
import type { FactKind } from '../../src/domain/fact.ts';
import { adoptedWithGrace as adopted, GRACE_MS, SHIPPING_FILE } from '../world/adopted.ts';
import { HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import { fingerprintIn } from '../world/overlap-service.ts';

describe('a mint beside the live credential whose answer is lost', () => {
  it('is found by its name; another one is minted, then the first retired at once', async () => {
    await using world = await adopted();
    world.overlap.mints.push('lost-after');
    world.facts.length = 0;
    await world.advance(5 * MINUTE_MS);
    expect(world.factKinds()).toEqual([
      'rotation-opened',
      'write-proved',
      'mint-intended',
      'mint-unknown',
      'credential-unusable',
      'mint-intended',
      'credential-minted',
      'credential-proved',
      'target-written',
      'target-confirmed',
      'rotation-succeeded',
      'grace-begun',
      'retire-intended',
      'credential-retired',
      ...world.factsOf('looked').map(({ kind }) => kind),
    ]);
    expect(world.overlap.names('o1')).toHaveLength(2);
    expect(world.overlap.use(world.first.credential)).toBe(true);
  });

  it('is repeated only when it has settled, where no credential has its name', async () => {
    await using world = await adopted();
    world.overlap.mints.push('lost-before');
    await world.advance(2 * MINUTE_MS);
    expect(world.factsOf('mint-intended')).toHaveLength(1);
    await world.advance(5 * MINUTE_MS);
    expect(world.factsOf('mint-settled')).toHaveLength(1);
    expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
  });

  const places: readonly FactKind[] = [
    'mint-intended',
    'credential-minted',
    'credential-proved',
    'target-written',
  ];
  it.each(places)(
    'or whose process ends at %s, leaves no more than the live and the old one',
    async (kind) => {
      await using world = await adopted();
      world.killAt(kind);
      await world.advance(2 * MINUTE_MS);
      await world.revive();
      await world.advance(56 * MINUTE_MS);
      expect(world.factsOf('rotation-succeeded')).toHaveLength(1);
      const record = await world.record(world.shipping);
      expect(fingerprintIn(await world.file(SHIPPING_FILE))).toBe(record.live?.fingerprint);
      expect(record.old ?? []).toEqual([]);
      expect(world.overlap.names('o1')).toHaveLength(1);
    },
  );
});

describe('the answer to a mint', () => {
  it('that brings a credential which the account had before is not delivered, and held', async () => {
    await using world = await adopted();
    // It is none that rekeyd knows: only the list before the mint shows it.
    const theirs = world.overlap.make('o1', 'made by hand as well').credential;
    world.overlap.end('o1', world.first.reference);
    world.overlap.mints.push('brings-another');
    await world.advance(20 * MINUTE_MS);
    expect((await world.record(world.shipping)).mismatched?.why).toContain('that the account had before');
    expect(fingerprintIn(await world.file(SHIPPING_FILE))).toBe(fingerprintOf(world.first.credential));
    expect(world.overlap.use(theirs)).toBe(true);
  });
});

describe('other credentials of the account', () => {
  it('are reported once and left alone', async () => {
    await using world = await adopted();
    const { reference } = world.overlap.make('o1', 'of somebody else');
    await world.advance(3 * HOUR_MS);
    expect(world.factsOf('credential-unknown').map((fact) => fact.reference)).toEqual([reference]);
    expect(world.overlap.names('o1')).toContain('of somebody else');
    world.overlap.end('o1', reference);
    await world.advance(HOUR_MS);
    expect((await world.record(world.shipping)).unknown).toEqual([]);
  });
});

describe('a live credential that somebody ended at the provider', () => {
  const ended = async (changes: Partial<Account>) => {
    const world = await adopted({ verifyMs: HOUR_MS, ...changes });
    await world.advance(20 * MINUTE_MS);
    const { live } = await world.record(world.shipping);
    // Nothing but the refusal is a reason to rotate from here on.
    await world.configure({ ...without(world.shipping), verifyMs: HOUR_MS, ...changes });
    world.overlap.end('o1', live?.reference ?? '');
    world.facts.length = 0;
    await world.advance(3 * HOUR_MS);
    return world;
  };
  const without = ({ schedule: _, ...policy }: Account): Account => policy;

  it('parks its account, and says that it is not listed any more', async () => {
    await using world = await ended({});
    expect((await world.record(world.shipping)).parked?.why).toContain('lists it no more');
    expect(world.overlap.received.filter((what) => what.startsWith('mint'))).toHaveLength(1);
  });

  it('is replaced where the policy says so, and its targets get the new one', async () => {
    await using world = await ended({ onRefused: 'rotate' });
    expect(world.facts.flatMap((fact) => (fact.kind === 'rotation-opened' ? [fact.trigger] : []))).toEqual([
      'refused',
    ]);
    expect(world.factKinds()).toContain('rotation-succeeded');
    const { live, old = [] } = await world.record(world.shipping);
    expect(fingerprintIn(await world.file(SHIPPING_FILE))).toBe(live?.fingerprint);
    expect(old).toEqual([]);
  });
});

describe('an old credential of an account that is not shown for a while, as to whoever may not see it', () => {
  it.each([
    ['', true],
    [', and in the configuration, which it left meanwhile', false],
  ])('is retired once the account is there again%s', async (_name, stays) => {
    await using world = await adopted();
    await world.advance(5 * MINUTE_MS);
    const had = world.overlap.accounts.get('o1') ?? [];
    world.overlap.accounts.delete('o1');
    if (!stays) await world.configure();
    await world.advance(GRACE_MS);
    const { held, old, leftAt } = await world.record(world.shipping);
    expect(held).toMatchObject({ closed: {} });
    expect(old).toMatchObject([{ reference: world.first.reference }]);
    expect(leftAt === undefined).toBe(stays);
    world.overlap.accounts.set('o1', had);
    await world.configure(world.shipping);
    await world.advance(HOUR_MS);
    expect(world.overlap.use(world.first.credential)).toBe(false);
    expect(world.overlap.names('o1')).not.toContain('made by hand');
  });
});
