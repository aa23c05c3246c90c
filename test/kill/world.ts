/** A daemon in a folder of its own, the services that it speaks to, and a way to see what everybody holds, past the daemon. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { socketClient } from '../../src/http/client.ts';
import type { ApiAnswer, ApiCall, ApiClient } from '../../src/http/client.ts';
import type { AccountView } from '../../src/http/views.ts';
import type { RotationRow } from '../../src/ports/journal.ts';
import { startProcess } from '../world/daemon-process.ts';
import type { ProcessOptions, RunningProcess } from '../world/daemon-process.ts';
import { startCrossing } from './crossing.ts';
import type { Crossing, CrossingOptions } from './crossing.ts';
import { mountDisk } from './disk.ts';
import type { RequestPoint } from './point.ts';
import { startProvider } from './providers.ts';
import type { KillProvider } from './providers.ts';
import type { Scenario, ScenarioTarget } from './scenario.ts';
import { STORE_ENVIRONMENT } from './stores.ts';
import type { KillStore, StoreKind } from './stores.ts';

export interface WorldOptions {
  /** `short`: a lease and time limits of a few seconds. */
  readonly limits?: 'short';
  /** The journal and the file targets each have a small disk of their own. */
  readonly disks?: boolean;
}

/** What all worlds share. */
export interface Ground {
  /** The compiled program. */
  readonly main: string;
  readonly stores: ReadonlyMap<string, StoreKind>;
}

export interface Holding {
  readonly target: string;
  readonly token: string | undefined;
}

export interface World extends AsyncDisposable {
  readonly scenario: Scenario;
  readonly folder: string;
  /** The folders that the journal and the file targets are in. */
  readonly places: { readonly journal: string; readonly secrets: string };
  readonly provider: KillProvider;
  readonly account: string;
  /** Every credential that ever went through. */
  readonly credentials: ReadonlySet<string>;
  /** What happens at each request; nothing by default. */
  at: CrossingOptions['at'];
  /** Requests are counted from one again. */
  countAnew(): void;
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

interface Placed extends ScenarioTarget {
  readonly address: string;
  readonly at: KillStore;
}

const CALL_LIMIT_MS = 30_000;

export async function openWorld(
  scenario: Scenario,
  ground: Ground,
  { limits, disks = false }: WorldOptions = {},
): Promise<World> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'rekeyd-kill-'));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const places = { journal: join(folder, 'state'), secrets: join(folder, 'secrets') };
  if (disks) for (const place of Object.values(places)) undo.use(await mountDisk(place));
  const provider = undo.use(await startProvider(scenario.provider, { hidden: scenario.hidden }));
  const stores = await storesOf(scenario, ground, folder);
  const credentials = new Set([provider.managerToken]);
  const crossings = new Map<string, Crossing>();
  const cross = async (
    service: string,
    upstream: string,
    nameOf: CrossingOptions['nameOf'],
  ): Promise<string> => {
    const at = (point: RequestPoint): Promise<boolean> => world.at(point);
    const onAnswer = (body: string) => provider.credentialsIn(body).forEach((each) => credentials.add(each));
    const crossing = undo.use(await startCrossing({ service, upstream, nameOf, at, onAnswer }));
    crossings.set(service, crossing);
    return crossing.origin;
  };
  const providerOrigin = await cross(provider.kind, provider.origin, (request) => provider.nameOf(request));
  const timeLimit = limits === 'short' ? { timeout: '2s' } : {};
  const storeWords: Record<string, object> = {};
  for (const [kind, store] of stores) {
    const { service } = store;
    const origin =
      service === undefined
        ? ''
        : await cross(service.name, service.origin, (request) => service.nameOf(request));
    storeWords[kind] = { ...store.words(origin), ...timeLimit };
  }
  const placed = await place(scenario, stores);
  const client = undo.use(socketClient(join(folder, 'rekeyd.sock')));
  await writeFile(join(folder, 'manager-token'), provider.managerToken, { mode: 0o600 });
  const base = baseConfig(folder, {
    ...(limits === 'short' ? { lease: '10s' } : {}),
    providers: {
      [provider.kind]: { ...provider.words(providerOrigin, join(folder, 'manager-token')), ...timeLimit },
    },
    stores: storeWords,
  });
  const all = undo.move();
  const world: World = {
    scenario,
    folder,
    places,
    provider,
    account: provider.account.name,
    credentials,
    at: () => Promise.resolve(true),
    countAnew() {
      for (const crossing of crossings.values()) crossing.reset();
    },
    start(how = {}) {
      world.countAnew();
      return startDaemon(ground, folder, how);
    },
    configure: (more = {}) =>
      writeFile(
        join(folder, 'rekeyd.yaml'),
        JSON.stringify({ ...base, accounts: [{ ...accountOf(scenario, provider, placed), ...more }] }),
      ),
    ...questionsOf(client, provider.account.name),
    holdings: () =>
      Promise.all(
        placed.map(async ({ at, address, shape }) => {
          const text = await at.read(address);
          return {
            target: `${at.kind}:${address}`,
            token: text === undefined ? undefined : shape.tokenIn(text),
          };
        }),
      ),
    leftInStores: async () => (await Promise.all(placed.map(({ at, address }) => at.leftIn(address)))).flat(),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
  await world.configure();
  return world;
}

async function storesOf(
  { targets }: Scenario,
  { stores }: Ground,
  folder: string,
): Promise<ReadonlyMap<string, KillStore>> {
  const opened = new Map<string, KillStore>();
  for (const { store } of targets) {
    const kind = stores.get(store);
    if (kind === undefined) throw new Error(`the store ${store} was not started`);
    if (!opened.has(store)) opened.set(store, await kind.open(folder));
  }
  return opened;
}

async function place(
  { targets }: Scenario,
  stores: ReadonlyMap<string, KillStore>,
): Promise<readonly Placed[]> {
  return await Promise.all(
    targets.map(async (target) => {
      const at = stores.get(target.store);
      if (at === undefined) throw new Error(`the store ${target.store} was not opened`);
      const address = at.addressOf(target.shape.kind);
      if (target.shape.before !== undefined) await at.put(address, target.shape.before);
      return { ...target, at, address };
    }),
  );
}

function startDaemon(
  { main }: Ground,
  folder: string,
  { through = [], onThird, environment }: Starting,
): RunningProcess {
  return startProcess({
    main,
    through,
    arguments: ['run', '--config', 'rekeyd.yaml'],
    directory: folder,
    environment: {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      TZ: 'UTC',
      NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
      ...STORE_ENVIRONMENT,
      ...environment,
    },
    ...(onThird && { onThird }),
  });
}

function accountOf(
  { strategy }: Scenario,
  { kind, account }: KillProvider,
  placed: readonly Placed[],
): object {
  return {
    name: account.name,
    accountId: account.id,
    provider: kind,
    strategy,
    targets: placed.map(({ at, address, shape }) => ({
      store: at.kind,
      address,
      format: shape.format,
      consumerLag: '0s',
      ...at.targetWords,
    })),
  };
}

function baseConfig(folder: string, more: object): object {
  return {
    installation: 'kill',
    journal: { path: join(folder, 'state/journal.db') },
    socket: { path: join(folder, 'rekeyd.sock') },
    probes: { address: '127.0.0.1:0' },
    log: { level: 'debug' },
    defaults: { minInterval: '1s' },
    ...more,
  };
}

function questionsOf(client: ApiClient, account: string): Pick<World, 'ask' | 'view' | 'rotations'> {
  const ask: World['ask'] = (call) => client.call({ timeoutMs: CALL_LIMIT_MS, ...call });
  return {
    ask,
    view: async () => (await ask({ method: 'GET', path: `/v1/accounts/${account}` })).body as AccountView,
    async rotations() {
      const { body } = await ask({ method: 'GET', path: `/v1/rotations?account=${account}` });
      return (body as { readonly items: readonly RotationRow[] }).items;
    },
  };
}

/** What is live was minted, is shown by nobody and is in no target: it can never be read again. */
export async function isValueLost(world: World): Promise<boolean> {
  const { scenario, provider } = world;
  if (!scenario.hidden || provider.mints() === 0) return false;
  const live = await provider.live();
  return !(await world.holdings()).some(({ token }) => token === live);
}
