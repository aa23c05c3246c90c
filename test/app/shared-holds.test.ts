import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hold, HoldKind } from '../../src/domain/hold.ts';
import { daemonWorld } from '../cli/daemon-world.ts';

const DOWN = { kind: 'store-unavailable', message: 'down in this test' } as const;

function hold(kind: HoldKind, subject: string): Hold {
  return { kind, subject, since: 1, by: 'rekeyd', reason: 'a test' };
}

describe('a hold of a store or provider that has left the configuration', () => {
  it('is lifted when a configuration without it is applied, and is not set again', async () => {
    await using world = await daemonWorld();
    const good = await readFile(world.configPath, 'utf8');
    const old = `old: { kind: file, directory: ${join(world.folder, 'old')} }`;
    await writeFile(world.configPath, good.replace('stores: { ', `stores: { ${old}, `));
    const daemon = await world.start();
    await daemon.engine.sharedHolds.storeFailed('old', DOWN);
    await daemon.engine.sharedHolds.storeFailed('files', DOWN);
    const subjects = async () => (await daemon.journal.shared()).holds.map(({ subject }) => subject);
    expect(await subjects()).toEqual(['files', 'old']);
    await writeFile(world.configPath, good);
    expect((await daemon.reload()).ok).toBe(true);
    expect(await subjects()).toEqual(['files']);
    await daemon.engine.sharedHolds.storeFailed('old', DOWN);
    expect(await subjects()).toEqual(['files']);
  });

  it('is lifted at the start where it left while no daemon ran', async () => {
    await using world = await daemonWorld();
    const before = await world.start();
    await before.journal.hold(hold('manager-refused', 'gone'));
    await before.journal.hold(hold('manager-refused', 'kronup'));
    await before.journal.hold(hold('store-down', 'gone'));
    await before.stop('the test wants it');
    const daemon = await world.start();
    const left = (await daemon.journal.shared()).holds.filter(({ subject }) => subject === 'gone');
    expect(left).toEqual([]);
  });

  it('stays where a person has to lift it', async () => {
    await using world = await daemonWorld();
    const before = await world.start();
    await before.journal.hold(hold('frozen', 'gone'));
    await before.stop('the test wants it');
    const daemon = await world.start();
    expect((await daemon.reload()).ok).toBe(true);
    expect((await daemon.journal.shared()).holds).toMatchObject([{ kind: 'frozen', subject: 'gone' }]);
    const { code } = await world.run('unfreeze', 'gone', '--reason', 'it is gone');
    expect(code).toBe(0);
    expect((await daemon.journal.shared()).holds).toEqual([]);
  });
});
