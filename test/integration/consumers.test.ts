import { afterEach, describe, expect, it } from 'vitest';
import type { Account } from '../../src/domain/account.ts';
import { startKeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import type { KeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import type { KeycardFault } from '../../src/emulators/keycard/fault.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import type { KronupFault } from '../../src/emulators/kronup/fault.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';
import { account, target } from '../builders/account.ts';
import { openKeycard, openKronup } from '../world/engine-connections.ts';
import { liveWorld } from '../world/live-world.ts';
import type { Call, LiveWorld } from '../world/live-world.ts';
import { jsonOf } from '../world/overlap-service.ts';
import { LONG_LIMIT_MS } from '../world/patience.ts';

const ROTATIONS = 100;
const FAULT_EVERY = 8;
/** More than any test makes: a limit of calls is no part of this. */
const CALLS = 10_000_000;

const ends: (() => PromiseLike<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** What goes wrong while consumers read and call: once each, one after the other, and of the daemon's calls only. */
const FAULTS = {
  kronup: [
    { kind: 'lost-answer', when: 'after', method: 'PUT', caller: 'manager', times: 1 },
    { kind: 'latency', ms: 120, when: 'after', method: 'PUT', caller: 'manager', times: 1 },
    { kind: 'cut-body', method: 'PUT', caller: 'manager', times: 1 },
    { kind: 'status', status: 503, method: 'GET', caller: 'manager', times: 1 },
    { kind: 'status', status: 500, when: 'after', method: 'PUT', caller: 'manager', times: 1 },
  ] satisfies KronupFault[],
  keycard: [
    { kind: 'lost-answer', when: 'after', operation: 'credentialCreate', times: 1 },
    { kind: 'latency', ms: 120, when: 'after', operation: 'credentialCreate', times: 1 },
    { kind: 'cut-body', operation: 'credentialCreate', times: 1 },
    { kind: 'status', status: 503, operation: 'credentialList', times: 1 },
    { kind: 'lost-answer', when: 'after', operation: 'credentialDelete', times: 1 },
    { kind: 'status', status: 500, when: 'after', operation: 'credentialCreate', times: 1 },
  ] satisfies KeycardFault[],
};

/** Rotates again and again; now and then something goes wrong, at the service or with what the store answers. */
async function rotateUnderFaults(
  world: LiveWorld,
  policy: Account,
  faults: readonly (() => void)[],
): Promise<void> {
  for (let count = 0; count < ROTATIONS; count++) {
    const fault = faults[Math.floor(count / FAULT_EVERY) % faults.length];
    if (count % FAULT_EVERY === 0) fault?.();
    if (count % FAULT_EVERY === 4) loseOneAnswer(world);
    await world.rotate(policy);
  }
}

/** A write is done, and its answer lost. */
function loseOneAnswer({ files }: LiveWorld): void {
  files.losesAnswers = true;
  files.onWrite = () => {
    delete files.onWrite;
    delete files.losesAnswers;
  };
}

function refusedIn(calls: readonly Call[]): readonly Call[] {
  return calls.filter(({ outcome }) => outcome === 'refused');
}

async function kronupWorld(): Promise<{ readonly kronup: KronupEmulator; readonly world: LiveWorld }> {
  const clock = systemClock();
  const limits = { dailyLimit: CALLS, accountLimit: CALLS };
  const kronup = await startKronupEmulator({ clock, random: systemRandom(), accounts: 2, ...limits });
  ends.push(() => kronup[Symbol.asyncDispose]());
  const world = await liveWorld(await openKronup(kronup, clock, { config: { dailyLimit: CALLS } }));
  ends.push(() => world[Symbol.asyncDispose]());
  return { kronup, world };
}

function callKronup({ url }: KronupEmulator) {
  return async (token: string): Promise<Call['outcome']> => {
    const answer = await fetch(`${url}/account`, { headers: { authorization: `Bearer ${token}` } });
    await answer.arrayBuffer();
    return answer.ok ? 'accepted' : answer.status === 401 ? 'refused' : 'unknown';
  };
}

function callKeycard({ url }: KeycardEmulator) {
  return async (text: string): Promise<Call['outcome']> => {
    const { client_id: id = '', client_secret: secret = '' } = JSON.parse(text) as Record<string, string>;
    const answer = await fetch(`${url}/service-account-token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    await answer.arrayBuffer();
    return answer.ok ? 'accepted' : answer.status === 401 ? 'refused' : 'unknown';
  };
}

describe(`consumers that read their target every few milliseconds, over ${ROTATIONS} rotations under faults`, () => {
  it('are refused not once with a pair', { timeout: LONG_LIMIT_MS }, async () => {
    const { kronup, world } = await kronupWorld();
    const [a = '', b = ''] = kronup.accounts.map(({ id }) => id);
    const policy = account({ strategy: 'pair', accountIds: [a, b], origin: kronup.origin });
    await world.put('billing/token', (await kronup.liveToken(a)).reveal());
    const adopted = world.next('target-confirmed');
    await world.configure(policy);
    await adopted;
    const consumer = world.consume('billing/token', callKronup(kronup));
    await rotateUnderFaults(
      world,
      policy,
      FAULTS.kronup.map((fault) => () => void kronup.fault(fault)),
    );
    await consumer.stop();
    expect(world.factsOf('rotation-succeeded')).toHaveLength(ROTATIONS);
    expect(consumer.calls.length).toBeGreaterThan(ROTATIONS);
    expect(refusedIn(consumer.calls)).toEqual([]);
    expect(Math.min(kronup.mints(a), kronup.mints(b))).toBeGreaterThanOrEqual(ROTATIONS / 2);
  });

  it(
    'are refused not once with overlap, while old credentials are retired',
    { timeout: LONG_LIMIT_MS },
    async () => {
      const clock = systemClock();
      const keycard = await startKeycardEmulator({ clock, random: systemRandom(), accounts: 1 });
      ends.push(() => keycard[Symbol.asyncDispose]());
      const world = await liveWorld(await openKeycard(keycard, clock));
      ends.push(() => world[Symbol.asyncDispose]());
      const id = keycard.accounts[0]?.id ?? '';
      const policy = account({
        provider: 'keycard',
        strategy: 'overlap',
        accountIds: [id],
        origin: keycard.origin,
        graceMs: 400,
        targets: [target('files:billing/client', { format: { kind: 'json', options: {} } })],
      });
      await world.put('billing/client', jsonOf(keycard.liveCredential(id)));
      const adopted = world.next('target-confirmed');
      await world.configure(policy);
      await adopted;
      const consumer = world.consume('billing/client', callKeycard(keycard));
      await rotateUnderFaults(
        world,
        policy,
        FAULTS.keycard.map((fault) => () => void keycard.fault(fault)),
      );
      while (keycard.credentials(id).length > 1) await world.next('credential-retired');
      await consumer.stop();
      expect(world.factsOf('rotation-succeeded')).toHaveLength(ROTATIONS);
      expect(consumer.calls.length).toBeGreaterThan(ROTATIONS);
      expect(refusedIn(consumer.calls)).toEqual([]);
      expect(world.factsOf('credential-retired').length).toBeGreaterThanOrEqual(ROTATIONS);
    },
  );

  it(
    'are refused in place only inside the dark windows that are reported',
    { timeout: LONG_LIMIT_MS },
    async () => {
      const { kronup, world } = await kronupWorld();
      const id = kronup.accounts[0]?.id ?? '';
      const policy = account({ accountIds: [id], origin: kronup.origin });
      await world.put('billing/token', (await kronup.liveToken(id)).reveal());
      const adopted = world.next('target-confirmed');
      await world.configure(policy);
      await adopted;
      const consumer = world.consume('billing/token', callKronup(kronup));
      await rotateUnderFaults(
        world,
        policy,
        FAULTS.kronup.map((fault) => () => void kronup.fault(fault)),
      );
      await consumer.stop();
      const windows = darkWindows(world);
      expect(windows).toHaveLength(ROTATIONS);
      const refused = refusedIn(consumer.calls);
      expect(refused.length).toBeGreaterThan(0);
      // What was read before a window ended is used right after: the consumer's own refresh.
      const outside = refused.filter(
        ({ readAt, endedAt }) => !windows.some(({ from, to }) => readAt <= to && endedAt >= from),
      );
      expect(outside).toEqual([]);
    },
  );
});

/** As the daemon reports them: from when the mint was sent, for as long as its rotation says. */
function darkWindows(world: LiveWorld): { readonly from: number; readonly to: number }[] {
  const minted = new Map(world.factsOf('credential-minted').map((fact) => [fact.rotation, fact.sentAt]));
  return world.factsOf('rotation-succeeded').map(({ rotation, darkWindowMs = 0 }) => {
    const from = minted.get(rotation) ?? Number.NaN;
    return { from, to: from + darkWindowMs };
  });
}
