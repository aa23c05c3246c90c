/**
 * Hands a credential over to places in stores, so that no person sees it: everything is looked at before the credential is made, then it
 * is written and read back. It is kept nowhere else.
 */
import { fingerprintOf } from '../../domain/credential.ts';
import type { Credential, Fingerprint } from '../../domain/credential.ts';
import type { Details } from '../../domain/details.ts';
import { failed, succeeded } from '../../domain/failure.ts';
import type { Failure, Result } from '../../domain/failure.ts';
import { backOffMs } from '../../domain/limits.ts';
import { Secret } from '../../domain/secret.ts';
import type { SecretBytes } from '../../domain/secret.ts';
import type { Target } from '../../domain/target.ts';
import type { Connection } from '../../config/connections.ts';
import type { Settings } from '../../config/settings.ts';
import type { Format } from '../../ports/format.ts';
import type { Host } from '../../ports/host.ts';
import type { Store } from '../../ports/store.ts';
import { sizeWithCredential } from '../../engine/sample.ts';
import { createTurns } from '../../system/turns.ts';
import { openForCommand, openStore } from '../connections.ts';
import { formatFactory } from '../formats.ts';

export interface HandOver extends AsyncDisposable {
  /** Why it cannot be handed over, a line for each destination; none where everything is ready. Writes nothing that is read. */
  problems(about: ReadyFor, options: Options): Promise<readonly string[]>;
  /** Writes it everywhere, with a few tries each, and reads it back. */
  deliver(
    credential: Credential,
    options: Options & { readonly details: Details },
  ): Promise<readonly HandedOver[]>;
}

export interface ReadyFor {
  /** The kind of credential that will come. */
  readonly kind: Credential['kind'];
  /** Whether what a destination holds now belongs to the same account, so that nothing of others is written over. */
  isOurs(credential: Credential): Promise<boolean>;
  /** Whatever is there may be written over. */
  readonly overwrite: boolean;
}

export type HandedOver = { readonly target: string } & (
  | { readonly done: true; readonly fingerprint: Fingerprint }
  | { readonly done: false; readonly failure: Failure }
);

interface Options {
  readonly signal: AbortSignal;
}

interface Destination {
  readonly target: Target;
  readonly store: Store;
  readonly format: Format;
}

const TRIES_MAX = 5;
const WAIT_FIRST_MS = 200;
const WAIT_MAX_MS = 5_000;

/** Rejects where a store cannot be opened. */
export async function openHandOver(
  host: Host,
  settings: Settings,
  from: { readonly stores: readonly Connection[]; readonly targets: readonly Target[] },
): Promise<HandOver> {
  await using undo = new AsyncDisposableStack();
  const stores = new Map<string, Store>();
  const formatOf = formatFactory();
  const destinations: Destination[] = [];
  for (const target of from.targets) {
    const connection = from.stores.find(({ name }) => name === target.store);
    if (connection === undefined) throw new Error(`there is no store ${target.store}`);
    const store =
      stores.get(target.store) ?? undo.use(await openStore(connection, openForCommand(host, settings)));
    stores.set(target.store, store);
    destinations.push({ target, store, format: formatOf(target) });
  }
  const opened = undo.move();
  return {
    async problems(about, options) {
      const found = await Promise.all(destinations.map((each) => problemOf(each, about, options)));
      return found.flatMap((why, index) =>
        why === undefined ? [] : [`${destinations[index]?.target.id}: ${why}`],
      );
    },
    deliver: (credential, options) => deliverToAll(host, destinations, credential, options),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

async function problemOf(
  { target, store, format }: Destination,
  about: ReadyFor,
  { signal }: Options,
): Promise<string | undefined> {
  const { kind, overwrite } = about;
  const read = await readNow(store, target, signal);
  if (!read.ok) return read.failure.message;
  const { bytes } = read.value;
  const encoded = format.encode(SAMPLES[kind], bytes);
  if (!encoded.ok) return encoded.failure.message;
  const back = format.decode(encoded.value);
  if (back.state !== 'credential' || fingerprintOf(back.credential) !== fingerprintOf(SAMPLES[kind]))
    return `format ${format.kind} does not read back what it writes`;
  if (bytes !== undefined && !overwrite) {
    const held = format.decode(bytes);
    const foreign =
      held.state === 'other' || (held.state === 'credential' && !(await about.isOurs(held.credential)));
    if (foreign) return 'it holds something that is not of this account; --overwrite writes over it';
  }
  const size = sizeWithCredential(encoded.value);
  const ready = await store.preflight(placeOf(target), { signal, size, realWrite: true });
  return ready.ok ? undefined : ready.failure.message;
}

/** Of the form that real ones have, and good for nothing. */
const SAMPLES: Readonly<Record<Credential['kind'], Credential>> = {
  token: { kind: 'token', token: new Secret('a-token-that-opens-nothing') },
  client: { kind: 'client', clientId: 'nobody', clientSecret: new Secret('a-secret-that-opens-nothing') },
};

/** One after another where they share a document, and so get into each other's way; the others all at once. */
async function deliverToAll(
  host: Host,
  destinations: readonly Destination[],
  credential: Credential,
  options: Options & { readonly details: Details },
): Promise<readonly HandedOver[]> {
  const turns = createTurns();
  const all = destinations.map(async (each) => {
    using _turn = await turns.at(JSON.stringify([each.target.store, each.target.address]));
    return await deliverTo(host, each, credential, options);
  });
  return await Promise.all(all);
}

async function deliverTo(
  { clock, random }: Host,
  destination: Destination,
  credential: Credential,
  { signal, details }: Options & { readonly details: Details },
): Promise<HandedOver> {
  const target = destination.target.id;
  const tokenOver = tokensByVersion(() => random.id(clock.now()));
  for (let tries = 1; ; tries++) {
    const written = await writeOnce(destination, credential, { signal, tokenOver, details });
    if (written.ok) return { target, done: true, fingerprint: fingerprintOf(credential) };
    if (tries >= TRIES_MAX || signal.aborted) return { target, done: false, failure: written.failure };
    await clock
      .sleep(backOffMs(tries, WAIT_FIRST_MS, WAIT_MAX_MS, random.fraction()), { signal })
      .catch(() => undefined);
  }
}

type TokenOver = (version: string | undefined) => string;

/** The same token for as long as the same version is there: what is written may keep part of it, and a token names one value. */
function tokensByVersion(make: () => string): TokenOver {
  const tokens = new Map<string | undefined, string>();
  return (version) => {
    const token = tokens.get(version) ?? make();
    tokens.set(version, token);
    return token;
  };
}

async function writeOnce(
  { target, store, format }: Destination,
  credential: Credential,
  { details, signal, tokenOver }: Options & { readonly tokenOver: TokenOver; readonly details: Details },
): Promise<Result<void>> {
  const before = await readNow(store, target, signal);
  if (!before.ok) return before;
  const encoded = format.encode(credential, before.value.bytes, details);
  if (!encoded.ok) return encoded;
  const written = await store.write(placeOf(target), encoded.value, {
    signal,
    writeToken: tokenOver(before.value.version),
    ...(format.keepsPrevious ? { ifVersion: before.value.version ?? 'absent' } : {}),
  });
  if (!written.ok) return written;
  if (written.value.outcome === 'conflict')
    return failed('target-refused', `somebody else wrote ${target.id} at the same moment`);
  const after = await readNow(store, target, signal);
  if (!after.ok) return after;
  const held = after.value.bytes && format.decode(after.value.bytes);
  if (held?.state === 'credential' && fingerprintOf(held.credential) === fingerprintOf(credential))
    return succeeded(undefined);
  return failed('target-refused', `${target.id} was written, and holds something else when it is read back`);
}

async function readNow(
  store: Store,
  target: Target,
  signal: AbortSignal,
): Promise<Result<{ readonly bytes?: SecretBytes; readonly version?: string }>> {
  const stored = await store.read(placeOf(target), { signal });
  if (!stored.ok) return stored;
  return succeeded(stored.value.state === 'absent' ? {} : stored.value);
}

function placeOf({ address, options }: Target): Parameters<Store['read']>[0] {
  return { address, options };
}
