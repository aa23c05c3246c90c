/** What `load.ts` and its worker thread say to one another. Everything in it can be cloned. */
import type { BadConfig, GoodConfig, ReadOptions } from './read-config.ts';

/** What the worker is started with. */
export type Task = ReadOptions;

export interface LoadedFile {
  readonly path: string;
  readonly hash: string;
  readonly changed: boolean;
}

/** For one batch of a changed file's accounts, both counted from 0. */
export interface Ask {
  readonly file: number;
  readonly batch: number;
}

export type Answer =
  | {
      readonly kind: 'good';
      readonly config: Omit<GoodConfig, 'files'> & { readonly files: readonly LoadedFile[] };
    }
  | { readonly kind: 'bad'; readonly bad: BadConfig }
  /** JSON of `ConfiguredAccount[]`; absent after the last. */
  | { readonly kind: 'batch'; readonly accounts?: string };
