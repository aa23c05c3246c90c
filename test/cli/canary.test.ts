import { afterEach, describe, expect, it } from 'vitest';
import type { KronupEmulatorOptions } from '../../src/emulators/kronup/emulator.ts';
import type { CanaryFact } from '../../src/ports/canary.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { EXIT } from '../../src/ports/host.ts';
import { systemClock } from '../../src/system/clock.ts';
import { serviceAccountWorld } from './service-account-world.ts';
import type { ServiceAccountWorld } from './service-account-world.ts';

const real = systemClock();
/** Nobody waits for what does not come. */
const IMPATIENT: Clock = { ...real, sleep: (_ms, options) => real.sleep(0, options) };

let world: ServiceAccountWorld | undefined;

afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

async function start(emulator: Partial<KronupEmulatorOptions> = {}): Promise<ServiceAccountWorld> {
  world = await serviceAccountWorld({ accounts: 2, ...emulator }, { clock: IMPATIENT });
  return world;
}

/** The facts that are not as expected, with what was seen. */
async function differing(at: ServiceAccountWorld): Promise<string[]> {
  const { output } = await at.run('check', '--canary', at.id(0), '--yes', '-o', 'json');
  const { facts } = JSON.parse(output) as { facts: CanaryFact[] };
  return facts
    .filter(({ verdict }) => verdict !== 'holds')
    .map(({ fact, seen, verdict }) => `${verdict}: ${fact}: ${seen}`);
}

describe('rekeyd check --canary', () => {
  it('proves every fact that holds, in a table, and leaves the account open', async () => {
    const at = await start();
    const { code, output, asked } = await at.runFor(() => 'yes', 'check', '--canary', at.id(0));
    expect(asked).toEqual([expect.stringContaining('an account that nobody needs?')]);
    expect(output).toMatch(
      /holds +Regenerate ends the old token at once +refused at once +401 auth-api-expired/,
    );
    expect(output).toMatch(/holds +Regenerate opens a closed account again/);
    expect(output).toMatch(/(\d+) facts: \1 hold, 0 differ, 0 unknown\./);
    expect(output).not.toMatch(/eyJ/);
    expect(code).toBe(EXIT.ok);
    expect(at.kronup.accounts[0]?.closed).toBe(false);
  });

  it('touches no other account', async () => {
    const at = await start();
    await at.run('check', '--canary', at.id(0), '--yes');
    expect(at.kronup.mints(at.id(0))).toBe(2);
    expect(at.kronup.mints()).toBe(2);
    expect(at.kronup.calls({ method: 'DELETE' })).toBe(1);
    expect(at.kronup.calls({ method: 'DELETE', accountId: at.id(0) })).toBe(1);
  });

  it('tells tokens that are not shown, and proves the rest all the same', async () => {
    const at = await start({ hideTokens: true });
    const facts = await differing(at);
    expect(facts).toContain('differs: A read shows the live token: no serviceToken');
    expect(facts).toContain('differs: The list shows the same token, in pages of 1 500: no serviceToken');
    expect(facts.filter((fact) => fact.includes('ends the old token'))).toEqual([]);
  });

  it('tells an old token that lives on', async () => {
    const at = await start({ keepOldTokens: true });
    const facts = await differing(at);
    expect(facts).toContain(
      'differs: Regenerate ends the old token at once: accepted; refused not within 30 s',
    );
  });

  it('says what it could not find out, and leaves no account closed', async () => {
    const at = await start();
    at.kronup.fault({ kind: 'status', status: 503, method: 'PUT', times: 1 });
    const { code, output } = await at.run('check', '--canary', at.id(0), '--yes');
    expect(output).toMatch(/unknown +Regenerate answers another token/);
    expect(output).toContain('Not everything could be found out');
    expect(code).toBe(EXIT.failed);
    expect(at.kronup.accounts[0]?.closed).toBe(false);
  });

  it('refuses an account that is managed here', async () => {
    const at = await start();
    await at.configure(at.account(0));
    const { code, errors } = await at.run('check', '--canary', at.id(0), '--yes');
    expect(errors).toContain(`is managed here as ${at.kronup.accounts[0]?.name}, so somebody needs it`);
    expect(code).toBe(EXIT.held);
    expect(at.kronup.mints()).toBe(0);
  });

  it('refuses the account that rekeyd authenticates with', async () => {
    const at = await start();
    const { code, errors } = await at.run('check', '--canary', at.kronup.manager.id, '--yes');
    expect(errors).toContain('is what rekeyd itself authenticates with');
    expect(code).toBe(EXIT.held);
    expect(at.kronup.mints()).toBe(0);
  });

  it('does nothing without a yes', async () => {
    const at = await start();
    expect((await at.run('check', '--canary', at.id(0))).errors).toContain('nobody can be asked here');
    expect((await at.runFor(() => 'n', 'check', '--canary', at.id(0))).code).toBe(EXIT.usage);
    expect(at.kronup.mints()).toBe(0);
  });

  it('does nothing to an account that is closed, or not there', async () => {
    const at = await start();
    await at.kronup.person.close(at.id(1));
    const closed = await at.run('check', '--canary', at.id(1), '--yes');
    expect(closed.errors).toContain('is closed; name an open one');
    expect((await at.run('check', '--canary', 'nobody', '--yes')).code).toBe(EXIT.failed);
    expect(at.kronup.mints()).toBe(0);
  });
});
