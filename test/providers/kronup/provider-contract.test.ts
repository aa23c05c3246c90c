import { startKronupEmulator, type KronupEmulator } from '../../../src/emulators/kronup/emulator.ts';
import type { Secret } from '../../../src/domain/secret.ts';
import type { AccountRef } from '../../../src/ports/provider.ts';
import { providerContract } from '../../contract/provider-contract.ts';
import type { MintBreak, ProviderWorld } from '../../contract/provider-world.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { seededRandom } from '../../world/fake-random.ts';
import { startRelay, type Relay } from '../../world/relay.ts';
import { NapClock, openProvider } from './kronup-world.ts';

type Fault = Parameters<KronupEmulator['fault']>[0];

/** What the emulator is told to do at the next mint, and what must come of it. */
const FAULTS: Readonly<Record<string, Omit<MintBreak, 'make'> & { readonly fault: Fault }>> = {
  'an invalid argument': {
    fault: { kind: 'status', status: 400, body: { id: 'invalid-argument-accountId', message: 'Invalid' } },
    want: 'not-allowed',
    mints: false,
  },
  'the manager refused': {
    fault: { kind: 'refused-caller', caller: 'manager' },
    want: 'credential-refused',
    mints: false,
  },
  'the key not fetched': { ...status(401, 'jwt-public-key'), want: 'not-connected' },
  'a payment due': { ...status(402, 'payment-required'), want: 'answer-invalid' },
  'not allowed': { ...status(403, 'not-allowed'), want: 'not-allowed' },
  'not found': { ...status(404, 'not-found'), want: 'not-found' },
  'a conflict': { ...status(409, 'cluster-not-configured'), want: 'answer-invalid' },
  'a conflict after the effect': {
    ...status(409, 'cluster-not-configured', 'after'),
    want: 'answer-invalid',
  },
  'too many calls': { ...status(429, 'auth-api-limited'), want: 'rate-limited' },
  'not processed': { ...status(422), want: 'answer-invalid' },
  'a redirect': { ...status(302), want: 'answer-invalid' },
  'an error of the service': { ...status(500), want: 'no-answer' },
  'an error of the service after the effect': { ...status(503, undefined, 'after'), want: 'no-answer' },
  'the connection torn down before the effect': {
    fault: { kind: 'lost-answer', when: 'before' },
    want: 'no-answer',
    mints: false,
  },
  'the connection torn down after the effect': {
    fault: { kind: 'lost-answer', when: 'after' },
    want: 'no-answer',
    mints: true,
  },
  'a body that is cut': { fault: { kind: 'cut-body' }, want: 'no-answer', mints: true },
  'another content type': { fault: { kind: 'content-type' }, want: 'answer-invalid', mints: true },
  'an answer without a token': {
    fault: { kind: 'rewrite', omit: ['serviceToken'] },
    want: 'answer-invalid',
    mints: true,
  },
  'an answer of another shape': {
    fault: { kind: 'rewrite', set: { id: 5 } },
    want: 'answer-invalid',
    mints: true,
  },
};

providerContract('Kronup', makeWorld, [...Object.keys(FAULTS), 'nobody listens']);

async function makeWorld(): Promise<ProviderWorld> {
  // The emulator's clock stands still, so that what is told to be slow never comes.
  const emulator = await startKronupEmulator({ clock: new FakeClock(), random: seededRandom(), accounts: 4 });
  const relay = await startRelay(emulator.port);
  const { provider } = openProvider({
    url: `http://127.0.0.1:${relay.port}/v1`,
    clock: new NapClock(),
    token: () => emulator.manager.token,
  });
  const [open, other, closed, removed] = emulator.accounts.map(({ id }) => ({
    organisation: emulator.organisation,
    accountId: id,
  })) as [AccountRef, AccountRef, AccountRef, AccountRef];
  await emulator.person.close(closed.accountId);
  await emulator.person.remove(removed.accountId);
  return {
    provider,
    showsLive: true,
    managerId: emulator.manager.id,
    managerText: emulator.manager.token.reveal(),
    open,
    other,
    closed,
    absent: removed,
    live: async ({ accountId }) => ({ kind: 'token', token: await emulator.liveToken(accountId) }),
    stranger: async () => ({ kind: 'token', token: await forged(emulator, open) }),
    received: () => emulator.calls({ method: 'PUT' }),
    calls: () => emulator.calls(),
    breaks: breaksOf(emulator, relay),
    hang: () => ({ taken: emulator.fault({ kind: 'latency', ms: 3_600_000, method: 'PUT' }).hit }),
    quiet: () => relay.quiet(),
    async cleanup() {
      await provider[Symbol.asyncDispose]();
      await relay[Symbol.asyncDispose]();
      await emulator[Symbol.asyncDispose]();
    },
  };
}

function breaksOf(emulator: KronupEmulator, relay: Relay): Record<string, MintBreak> {
  const faults = Object.entries(FAULTS).map(([name, { fault, ...wanted }]): [string, MintBreak] => [
    name,
    { ...wanted, make: () => void emulator.fault({ ...fault, method: 'PUT' }) },
  ]);
  return {
    ...Object.fromEntries(faults),
    'nobody listens': {
      want: 'not-connected',
      mints: false,
      received: 0,
      make: async () => await relay[Symbol.asyncDispose](),
    },
  };
}

function status(code: number, id?: string, when: 'before' | 'after' = 'before') {
  const fault = { kind: 'status', status: code, when, ...(id === undefined ? {} : { id }) } as Fault;
  return { fault, mints: when === 'after' };
}

async function forged(emulator: KronupEmulator, account: AccountRef): Promise<Secret> {
  return await emulator.forgeToken({
    iss: 'https://elsewhere.example',
    sub: account.accountId,
    org_id: account.organisation,
  });
}
