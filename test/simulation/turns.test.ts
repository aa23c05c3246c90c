import { describe, expect, it } from 'vitest';
import { Host } from './host.ts';
import type { HostClock } from './host.ts';
import { Timeline } from './timeline.ts';
import { Turns } from './turns.ts';

const timeline = new Timeline(0);

function host(name: string): Host {
  return new Host(name, timeline, {} as HostClock);
}

/** Something that lasts until it is ended. */
function task(): {
  readonly act: () => Promise<void>;
  readonly end: () => void;
  readonly begun: () => boolean;
} {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isBegun = false;
  return {
    act: () => {
      isBegun = true;
      return promise;
    },
    end: resolve,
    begun: () => isBegun,
  };
}

describe('turns of processes', () => {
  it('come one after the other', async () => {
    const turns = new Turns();
    const [first, second, third] = [task(), task(), task()];
    const one = turns.take(host('one'), first.act);
    const two = turns.take(host('two'), second.act);
    const three = turns.take(host('three'), third.act);
    expect([first, second, third].map(({ begun }) => begun())).toEqual([true, false, false]);
    first.end();
    await one;
    expect([second, third].map(({ begun }) => begun())).toEqual([true, false]);
    second.end();
    await two;
    third.end();
    await three;
  });

  it('go on after one that fails, and past those that have died', async () => {
    const turns = new Turns();
    const [failing, dead, alive] = [host('failing'), host('dead'), host('alive')];
    const { promise, reject } = Promise.withResolvers<void>();
    const failed = turns.take(failing, () => promise);
    const [never, second] = [task(), task()];
    void turns.take(dead, never.act);
    const two = turns.take(alive, second.act);
    turns.died(dead);
    reject(new Error('its journal is gone'));
    await expect(failed).rejects.toThrow('gone');
    expect([never, second].map(({ begun }) => begun())).toEqual([false, true]);
    second.end();
    await two;
  });

  it('go on when one that died in its turn gives that up, which it does once', async () => {
    const turns = new Turns();
    const dead = host('dead');
    const [lasting, second, third] = [task(), task(), task()];
    void turns.take(dead, lasting.act);
    const two = turns.take(host('two'), second.act);
    void turns.take(host('three'), third.act);
    turns.died(dead);
    expect(second.begun()).toBe(false);
    turns.giveUp(dead);
    turns.giveUp(dead);
    await Promise.resolve();
    expect([second, third].map(({ begun }) => begun())).toEqual([true, false]);
    second.end();
    await two;
  });
});
