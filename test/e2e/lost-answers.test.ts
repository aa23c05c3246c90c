import { describe, expect, it } from 'vitest';
import { daemonWorld, isMint } from '../world/daemon-world.ts';
import type { DaemonWorld, DaemonWorldOptions } from '../world/daemon-world.ts';
import type { RunningProcess } from '../world/daemon-process.ts';

interface Converged {
  readonly world: DaemonWorld;
  readonly name: string;
  readonly daemon: RunningProcess;
}

/** One account, whose file holds the live token. */
async function converged(options: DaemonWorldOptions = {}): Promise<Converged> {
  const world = await daemonWorld(options);
  const account = world.account();
  await world.configure([account]);
  const daemon = await world.start();
  await daemon.line({ event: 'target-confirmed' });
  return { world, name: account.name, daemon };
}

describe('a mint whose answer is lost', () => {
  it('is found at the provider and delivered where it had happened', async () => {
    const { world, name, daemon } = await converged();
    world.kronup.fault({
      kind: 'lost-answer',
      operation: 'serviceAccountRegenerate',
      when: 'after',
      times: 1,
    });
    const { rotation } = await world.rotate(name, { wait: '20s' });
    expect(rotation.rotation).toMatchObject({ outcome: 'succeeded', estimated: true });
    await daemon.line({ event: 'mint-unknown' });
    await daemon.line({ event: 'credential-minted', recovered: true });
    expect(await world.file(`${name}.token`)).toBe(await world.live());
    expect(world.kronup.mints()).toBe(1);
  });

  it('is not repeated where it had not happened, for as long as that is not certain', async () => {
    const { world, name, daemon } = await converged();
    const before = await world.live();
    world.kronup.fault({
      kind: 'lost-answer',
      operation: 'serviceAccountRegenerate',
      when: 'before',
      times: 1,
    });
    await world.rotate(name);
    const unknown = await daemon.line({ event: 'mint-unknown' });
    const first = await daemon.line({ event: 'pre-image-seen' }, daemon.log.indexOf(unknown));
    await daemon.line({ event: 'pre-image-seen' }, daemon.log.indexOf(first) + 1);
    const { rotation } = await world.status(name);
    expect(rotation).toMatchObject({ minted: false, outcomeUnknown: true });
    expect(world.kronup.calls({ method: 'PUT' })).toBe(1);
    expect(await world.file(`${name}.token`)).toBe(before);
  });

  it('is found and delivered when it happens late, after the old token was seen to be live', async () => {
    const { world, name, daemon } = await converged();
    world.kronup.fault({ kind: 'late-effect', operation: 'serviceAccountRegenerate', ms: 1_500, times: 1 });
    const { rotation } = await world.rotate(name, { wait: '20s' });
    expect(rotation.rotation?.outcome).toBe('succeeded');
    await daemon.line({ event: 'credential-minted', recovered: true });
    expect(await world.file(`${name}.token`)).toBe(await world.live());
    expect(world.kronup.calls({ method: 'PUT' })).toBe(1);
  });
});

describe('a daemon killed after the mint had its effect and before its answer came', () => {
  it('finds the new token at the provider when it is started again, and mints no second one', async () => {
    const { world, name, daemon } = await converged();
    const old = await world.live();
    const answer = world.gate.holdAnswers(isMint);
    await world.rotate(name);
    await answer.arrived;
    await daemon.kill();
    answer.release();
    expect(await world.file(`${name}.token`)).toBe(old);
    const again = await world.start();
    await again.line({ event: 'rotation-succeeded', estimated: true });
    expect(await world.file(`${name}.token`)).toBe(await world.live());
    expect(await world.live()).not.toBe(old);
    expect(world.kronup.mints()).toBe(1);
  });

  it('mints another token where the provider does not show the one that is lost', async () => {
    const { world, name, daemon } = await converged({ emulator: { hideTokens: true } });
    // What is live is shown nowhere and held nowhere, so that a first token is minted.
    await daemon.line({ event: 'rotation-succeeded' });
    const answer = world.gate.holdAnswers(isMint);
    await world.rotate(name);
    await answer.arrived;
    await daemon.kill();
    answer.release();
    const again = await world.start();
    await again.line({ event: 'credential-lost' });
    await again.line({ event: 'rotation-succeeded' });
    expect(await world.file(`${name}.token`)).toBe(await world.live());
    expect(world.kronup.mints()).toBe(3);
  });
});
