/** For each kind of provider a server of it, which knows what is live and how often it minted. */
import { PROVIDERS } from '../../src/providers/registry.ts';
import { startKeycardEmulator } from '../../src/emulators/keycard/emulator.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';
import type { Passing } from '../world/gate.ts';

export interface KillProvider extends AsyncDisposable {
  readonly kind: string;
  readonly origin: string;
  readonly managerToken: string;
  /** Of the account under test; of a pair, of its first. */
  readonly account: { readonly id: string; readonly name: string };
  /** One, or the two of a pair. */
  readonly ids: readonly string[];
  /** What else the configuration says of the account. */
  readonly accountWords: object;
  /** What consumers use before the daemon comes; nothing where the daemon brings them the first. */
  readonly inUse?: string;
  /** Connection in the configuration's words, when it is reached at this origin. */
  words(origin: string, tokenFile: string): object;
  /** What the sort of this request is called. */
  nameOf(request: Passing): string;
  /** What the sort of request is called that mints. */
  readonly mintName: string;
  /** What the sort of request is called that ends what consumers used before, where it is not the mint for them. */
  readonly endsName?: string;
  mints(): number;
  live(): Promise<string>;
  /** Every credential of the account, or of both of a pair, that is accepted now. */
  working(): Promise<ReadonlySet<string>>;
  /** What it minted, is live no more and works still, but should not. */
  left(): readonly string[];
  /** The journal is lost, and with it the knowledge of what was minted: from now on that may stay. */
  forget(): void;
  /** Every credential in an answer. */
  credentialsIn(answer: string): readonly string[];
}

export interface ProviderOptions {
  /** The provider shows no token but in the answer to a mint. */
  readonly hidden: boolean;
  readonly strategy: string;
}

interface Kind {
  readonly mints: 'token' | 'client';
  readonly start: Start;
}

type Start = (options: ProviderOptions) => Promise<KillProvider>;

const KINDS: Readonly<Record<string, Kind>> = {
  kronup: { mints: 'token', start: startKronup },
  keycard: { mints: 'client', start: startKeycard },
};

/** How to start each kind of provider that there is. Throws for one that nobody has described here. */
export function providerStarts(): readonly {
  readonly kind: string;
  readonly strategies: readonly string[];
  readonly mints: 'token' | 'client';
}[] {
  return PROVIDERS.map(({ kind, strategies }) => {
    const known = KINDS[kind];
    if (known === undefined) throw new Error(`describe the provider ${kind} in test/kill/providers.ts`);
    return { kind, strategies, mints: known.mints };
  });
}

export async function startProvider(kind: string, options: ProviderOptions): Promise<KillProvider> {
  const known = KINDS[kind];
  if (known === undefined) throw new Error(`there is no provider ${kind}`);
  return known.start(options);
}

const KRONUP_MINT = 'PUT /v1/service-accounts/{id}';

async function startKronup({ hidden, strategy }: ProviderOptions): Promise<KillProvider> {
  const kronup = await startKronupEmulator({
    clock: systemClock(),
    random: systemRandom(),
    hideTokens: hidden,
    accounts: 2,
  });
  const [account, other] = kronup.accounts;
  if (account === undefined || other === undefined) throw new Error('the emulator has no account');
  const ids = strategy === 'pair' ? [account.id, other.id] : [account.id];
  /** Of a pair: the account that was minted for last. */
  const lastId = () => {
    const minted = kronup.events.findLast((event) => event.kind === 'minted');
    return minted?.kind === 'minted' ? minted.accountId : account.id;
  };
  const inUse = strategy === 'pair' ? { inUse: (await kronup.liveToken(account.id)).reveal() } : {};
  return {
    kind: 'kronup',
    origin: kronup.origin,
    managerToken: kronup.manager.token.reveal(),
    account,
    ids,
    accountWords: {},
    ...inUse,
    words: (origin, file) => ({ kind: 'kronup', baseUrl: `${origin}/v1`, token: { file }, rate: 1_000 }),
    nameOf: ({ method, path }) => `${method} ${path.replace(/\?.*/, '').replace(/[0-9a-f]{24}/g, '{id}')}`,
    mintName: KRONUP_MINT,
    // Of a pair a mint ends what was live before the last one.
    ...(strategy === 'pair' && { endsName: KRONUP_MINT }),
    mints: () => ids.reduce((sum, id) => sum + kronup.mints(id), 0),
    live: async () => (await kronup.liveToken(lastId())).reveal(),
    working: async () =>
      new Set(await Promise.all(ids.map(async (each) => (await kronup.liveToken(each)).reveal()))),
    left: () => [],
    forget: () => undefined,
    credentialsIn: (answer) =>
      [...answer.matchAll(/"serviceToken":"([^"]+)"/g)].map(([, token = '']) => token),
    [Symbol.asyncDispose]: () => kronup[Symbol.asyncDispose](),
  };
}

async function startKeycard(_options: ProviderOptions): Promise<KillProvider> {
  const keycard = await startKeycardEmulator({ clock: systemClock(), random: systemRandom(), accounts: 1 });
  const [account] = keycard.accounts;
  if (account === undefined) throw new Error('the emulator has no account');
  const { id } = account;
  const { clientId } = keycard.manager;
  const minted = () => keycard.credentials(id).filter(({ name }) => name.startsWith('rekeyd/'));
  const forgotten = new Set<string>();
  return {
    kind: 'keycard',
    origin: keycard.origin,
    managerToken: keycard.manager.clientSecret.reveal(),
    account,
    ids: [id],
    accountWords: { grace: '1s' },
    words: (baseUrl, file) => ({ kind: 'keycard', baseUrl, clientId, clientSecret: { file }, rate: 1_000 }),
    nameOf: ({ method, path }) => `${method} ${path.replace(/\?.*/, '').replace(/[0-9a-z]{26}/g, '{id}')}`,
    mintName: 'POST /organizations/{id}/service-accounts/{id}/credentials',
    endsName: 'DELETE /organizations/{id}/service-accounts/{id}/credentials/{id}',
    mints: () => keycard.mints(id),
    live: () => Promise.resolve(keycard.liveCredential(id).clientSecret.reveal()),
    working: () => {
      const all = keycard.credentials(id).map((each) => keycard.liveCredential(id, each.id));
      return Promise.resolve(new Set(all.map(({ clientSecret }) => clientSecret.reveal())));
    },
    left: () =>
      minted()
        .slice(0, -1)
        .filter(({ name }) => !forgotten.has(name))
        .map(({ name }) => `the credential ${name}`),
    forget: () => minted().forEach(({ name }) => forgotten.add(name)),
    credentialsIn: (answer) =>
      [...answer.matchAll(/"(?:client_secret|access_token)":"([^"]+)"/g)].map(([, secret = '']) => secret),
    [Symbol.asyncDispose]: () => keycard[Symbol.asyncDispose](),
  };
}
