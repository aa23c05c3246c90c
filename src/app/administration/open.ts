/** Opens the administration of one configured provider, for a command. */
import type { LoadedConfig } from '../../config/load.ts';
import type { Connection } from '../../config/connections.ts';
import type { Administration, AdministrationWords } from '../../ports/administration.ts';
import type { CanaryWords, ProveFacts } from '../../ports/canary.ts';
import type { Host } from '../../ports/host.ts';
import type { Provider } from '../../ports/provider.ts';
import { PROVIDERS, providerEntry } from '../../providers/registry.ts';
import { openForCommand, openProvider, providerOptions } from '../connections.ts';

export interface OpenAdministration extends AsyncDisposable {
  readonly words: AdministrationWords;
  readonly administration: Administration;
  /** Scheme, host and port: part of every account's identity. */
  readonly origin: string;
  /** What the design rests on, tried out on an account that nobody needs; absent where it cannot be. */
  readonly canary?: { readonly words: CanaryWords; readonly load: () => Promise<ProveFacts> };
  /** The same provider as the daemon sees it; opened when it is first asked for. */
  provider(): Promise<Provider>;
}

/** `undefined` where its kind has nothing for people to do. */
export async function openAdministration(
  host: Host,
  { settings }: Pick<LoadedConfig, 'settings'>,
  connection: Connection,
): Promise<OpenAdministration | undefined> {
  const entry = providerEntry(connection.kind);
  if (entry?.administration === undefined) return undefined;
  const openWith = openForCommand(host, settings);
  const words: AdministrationWords = entry.administration;
  const loaded = await entry.administration.load();
  await using undo = new AsyncDisposableStack();
  const administration = undo.use(loaded.administer(await providerOptions(connection, openWith)));
  let provider: Promise<Provider> | undefined;
  const { canary } = entry;
  const opened = undo.move();
  return {
    words,
    administration,
    origin: entry.originOf(connection.config as never),
    ...(canary !== undefined && {
      canary: {
        words: canary,
        load: async () => (await canary.load()).canary(await providerOptions(connection, openWith)),
      },
    }),
    async provider() {
      provider ??= openProvider(connection, openWith).then((it) => opened.use(it));
      return await provider;
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** Kinds of providers that have something for people to do. */
export function administeredKinds(): readonly string[] {
  return PROVIDERS.filter(({ administration }) => administration !== undefined).map(({ kind }) => kind);
}
