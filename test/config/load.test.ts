import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyConfig } from '../../src/config/apply.ts';
import { loadConfig, type LoadedConfig, type LoadOutcome } from '../../src/config/load.ts';
import type { Applied, ApplyFile, ConfiguredAccount, Journal } from '../../src/ports/journal.ts';
import { FakeClock } from '../world/fake-clock.ts';
import { BASE, configFolder, NOW, parseBatch } from './config-world.ts';

const clock = new FakeClock(NOW);

function line(name: string): string {
  return JSON.stringify({
    name,
    accountId: name,
    targets: [{ store: 'files', address: name, consumerLag: '1m' }],
  });
}

function fleet(...names: readonly string[]): string {
  return names.map(line).join('\n');
}

async function load(path: string, appliedFiles = new Map<string, string>()): Promise<LoadOutcome> {
  return await loadConfig({ path, clock, appliedFiles });
}

async function good(path: string, appliedFiles = new Map<string, string>()): Promise<LoadedConfig> {
  const outcome = await load(path, appliedFiles);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome.config;
}

async function batchesOf(file: ApplyFile | undefined): Promise<(readonly ConfiguredAccount[])[]> {
  return await Array.fromAsync(file?.accounts ?? [], parseBatch);
}

/** Keeps what it is given, as a journal does. */
class Applications implements Pick<Journal, 'apply'> {
  readonly files = new Map<string, string>();
  readonly names: string[] = [];
  at = 0;

  async apply(files: readonly ApplyFile[], now: number): Promise<Applied> {
    this.at = now;
    for (const file of files) {
      const batches = await batchesOf(file);
      this.names.push(...batches.flat().map(({ policy }) => policy.name));
      this.files.set(file.path, file.hash);
    }
    return { accounts: this.names.length, changed: this.names.length, left: 0 };
  }
}

describe('loading a configuration', () => {
  it('hands a fleet out in batches of at most 200, each account with a hash of its policy', async () => {
    const names = Array.from({ length: 450 }, (_, n) => `account-${n}`);
    using folder = configFolder({
      'rekeyd.yaml': `${BASE}include: fleet.jsonl\n`,
      'fleet.jsonl': fleet(...names),
    });
    await using config = await good(folder.main);
    expect(config.accounts).toBe(450);
    const [main, included] = config.files;
    expect(await batchesOf(main)).toEqual([]);
    const batches = await batchesOf(included);
    expect(batches.map(({ length }) => length)).toEqual([200, 200, 50]);
    expect(batches.flat().map(({ policy }) => policy.name)).toEqual(names);
    expect(new Set(batches.flat().map(({ hash }) => hash)).size).toBe(450);
  });

  it('gives the same account the same hash each time', async () => {
    using folder = configFolder({ 'rekeyd.yaml': `${BASE}include: f.jsonl\n`, 'f.jsonl': fleet('a', 'b') });
    await using first = await good(folder.main);
    const before = (await batchesOf(first.files[1])).flat();
    folder.write({ 'f.jsonl': fleet('a', 'c') });
    await using second = await good(folder.main);
    const after = (await batchesOf(second.files[1])).flat();
    expect(after.map(({ hash }, index) => hash === before[index]?.hash)).toEqual([true, false]);
  });

  it('leaves files out that are applied already', async () => {
    using folder = configFolder({
      'rekeyd.yaml': `${BASE}include: '*.jsonl'\n`,
      'a.jsonl': fleet('a'),
      'b.jsonl': fleet('b'),
    });
    await using first = await good(folder.main);
    const applied = new Map(first.files.map(({ path, hash }) => [path, hash]));
    await using second = await good(folder.main, applied);
    expect(second.files.map(({ path, accounts }) => [path, accounts === undefined])).toEqual([
      ['rekeyd.yaml', true],
      ['a.jsonl', true],
      ['b.jsonl', true],
    ]);
    expect(second.accounts).toBeUndefined();
  });

  it('hands nothing out where there is a problem in any file', async () => {
    using folder = configFolder({
      'rekeyd.yaml': `${BASE}include: '*.jsonl'\n`,
      'a.jsonl': fleet('a'),
      'b.jsonl': '{}',
    });
    const outcome = await load(folder.main);
    expect(outcome.ok).toBe(false);
    expect(outcome.ok ? [] : outcome.problems.map(({ path, line: at }) => [path, at])).toContainEqual([
      'name',
      1,
    ]);
  });

  it('hands out what was checked, whatever becomes of the file meanwhile', async () => {
    using folder = configFolder({ 'rekeyd.yaml': `${BASE}include: f.jsonl\n`, 'f.jsonl': fleet('a') });
    await using config = await good(folder.main);
    unlinkSync(join(folder.folder, 'f.jsonl'));
    expect((await batchesOf(config.files[1])).flat().map(({ policy }) => policy.name)).toEqual(['a']);
  });

  it('stops handing out when it is disposed of', async () => {
    using folder = configFolder({ 'rekeyd.yaml': `${BASE}include: f.jsonl\n`, 'f.jsonl': fleet('a') });
    const config = await good(folder.main);
    await config[Symbol.asyncDispose]();
    await expect(batchesOf(config.files[1])).rejects.toThrow(/disposed/);
  });

  it('answers a missing file as a problem', async () => {
    using folder = configFolder({});
    const outcome = await load(folder.main);
    expect(outcome.ok ? [] : outcome.problems).toEqual([
      {
        file: folder.main,
        line: 1,
        column: 1,
        path: '',
        message: `cannot read ${folder.main}: there is no such file`,
      },
    ]);
  });
});

describe('applying a configuration', () => {
  it('gives the journal every file with its accounts and the present time', async () => {
    using folder = configFolder({ 'rekeyd.yaml': `${BASE}include: f.jsonl\n`, 'f.jsonl': fleet('a', 'b') });
    const journal = new Applications();
    const config = await good(folder.main);
    const applied = await applyConfig({ config, journal, clock });
    expect(applied).toEqual({ accounts: 2, changed: 2, left: 0 });
    expect(journal.names).toEqual(['a', 'b']);
    expect([...journal.files.keys()]).toEqual(['rekeyd.yaml', 'f.jsonl']);
    expect(journal.at).toBe(NOW);
  });

  it('disposes of the configuration also where the journal refuses', async () => {
    using folder = configFolder({ 'rekeyd.yaml': `${BASE}include: f.jsonl\n`, 'f.jsonl': fleet('a') });
    const config = await good(folder.main);
    const journal = { apply: () => Promise.reject(new Error('full')) };
    await expect(applyConfig({ config, journal, clock })).rejects.toThrow('full');
    await expect(batchesOf(config.files[1])).rejects.toThrow(/disposed/);
  });
});
