/**
 * The whole API of service accounts at a provider, as people use it by commands: one method an operation. Nothing here is used to
 * rotate. Every method returns expected failures and bounds its own time; only reads are repeated inside.
 */
import type { Credential } from '../domain/credential.ts';
import type { Result } from '../domain/failure.ts';
import type { JsonObject } from '../domain/target.ts';

export type Verb = 'list' | 'read' | 'create' | 'update' | 'regenerate' | 'close' | 'delete';

/** What may be said of an item that is made or changed. */
export interface Settable {
  readonly field: SettableField;
  readonly needed: boolean;
  /** What is allowed, in words: `3 to 64 characters`. */
  readonly allowed: string;
  /** Why this value is not allowed; `undefined` where it is. */
  problem(value: string): string | undefined;
}

export type SettableField = 'name' | 'role' | 'description';
export type Values = Readonly<Partial<Record<SettableField, string>>>;

/** What a kind of provider lets people do with its accounts, or with the credentials of one. Data and words, light to load. */
export interface CollectionWords {
  /** One of them: `service account`. */
  readonly noun: string;
  readonly verbs: readonly Verb[];
  readonly create: readonly Settable[];
  readonly update: readonly Settable[];
  /** Columns of a table beside id, name and state: the field and its heading. */
  readonly columns: readonly (readonly [field: string, heading: string])[];
  /** Which kind of credential `create` and `regenerate` bring; absent where they bring none. */
  readonly mints?: Credential['kind'];
  /** Whether a credential can be had again by `read`. */
  readonly showsAgain: boolean;
  /** What the verb ends, in a sentence, for whoever is asked whether to go on. */
  readonly ends: Partial<Readonly<Record<Verb, string>>>;
}

export interface AdministrationWords {
  readonly accounts: CollectionWords;
  /** Absent where an account has one credential, which is part of it. */
  readonly credentials?: CollectionWords;
}

/** Which item. `account`: of a credential, the account that it is one of. */
export interface ItemRef {
  readonly id: string;
  readonly account?: string;
}

/** An account, or a credential of one. */
export interface Item {
  readonly id: string;
  readonly name?: string;
  readonly state: 'open' | 'closed';
  /** Everything else that is known, by the API's own names. Never a secret. */
  readonly fields: JsonObject;
  /** Where the answer shows it. */
  readonly credential?: Credential;
}

/** An item with the credential that was just made. */
export interface MintedItem extends Item {
  readonly credential: Credential;
  /** The answer was lost; that it was made was found out by looking. */
  readonly recovered?: true;
}

export interface ItemPage {
  readonly items: readonly Item[];
  /** How many there are in all, where the service says so. */
  readonly total?: number;
}

export interface Asking {
  readonly signal: AbortSignal;
}

/** Methods are there for the verbs that the words name. */
export interface Collection {
  /** Page after page; ends after the first failure. Pages are no snapshot: an item may come twice, or not at all. */
  list(options: Asking & { readonly account?: string }): AsyncIterable<Result<ItemPage>>;
  /** Closed items as well. */
  read(ref: ItemRef, options: Asking): Promise<Result<Item>>;
  /** With a credential where the words say that it mints. Sent once. */
  create(values: Values, options: Asking & { readonly account?: string }): Promise<Result<Item>>;
  update(ref: ItemRef, values: Values, options: Asking): Promise<Result<Item>>;
  /** Makes a new credential in place of the old one. Sent once; a lost answer is looked into. */
  regenerate?(ref: ItemRef, options: Asking): Promise<Result<MintedItem>>;
  close?(ref: ItemRef, options: Asking): Promise<Result<Item>>;
  delete?(ref: ItemRef, options: Asking): Promise<Result<void>>;
}

export interface Administration extends AsyncDisposable {
  readonly accounts: Collection;
  readonly credentials?: Collection;
  /** Whether the manager credential is of this account; of a credential, whether it is that one. */
  isOwn(ref: ItemRef, options: Asking): Promise<Result<boolean>>;
}
