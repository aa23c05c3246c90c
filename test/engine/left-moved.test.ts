// What has left the configuration is done in the places that it was configured for, also where a store's name leads elsewhere since.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { engineWorld, HOUR_MS, MINUTE_MS } from '../world/engine-world.ts';
import { DOWN } from '../world/faulty-store.ts';
import { NEVER } from '../world/adopted.ts';

const ADDRESS = 'billing-api/token';
const THEIRS = 'what others keep in the other folder';

/** An account was minted for while its store was down; then it left, or its target did, and the store's name leads to another folder. */
async function left(stays: (billing: Account) => readonly Account[]) {
  const here = await engineWorld();
  const account = here.account(0, { schedule: NEVER });
  const [target] = account.targets;
  const billing: Account = { ...account, targets: [{ ...target, leadsTo: 'file:/files' }] };
  const before = here.parts.connections();
  const lead = (store: 'files' | 'safe'): void => {
    Object.assign(here.parts, {
      connections: () => ({
        ...before,
        store: (name: string) => before.store(name === 'files' ? store : name),
        leadsTo: (name: string) => `file:/${name === 'files' ? store : name}`,
      }),
    });
  };
  lead('files');
  await here.put(ADDRESS, (await here.kronup.liveToken(account.accountIds[0])).reveal());
  await here.configure(billing);
  await here.settle();
  const other = join(here.folder, 'safe', ADDRESS);
  await mkdir(dirname(other), { recursive: true, mode: 0o700 });
  await writeFile(other, THEIRS, { mode: 0o600 });
  here.onceMinting(() => {
    here.files.down = DOWN;
  });
  await here.ask(billing, 'rotate');
  expect(here.kronup.mints()).toBe(1);
  lead('safe');
  await here.configure(...stays(billing));
  await here.advance(HOUR_MS);
  return Object.assign(here, { billing, lead, targetId: target.id });
}

describe('an account that left, and whose store’s name leads to another folder since', () => {
  it('is delivered nothing there, and says what to do', async () => {
    await using here = await left(() => []);
    expect(await here.file(ADDRESS, 'safe')).toBe(THEIRS);
    const { lastFailure, owed } = (await here.record(here.billing)).targets[here.targetId] ?? {};
    expect(owed).toBeDefined();
    expect(lastFailure?.message).toContain('led to file:/files');
    // Else the store were down for those who are there now.
    expect(lastFailure?.failure).toBe('target-refused');
    expect(here.factsOf('account-left')).toEqual([]);
  });

  it('is delivered what is owed to it, once the name leads to where it led', async () => {
    await using here = await left(() => []);
    delete here.files.down;
    here.lead('files');
    await here.advance(HOUR_MS);
    const live = await here.kronup.liveToken(here.billing.accountIds[0]);
    expect(await here.file(ADDRESS)).toBe(live.reveal());
    expect(here.factsOf('account-left')).toHaveLength(1);
  });

  it('leaves once it was configured in the new place, and taken out again', async () => {
    await using here = await left(() => []);
    const [target] = here.billing.targets;
    await here.configure({
      ...here.billing,
      targets: [{ ...target, location: `elsewhere:${ADDRESS}`, leadsTo: 'file:/safe' }],
    });
    await here.advance(MINUTE_MS);
    await here.configure();
    await here.advance(HOUR_MS);
    expect(await here.file(ADDRESS, 'safe')).toBe(THEIRS);
    expect(here.factsOf('account-left')).toHaveLength(1);
  });
});

describe('a target that left, and whose store’s name leads to another folder since', () => {
  it('is written nothing there', async () => {
    await using here = await left((billing) => {
      const [target] = billing.targets;
      const other = { ...target, id: 'safe:other', location: 'safe:other', store: 'safe', address: 'other' };
      return [{ ...billing, targets: [{ ...other, leadsTo: 'file:/safe' }] }];
    });
    expect(await here.file(ADDRESS, 'safe')).toBe(THEIRS);
    const live = await here.kronup.liveToken(here.billing.accountIds[0]);
    expect(await here.file('other', 'safe')).toBe(live.reveal());
  });
});
