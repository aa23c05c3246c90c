/** A store that refuses, loses or dates what a test tells it to, around a real one. */
import type { Failure } from '../../src/domain/failure.ts';
import { failed } from '../../src/domain/failure.ts';
import type { Store } from '../../src/ports/store.ts';

export interface StoreFaults {
  /** Every call fails with this. */
  down?: Failure;
  /** Writes and preflights fail with this, and reads go on. */
  readOnly?: Failure;
  /** Writes are done, and their answers lost. */
  losesAnswers?: boolean;
  /** Reads say that this daemon wrote the value then. */
  writtenByUsAt?: number;
  /** Reads say that this is who wrote the value. */
  writtenBy?: string;
  /** Called after each write, with its address. */
  onWrite?: (address: string) => Promise<void> | void;
  /** Writes that were asked for. */
  writes: number;
  preflights: number;
  /** Addresses at which a write has left something beside the value, which no look has tidied since. */
  readonly untidy: Set<string>;
}

export const DOWN: Failure = { kind: 'store-unavailable', message: 'the store is down in this test' };

export function noFaults(): StoreFaults {
  return { writes: 0, preflights: 0, untidy: new Set() };
}

export function faultyStore(store: Store, faults: StoreFaults): Store {
  const fail = ({ kind, message, ...more }: Failure) => failed(kind, message, more);
  return {
    name: store.name,
    kind: store.kind,
    abilities: store.abilities,
    async read(place, options) {
      if (faults.down) return fail(faults.down);
      const result = await store.read(place, options);
      if (options.tidy === true) faults.untidy.delete(place.address);
      if (!result.ok || result.value.state === 'absent') return result;
      const { writtenByUsAt, writtenBy } = faults;
      return {
        ok: true,
        value: {
          ...result.value,
          ...(writtenByUsAt === undefined ? {} : { writtenByUsAt }),
          ...(writtenBy === undefined ? {} : { lastWrite: { ...result.value.lastWrite, by: writtenBy } }),
        },
      };
    },
    async preflight(place, options) {
      faults.preflights++;
      const failure = faults.down ?? faults.readOnly;
      return failure ? fail(failure) : store.preflight(place, options);
    },
    async write(place, bytes, options) {
      faults.writes++;
      const failure = faults.down ?? faults.readOnly;
      if (failure) return fail(failure);
      const result = await store.write(place, bytes, options);
      faults.untidy.add(place.address);
      await faults.onWrite?.(place.address);
      return faults.losesAnswers ? fail(DOWN) : result;
    },
    whoAmI: (options) => store.whoAmI(options),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
