import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { watchConfig } from '../../src/config/watch.ts';
import type { WatchedFiles } from '../../src/config/watched.ts';
import { FakeClock } from '../world/fake-clock.ts';
import { accountList, BASE, configFolder, target, type ConfigFolder } from './config-world.ts';

function account(name: string): string {
  return accountList(`name: ${name}\naccountId: ${name}\n${target(name)}`);
}

/** A watch over a folder, reading the configuration again at each change. */
class Watch implements AsyncDisposable {
  readonly #clock = new FakeClock();
  readonly #stop = new AbortController();
  readonly #folder: ConfigFolder;
  readonly #ended: Promise<void>;
  #watched: WatchedFiles;
  changes = 0;

  constructor(folder: ConfigFolder, { reads = true }: { readonly reads?: boolean } = {}) {
    this.#folder = folder;
    this.#watched = this.#read();
    this.#ended = watchConfig({
      clock: this.#clock,
      watched: () => this.#watched,
      onChange: () => {
        this.changes += 1;
        if (reads) this.#watched = this.#read();
        return Promise.resolve();
      },
      signal: this.#stop.signal,
    });
  }

  /** Goes on until the watch has come to rest after its next look. */
  async look(): Promise<number> {
    await this.#clock.sleepers();
    await this.#clock.advance(2_000);
    await this.#clock.sleepers();
    await this.#clock.advance(250);
    await this.#clock.sleepers();
    return this.changes;
  }

  /** One sleep of the watch. */
  async sleepOnce(): Promise<void> {
    await this.#clock.sleepers();
    await this.#clock.wakeSleepers();
    await this.#clock.sleepers();
  }

  #read(): WatchedFiles {
    const outcome = this.#folder.read();
    return outcome.ok ? outcome.config.watched : outcome.bad.watched;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the test is over'));
    await this.#ended;
  }
}

function folderWith(include: string): ConfigFolder {
  return configFolder({ 'rekeyd.yaml': `${BASE}include: ${include}\n`, 'accounts.d/a.yaml': account('a') });
}

describe('watching a configuration', () => {
  it('is silent while nothing changes', async () => {
    using folder = folderWith('accounts.d/*');
    await using watch = new Watch(folder);
    expect(await watch.look()).toBe(0);
    expect(await watch.look()).toBe(0);
  });

  it('notices a changed main file once', async () => {
    using folder = folderWith('accounts.d/*');
    await using watch = new Watch(folder);
    folder.write({ 'rekeyd.yaml': `${BASE}parkAfter: 7\n` });
    expect(await watch.look()).toBe(1);
    expect(await watch.look()).toBe(1);
  });

  it('notices included files that change, come and go', async () => {
    using folder = folderWith('accounts.d/*');
    await using watch = new Watch(folder);
    folder.write({ 'accounts.d/a.yaml': account('b') });
    expect(await watch.look()).toBe(1);
    folder.write({ 'accounts.d/c.yaml': account('c') });
    expect(await watch.look()).toBe(2);
    rmSync(join(folder.folder, 'accounts.d', 'c.yaml'));
    expect(await watch.look()).toBe(3);
  });

  it('notices every swap of the links that Kubernetes makes', async () => {
    using folder = folderWith('mounted/*');
    const mounted = join(folder.folder, 'mounted');
    const swap = (version: string): void => {
      mkdirSync(join(mounted, version), { recursive: true });
      writeFileSync(join(mounted, version, 'a.yaml'), account(version.replaceAll('.', '')));
      symlinkSync(version, join(mounted, '..data_tmp'));
      renameSync(join(mounted, '..data_tmp'), join(mounted, '..data'));
    };
    swap('..one');
    symlinkSync('..data/a.yaml', join(mounted, 'a.yaml'));
    await using watch = new Watch(folder);
    for (const [index, version] of ['..two', '..three', '..four'].entries()) {
      swap(version);
      expect(await watch.look()).toBe(index + 1);
    }
  });

  it('does not mind a file that is touched without being changed', async () => {
    using folder = folderWith('accounts.d/*');
    await using watch = new Watch(folder);
    utimesSync(folder.main, 1, 1);
    expect(await watch.look()).toBe(0);
  });

  it('notices that others may write a file, and that they may no longer', async () => {
    using folder = folderWith('accounts.d/*');
    await using watch = new Watch(folder);
    chmodSync(folder.main, 0o666);
    expect(await watch.look()).toBe(1);
    expect(await watch.look()).toBe(1);
    chmodSync(folder.main, 0o644);
    expect(await watch.look()).toBe(2);
    expect(await watch.look()).toBe(2);
  });

  it('waits until a file that is being written stays the same', async () => {
    using folder = folderWith('accounts.d/*');
    await using watch = new Watch(folder);
    folder.write({ 'accounts.d/a.yaml': account('half') });
    await watch.sleepOnce();
    folder.write({ 'accounts.d/a.yaml': account('whole') });
    await watch.sleepOnce();
    expect(watch.changes).toBe(0);
    await watch.sleepOnce();
    expect(watch.changes).toBe(1);
  });

  it('notices what changed after the configuration was read and before the watch began', async () => {
    using folder = folderWith('accounts.d/*');
    const watch = new Watch(folder);
    folder.write({ 'accounts.d/a.yaml': account('b') });
    await using _ = watch;
    expect(await watch.look()).toBe(1);
  });

  it('tells of the same change once, also where nobody reads it', async () => {
    using folder = folderWith('accounts.d/*');
    await using watch = new Watch(folder, { reads: false });
    folder.write({ 'rekeyd.yaml': 'nonsense' });
    expect(await watch.look()).toBe(1);
    expect(await watch.look()).toBe(1);
  });

  it('goes on over a file that is missing for a while', async () => {
    using folder = folderWith('accounts.d/*');
    await using watch = new Watch(folder);
    rmSync(folder.main);
    expect(await watch.look()).toBe(1);
    folder.write({ 'rekeyd.yaml': `${BASE}include: accounts.d/*\n` });
    expect(await watch.look()).toBe(2);
  });
});
