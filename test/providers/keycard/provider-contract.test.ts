import { startKeycardEmulator, type KeycardEmulator } from '../../../src/emulators/keycard/emulator.ts';
import { Secret } from '../../../src/domain/secret.ts';
import type { AccountRef } from '../../../src/ports/provider.ts';
import { providerContract } from '../../contract/provider-contract.ts';
import type { MintBreak, ProviderWorld } from '../../contract/provider-world.ts';
import { FakeClock } from '../../world/fake-clock.ts';
import { seededRandom } from '../../world/fake-random.ts';
import { startRelay, type Relay } from '../../world/relay.ts';
import { NapClock } from '../http-world.ts';
import { openProvider } from './keycard-world.ts';

type Fault = Parameters<KeycardEmulator['fault']>[0];

const MINT = { operation: 'credentialCreate' } as const;

/** What the emulator is told to do at the next mint, and what must come of it. */
const FAULTS: Readonly<Record<string, Omit<MintBreak, 'make'> & { readonly fault: Fault }>> = {
  'an invalid argument': { ...status(400), want: 'not-allowed' },
  'a new access token refused': { ...status(401), want: 'not-connected' },
  'a payment due': { ...status(402), want: 'answer-invalid' },
  'not allowed': { ...status(403), want: 'not-allowed' },
  'not found': { ...status(404), want: 'not-found' },
  'a conflict': { ...status(409), want: 'answer-invalid' },
  'a conflict after the effect': { ...status(409, 'after'), want: 'answer-invalid' },
  'another kind of body': { ...status(415), want: 'answer-invalid' },
  'not processed': { ...status(422), want: 'answer-invalid' },
  'too many calls': { ...status(429), want: 'rate-limited' },
  'a redirect': { ...status(307), want: 'answer-invalid' },
  'an error of the service': { ...status(500), want: 'no-answer' },
  'an error of the service after the effect': { ...status(503, 'after'), want: 'no-answer' },
  'the connection torn down before the effect': {
    fault: { ...MINT, kind: 'lost-answer', when: 'before' },
    want: 'no-answer',
    mints: false,
  },
  'the connection torn down after the effect': {
    fault: { ...MINT, kind: 'lost-answer', when: 'after' },
    want: 'no-answer',
    mints: true,
  },
  'a body that is cut': { fault: { ...MINT, kind: 'cut-body' }, want: 'no-answer', mints: true },
  'another content type': { fault: { ...MINT, kind: 'content-type' }, want: 'answer-invalid', mints: true },
  'an answer without a secret': {
    fault: { ...MINT, kind: 'rewrite', omit: ['client_secret'] },
    want: 'answer-invalid',
    mints: true,
  },
  'an answer of another shape': {
    fault: { ...MINT, kind: 'rewrite', set: { id: 5 } },
    want: 'answer-invalid',
    mints: true,
  },
  'no access token': {
    fault: { kind: 'status', status: 503, operation: 'tokenCreate' },
    want: 'not-connected',
    mints: false,
    received: 0,
  },
  'no token endpoint': {
    fault: { kind: 'status', status: 404, operation: 'tokenCreate' },
    want: 'not-connected',
    mints: false,
    received: 0,
  },
  'the manager refused for an access token': {
    fault: { kind: 'refused-caller', caller: 'manager' },
    want: 'credential-refused',
    mints: false,
    received: 0,
  },
};

providerContract('Keycard', makeWorld, [...Object.keys(FAULTS), 'nobody listens']);

async function makeWorld(): Promise<ProviderWorld> {
  // The emulator's clock stands still, so that what is told to be slow never comes.
  const emulator = await startKeycardEmulator({ clock: new FakeClock(), random: seededRandom() });
  const relay = await startRelay(emulator.port);
  const { manager, organisation } = emulator;
  const { provider } = openProvider({
    url: `http://127.0.0.1:${relay.port}`,
    clock: new NapClock(),
    clientId: manager.clientId,
    clientSecret: manager.clientSecret,
  });
  const [open, other, removed] = emulator.accounts.map(({ id }) => ({ organisation, accountId: id })) as [
    AccountRef,
    AccountRef,
    AccountRef,
  ];
  await emulator.person.deleteAccount(removed.accountId);
  return {
    provider,
    showsLive: false,
    managerText: manager.clientSecret.reveal(),
    manager: { account: { organisation, accountId: manager.id }, reference: manager.credentialId },
    open,
    other,
    absent: removed,
    live: ({ accountId }) => Promise.resolve(emulator.liveCredential(accountId)),
    stranger: () =>
      Promise.resolve({
        kind: 'client',
        clientId: emulator.liveCredential(open.accountId).clientId,
        clientSecret: new Secret('x'.repeat(64)),
      }),
    received: () => emulator.calls(MINT),
    calls: () => emulator.calls(),
    breaks: breaksOf(emulator, relay),
    hang: () => ({ taken: emulator.fault({ ...MINT, kind: 'latency', ms: 3_600_000 }).hit }),
    quiet: () => relay.quiet(),
    async cleanup() {
      await provider[Symbol.asyncDispose]();
      await relay[Symbol.asyncDispose]();
      await emulator[Symbol.asyncDispose]();
    },
  };
}

function breaksOf(emulator: KeycardEmulator, relay: Relay): Record<string, MintBreak> {
  const faults = Object.entries(FAULTS).map(([name, { fault, ...wanted }]): [string, MintBreak] => [
    name,
    { ...wanted, make: () => void emulator.fault(fault) },
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

function status(code: number, when: 'before' | 'after' = 'before') {
  const fault: Fault = { ...MINT, kind: 'status', status: code, when };
  return { fault, mints: when === 'after' };
}
