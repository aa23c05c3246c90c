/**
 * The service that mints, as it really is: accounts, each with one token that is replaced in place, or with several that are valid
 * side by side, and all that was ever given out. Knows nothing of who asks.
 */
import type { Dice } from './dice.ts';
import type { Timeline } from './timeline.ts';

export interface Token {
  readonly text: string;
  readonly account: string;
  /** Number of the token among those of its account, from 0. */
  readonly number: number;
  readonly mintedAt: number;
  readonly expiresAt?: number;
  readonly by: string;
  /** Where an account can have several: what it is known by, and the part of it that is no secret. */
  readonly reference?: string;
  readonly clientId?: string;
}

export interface AccountState {
  readonly since: number;
  readonly exists: boolean;
  readonly open: boolean;
  /** The newest that is valid. */
  readonly live: Token;
  readonly valid: readonly Token[];
}

export interface ServiceAccount {
  readonly id: string;
  /** All its states, the newest last: what a stale answer shows is one of them. */
  readonly states: AccountState[];
}

/** Marks every token, so that a search for it finds any of them. */
export const TOKEN_MARK = 's3kr1t';

/** Whoever asks for uses asks for those of the last minutes, or whether there was any. */
const USES_KEPT_MS = 600_000;

export class Service {
  readonly accounts = new Map<string, ServiceAccount>();
  readonly tokens = new Map<string, Token>();
  readonly #revoked = new Set<Token>();
  readonly #timeline: Timeline;
  readonly #dice: Dice;
  readonly #lifetimeMs: number | undefined;
  readonly #overlaps: boolean;
  /** By token, the oldest first: the uses within `USES_KEPT_MS` before the last one, and the one before these. */
  readonly #uses = new Map<Token, number[]>();

  constructor(
    timeline: Timeline,
    dice: Dice,
    { lifetimeMs, overlaps }: { readonly lifetimeMs: number | undefined; readonly overlaps: boolean },
  ) {
    this.#timeline = timeline;
    this.#dice = dice;
    this.#lifetimeMs = lifetimeMs;
    this.#overlaps = overlaps;
  }

  open(id: string): ServiceAccount {
    const account: ServiceAccount = { id, states: [] };
    this.accounts.set(id, account);
    const live = this.#token(account, 'console');
    account.states.push({ since: this.#timeline.now, exists: true, open: true, live, valid: [live] });
    return account;
  }

  stateOf(id: string): AccountState | undefined {
    return this.accounts.get(id)?.states.at(-1);
  }

  /** The state as it was `lagMs` ago, or as it was first. */
  stateBefore(id: string, lagMs: number): AccountState | undefined {
    const states = this.accounts.get(id)?.states ?? [];
    const at = this.#timeline.now - lagMs;
    return states.findLast(({ since }) => since <= at) ?? states[0];
  }

  /** A new token. In place the old one is dead, and a closed account open again. */
  regenerate(id: string, by: string): Token | undefined {
    const account = this.accounts.get(id);
    const state = account?.states.at(-1);
    if (account === undefined || state?.exists !== true) return undefined;
    const live = this.#token(account, by);
    const open = this.#overlaps ? state.open : true;
    const valid = this.#overlaps ? [...state.valid, live] : [live];
    account.states.push({ since: this.#timeline.now, exists: true, open, live, valid });
    return live;
  }

  /** One of several is valid no more. False where it is gone already. */
  retire(id: string, reference: string): boolean {
    const account = this.accounts.get(id);
    const state = account?.states.at(-1);
    if (account === undefined || state === undefined) return false;
    const valid = state.valid.filter((token) => token.reference !== reference);
    if (valid.length === state.valid.length) return false;
    account.states.push({ ...state, since: this.#timeline.now, valid, live: valid.at(-1) ?? state.live });
    return true;
  }

  /** When it was used last, at this instant or before it. */
  usedAt(token: Token, by = this.#timeline.now): number | undefined {
    return this.#uses.get(token)?.findLast((at) => at <= by);
  }

  change(id: string, change: Partial<Pick<AccountState, 'open' | 'exists'>>): void {
    const account = this.accounts.get(id);
    const state = account?.states.at(-1);
    if (account === undefined || state === undefined) return;
    account.states.push({ ...state, ...change, since: this.#timeline.now });
  }

  /** Ends the token that is live, and shows it as live still. */
  revoke(id: string): void {
    const live = this.stateOf(id)?.live;
    if (live !== undefined) this.#revoked.add(live);
  }

  /** Somebody ends the newest of several: it is listed no more. */
  end(id: string): void {
    const { valid = [] } = this.stateOf(id) ?? {};
    const { reference } = valid.at(-1) ?? {};
    if (reference !== undefined) this.retire(id, reference);
  }

  /** Whether any credential of the account is refused although it is shown. */
  hasRevoked(id: string): boolean {
    return [...this.#revoked].some(({ account }) => account === id);
  }

  /** Whether nobody can use what is live, for good. */
  isDead(id: string): boolean {
    const live = this.stateOf(id)?.live;
    return live !== undefined && (this.#revoked.has(live) || this.#isExpired(live));
  }

  /** Whose token this is, if the service takes it now. */
  whose(text: string): string | undefined {
    const token = this.tokens.get(text);
    const state = token === undefined ? undefined : this.stateOf(token.account);
    if (token === undefined || state === undefined || !this.isValid(token, state)) return undefined;
    this.#use(token);
    return token.account;
  }

  #use(token: Token): void {
    const { now } = this.#timeline;
    const uses = this.#uses.get(token) ?? [];
    const kept = uses.findLastIndex((at) => at < now - USES_KEPT_MS);
    this.#uses.set(token, [...uses.slice(Math.max(0, kept)), now]);
  }

  isValid(token: Token, state = this.stateOf(token.account)): boolean {
    return (
      state?.exists === true &&
      state.open &&
      state.valid.includes(token) &&
      !this.#revoked.has(token) &&
      !this.#isExpired(token)
    );
  }

  #isExpired({ expiresAt }: Token): boolean {
    return expiresAt !== undefined && expiresAt <= this.#timeline.now;
  }

  #token({ id, states }: ServiceAccount, by: string): Token {
    const mintedAt = this.#timeline.now;
    const number = new Set(states.flatMap(({ valid }) => valid)).size;
    const text = `${TOKEN_MARK}.${id}.${number}.${Math.floor(this.#dice.fraction() * 2 ** 32).toString(36)}`;
    const life = this.#lifetimeMs === undefined ? {} : { expiresAt: mintedAt + this.#lifetimeMs };
    const which = this.#overlaps ? { reference: `r-${id}-${number}`, clientId: `c-${id}-${number}` } : {};
    const token: Token = { text, account: id, number, mintedAt, by, ...life, ...which };
    this.tokens.set(text, token);
    return token;
  }
}
