/** A daemon in a folder of its own, the services that it speaks to, and a way to see what everybody holds, past the daemon. */
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { socketClient } from '../../src/http/client.ts';
import type { ApiAnswer, ApiCall, ApiClient } from '../../src/http/client.ts';
import type { AccountView } from '../../src/http/views.ts';
import type { RotationRow } from '../../src/ports/journal.ts';
import { startProcess } from '../world/daemon-process.ts';
import type { ProcessOptions, RunningProcess } from '../world/daemon-process.ts';
import { killed } from './cut.ts';
import { openConsumers } from './consumers.ts';
import type { KillConsumers } from './consumers.ts';
import { createCrossings } from './crossing.ts';
import type { Crossings, CrossingOptions } from './crossing.ts';
import { mountDevice, mountDisk } from './disk.ts';
import { holdingsOf, leftIn, place, storesOf } from './placing.ts';
import type { Holding, Placed } from './placing.ts';
import { startProvider } from './providers.ts';
import type { KillProvider } from './providers.ts';
import type { Scenario } from './scenario.ts';
import { STORE_ENVIRONMENT } from './stores.ts';
import type { KillStore, StoreKind } from './stores.ts';
import type { Unfinished } from './unfinished.ts';
import { accountOf, baseConfig } from './words.ts';
import { PATIENCE_MS } from '../world/patience.ts';

export interface WorldOptions {
  /** `short`: a lease and time limits of a few seconds. */
  readonly limits?: 'short';
  /** The journal and the file targets each have a small disk of their own. */
  readonly disks?: boolean;
  /** The journal has a disk that can fail under files that are open. */
  readonly device?: boolean;
}

/** What all worlds share. */
export interface Ground {
  /** The bundled program. */
  readonly main: string;
  readonly stores: ReadonlyMap<string, StoreKind>;
  readonly unfinished: Unfinished;
}

export interface World extends AsyncDisposable {
  readonly scenario: Scenario;
  readonly folder: string;
  /** The folders that the journal and the file targets are in. */
  readonly places: { readonly journal: string; readonly secrets: string };
  readonly provider: KillProvider;
  /** Who reads the targets, where somebody does. */
  readonly consumers: KillConsumers | undefined;
  readonly account: string;
  /** Every credential that ever went through. */
  readonly credentials: ReadonlySet<string>;
  /** What happens at each request; nothing by default. */
  at: CrossingOptions['at'];
  /** Requests are counted from one again. */
  countAnew(): void;
  /** Resolves when no daemon is connected any more, and all that one had sent has had its effect. */
  quiet(): Promise<void>;
  /** Starts the daemon, and the counting of its requests. */
  start(how?: Starting): RunningProcess;
  /** Writes the configuration, with these words of the account besides. */
  configure(more?: object): Promise<void>;
  ask(call: Pick<ApiCall, 'method' | 'path'> & Partial<ApiCall>): Promise<ApiAnswer>;
  view(): Promise<AccountView>;
  rotations(): Promise<readonly RotationRow[]>;
  /** What each target holds, as a consumer reads it. */
  holdings(): Promise<readonly Holding[]>;
  leftInStores(): Promise<readonly string[]>;
}

/** How a daemon is started, where that is not as usual. */
export type Starting = Partial<Pick<ProcessOptions, 'through' | 'onThird' | 'environment'>>;

/** A start makes much that stays: with more room for it, a fifth of the start's time is not spent on looking through it. */
const ROOM_AT_START = ['--min-semi-space-size=32', '--max-semi-space-size=64'];
/** A daemon that is being killed may still make a file in a folder that is being removed. */
const REMOVALS_MAX = 5;

export async function openWorld(
  scenario: Scenario,
  ground: Ground,
  { limits, disks = false, device = false }: WorldOptions = {},
): Promise<World> {
  const { unfinished } = ground;
  unfinished.check();
  await using undo = new AsyncDisposableStack();
  // Without a pause in between, in which an interruption would know nothing of it.
  const folder = mkdtempSync(join(tmpdir(), 'rekeyd-kill-'));
  const removal = { recursive: true, force: true, maxRetries: REMOVALS_MAX };
  undo.use(unfinished.use({ [Symbol.asyncDispose]: () => rm(folder, removal) }));
  const places = { journal: join(folder, 'state'), secrets: join(folder, 'secrets') };
  if (disks) for (const place of Object.values(places)) undo.use(await mounted(mountDisk(place), unfinished));
  if (device) undo.use(await mounted(mountDevice(places.journal), unfinished));
  const provider = undo.use(await startProvider(scenario.provider, scenario));
  const stores = await storesOf(scenario, ground.stores, folder);
  const { managerToken, inUse } = provider;
  const credentials = new Set(inUse === undefined ? [managerToken] : [managerToken, inUse]);
  const crossings = undo.use(
    createCrossings({
      async at(point) {
        await world.consumers?.passes(point);
        return await world.at(point);
      },
      onAnswer: (body) => provider.credentialsIn(body).forEach((each) => credentials.add(each)),
    }),
  );
  const { base, placed, consumers } = await connect(scenario, {
    folder,
    provider,
    stores,
    crossings,
    limits,
    undo,
  });
  const client = undo.use(socketClient(join(folder, 'rekeyd.sock')));
  const all = undo.move();
  const world: World = {
    scenario,
    folder,
    places,
    provider,
    consumers,
    account: provider.account.name,
    credentials,
    at: () => Promise.resolve(true),
    countAnew: () => crossings.reset(),
    quiet: () => crossings.quiet(),
    start(how = {}) {
      world.countAnew();
      return startDaemon(ground, folder, how);
    },
    configure: (more = {}) =>
      writeFile(
        join(folder, 'rekeyd.yaml'),
        JSON.stringify({
          ...base,
          accounts: [{ ...accountOf(scenario, provider, placed, consumers), ...more }],
        }),
      ),
    ...questionsOf(client, provider.account.name),
    holdings: () => holdingsOf(placed),
    leftInStores: () => leftIn(placed),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
  await world.configure();
  return world;
}

interface Connecting extends Pick<World, 'folder' | 'provider'> {
  readonly stores: ReadonlyMap<string, KillStore>;
  readonly crossings: Crossings;
  readonly limits: WorldOptions['limits'];
  readonly undo: AsyncDisposableStack;
}

interface Connected extends Pick<World, 'consumers'> {
  /** The configuration but for the accounts. */
  readonly base: object;
  readonly placed: readonly Placed[];
}

/** Puts a crossing before everything that the daemon reaches, and configures it to go there. */
async function connect(
  scenario: Scenario,
  { folder, provider, stores, crossings, limits, undo }: Connecting,
): Promise<Connected> {
  const tokenFile = join(folder, 'manager-token');
  await writeFile(tokenFile, provider.managerToken, { mode: 0o600 });
  const more = limits === 'short' ? { timeout: '2s' } : {};
  const origin = await crossings.put(provider.kind, provider.origin, (request) => provider.nameOf(request));
  const placed = await place(scenario, stores, provider.inUse);
  const words = await storeWords(stores, crossings, more);
  const holdings = () => holdingsOf(placed);
  const consumers = scenario.hasConsumers
    ? undo.use(
        await openConsumers({ folder, provider, stores, crossings, storeWords: words, more, holdings }),
      )
    : undefined;
  const base = baseConfig(folder, {
    ...(limits === 'short' ? { lease: '10s' } : {}),
    providers: { [provider.kind]: { ...provider.words(origin, tokenFile), ...more } },
    stores: words,
    ...(consumers && { consumers: consumers.connections }),
  });
  return { base, placed, consumers };
}

/** A disk that is unmounted also where it is still being mounted when the run is interrupted. */
async function mounted(mounting: Promise<AsyncDisposable>, unfinished: Unfinished): Promise<AsyncDisposable> {
  const disk = unfinished.use({
    [Symbol.asyncDispose]: async () => await (await mounting)[Symbol.asyncDispose](),
  });
  await mounting;
  return disk;
}

async function storeWords(
  stores: ReadonlyMap<string, KillStore>,
  crossings: Crossings,
  more: object,
): Promise<Readonly<Record<string, object>>> {
  const words: Record<string, object> = {};
  for (const [kind, store] of stores) {
    const { service } = store;
    const origin =
      service && (await crossings.put(service.name, service.origin, (request) => service.nameOf(request)));
    words[kind] = { ...store.words(origin ?? ''), ...more };
  }
  return words;
}

function startDaemon(
  { main, unfinished }: Ground,
  folder: string,
  { through = [], onThird, environment }: Starting,
): RunningProcess {
  unfinished.check();
  const daemon = startProcess({
    main,
    through,
    flags: ROOM_AT_START,
    arguments: ['run', '--config', 'rekeyd.yaml'],
    directory: folder,
    isGroup: true,
    environment: {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      TZ: 'UTC',
      // Beside the program: it is written at each orderly end, and gone with it.
      NODE_COMPILE_CACHE: join(dirname(main), '../compile-cache'),
      ...STORE_ENVIRONMENT,
      ...environment,
    },
    ...(onThird && { onThird }),
  });
  const used = unfinished.use({ [Symbol.asyncDispose]: () => killed(daemon) });
  void daemon.ended.then(() => unfinished.forget(used));
  return daemon;
}

function questionsOf(client: ApiClient, account: string): Pick<World, 'ask' | 'view' | 'rotations'> {
  const ask: World['ask'] = (call) => client.call({ timeoutMs: PATIENCE_MS, ...call });
  return {
    ask,
    view: async () => (await ask({ method: 'GET', path: `/v1/accounts/${account}` })).body as AccountView,
    async rotations() {
      const { body } = await ask({ method: 'GET', path: `/v1/rotations?account=${account}` });
      return (body as { readonly items: readonly RotationRow[] }).items;
    },
  };
}

/** After the end of a daemon: what is live was minted, is shown by nobody and is in no target: it can never be read again. */
export async function isValueLost(world: World): Promise<boolean> {
  const { scenario, provider } = world;
  // A mint may have been on its way when the daemon was killed.
  await world.quiet();
  if (!scenario.hidden || provider.mints() === 0) return false;
  const live = await provider.live();
  return !(await world.holdings()).some(({ token }) => token === live);
}
