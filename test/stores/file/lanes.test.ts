import { realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { succeeded } from '../../../src/domain/failure.ts';
import type { Result } from '../../../src/domain/failure.ts';
import { inLane } from '../../../src/stores/file/lanes.ts';
import { alone, bounded } from '../../../src/stores/file/lock.ts';
import { FakeClock, settle } from '../../world/fake-clock.ts';
import { endless, makeFileWorld, openFileStore, placeOf, textAt } from './file-world.ts';

const TIMEOUT_MS = 1_000;

/** Calls on a directory of this name, each of which waits until it is released. */
function callsOn(directory: string) {
  const clock = new FakeClock();
  const started: string[] = [];
  const releases = new Map<string, () => void>();
  const call = (name: string, signal = endless()): Promise<Result<string>> =>
    bounded(clock, TIMEOUT_MS, signal, `to ${name}`, (bound, isLate) =>
      inLane(directory, { signal: bound, isLate }, async () => {
        started.push(name);
        await new Promise<void>((resolve) => releases.set(name, resolve));
        return succeeded(name);
      }),
    );
  return { clock, started, call, release: (name: string) => releases.get(name)?.() };
}

describe('calls on one directory', () => {
  it('go on two at a time, in the order in which they were asked for', async () => {
    const { started, call, release } = callsOn('/two');
    const all = ['one', 'two', 'three', 'four'].map((name) => call(name));
    await settle();
    expect(started).toEqual(['one', 'two']);
    release('two');
    await settle();
    expect(started).toEqual(['one', 'two', 'three']);
    for (const name of ['one', 'three']) release(name);
    await settle();
    release('four');
    expect(await Promise.all(all)).toEqual(['one', 'two', 'three', 'four'].map((name) => succeeded(name)));
  });

  it('fail at once, and start nothing, while an earlier one hangs past its time', async () => {
    const { clock, started, call } = callsOn('/hangs');
    const first = call('one');
    await clock.advance(TIMEOUT_MS);
    expect(await first).toMatchObject({ ok: false });
    const next = await call('two');
    expect(next).toMatchObject({ ok: false, failure: { kind: 'store-unavailable' } });
    expect(next.ok ? '' : next.failure.message).toContain('/hangs is left alone: an earlier call there');
    expect(started).toEqual(['one']);
  });

  it('that waited fail as well, and start nothing', async () => {
    const { clock, started, call } = callsOn('/waited');
    const hanging = [call('one'), call('two')];
    await clock.advance(TIMEOUT_MS / 2);
    const waiting = call('three');
    await clock.advance(TIMEOUT_MS / 2);
    expect(await waiting).toMatchObject({ ok: false, failure: { kind: 'store-unavailable' } });
    await Promise.all(hanging);
    expect(started).toEqual(['one', 'two']);
  });

  it('go on again when what hung has come back', async () => {
    const { clock, call, release } = callsOn('/back');
    const first = call('one');
    await clock.advance(TIMEOUT_MS);
    await first;
    release('one');
    await settle();
    const second = call('two');
    await settle();
    release('two');
    expect(await second).toEqual(succeeded('two'));
  });

  it('are not kept from it by one whose caller gave up', async () => {
    const { started, call, release } = callsOn('/given-up');
    const stopping = new AbortController();
    const first = call('one', stopping.signal);
    await settle();
    stopping.abort(new Error('stopped by the test'));
    await expect(first).rejects.toThrow('stopped by the test');
    const second = call('two');
    await settle();
    release('two');
    expect(await second).toEqual(succeeded('two'));
    expect(started).toEqual(['one', 'two']);
  });

  it('leave those on another directory alone', async () => {
    const { clock, call } = callsOn('/hangs-alone');
    const elsewhere = callsOn('/elsewhere');
    const first = call('one');
    await clock.advance(TIMEOUT_MS);
    await first;
    const other = elsewhere.call('other');
    await settle();
    elsewhere.release('other');
    expect(await other).toEqual(succeeded('other'));
  });
});

describe('a file store', () => {
  it('touches its directory no more while a call there hangs past its time', async () => {
    const world = await makeFileWorld();
    const { directory } = world;
    const clock = new FakeClock();
    const store = await openFileStore({ directory }, clock);
    const hung = Promise.withResolvers<void>();
    const holder = alone(join(await realpath(directory), 'a'), () => hung.promise);
    const first = textAt(store, placeOf('a'));
    await clock.sleepers();
    await clock.advance(10_000);
    expect(await first).toContain('took longer than 10000 ms');
    await rm(directory, { recursive: true });
    expect(await textAt(store, placeOf('b'))).toContain(`the directory ${directory} is left alone`);
    hung.resolve();
    await holder;
    await settle();
    expect(await textAt(store, placeOf('b'))).toContain('it does not exist');
    await world.cleanup();
  });
});
