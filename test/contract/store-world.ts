/** What the contract of stores is tested with: a store, a way to break it, and what is asked of it in every test. */
import { randomUUID } from 'node:crypto';
import { fingerprintOf } from '../../src/domain/credential.ts';
import type { Result } from '../../src/domain/failure.ts';
import { SecretBytes } from '../../src/domain/secret.ts';
import type { Format } from '../../src/ports/format.ts';
import type { Place, Ready, Store, Stored, WriteOptions, Written } from '../../src/ports/store.ts';

/** A store that is reachable and may write, and how to break it. */
export interface StoreWorld {
  readonly store: Store;
  /** A place that nothing is in yet; the same for the same name within one world. */
  readonly place: (name: string) => Place;
  /** Makes the store fail in one way, for a place that holds something already. By name: `unavailable`, `denied`, … */
  readonly breaks?: Readonly<Record<string, (place: Place) => Promise<void>>>;
  /** Undoes what was broken and made, and disposes of the store. */
  cleanup(): Promise<void>;
}

type Options = Partial<WriteOptions>;

export async function deliver(
  store: Store,
  place: Place,
  format: Format,
  credential: Parameters<Format['encode']>[0],
): Promise<void> {
  const there = await readAt(store, place);
  const encoded = valueOf(format.encode(credential, there.state === 'present' ? there.bytes : undefined));
  const ifVersion = there.state === 'present' ? there.version : 'absent';
  await writeAt(store, place, encoded, format.keepsPrevious ? { ifVersion } : {});
}

export async function fingerprintAt(store: Store, place: Place, format: Format): Promise<string> {
  const decoded = format.decode((await presentAt(store, place)).bytes);
  if (decoded.state !== 'credential') throw new Error(`the place holds something ${decoded.state}`);
  return fingerprintOf(decoded.credential);
}

export async function readAt(store: Store, place: Place): Promise<Stored> {
  return valueOf(await store.read(place, { signal: endless() }));
}

export async function presentAt(store: Store, place: Place): Promise<Extract<Stored, { state: 'present' }>> {
  const stored = await readAt(store, place);
  if (stored.state !== 'present') throw new Error(`nothing is at ${place.address}`);
  return stored;
}

export async function textAt(store: Store, place: Place): Promise<string | undefined> {
  return (await presentAt(store, place)).bytes.revealText();
}

export async function writeAt(
  store: Store,
  place: Place,
  bytes: SecretBytes | string,
  options: Options = {},
): Promise<Extract<Written, { outcome: 'written' }>> {
  const written = valueOf(await writeResult(store, place, bytes, options));
  if (written.outcome !== 'written') throw new Error(`a conflict at ${place.address}`);
  return written;
}

export async function writeResult(
  store: Store,
  place: Place,
  bytes: SecretBytes | string,
  options: Options = {},
): Promise<Result<Written>> {
  const secret = typeof bytes === 'string' ? new SecretBytes(bytes) : bytes;
  return await store.write(place, secret, { signal: endless(), writeToken: randomUUID(), ...options });
}

export async function preflightAt(store: Store, place: Place, realWrite: boolean): Promise<Ready> {
  return valueOf(await store.preflight(place, { signal: endless(), size: 1_000, realWrite }));
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.failure.kind}: ${result.failure.message}`);
  return result.value;
}

/** A signal that nothing aborts. */
export function endless(): AbortSignal {
  return new AbortController().signal;
}
