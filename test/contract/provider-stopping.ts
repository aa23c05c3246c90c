/** What every provider must do when a call is stopped, or it is itself disposed of: part of its contract. */
import { expect, it } from 'vitest';
import { FAILURES } from '../../src/domain/failure.ts';
import { failureIn, fingerprint, valueOf, type ProviderWorld } from './provider-world.ts';

const never = new AbortController().signal;

export function describeStopping(world: () => ProviderWorld): void {
  it('sends no mint that was stopped before', async () => {
    const { provider, open, received } = world();
    const failure = failureIn(
      await provider.mint(open, { name: 'rekeyd/test/1', signal: AbortSignal.abort() }),
    );
    expect(FAILURES[failure.kind].effect).toBe('none');
    expect(received()).toBe(0);
  });

  it('sends no mint that may not be sent when it is about to be', async () => {
    const { provider, open, live, received } = world();
    const before = fingerprint(await live(open));
    const sent: number[] = [];
    const failure = failureIn(
      await provider.mint(open, {
        name: 'rekeyd/test/1',
        signal: never,
        maySend: () => 'somebody changed their mind',
        onSent: (at) => void sent.push(at),
      }),
    );
    expect(failure.kind).toBe('not-connected');
    expect(failure.message).toContain('somebody changed their mind');
    expect([received(), sent]).toEqual([0, []]);
    expect(fingerprint(await live(open))).toBe(before);
    valueOf(await provider.mint(open, { name: 'rekeyd/test/2', signal: never }));
  });

  it('asks once whether a mint may be sent, in the turn in which it is sent', async () => {
    const { provider, open } = world();
    const order: string[] = [];
    const maySend = () => {
      order.push('asked');
      queueMicrotask(() => order.push('a turn later'));
      return undefined;
    };
    const onSent = () => void order.push('sent');
    valueOf(await provider.mint(open, { name: 'rekeyd/test/1', signal: never, maySend, onSent }));
    expect(order).toEqual(['asked', 'sent', 'a turn later']);
  });

  it('ends a mint that is stopped after it was sent, and leaves its outcome open', async () => {
    const { provider, open, hang, received } = world();
    const { taken } = hang();
    const stop = new AbortController();
    const minting = provider.mint(open, { name: 'rekeyd/test/1', signal: stop.signal });
    await taken;
    stop.abort();
    expect(FAILURES[failureIn(await minting).kind].effect).toBe('unknown');
    expect(received()).toBe(1);
  });

  it('ends an observation, a proof and the look at the manager when they are stopped', async () => {
    const { provider, open, live } = world();
    const signal = AbortSignal.abort();
    failureIn(await provider.observe([open], { signal }));
    failureIn(await provider.prove(await live(open), { signal, account: open }));
    failureIn(await provider.manager({ signal }));
  });
}

export function describeClosing(world: () => ProviderWorld): void {
  it('closes its connections when it is disposed of, and sends no mint after that', async () => {
    const { provider, open, quiet, received } = world();
    valueOf(await provider.observe([open], { signal: never }));
    await provider[Symbol.asyncDispose]();
    await quiet();
    const failure = failureIn(await provider.mint(open, { name: 'rekeyd/test/1', signal: never }));
    expect(FAILURES[failure.kind].effect).toBe('none');
    expect(received()).toBe(0);
  });

  it('ends what is under way when it is disposed of', async () => {
    const { provider, open, hang, quiet } = world();
    const { taken } = hang();
    const minting = provider.mint(open, { name: 'rekeyd/test/1', signal: never });
    await taken;
    await provider[Symbol.asyncDispose]();
    expect(FAILURES[failureIn(await minting).kind].effect).toBe('unknown');
    await quiet();
  });
}
