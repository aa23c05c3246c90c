// The states of a Rollout and of an ExternalSecret, whose controllers a test plays, and what each means for a refresh.

import { expect, it } from 'vitest';
import { until } from './cluster.ts';
import type { Consumer } from './cluster.ts';
import { saidBy } from './made-consumer.ts';
import type { MakeConsumer } from './made-consumer.ts';

export function rolloutStates(consumerWith: MakeConsumer): void {
  const NEEDED_AT = Date.parse('2026-01-05T03:00:00.250Z');

  it('is restarted at the next whole second, because Argo keeps no other', async () => {
    const { refresh, read } = await consumerWith('Rollout');
    await refresh(NEEDED_AT);
    expect((await read()).spec?.['restartAt']).toBe('2026-01-05T03:00:01Z');
    await refresh(NEEDED_AT);
    expect((await read()).metadata.generation).toBe(2);
  });

  it.each<[what: string, status: Readonly<Record<string, unknown>>, want: RegExp]>([
    ['was not seen by Argo yet', { observedGeneration: '1' }, /^under-way: its controller has not seen/],
    [
      'is being restarted',
      { phase: 'Progressing', message: 'rollout is restarting' },
      /^under-way: not all pods.*rollout is restarting/,
    ],
    [
      'has its new pods not available yet',
      { restartedAt: '2026-01-05T03:00:01Z', availableReplicas: 1, phase: 'Progressing' },
      /^under-way: 1 of 2/,
    ],
    [
      'is Healthy',
      { restartedAt: '2026-01-05T03:00:01Z', availableReplicas: 2, phase: 'Healthy' },
      /^through/,
    ],
    [
      'is paused in an update, with new pods',
      { restartedAt: '2026-01-05T03:00:01Z', availableReplicas: 2, phase: 'Paused' },
      /^through/,
    ],
    [
      'was restarted for something earlier',
      { restartedAt: '2026-01-05T02:00:00Z', availableReplicas: 2, phase: 'Healthy' },
      /^under-way: not all pods are replaced/,
    ],
    [
      'is Degraded',
      { phase: 'Degraded', message: 'ProgressDeadlineExceeded: x' },
      /^unhealthy: it is Degraded \(ProgressDeadlineExceeded: x\)/,
    ],
  ])('says how far it is when it %s', async (_, status, want) => {
    const { refresh, say } = await consumerWith('Rollout');
    await refresh(NEEDED_AT);
    await say({ observedGeneration: '2', replicas: 2, ...status });
    expect(saidBy(await refresh(NEEDED_AT))).toMatch(want);
  });

  it('without pods is through at once', async () => {
    const { refresh, say } = await consumerWith('Rollout', { replicas: 0 });
    await say({ observedGeneration: '1', phase: 'Healthy' });
    expect(saidBy(await refresh(NEEDED_AT))).toBe('through');
  });

  it('that somebody restarts later on is waited for until then', async () => {
    const restartAt = '2999-01-01T00:00:00Z';
    const { refresh, say } = await consumerWith('Rollout', { restartAt });
    await say({ observedGeneration: '1', phase: 'Progressing', replicas: 2 });
    expect(saidBy(await refresh(NEEDED_AT))).toBe(`under-way: it is to be restarted at ${restartAt}`);
  });
}

export function externalSecretStates(consumerWith: MakeConsumer): void {
  const NEEDED_AT = Date.parse('2026-01-05T03:00:00.250Z');
  const ready = (refreshTime: string) => ({ refreshTime, conditions: [{ type: 'Ready', status: 'True' }] });
  const forcedOf = async ({ read }: Pick<Consumer, 'read'>) =>
    (await read()).metadata.annotations?.['force-sync'];

  /** When the API server took in what it was told last. */
  const takenIn = async ({ read }: Pick<Consumer, 'read'>) => {
    const fields = (await read()).metadata.managedFields ?? [];
    return Date.parse(fields.find(({ manager }) => manager === 'rekeyd/test')?.time ?? '');
  };
  const secondsOf = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z');

  it.each([
    ['as ours', 0],
    ['an hour behind ours', 3_600_000],
    ['an hour ahead of ours', -3_600_000],
  ])(
    'is through when it read after it was told, by a clock of the cluster that is %s',
    async (_, aheadMs) => {
      const consumer = await consumerWith('ExternalSecret');
      const neededAt = Date.now() + aheadMs;
      await consumer.say(ready(secondsOf(Math.floor(Date.now() / 1_000) * 1_000)));
      expect(saidBy(await consumer.refresh(neededAt))).toMatch(/^under-way: it was told/);
      const told = await takenIn(consumer);
      await consumer.say(ready(secondsOf(told - 1_000)));
      const before = await forcedOf(consumer);
      expect(saidBy(await consumer.refresh(neededAt))).toMatch(/^under-way: .* not after it was told/);
      expect(await forcedOf(consumer)).toBe(before);
      await consumer.say(ready(secondsOf(told + 1_000)));
      expect(saidBy(await consumer.refresh(neededAt))).toBe('through');
      expect(await forcedOf(consumer)).toBe(before);
    },
  );

  it('is told once more where it read in the very second in which it was told', async () => {
    const consumer = await consumerWith('ExternalSecret');
    await consumer.refresh(NEEDED_AT);
    const told = await takenIn(consumer);
    await consumer.say(ready(secondsOf(told)));
    await until(consumer.read, () => Date.now() >= told + 1_000);
    expect(saidBy(await consumer.refresh(NEEDED_AT))).toMatch(/^under-way: it was told/);
    const again = await forcedOf(consumer);
    expect(saidBy(await consumer.refresh(NEEDED_AT))).toMatch(/^under-way: .* not after it was told/);
    expect(await forcedOf(consumer)).toBe(again);
    await consumer.say(ready(secondsOf(await takenIn(consumer))));
    expect(saidBy(await consumer.refresh(NEEDED_AT))).toBe('through');
  });

  it('is told for a later need, and not for an earlier one, whatever somebody else told it', async () => {
    const consumer = await consumerWith('ExternalSecret');
    await consumer.change({ metadata: { annotations: { 'force-sync': '2999-01-01T00:00:00Z' } } });
    await consumer.refresh(NEEDED_AT);
    const first = await forcedOf(consumer);
    expect(first).not.toBe('2999-01-01T00:00:00Z');
    await consumer.refresh(NEEDED_AT - 1);
    expect(await forcedOf(consumer)).toBe(first);
    await consumer.refresh(NEEDED_AT + 1);
    expect(await forcedOf(consumer)).not.toBe(first);
  });

  it.each(['no JSON', '{}', toldAt('2999-01-01T00:00:00.000Z')])(
    'is told where what is kept of that is of no use: %s',
    async (text) => {
      const consumer = await consumerWith('ExternalSecret');
      await consumer.change({ metadata: { annotations: { 'rekeyd/test.told': text } } });
      expect(saidBy(await consumer.refresh(NEEDED_AT))).toMatch(/^under-way: it was told/);
    },
  );

  it('that cannot read its source is unhealthy, in its controller’s words and without credentials', async () => {
    const consumer = await consumerWith('ExternalSecret');
    await consumer.refresh(NEEDED_AT);
    expect(saidBy(await consumer.refresh(NEEDED_AT))).toMatch(/^under-way: its controller has not read/);
    const message = 'could not get secret: denied for Bearer abcdefghijklmnopqrstuvwxyz';
    await consumer.say({
      conditions: [{ type: 'Ready', status: 'False', reason: 'SecretSyncedError', message }],
    });
    expect(saidBy(await consumer.refresh(NEEDED_AT))).toBe(
      'unhealthy: it is not Ready (SecretSyncedError: could not get secret: denied for Bearer [secret])',
    );
  });

  it.each([
    [{ refreshPolicy: 'CreatedOnce' }, /its refreshPolicy is CreatedOnce, by which it never reads again/],
    [{ refreshInterval: '0' }, /its refreshInterval is 0, by which it never reads again/],
    [{ refreshInterval: '0s', refreshPolicy: 'Periodic' }, /its refreshInterval is 0s/],
  ])('with %j is refused, because it never reads again', async (spec, want) => {
    const consumer = await consumerWith('ExternalSecret', spec);
    expect(saidBy(await consumer.refresh(NEEDED_AT))).toMatch(want);
    expect(await consumer.check()).toMatch(/^consumer-refused/);
  });

  it('with OnChange and no interval is told', async () => {
    const spec = { refreshInterval: '0', refreshPolicy: 'OnChange' };
    const consumer = await consumerWith('ExternalSecret', spec);
    expect(saidBy(await consumer.refresh(NEEDED_AT))).toMatch(/^under-way: it was told/);
  });
}

function toldAt(at: string): string {
  return JSON.stringify({ neededAt: at, toldAt: at });
}
