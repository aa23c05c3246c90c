/** Those who read the targets of a world, where it has any: what they were made to do, and whether that was right. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSignedWith, startReceiver } from '../consumers/webhook/receiver.ts';
import type { Receiver } from '../consumers/webhook/receiver.ts';
import type { Crossings } from './crossing.ts';
import type { Finding } from './judge.ts';
import type { Holding } from './placing.ts';
import type { RequestPoint } from './point.ts';
import type { KillProvider } from './providers.ts';
import type { KillStore, Workload } from './stores.ts';

export interface KillConsumers extends AsyncDisposable {
  /** Their connections, in the configuration's words. */
  readonly connections: object;
  /** What the configuration says of a target in a store of this kind besides. */
  wordsFor(store: string): object;
  /** Sees each request of the daemon at each of its points. */
  passes(point: RequestPoint): Promise<void>;
  /** While all is at rest: whether everybody took up what is live, once. `fingerprint`: what the daemon says that is. */
  judge(fingerprint: string): Promise<readonly Finding[]>;
  /** The journal is lost, and with it what was to be taken up: nobody need take up what the targets hold now. */
  forget(): Promise<void>;
  /** What the file held is gone for a while: whoever reads it has to be called again when it is back. */
  emptied(): void;
  /** All that somebody was told, in which no credential may be. */
  told(): string;
}

export interface ConsumersOptions {
  readonly folder: string;
  readonly provider: KillProvider;
  readonly stores: ReadonlyMap<string, KillStore>;
  readonly crossings: Crossings;
  /** The connection of each store, in the configuration's words. */
  readonly storeWords: Readonly<Record<string, object>>;
  /** For every connection. */
  readonly more: object;
  readonly holdings: () => Promise<readonly Holding[]>;
}

/** The file in the world's folder with the key that calls are signed with. */
export const SIGNING_KEY_FILE = 'signing-key';
/** The sort of request by which a restart is asked for. */
export const RESTART = 'PATCH Deployment';
/** The sort of request by which somebody sees how far a restart is. */
export const LOOK = 'GET Deployment';
const WEBHOOK = 'webhook';
/** Who is called reads the file, and what runs in the cluster reads the Secret. */
const CALLED_FOR = 'file';

export async function openConsumers(options: ConsumersOptions): Promise<KillConsumers> {
  const { folder, stores, crossings, storeWords, more } = options;
  await using undo = new AsyncDisposableStack();
  const [cluster] = [...stores.values()].filter(({ workload }) => workload !== undefined);
  if (cluster?.workload === undefined) throw new Error('no store of these worlds has workloads beside it');
  const workload = undo.use(await cluster.workload());
  const receiver = undo.use(await startReceiver());
  const key = `whsec_${randomBytes(32).toString('base64')}`;
  await writeFile(join(folder, SIGNING_KEY_FILE), key, { mode: 0o600 });
  const url = await crossings.put(WEBHOOK, receiver.url, ({ method }) => method);
  const first = { generation: (await workload.read()).generation, token: await held(options, cluster.kind) };
  const seen: Seen = {
    restarts: [],
    running: first.token === undefined ? [] : [first.token],
    called: await held(options, CALLED_FOR),
    emptied: 0,
    findings: [],
  };
  const all = undo.move();
  return {
    connections: {
      cluster: { ...storeWords[cluster.kind], kind: 'kubernetes', ...more },
      called: { kind: 'webhook', url, signingKey: { file: join(folder, SIGNING_KEY_FILE) }, ...more },
    },
    wordsFor(store) {
      if (store === cluster.kind) return { consumers: { restart: [workload.address] } };
      return store === CALLED_FOR ? { consumers: { webhook: ['called'] } } : {};
    },
    passes: watching(options, { workload, cluster, first, seen }),
    async judge(fingerprint) {
      const live = await options.provider.live();
      const isNew = live !== first.token;
      return [
        ...seen.findings.splice(0),
        ...(await judgeWorkload(workload, {
          live: isNew ? live : undefined,
          first,
          restarts: seen.restarts,
        })),
        ...judgeCalls(receiver, {
          key,
          fingerprint: isNew ? fingerprint : undefined,
          repeatsMax: seen.emptied,
        }),
      ];
    },
    async forget() {
      seen.running = [(await held(options, cluster.kind)) ?? ''];
      seen.called = await held(options, CALLED_FOR);
    },
    emptied: () => void (seen.emptied += 1),
    told: () =>
      receiver.received.map(({ headers, body }) => `${JSON.stringify(headers)}\n${body}`).join('\n'),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

interface Seen {
  /** For each restart that had an effect, what the Secret held then. */
  readonly restarts: string[];
  /** What the Deployment may use: until a restart is through, also what it was restarted for before. */
  running: readonly string[];
  /** What the file held when whoever reads it was called last; nothing where it could not be read then. */
  called: string | undefined;
  /** How often that file was gone. */
  emptied: number;
  /** What was wrong already when it happened. */
  readonly findings: Finding[];
}

interface Watched {
  readonly workload: Workload;
  readonly cluster: KillStore;
  readonly first: First;
  readonly seen: Seen;
}

/** How it was before the daemon came. */
interface First {
  readonly generation: number;
  readonly token: string | undefined;
}

function watching(options: ConsumersOptions, { workload, cluster, first, seen }: Watched) {
  const { provider } = options;
  const { restarts, findings } = seen;
  /** By the number of the request that may end one of them. */
  const used = new Map<number, readonly string[]>();

  /** What consumers use and the provider accepts. */
  async function inUse(): Promise<readonly string[]> {
    if ((await workload.read()).isThrough) seen.running = seen.running.slice(-1);
    const working = await provider.working();
    return [...seen.running, seen.called ?? ''].filter((token) => working.has(token));
  }

  return async ({ service, name, nth, side }: RequestPoint): Promise<void> => {
    if (name === RESTART && side === 'after') {
      const { generation } = await workload.read();
      if (generation <= first.generation + restarts.length) return;
      const token = (await held(options, cluster.kind)) ?? '';
      restarts.push(token);
      seen.running = [...seen.running, token];
    }
    if (
      name === RESTART &&
      side === 'before' &&
      (await held(options, cluster.kind)) !== (await provider.live())
    )
      findings.push({ fault: 'stale', what: 'a restart was asked for before the Secret held what is live' });
    if (service === WEBHOOK && name === 'POST' && side === 'after')
      seen.called = await held(options, CALLED_FOR);
    if (service !== provider.kind || name !== provider.endsName) return;
    if (side === 'before') used.set(nth, await inUse());
    if (side === 'after') {
      const working = await provider.working();
      if (used.get(nth)?.every((token) => working.has(token)) === false)
        findings.push({ fault: 'lost', what: 'a credential was ended that a consumer had not replaced yet' });
    }
  };
}

async function held({ holdings }: ConsumersOptions, store: string): Promise<string | undefined> {
  return (await holdings()).find(({ target }) => target.startsWith(`${store}:`))?.token;
}

/** `live`: what it must have been restarted for; absent where nothing new was delivered. */
async function judgeWorkload(
  workload: Workload,
  {
    live,
    first,
    restarts,
  }: { readonly live: string | undefined; readonly first: First; readonly restarts: readonly string[] },
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const { generation, isThrough } = await workload.read();
  const count = generation - first.generation;
  if (live !== undefined && !restarts.includes(live))
    findings.push({ fault: 'stale', what: 'the Deployment was not restarted for what is live' });
  if (!isThrough) findings.push({ fault: 'stale', what: 'the Deployment is not through with its restart' });
  if (count > new Set(restarts).size)
    findings.push({
      fault: 'refreshed twice',
      what: `${count} restarts for ${new Set(restarts).size} values`,
    });
  return findings;
}

interface Call {
  readonly type: string;
  readonly data: { readonly fingerprint: string };
}

/** `fingerprint`: what somebody must have been called for; `repeatsMax`: how many calls may have been for what was called for before. */
function judgeCalls(
  { received }: Receiver,
  {
    key,
    fingerprint,
    repeatsMax,
  }: { readonly key: string; readonly fingerprint: string | undefined; readonly repeatsMax: number },
): readonly Finding[] {
  const findings: Finding[] = [];
  const ids = new Map<string, Set<string>>();
  for (const call of received) {
    if (!isSignedWith(key, call)) {
      findings.push({ fault: 'lost', what: 'a call of the webhook is not signed' });
      continue;
    }
    const { data } = JSON.parse(call.body) as Call;
    const known = ids.get(data.fingerprint) ?? new Set();
    ids.set(data.fingerprint, known.add(String(call.headers['webhook-id'])));
  }
  if (fingerprint !== undefined && !ids.has(fingerprint))
    findings.push({ fault: 'stale', what: 'nobody was called for what is live' });
  const repeated = [...ids].filter(([, { size }]) => size > 1);
  if (repeated.reduce((sum, [, { size }]) => sum + size - 1, 0) <= repeatsMax) return findings;
  for (const [value, { size }] of repeated)
    findings.push({ fault: 'refreshed twice', what: `${size} calls with ids of their own for ${value}` });
  return findings;
}
