import { describe, expect, it } from 'vitest';
import { succeeded } from '../../../src/domain/failure.ts';
import { alone, bounded } from '../../../src/stores/file/lock.ts';
import { FakeClock } from '../../world/fake-clock.ts';

describe('work on one path', () => {
  it('runs one after the other, in the order in which it was asked for', async () => {
    const first = Promise.withResolvers<void>();
    const seen: string[] = [];
    const one = alone('/a', async () => {
      await first.promise;
      seen.push('one');
    });
    const two = alone('/a', async () => void seen.push('two'));
    await alone('/b', async () => void seen.push('elsewhere'));
    first.resolve();
    await Promise.all([one, two]);
    expect(seen).toEqual(['elsewhere', 'one', 'two']);
  });

  it('goes on after work that failed', async () => {
    const failing = alone('/a', async () => {
      throw new Error('failed');
    });
    const next = alone('/a', async () => 'done');
    await expect(failing).rejects.toThrow('failed');
    expect(await next).toBe('done');
  });
});

describe('work with a bound', () => {
  it('gives what it gives in time', async () => {
    const result = await bounded(new FakeClock(), 1_000, endless(), 'to work', async () => succeeded(7));
    expect(result).toEqual({ ok: true, value: 7 });
  });

  it('fails in words when the file system hangs', async () => {
    const clock = new FakeClock();
    const hanging = bounded(clock, 1_000, endless(), 'to read a in /b', async () => await never());
    await clock.advance(1_000);
    expect(await hanging).toMatchObject({
      ok: false,
      failure: {
        kind: 'store-unavailable',
        message:
          'to read a in /b took longer than 1000 ms; see whether its file system hangs, or raise the store’s timeout',
      },
    });
  });

  it('tells the work that goes on alone that it is over', async () => {
    const clock = new FakeClock();
    const released = Promise.withResolvers<void>();
    const told = Promise.withResolvers<boolean>();
    const hanging = bounded(clock, 1_000, endless(), 'to work', async (signal) => {
      await released.promise;
      told.resolve(signal.aborted);
      return succeeded(undefined);
    });
    await clock.advance(1_000);
    await hanging;
    released.resolve();
    expect(await told.promise).toBe(true);
  });

  it('throws the reason of the signal that ended it', async () => {
    const controller = new AbortController();
    const wantReason = new Error('stopped by the test');
    const hanging = bounded(new FakeClock(), 1_000, controller.signal, 'to work', async () => await never());
    controller.abort(wantReason);
    await expect(hanging).rejects.toBe(wantReason);
  });

  it('throws a mistake in the program on', async () => {
    const mistake = new TypeError('x is undefined');
    const failing = bounded(new FakeClock(), 1_000, endless(), 'to work', async () => {
      throw mistake;
    });
    await expect(failing).rejects.toBe(mistake);
  });
});

async function never(): Promise<never> {
  return await new Promise<never>(() => {});
}

function endless(): AbortSignal {
  return new AbortController().signal;
}
