import { describe, expect, it } from 'vitest';
import type { EmulatorEvent } from '../../src/emulators/kronup/events.ts';
import type { CalledEvent } from '../../src/emulators/witness.ts';
import { daemonWorld, slotIn } from '../world/daemon-world.ts';
import type { DaemonWorld } from '../world/daemon-world.ts';
import type { RunningProcess } from '../world/daemon-process.ts';

const RETRY_AFTER_S = 2;

interface Two {
  readonly world: DaemonWorld;
  readonly names: readonly [string, string];
  readonly daemon: RunningProcess;
}

/** Two accounts, whose files hold the live tokens. */
async function two(): Promise<Two> {
  const world = await daemonWorld();
  const accounts = [world.account(0), world.account(1)] as const;
  await world.configure(accounts);
  const daemon = await world.start();
  for (const { name } of accounts) await daemon.line({ event: 'target-confirmed', account: name });
  return { world, names: [accounts[0].name, accounts[1].name], daemon };
}

function mintCalls({ kronup }: DaemonWorld): CalledEvent[] {
  const isCall = (event: EmulatorEvent) => event.kind === 'called';
  return kronup.events.filter(isCall).filter(({ method }) => method === 'PUT');
}

describe('a manager credential that the provider refuses', () => {
  it('holds all its accounts with one alert, and they go on once its file holds a new one', async () => {
    const { world, names, daemon } = await two();
    await world.kronup.person.regenerate(world.kronup.manager.id);
    await Promise.all(names.map((name) => world.rotate(name)));
    await daemon.line({ event: 'manager-refused', provider: 'kronup' });
    for (const name of names)
      expect((await world.status(name)).holds).toMatchObject([{ kind: 'manager-refused' }]);
    const token = await world.kronup.liveToken(world.kronup.manager.id);
    await world.putManagerToken(token.reveal());
    await daemon.line({ event: 'manager-accepted' });
    for (const name of names) await daemon.line({ event: 'rotation-succeeded', account: name });
    expect(daemon.log.filter(({ event }) => event === 'manager-refused')).toHaveLength(1);
    expect(daemon.log.filter(({ event }) => event === 'account-parked')).toEqual([]);
    for (const [index, name] of names.entries())
      expect(await world.file(`${name}.token`)).toBe(await world.live(index));
  });
});

describe('a provider that asks to be left alone', () => {
  it('is sent that mint again at the time that it named, and not before', async () => {
    const { world, names, daemon } = await two();
    const limit = { operation: 'serviceAccountRegenerate', status: 429, retryAfter: RETRY_AFTER_S } as const;
    world.kronup.fault({ kind: 'status', ...limit, times: 1 });
    await world.rotate(names[0]);
    const { failure } = await daemon.line({ event: 'mint-refused', account: names[0] });
    await daemon.line({ event: 'rotation-succeeded', account: names[0] });
    expect(failure).toBe('rate-limited');
    const [limited, again, ...more] = mintCalls(world);
    expect([limited?.status, again?.status, ...more]).toEqual([429, 200]);
    const waitedMs = (again?.arrivedAt ?? 0) - (limited?.at ?? 0);
    expect(waitedMs).toBeGreaterThanOrEqual(RETRY_AFTER_S * 1_000);
    expect(world.kronup.mints()).toBe(1);
  });

  it('says nothing about a new token by limiting the account that proves it', async () => {
    const { world, names, daemon } = await two();
    const [name] = names;
    const caller = world.emulated().id;
    const fault = world.kronup.fault({ kind: 'status', operation: 'accountRead', caller, status: 429 });
    const { rotation } = await world.rotate(name, { wait: '20s' });
    expect(fault.hits).toBeGreaterThan(0);
    expect(rotation.rotation?.outcome).toBe('succeeded');
    expect(await world.file(`${name}.token`)).toBe(await world.live());
    expect(daemon.log.filter(({ event }) => event === 'credential-proved')).toHaveLength(2);
  });
});

describe('a slot that comes while no daemon runs', () => {
  it('is rotated for once, by the next daemon', async () => {
    const { world, names, daemon } = await two();
    // Time enough to stop before it comes.
    const { schedule, at } = slotIn(10_000);
    const from = daemon.log.length;
    await world.configure([world.account(0, { schedule })]);
    daemon.signal('SIGHUP');
    await daemon.line({ event: 'config-applied' }, from);
    daemon.signal('SIGTERM');
    await daemon.ended;
    await world.passed(at);
    const again = await world.start();
    const { slot } = await again.line({ event: 'rotation-opened', trigger: 'schedule' });
    await again.line({ event: 'rotation-succeeded', account: names[0] });
    expect(Date.parse(String(slot))).toBe(at);
    expect(world.kronup.mints()).toBe(1);
  });
});
