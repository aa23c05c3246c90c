/** For each kind of provider a server of it, which knows what is live and how often it minted. */
import { PROVIDERS } from '../../src/providers/registry.ts';
import { startKronupEmulator } from '../../src/emulators/kronup/emulator.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemRandom } from '../../src/system/random.ts';
import type { Passing } from '../world/gate.ts';

export interface KillProvider extends AsyncDisposable {
  readonly kind: string;
  readonly origin: string;
  readonly managerToken: string;
  /** Of the account under test. */
  readonly account: { readonly id: string; readonly name: string };
  /** Connection in the configuration's words, when it is reached at this origin. */
  words(origin: string, tokenFile: string): object;
  /** What the sort of this request is called. */
  nameOf(request: Passing): string;
  /** What the sort of request is called that mints. */
  readonly mintName: string;
  mints(): number;
  live(): Promise<string>;
  /** Every credential in an answer. */
  credentialsIn(answer: string): readonly string[];
}

export interface ProviderOptions {
  /** The provider shows no token but in the answer to a mint. */
  readonly hidden: boolean;
}

type Start = (options: ProviderOptions) => Promise<KillProvider>;

const STARTS: Readonly<Record<string, Start>> = { kronup: startKronup };

/** How to start each kind of provider that there is. Throws for one that nobody has described here. */
export function providerStarts(): readonly {
  readonly kind: string;
  readonly strategies: readonly string[];
}[] {
  return PROVIDERS.map(({ kind, strategies }) => {
    if (STARTS[kind] === undefined)
      throw new Error(`describe the provider ${kind} in test/kill/providers.ts`);
    return { kind, strategies };
  });
}

export async function startProvider(kind: string, options: ProviderOptions): Promise<KillProvider> {
  const start = STARTS[kind];
  if (start === undefined) throw new Error(`there is no provider ${kind}`);
  return start(options);
}

async function startKronup({ hidden }: ProviderOptions): Promise<KillProvider> {
  const kronup = await startKronupEmulator({
    clock: systemClock(),
    random: systemRandom(),
    hideTokens: hidden,
    accounts: 2,
  });
  const [account] = kronup.accounts;
  if (account === undefined) throw new Error('the emulator has no account');
  return {
    kind: 'kronup',
    origin: kronup.origin,
    managerToken: kronup.manager.token.reveal(),
    account,
    words: (origin, file) => ({ kind: 'kronup', baseUrl: `${origin}/v1`, token: { file }, rate: 1_000 }),
    nameOf: ({ method, path }) => `${method} ${path.replace(/\?.*/, '').replace(/[0-9a-f]{24}/g, '{id}')}`,
    mintName: 'PUT /v1/service-accounts/{id}',
    mints: () => kronup.mints(account.id),
    live: async () => (await kronup.liveToken(account.id)).reveal(),
    credentialsIn: (answer) =>
      [...answer.matchAll(/"serviceToken":"([^"]+)"/g)].map(([, token = '']) => token),
    [Symbol.asyncDispose]: () => kronup[Symbol.asyncDispose](),
  };
}
