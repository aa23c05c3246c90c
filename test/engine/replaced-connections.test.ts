// A reload gives a store's name to another folder: who works on an account goes on where its policy led, and begins with the new one.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { engineWorld, MINUTE_MS } from '../world/engine-world.ts';
import { NEVER } from '../world/adopted.ts';

const ADDRESS = 'billing-api/token';
const THEIRS = 'what others keep in the other folder';

/** An account with what is live in its target; and the store that it is in, which may lead to a folder where others keep theirs. */
async function world() {
  const here = await engineWorld();
  const billing = here.account(0, { schedule: NEVER });
  await here.put(ADDRESS, (await here.kronup.liveToken(billing.accountIds[0])).reveal());
  await here.configure(billing);
  await here.settle();
  const other = join(here.folder, 'safe', ADDRESS);
  await mkdir(dirname(other), { recursive: true, mode: 0o700 });
  await writeFile(other, THEIRS, { mode: 0o600 });
  const before = here.parts.connections();
  const store = (name: string) => before.store(name === 'files' ? 'safe' : name);
  const lead = (changing: boolean): void => {
    Object.assign(here.parts, { connections: () => ({ ...before, store, changing }) });
  };
  const [target] = billing.targets;
  const moved: Account = { ...billing, targets: [{ ...target, location: `elsewhere:${ADDRESS}` }] };
  return Object.assign(here, { billing, moved, lead });
}

describe('a store whose name a reload gives to another folder', () => {
  it('gets nothing there from work that was begun before, and what others have there is held as foreign', async () => {
    await using here = await world();
    here.onceMinting(() => here.lead(true));
    await here.ask(here.billing, 'rotate');
    expect(here.kronup.mints()).toBe(1);
    expect(await here.file(ADDRESS, 'safe')).toBe(THEIRS);
    const live = await here.kronup.liveToken(here.billing.accountIds[0]);
    expect(await here.file(ADDRESS)).toBe(live.reveal());
    here.lead(false);
    await here.configure(here.moved);
    await here.advance(MINUTE_MS);
    expect(await here.file(ADDRESS, 'safe')).toBe(THEIRS);
    expect(here.factsOf('target-foreign')).toHaveLength(1);
  });

  it('is given to nobody before its accounts have their new policies', async () => {
    await using here = await world();
    here.lead(true);
    const claims = here.claims;
    const account = (await here.journal.account(here.billing.name))?.id ?? 0;
    const request = { id: 'again', account, does: 'rotate', cause: { actor: 'jane' } } as const;
    await here.journal.request([request], here.clock.now());
    here.engine.wake();
    await here.clock.advance(MINUTE_MS);
    expect(here.claims).toBe(claims);
    await here.configure(here.moved);
    here.lead(false);
    await here.advance(MINUTE_MS);
    expect(await here.file(ADDRESS, 'safe')).toBe(THEIRS);
    expect(here.kronup.mints()).toBe(0);
  });
});
