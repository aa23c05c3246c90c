/**
 * An emulator's state and its state file: checked as it is found, and saved as often as answers need it. Where no state file is
 * configured, nothing is ever found and saving is over at once.
 */
import type { z } from 'zod';
import type { Clock } from '../ports/clock.ts';
import { openStateFile } from './state-file.ts';

export interface KeptState<State> {
  /** What was saved last; `undefined` where there is nothing. */
  readonly saved: State | undefined;
  /** To be called with each change that must not be lost. */
  changed(): void;
  /** Resolves when all that is known now would be found again after a crash; what only ages may be found a second old. */
  settle(): Promise<void>;
  /** As `settle`, with the newest of all. */
  flush(): Promise<void>;
}

export interface KeptStateOptions<State> {
  /** The state file; absent: nothing is kept. */
  readonly path: string | undefined;
  /** Whose it is, such as `Keycard`. */
  readonly emulator: string;
  readonly schema: z.ZodType<State>;
  /** The organisation that it must be of; absent: any. */
  readonly organisation: string | undefined;
  /** Asked for the state at the moment of each write. */
  readonly snapshot: () => State;
  readonly clock: Pick<Clock, 'elapsed'>;
}

/** What changes with every call, such as counts of calls, is saved with each other change, else this often. */
const AGED_SAVED_EVERY_MS = 1_000;

/** Throws, with a message for a person, where the state file cannot be used. */
export async function openKeptState<State extends { readonly organisation: string }>(
  options: KeptStateOptions<State>,
): Promise<KeptState<State>> {
  const { path, clock } = options;
  const file = path === undefined ? undefined : openStateFile(path, options.snapshot);
  const value = await file?.load();
  const saved = value === undefined ? undefined : checked(value, options);
  let version = 1;
  let savedVersion = 0;
  let savedAt = clock.elapsed();

  async function flush(): Promise<void> {
    if (file === undefined) return;
    const wanted = version;
    savedAt = clock.elapsed();
    await file.save();
    savedVersion = Math.max(savedVersion, wanted);
  }

  return {
    saved,
    changed() {
      version += 1;
    },
    async settle() {
      const isAged = clock.elapsed() - savedAt >= AGED_SAVED_EVERY_MS;
      if (savedVersion < version || isAged) await flush();
    },
    flush,
  };
}

function checked<State extends { readonly organisation: string }>(
  value: unknown,
  { path, emulator, schema, organisation }: KeptStateOptions<State>,
): State {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new Error(
      `${path} is not the state of a ${emulator} emulator (see ${where || 'its top'}). Remove it to begin anew.`,
    );
  }
  const state = parsed.data;
  if (organisation !== undefined && organisation !== state.organisation) {
    throw new Error(
      `${path} belongs to organisation ${state.organisation}, not ${organisation}. Remove it to begin anew.`,
    );
  }
  return state;
}
