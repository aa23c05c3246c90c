/** A store as it really is, and its port as one process sees it through the network. */
import { failed, succeeded } from '../../src/domain/failure.ts';
import type { Failure, FailureKind, Result } from '../../src/domain/failure.ts';
import { SecretBytes } from '../../src/domain/secret.ts';
import type {
  Place,
  ReadOptions,
  Ready,
  Store,
  StoreAbilities,
  Stored,
  WriteOptions,
  Written,
} from '../../src/ports/store.ts';
import type { Host } from './host.ts';
import { travel } from './network.ts';
import type { World } from './world.ts';

export interface StoreTroubles {
  /** How likely a write is acknowledged and not done. */
  readonly ignores?: number;
  /** Reads show what was there up to this long ago, in ms. */
  readonly staleMs?: number;
  /** Writes are refused, and reads are not. */
  readonly readOnly?: boolean;
}

interface Value {
  readonly since: number;
  /** Absent: nothing is there. What is no text reads as an empty one. */
  readonly text?: string;
  readonly bytes?: SecretBytes;
  readonly version: string;
  readonly writeToken?: string;
  readonly previous?: string;
}

export interface StoreKind {
  readonly name: string;
  readonly abilities: StoreAbilities;
}

/** What a store holds, place by place. */
export class Shelf {
  readonly kind: StoreKind;
  /** Who writes there, and under which key. */
  identity = 'writer-1';
  readonly #world: Pick<World, 'timeline'>;
  readonly #values = new Map<string, Value[]>();
  #writes = 0;

  constructor(kind: StoreKind, world: Pick<World, 'timeline'>) {
    this.kind = kind;
    this.#world = world;
  }

  valueAt(address: string, lagMs = 0): Value | undefined {
    const values = this.#values.get(address) ?? [];
    const at = this.#world.timeline.now - lagMs;
    return values.findLast(({ since }) => since <= at);
  }

  /** Whether it was ever there. */
  hasHeld(address: string, part: string): boolean {
    return (this.#values.get(address) ?? []).some(({ text }) => text?.includes(part) === true);
  }

  textAt(address: string): string | undefined {
    return this.valueAt(address)?.text;
  }

  /** Whether any place held this ever, whatever stood around it: only then could a reader have it. */
  everHeld(text: string): boolean {
    return [...this.#values.values()].flat().some((value) => value.text?.includes(text) === true);
  }

  /** What somebody else put there since then that has this in it: the newest of it. */
  putByOthers(address: string, part: string, from: number): Value | undefined {
    return (this.#values.get(address) ?? []).findLast(
      ({ since, text, writeToken }) =>
        since >= from && writeToken === undefined && text?.includes(part) === true,
    );
  }

  /** How often others have put something in the place of what was delivered. */
  writtenOver(address: string): number {
    const values = this.#values.get(address) ?? [];
    return values.filter(
      ({ writeToken }, index) => writeToken === undefined && values[index - 1]?.writeToken !== undefined,
    ).length;
  }

  put(
    address: string,
    text: string | undefined,
    { bytes, writeToken }: { readonly bytes?: SecretBytes; readonly writeToken?: string } = {},
  ): Value {
    const values = this.#values.get(address) ?? [];
    this.#values.set(address, values);
    const previous = values.at(-1);
    const value: Value = {
      since: this.#world.timeline.now,
      version: `v${++this.#writes}`,
      ...(text === undefined ? {} : { text }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(writeToken === undefined ? {} : { writeToken }),
      ...(previous?.text === undefined ? {} : { previous: previous.version }),
    };
    values.push(value);
    return value;
  }
}

export function storeFor(world: World, host: Host, shelf: Shelf): Store {
  return new SimulatedStore(world, host, shelf);
}

class SimulatedStore implements Store {
  readonly name: string;
  readonly kind = 'simulated';
  readonly abilities: StoreAbilities;
  readonly #world: World;
  readonly #host: Host;
  readonly #shelf: Shelf;

  constructor(world: World, host: Host, shelf: Shelf) {
    this.name = shelf.kind.name;
    this.abilities = shelf.kind.abilities;
    this.#world = world;
    this.#host = host;
    this.#shelf = shelf;
  }

  async read({ address }: Place, { signal, tokenOf }: ReadOptions): Promise<Result<Stored>> {
    const asked = this.#world.timeline.now;
    const answer = await this.#ask<Stored>(`read ${address}`, signal, () => {
      const lagMs = this.#world.dice.between(0, this.#world.storeTroubles(this.name).staleMs ?? 0);
      const value = this.#shelf.valueAt(address, lagMs);
      if (value !== this.#shelf.valueAt(address)) this.#world.watch.grounds.disturbed(this.name, address);
      return succeeded(stored(value, this.abilities.datesWrites ? tokenOf : undefined));
    });
    this.#world.watch.targetRead(this.#host, { store: this.name, address, answer, asked });
    return answer;
  }

  async preflight(
    { address }: Place,
    { signal, realWrite }: { readonly signal: AbortSignal; readonly realWrite: boolean },
  ): Promise<Result<Ready>> {
    const asked = this.#world.timeline.now;
    const answer = await this.#ask<Ready>(`preflight ${address}`, signal, () => {
      const { identity } = this.#shelf;
      if (this.#world.storeTroubles(this.name).readOnly === true)
        return failed('target-refused', 'this store may not be written to now');
      return succeeded({ identity, wrote: realWrite });
    });
    this.#world.watch.preflighted(this.#host, { store: this.name, address, answer, asked });
    return answer;
  }

  async write({ address }: Place, bytes: SecretBytes, options: WriteOptions): Promise<Result<Written>> {
    const { timeline, watch } = this.#world;
    const text = bytes.revealText() ?? '';
    const sentAt = timeline.now;
    const writing = watch.writeSent(this.#host, { store: this.name, address, text });
    const answer = await this.#ask<Written>(`write ${address}`, options.signal, () =>
      this.#put(address, bytes, options, timeline.now - sentAt),
    );
    watch.writeAnswered(writing, answer);
    return answer;
  }

  whoAmI({ signal }: { readonly signal: AbortSignal }): Promise<Result<string>> {
    return Promise.try(() => {
      signal.throwIfAborted();
      return succeeded(this.#shelf.identity);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #put(
    address: string,
    bytes: SecretBytes,
    { ifVersion, writeToken }: WriteOptions,
    tookMs: number,
  ): Result<Written> {
    const text = bytes.revealText() ?? '';
    const { dice, watch } = this.#world;
    const troubles = this.#world.storeTroubles(this.name);
    const current = this.#shelf.valueAt(address);
    if (troubles.readOnly === true) return failed('target-refused', 'this store may not be written to now');
    if (current?.writeToken === writeToken && current.text === text)
      return succeeded({ outcome: 'written', version: current.version });
    const there = current?.text === undefined ? 'absent' : current.version;
    // Without compare-and-set the check is this process's own: it holds where the write comes in time.
    if (ifVersion !== undefined && ifVersion !== there) return succeeded({ outcome: 'conflict' });
    if (dice.chance(troubles.ignores ?? 0)) {
      watch.grounds.disturbed(this.name, address);
      return succeeded({ outcome: 'written', version: `ignored-${writeToken.slice(0, 8)}` });
    }
    // What it takes the place of was put there after this was sent.
    const isOverNewer = (current?.since ?? 0) > this.#world.timeline.now - tookMs;
    if (isOverNewer) watch.grounds.disturbed(this.name, address);
    const { version } = this.#shelf.put(address, text, { bytes, writeToken });
    const before = current?.text;
    watch.written({ store: this.name, address, text, before, host: this.#host, tookMs, isOverNewer });
    return succeeded({ outcome: 'written', version });
  }

  async #ask<T>(what: string, signal: AbortSignal, effect: () => Result<T>): Promise<Result<T>> {
    const { trace } = this.#world;
    const where = `${what} in ${this.name}`;
    trace.add(this.#host.name, () => `asks the store: ${where}`);
    const result = await travel(this.#world, this.#host, {
      conditions: this.#world.conditions(this.name),
      limitMs: this.abilities.timeLimitMs,
      signal,
      effect: (late) => {
        const done = effect();
        const outcome = done.ok ? 'done' : done.failure.kind;
        trace.add(this.name, () => `${what} for ${this.#host.name}: ${outcome}${late ? ', too late' : ''}`);
        return done;
      },
      onTimeout: () => failed('store-unavailable', 'no answer within the time limit'),
      onAbort: (reason) => {
        throw reason;
      },
      failed: (failure) => ({ ...failure, kind: kindOf(failure) }),
    });
    trace.add(
      this.#host.name,
      () => `hears from the store: ${where}: ${result.ok ? 'ok' : result.failure.kind}`,
    );
    return result;
  }
}

/** A store's adapter has no word for what is unknown: to write again is safe. */
function kindOf({ kind }: Failure): FailureKind {
  return kind === 'no-answer' ? 'store-unavailable' : kind;
}

function stored(value: Value | undefined, tokenOf: ReadOptions['tokenOf']): Stored {
  if (value?.text === undefined) return { state: 'absent' };
  const bytes = value.bytes ?? new SecretBytes(value.text);
  const ours = value.writeToken !== undefined && tokenOf?.(bytes, value.previous) === value.writeToken;
  return { state: 'present', bytes, version: value.version, ...(ours ? { writtenByUsAt: value.since } : {}) };
}
