import { describe, expect, it } from 'vitest';
import { gate } from '../../../src/providers/http/gate.ts';
import type { Turn } from '../../../src/providers/http/gate.ts';
import { FakeClock, settle } from '../../world/fake-clock.ts';
import { never } from '../http-world.ts';

function opened(options: { readonly callsPerSecond: number; readonly concurrency: number }) {
  const clock = new FakeClock();
  const turns = gate({ clock, ...options });
  const admitted: string[] = [];
  const inside: Turn[] = [];
  const connect = (name: string, urgent = false, signal = never) =>
    turns.enter({ urgent, signal }).then((turn) => {
      admitted.push(turn === undefined ? `not ${name}` : name);
      if (turn !== undefined) inside.push(turn);
      return turn;
    });
  const enter = (name: string, urgent = false, signal = never) =>
    connect(name, urgent, signal).then((turn) => turn?.written());
  return { clock, turns, admitted, inside, connect, enter };
}

describe('the gate before the calls', () => {
  it("lets a second's worth through at once, and no more than that in any second that follows", async () => {
    const { clock, admitted, enter } = opened({ callsPerSecond: 2, concurrency: 100 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) void enter(name);
    await settle();
    expect(admitted).toEqual(['a', 'b']);
    await clock.advance(999);
    expect(admitted).toEqual(['a', 'b']);
    await clock.advance(1);
    expect(admitted).toEqual(['a', 'b', 'c']);
    await clock.advance(500);
    expect(admitted).toEqual(['a', 'b', 'c', 'd']);
    await clock.advance(500);
    expect(admitted).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('lets no second pass with more calls than allowed, at a rate that is no whole number', async () => {
    const { clock, admitted, enter } = opened({ callsPerSecond: 2.5, concurrency: 100 });
    for (let call = 0; call < 40; call++) void enter(String(call));
    const counts: number[] = [];
    for (let second = 0; second < 8; second++) {
      const before = admitted.length;
      await clock.advance(1_000);
      counts.push(admitted.length - before);
    }
    // The first two go at once.
    expect(counts.slice(1).every((count) => count === 2 || count === 3)).toBe(true);
    expect(admitted.length).toBe(2 + 20 - 1);
  });

  it('saves up no more than a second', async () => {
    const { clock, admitted, enter } = opened({ callsPerSecond: 2, concurrency: 100 });
    await clock.advance(60_000);
    for (const name of ['a', 'b', 'c']) void enter(name);
    await settle();
    expect(admitted).toEqual(['a', 'b']);
  });

  it('counts a call from when it is written, however long it waited for a connection', async () => {
    const { clock, admitted, inside, connect, enter } = opened({ callsPerSecond: 2, concurrency: 100 });
    void connect('slow');
    await clock.advance(10_000);
    for (const name of ['a', 'b', 'c']) void enter(name);
    await settle();
    expect(admitted).toEqual(['slow', 'a']);
    await clock.advance(800);
    inside[0]?.written();
    await clock.advance(200);
    expect(admitted).toEqual(['slow', 'a', 'b']);
    await clock.advance(799);
    expect(admitted).toEqual(['slow', 'a', 'b']);
    await clock.advance(1);
    expect(admitted).toEqual(['slow', 'a', 'b', 'c']);
  });

  it("lets nobody in while a second's worth waits for connections, and counts those that got none as well", async () => {
    const { clock, admitted, inside, connect, enter } = opened({ callsPerSecond: 2, concurrency: 100 });
    for (const name of ['a', 'b']) void connect(name);
    void enter('c');
    await clock.advance(10_000);
    expect(admitted).toEqual(['a', 'b']);
    for (const turn of inside.splice(0)) turn[Symbol.dispose]();
    await clock.advance(999);
    expect(admitted).toEqual(['a', 'b']);
    await clock.advance(1);
    expect(admitted).toEqual(['a', 'b', 'c']);
  });

  it('admits a call at once under a rate of less than one a second', async () => {
    const { clock, admitted, enter } = opened({ callsPerSecond: 0.1, concurrency: 100 });
    for (const name of ['a', 'b']) void enter(name);
    await settle();
    expect(admitted).toEqual(['a']);
    await clock.advance(10_000);
    expect(admitted).toEqual(['a', 'b']);
  });

  it('lets a mint go before everybody who waits', async () => {
    const { clock, admitted, enter } = opened({ callsPerSecond: 1, concurrency: 100 });
    for (const name of ['a', 'b', 'c']) void enter(name);
    void enter('mint', true);
    await settle();
    await clock.advance(1_000);
    expect(admitted).toEqual(['a', 'mint']);
    await clock.advance(2_000);
    expect(admitted).toEqual(['a', 'mint', 'b', 'c']);
  });

  it('is fair: who comes back at once each time waits behind everybody who waits already', async () => {
    const { clock, admitted, enter } = opened({ callsPerSecond: 1, concurrency: 100 });
    const comesBack = (): Promise<void> => enter('greedy').then(comesBack);
    void comesBack();
    for (const name of ['a', 'b']) void enter(name);
    await settle();
    void enter('c');
    await clock.advance(4_000);
    expect(admitted).toEqual(['greedy', 'a', 'b', 'greedy', 'c']);
  });

  it('has no more under way than allowed, and admits the next when one leaves', async () => {
    const { admitted, inside, enter } = opened({ callsPerSecond: 100, concurrency: 1 });
    for (const name of ['a', 'b']) void enter(name);
    void enter('mint', true);
    await settle();
    expect(admitted).toEqual(['a']);
    inside[0]?.[Symbol.dispose]();
    await settle();
    expect(admitted).toEqual(['a', 'mint']);
  });

  it('forgets who gave up waiting, and turns away who has given up before', async () => {
    const { clock, admitted, enter } = opened({ callsPerSecond: 1, concurrency: 100 });
    const gone = new AbortController();
    void enter('a');
    void enter('b', false, gone.signal);
    void enter('c');
    gone.abort();
    void enter('d', false, gone.signal);
    await clock.advance(1_000);
    expect(admitted).toEqual(['a', 'not b', 'not d', 'c']);
  });

  it('turns everybody away once it is closed, and holds no timer', async () => {
    const { clock, turns, admitted, enter } = opened({ callsPerSecond: 1, concurrency: 100 });
    for (const name of ['a', 'b', 'c']) void enter(name);
    await settle();
    turns[Symbol.dispose]();
    void enter('d');
    await settle();
    expect(admitted).toEqual(['a', 'not b', 'not c', 'not d']);
    expect(clock.sleeping).toBe(0);
  });
});
