/** What every store must do, as `src/ports/store.ts` promises it. Each store's own tests call this with a world of theirs. */
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/domain/credential.ts';
import { SecretBytes } from '../../src/domain/secret.ts';
import { FORMATS } from '../../src/formats/registry.ts';
import { formatSamples } from './format-contract.ts';
import {
  deliver,
  endless,
  fingerprintAt,
  presentAt,
  preflightAt,
  readAt,
  textAt,
  writeAt,
  writeResult,
} from './store-world.ts';
import type { StoreWorld } from './store-world.ts';

/** Runs the suite. `makeWorld` is called before each test. */
export function storeContract(name: string, makeWorld: () => Promise<StoreWorld>): void {
  describe(`${name} as a store`, () => {
    let world: StoreWorld;
    beforeEach(async () => {
      world = await makeWorld();
    });
    afterEach(async () => await world.cleanup());
    const get = (): StoreWorld => world;
    describeReading(get);
    describeVersions(get);
    describePreflight(get);
    describeLimits(get);
    describeFormats(get);
    describeBreaks(get);
  });
}

function describeReading(world: () => StoreWorld): void {
  it('reads a place that nothing was written to as absent', async () => {
    const { store, place } = world();
    expect(await readAt(store, place('a'))).toEqual({ state: 'absent' });
  });

  it('reads back the very bytes that were written', async () => {
    const { store, place } = world();
    await writeAt(store, place('a'), 'first value');
    expect(await textAt(store, place('a'))).toBe('first value');
  });

  it('reads back bytes that are not UTF-8', async () => {
    const { store, place } = world();
    const want = new SecretBytes(Uint8Array.from({ length: 256 }, (_, index) => 255 - index));
    await writeAt(store, place('a'), want);
    expect((await presentAt(store, place('a'))).bytes.equals(want)).toBe(true);
  });

  it('reads back a document of 40 KiB', async () => {
    const { store, place } = world();
    const want = 'é0123456'.repeat(4_500);
    await writeAt(store, place('a'), want);
    expect(await textAt(store, place('a'))).toBe(want);
  });

  it('replaces the whole of a longer value', async () => {
    const { store, place } = world();
    await writeAt(store, place('a'), 'a rather long value');
    await writeAt(store, place('a'), 'short');
    expect(await textAt(store, place('a'))).toBe('short');
  });

  it('keeps places apart', async () => {
    const { store, place } = world();
    await writeAt(store, place('a'), 'value of a');
    await writeAt(store, place('b'), 'value of b');
    expect(await textAt(store, place('a'))).toBe('value of a');
  });
}

function describeVersions(world: () => StoreWorld): void {
  it('gives the version that a read then shows', async () => {
    const { store, place } = world();
    const { version } = await writeAt(store, place('a'), 'value');
    expect((await presentAt(store, place('a'))).version).toBe(version);
  });

  it('shows the same version for as long as nothing is written', async () => {
    const { store, place } = world();
    await writeAt(store, place('a'), 'value');
    const { version } = await presentAt(store, place('a'));
    expect((await presentAt(store, place('a'))).version).toBe(version);
  });

  it('changes the version with every write', async () => {
    const { store, place } = world();
    const versions = new Set<string>();
    for (const text of ['one', 'two', 'three', 'two']) {
      versions.add((await writeAt(store, place('a'), text)).version);
    }
    expect(versions.size).toBe(4);
  });

  it('takes the same write again', async () => {
    const { store, place } = world();
    const writeToken = randomUUID();
    await writeAt(store, place('a'), 'value', { writeToken });
    await writeAt(store, place('a'), 'value', { writeToken });
    expect(await textAt(store, place('a'))).toBe('value');
  });

  it('takes the same write upon a version again without a second effect', async () => {
    const { store, place } = world();
    const { version: ifVersion } = await writeAt(store, place('a'), 'old');
    const again = { ifVersion, writeToken: randomUUID() };
    const { version: wantVersion } = await writeAt(store, place('a'), 'new', again);
    expect(await writeAt(store, place('a'), 'new', again)).toEqual({
      outcome: 'written',
      version: wantVersion,
    });
  });

  it('writes upon the version that is there', async () => {
    const { store, place } = world();
    await writeAt(store, place('a'), 'old');
    const { version: ifVersion } = await presentAt(store, place('a'));
    await writeAt(store, place('a'), 'new', { ifVersion });
    expect(await textAt(store, place('a'))).toBe('new');
  });

  it('leaves the value alone where another version is there than was asked for', async () => {
    const { store, place } = world();
    const { version: ifVersion } = await writeAt(store, place('a'), 'old');
    await writeAt(store, place('a'), 'somebody else’s');
    expect(await writeResult(store, place('a'), 'new', { ifVersion })).toEqual({
      ok: true,
      value: { outcome: 'conflict' },
    });
    expect(await textAt(store, place('a'))).toBe('somebody else’s');
  });

  it('writes where nothing is when asked to write only there', async () => {
    const { store, place } = world();
    await writeAt(store, place('a'), 'new', { ifVersion: 'absent' });
    expect(await textAt(store, place('a'))).toBe('new');
  });

  it('leaves a value alone when asked to write only where nothing is', async () => {
    const { store, place } = world();
    await writeAt(store, place('a'), 'old');
    const written = await writeResult(store, place('a'), 'new', { ifVersion: 'absent' });
    expect(written).toEqual({ ok: true, value: { outcome: 'conflict' } });
    expect(await textAt(store, place('a'))).toBe('old');
  });

  it('lets one of two writes upon the same version through', async () => {
    const { store, place } = world();
    const { version: ifVersion } = await writeAt(store, place('a'), 'old');
    const both = await Promise.all([
      writeResult(store, place('a'), 'new 1', { ifVersion }),
      writeResult(store, place('a'), 'new 2', { ifVersion }),
    ]);
    const outcomes = both.map((result) => (result.ok ? result.value.outcome : result.failure.message));
    expect(new Set(outcomes)).toEqual(new Set(['written', 'conflict']));
  });
}

function describePreflight(world: () => StoreWorld): void {
  it('says in a preflight who would write, and leaves an absent value absent', async () => {
    const { store, place } = world();
    const ready = await preflightAt(store, place('a'), false);
    expect(ready.identity).not.toBe('');
    expect(await readAt(store, place('a'))).toEqual({ state: 'absent' });
  });

  it('makes a real write in a preflight when asked, and leaves the value and its version as they are', async () => {
    const { store, place } = world();
    await writeAt(store, place('a'), 'value');
    const before = await presentAt(store, place('a'));
    expect((await preflightAt(store, place('a'), true)).wrote).toBe(true);
    const after = await presentAt(store, place('a'));
    expect(after.version).toBe(before.version);
    expect(after.bytes.equals(before.bytes)).toBe(true);
  });

  it('is ready for a document of 40 KiB to be written over by one that is a credential longer', async () => {
    const { store, place } = world();
    const document = 'é0123456'.repeat(4_500);
    await writeAt(store, place('a'), document);
    const like = new SecretBytes(`${document}${'x'.repeat(2_048)}`);
    const asked = { signal: endless(), size: like.length, like, realWrite: true };
    expect(await store.preflight(place('a'), asked)).toMatchObject({ ok: true });
    await writeAt(store, place('a'), like);
    expect(await textAt(store, place('a'))).toBe(like.revealText());
  });

  it('gives the same identity in every preflight', async () => {
    const { store, place } = world();
    await writeAt(store, place('a'), 'value');
    const { identity: wantIdentity } = await preflightAt(store, place('a'), true);
    expect((await preflightAt(store, place('a'), true)).identity).toBe(wantIdentity);
  });

  it('writes upon the version that was there before a preflight', async () => {
    const { store, place } = world();
    const { version: ifVersion } = await writeAt(store, place('a'), 'old');
    await preflightAt(store, place('a'), true);
    await writeAt(store, place('a'), 'new', { ifVersion });
    expect(await textAt(store, place('a'))).toBe('new');
  });

  it('says whom the store takes it for', async () => {
    const who = await world().store.whoAmI({ signal: endless() });
    expect(who.ok && who.value).toMatch(/\S/);
  });
}

function describeLimits(world: () => StoreWorld): void {
  it('says how long a call can take and how long a write proves that another will succeed', () => {
    const { abilities } = world().store;
    expect(abilities.timeLimitMs).toBeGreaterThan(0);
    expect(abilities.proofMaxAgeMs).toBeGreaterThan(0);
  });

  it('throws the reason of a signal that is aborted already, and changes nothing', async () => {
    const { store, place } = world();
    await writeAt(store, place('a'), 'old');
    const wantReason = new Error('stopped by the test');
    const signal = AbortSignal.abort(wantReason);
    const where = place('a');
    const token = randomUUID();
    await expect(store.read(where, { signal })).rejects.toBe(wantReason);
    await expect(store.preflight(where, { signal, size: 10, realWrite: true })).rejects.toBe(wantReason);
    await expect(store.write(where, new SecretBytes('new'), { signal, writeToken: token })).rejects.toBe(
      wantReason,
    );
    await expect(store.whoAmI({ signal })).rejects.toBe(wantReason);
    expect(await textAt(store, place('a'))).toBe('old');
  });

  it('throws the reason of a signal that is aborted during a read', async () => {
    const { store, place } = world();
    const wantReason = new Error('stopped by the test');
    const controller = new AbortController();
    const reading = store.read(place('a'), { signal: controller.signal });
    controller.abort(wantReason);
    await expect(reading).rejects.toBe(wantReason);
  });

  it('shows the bytes in no way in which things get printed', async () => {
    const { store, place } = world();
    await writeAt(store, place('a'), 'sensitive-value-1');
    const read = await presentAt(store, place('a'));
    const printed = [inspect(read, { depth: 9, showHidden: true }), JSON.stringify(read), String(read.bytes)];
    expect(printed.join()).not.toContain('sensitive-value-1');
  });
}

function describeFormats(world: () => StoreWorld): void {
  describe.each(formatSamples(FORMATS))('with format $title', ({ format, credential, nextCredential }) => {
    it('delivers a credential and finds it again', async () => {
      const { store, place } = world();
      await deliver(store, place('a'), format, credential);
      expect(await fingerprintAt(store, place('a'), format)).toBe(fingerprintOf(credential));
    });

    it('replaces a credential by the next one', async () => {
      const { store, place } = world();
      await deliver(store, place('a'), format, credential);
      await deliver(store, place('a'), format, nextCredential);
      expect(await fingerprintAt(store, place('a'), format)).toBe(fingerprintOf(nextCredential));
    });
  });
}

function describeBreaks(world: () => StoreWorld): void {
  it.for(['unavailable', 'denied'])(
    'fails in words, and without the bytes, when it is %s',
    async (how, context) => {
      const { store, place, breaks } = world();
      const broken = breaks?.[how];
      if (broken === undefined) return context.skip(`this store cannot be made ${how} here`);
      await writeAt(store, place('a'), 'old-secret-value');
      await broken(place('a'));
      const results = [
        await store.preflight(place('a'), { signal: endless(), size: 16, realWrite: true }),
        await writeResult(store, place('a'), 'new-secret-value'),
      ];
      for (const result of results) {
        expect(result.ok ? 'ok' : result.failure.message).toMatch(/\w+ \w+/);
        expect(JSON.stringify(result)).not.toMatch(/(old|new)-secret-value/);
      }
    },
  );
}
