// What is in hand of an account: its value may be nowhere else, so it outlasts every session until it is where it should be.

import { describe, expect, it } from 'vitest';
import type { Commit } from '../../src/ports/journal.ts';
import { adoptedWithOverlap, NEVER } from '../world/adopted.ts';
import type { OverlapWorld } from '../world/adopted.ts';
import { MINUTE_MS } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';

/** Called once, when a commit that this fits is about to be written. */
function onceCommitting(world: OverlapWorld, fits: (commit: Commit) => boolean, act: () => unknown): void {
  const { journal } = world;
  const original: typeof journal.commit = journal.commit.bind(journal);
  const commit: typeof original = async (given) => {
    if (!fits(given)) return original(given);
    Object.assign(journal, { commit: original });
    await act();
    return original(given);
  };
  Object.assign(journal, { commit });
}

describe('what was minted', () => {
  it('is kept by a session that was begun while the one before it was ending', async () => {
    await using world = await adoptedWithOverlap({ schedule: NEVER });
    const { shipping, journal } = world;
    const request = {
      id: 'again',
      account: (await journal.account(shipping.name))?.id ?? 0,
      does: 'rotate',
      cause: { actor: 'jane' },
    } as const;
    // Asked for while the account is looked at; the loop goes round as that work is given back.
    onceCommitting(
      world,
      ({ release }) => release,
      async () => {
        await journal.request([request], world.clock.now());
        world.engine.wake();
        onceCommitting(
          world,
          ({ facts }) => facts.some(({ kind }) => kind === 'credential-minted'),
          () => {
            world.files.readOnly = DOWN;
          },
        );
      },
    );
    await world.ask(shipping, 'reconcile');
    await world.advance(MINUTE_MS);
    expect(world.factKinds()).toContain('credential-minted');
    expect(world.factKinds()).not.toContain('rotation-succeeded');
    delete world.files.readOnly;
    await world.advance(10 * MINUTE_MS);
    expect(world.factKinds()).toContain('rotation-succeeded');
    expect(world.factsOf('credential-minted')).toHaveLength(1);
  });
});
