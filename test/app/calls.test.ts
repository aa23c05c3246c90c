import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Daemon } from '../../src/app.ts';
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { daemonWorld } from '../cli/daemon-world.ts';

/** Of a Kronup connection that configures none. */
const DAILY_LIMIT = 10_000;

/** What the daemon knows of the calls that are left today, as its metrics show it. */
async function callsLeft({ probes }: Daemon): Promise<number> {
  const text = await (await fetch(`${probes}/metrics`)).text();
  const [, left] = /^rekeyd_provider_calls_left\{provider="kronup"\} (\d+)$/m.exec(text) ?? [];
  return Number(left);
}

function callsMade(kronup: KronupEmulator): number {
  return kronup.calls({ caller: kronup.manager.id });
}

describe('calls of the manager credential', () => {
  it('are counted across restarts', async () => {
    await using world = await daemonWorld();
    const { kronup, names, folder } = world;
    await mkdir(join(folder, 'secrets'));
    // Else the service itself says how many there were, which hides whether anybody wrote them down.
    kronup.fault({ kind: 'rewrite', operation: 'accountRead', omit: ['apiCalls'] });
    const first = await world.start();
    await world.run('rotate', names[0] ?? '', '--reason', 'a test', '--wait', '20s');
    await first.stop('the test starts it again');
    const made = callsMade(kronup);
    expect(kronup.mints()).toBe(1);
    expect(made).toBeGreaterThan(3);

    const second = await world.start();
    expect(await callsLeft(second)).toBe(DAILY_LIMIT - callsMade(kronup));
    expect(await callsLeft(second)).toBeLessThanOrEqual(DAILY_LIMIT - made);
  });
});
