/** What `load.ts` and its worker thread say to one another. Everything in it can be cloned. */
import type { Found } from '../ports/journal-found.ts';
import type { BadConfig, GoodConfig, ReadOptions } from './read-config.ts';
import type { Settings } from './settings.ts';

/** What the worker is started with. */
export type Task = Omit<ReadOptions, 'appliedFiles' | 'found'>;

export interface LoadedFile {
  readonly path: string;
  readonly hash: string;
  readonly changed: boolean;
}

/** What was applied last: the worker waits for it after it has told the settings. */
export interface Applied {
  readonly appliedFiles: ReadonlyMap<string, string>;
  readonly found: Found;
}

/** For one batch of a changed file's accounts, both counted from 0. */
export interface Ask {
  readonly file: number;
  readonly batch: number;
}

export type Answer =
  /** The main file was read; settings are absent where they have problems. */
  | { readonly kind: 'begun'; readonly settings?: Settings }
  | {
      readonly kind: 'good';
      readonly config: Omit<GoodConfig, 'files'> & { readonly files: readonly LoadedFile[] };
    }
  | { readonly kind: 'bad'; readonly bad: BadConfig }
  /** JSON of `ConfiguredAccount[]`; absent after the last. */
  | { readonly kind: 'batch'; readonly accounts?: string };
