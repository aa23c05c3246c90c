/** One place in a store where one account's credential goes, in one format. */
import type { Consumer } from './consumer.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** How a credential is written down. Its `kind` names an entry of the formats' registry. */
export interface FormatPolicy {
  readonly kind: string;
  readonly options: JsonObject;
}

export interface Target {
  /** What people call it and the record keys it by: `store:address`, or `store:address#key`. */
  readonly id: TargetId;
  /** The same place has the same location whatever the store's name: no two targets share one. */
  readonly location: string;
  /** Name of a configured store. */
  readonly store: string;
  /** What that name led to when this was configured. Absent: nobody knows. */
  readonly leadsTo?: string;
  /** Where in the store, in the store's own words: a path, the name of a secret. */
  readonly address: string;
  /** What the store's kind lets a target say, such as a file's mode or a secret's KMS key. */
  readonly options: JsonObject;
  readonly format: FormatPolicy;
  readonly required: boolean;
  /** Whether something foreign found there may be written over. */
  readonly overwrite: boolean;
  /** How long consumers take to pick a new value up, in ms. */
  readonly consumerLagMs?: number;
  /** Who reads it and has to be made to read each new value. Those that come before others stand before them. */
  readonly consumers?: readonly Consumer[];
}

export type TargetId = string;

/** When what a target holds was written, and by whom, as far as its store shows that. */
export interface LastWrite {
  /** Ms since the epoch. */
  readonly at?: number;
  /** In the store's words, for a person: the name under which it wrote, such as `external-secrets`. */
  readonly by?: string;
}
