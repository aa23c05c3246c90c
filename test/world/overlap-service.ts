/**
 * A service whose accounts can have several credentials at a time, in memory, and the provider that speaks to it. What goes wrong is
 * set from outside. For tests of the engine, which knows no concrete provider.
 */
import { fingerprintOf } from '../../src/domain/credential.ts';
import type { ClientCredential, Credential } from '../../src/domain/credential.ts';
import { failed, succeeded } from '../../src/domain/failure.ts';
import type { Result } from '../../src/domain/failure.ts';
import { FREEZE_LIMIT } from '../../src/domain/limits.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Provider, SeenAccount, SeenCredential } from '../../src/ports/provider.ts';

interface Held extends SeenCredential {
  readonly secret: string;
  lastUsedAt?: number;
}

/** What becomes of the next requests of a kind: taken from the front, one for each. */
export type OverlapFault =
  | 'lost-before'
  | 'lost-after'
  | 'declined'
  | 'declined-after'
  | 'refused'
  | 'unreachable'
  | 'brings-another'
  | 'not-found';

export class OverlapService {
  readonly origin = 'https://overlap.example';
  readonly managerClientId = 'client-of-manager';
  /** By account id; one that is not there is absent. */
  readonly accounts = new Map<string, Held[]>();
  readonly mints: OverlapFault[] = [];
  readonly retirements: OverlapFault[] = [];
  /** Called when a look was asked for and is not answered yet. */
  onLook: () => void = () => undefined;
  readonly looks: OverlapFault[] = [];
  /** Credentials are accepted only so long after they were minted, in ms. */
  consistentAfterMs = 0;
  /** Credentials are accepted for so long after they were ended, in ms. */
  endsAfterMs = 0;
  /** Its clock is behind ours by this much, in ms. */
  behindMs = 0;
  /** What was written beside accounts. */
  readonly lines: string[] = [];
  /** Whether it is refused. */
  refusesLines = false;
  /** Called whenever somebody was given a new credential. */
  onMinted: () => void = () => undefined;
  /** Requests to mint and to retire that have reached the service. */
  readonly received: string[] = [];
  readonly #clock: Clock;
  readonly #ended: { readonly held: Held; readonly accountId: string; readonly until: number }[] = [];
  #count = 0;

  constructor(clock: Clock, accountIds: readonly string[]) {
    this.#clock = clock;
    for (const id of accountIds) this.accounts.set(id, []);
  }

  /** Somebody makes a credential in the console. */
  make(
    accountId: string,
    name: string,
  ): { readonly credential: ClientCredential; readonly reference: string } {
    const count = ++this.#count;
    const held: Held = {
      reference: `reference-${count}`,
      name,
      clientId: `client-${count}`,
      createdAt: this.#clock.now(),
      secret: `secret-${count}-${'x'.repeat(40)}`,
    };
    this.#of(accountId).push(held);
    return { credential: credentialOf(held), reference: held.reference };
  }

  /** Somebody ends a credential in the console. */
  end(accountId: string, reference: string): boolean {
    const index = this.#of(accountId).findIndex((one) => one.reference === reference);
    const [held] = index < 0 ? [] : this.#of(accountId).splice(index, 1);
    if (held !== undefined)
      this.#ended.push({ held, accountId, until: this.#clock.now() + this.endsAfterMs });
    return held !== undefined;
  }

  /** A consumer uses what it has: whether it is accepted. */
  use({ clientId, clientSecret }: ClientCredential): boolean {
    return this.#use(clientId, clientSecret.reveal()) !== undefined;
  }

  names(accountId: string): string[] {
    return this.#of(accountId).map(({ name }) => name);
  }

  provider(name = 'overlap'): Provider {
    const manager = succeeded({ clientId: this.managerClientId, fingerprint: 'of-the-manager' });
    return {
      name,
      kind: 'overlap',
      origin: this.origin,
      strategies: ['overlap'],
      mintTimeLimitMs: 10_000,
      freeze: FREEZE_LIMIT,
      looksAtMany: false,
      manager: () => Promise.resolve(manager),
      observe: (refs) => {
        const requestedAt = this.#clock.now();
        this.onLook();
        const fault = this.looks.shift();
        if (fault !== undefined) return Promise.resolve(failed('no-answer', 'the look was lost'));
        const accounts = new Map(refs.map(({ accountId }) => [accountId, this.#seen(accountId)]));
        return Promise.resolve(succeeded({ requestedAt, accounts }));
      },
      mint: (ref, { name: mark, maySend, onSent }) => {
        const why = maySend?.();
        if (why !== undefined) return Promise.resolve(failed('not-connected', why));
        const sentAt = this.#clock.now();
        onSent?.(sentAt);
        const another = this.mints[0] === 'brings-another' ? this.#of(ref.accountId)[0] : undefined;
        const made = this.#faulty(this.mints, `mint ${mark}`, () => {
          const { credential, reference } = this.make(ref.accountId, mark);
          return { credential: another === undefined ? credential : credentialOf(another), reference };
        });
        this.onMinted();
        return Promise.resolve(
          made.ok ? succeeded({ ...made.value, accountId: ref.accountId, sentAt }) : made,
        );
      },
      prove: (credential, { account }) => Promise.resolve(this.#prove(credential, account?.accountId)),
      retire: (ref, { reference, maySend }) => {
        const why = maySend?.();
        if (why !== undefined) return Promise.resolve(failed('not-connected', why));
        const ended = this.#faulty(this.retirements, `retire ${reference}`, () =>
          this.end(ref.accountId, reference),
        );
        if (!ended.ok) return Promise.resolve(ended);
        return Promise.resolve(ended.value ? succeeded(undefined) : failed('not-found', 'it is not there'));
      },
      annotate: ({ accountId }, { line }) => {
        this.lines.push(`${accountId}: ${line}`);
        return Promise.resolve(
          this.refusesLines ? failed('not-allowed', 'no room for it') : succeeded(undefined),
        );
      },
      lifetimeOf: () => ({}),
      callsLeft: () => undefined,
      refOf: ({ organisation, accountIds }) => ({ organisation, accountId: accountIds[0] }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  #faulty<T>(faults: OverlapFault[], what: string, effect: () => T): Result<T> {
    const fault = faults.shift();
    if (fault === 'unreachable') return failed('not-connected', `${what}: nobody listens`);
    this.received.push(what);
    if (fault === 'refused') return failed('not-allowed', `${what} is not allowed`);
    // By a server that is behind.
    if (fault === 'not-found') return failed('not-found', `${what}: it is not there`);
    if (fault === 'lost-before') return failed('no-answer', `${what} was lost`);
    if (fault === 'declined') return declined(what);
    const value = effect();
    if (fault === 'declined-after') return declined(what);
    return fault === 'lost-after' ? failed('no-answer', `the answer to ${what} was lost`) : succeeded(value);
  }

  #prove(credential: Credential, accountId: string | undefined): Result<{ readonly accountId: string }> {
    if (credential.kind !== 'client' || accountId === undefined) {
      return failed('credential-refused', 'a client id with its secret is needed, and the account');
    }
    const used = this.#use(credential.clientId, credential.clientSecret.reveal());
    if (used === accountId) return succeeded({ accountId });
    const isEnded = this.#ended.some(({ held }) => held.clientId === credential.clientId);
    return failed('credential-refused', 'refused', isEnded ? { revoked: true } : {});
  }

  #use(clientId: string, secret: string): string | undefined {
    const now = this.#clock.now();
    for (const [accountId, credentials] of this.accounts) {
      const held = credentials.find((one) => one.clientId === clientId && one.secret === secret);
      if (held === undefined || now < held.createdAt + this.consistentAfterMs) continue;
      held.lastUsedAt = now;
      return accountId;
    }
    return this.#ended.find(
      ({ held, until }) => held.clientId === clientId && held.secret === secret && now < until,
    )?.accountId;
  }

  #seen(accountId: string): SeenAccount {
    const credentials = this.accounts.get(accountId);
    if (credentials === undefined) return { state: 'absent', certain: true };
    return {
      state: 'open',
      certain: true,
      credentials: credentials.map((held) => this.#shown(held)),
    };
  }

  #shown({ secret: _, createdAt, lastUsedAt, ...seen }: Held): SeenCredential {
    const used = lastUsedAt === undefined ? {} : { lastUsedAt: lastUsedAt - this.behindMs };
    return { ...seen, createdAt: createdAt - this.behindMs, ...used };
  }

  #of(accountId: string): Held[] {
    const held = this.accounts.get(accountId);
    if (held === undefined) throw new Error(`there is no account ${accountId}`);
    return held;
  }
}

function declined(what: string): Result<never> {
  return failed('answer-invalid', `${what}: 409, the account has as many as it may`, { declined: true });
}

function credentialOf({ clientId = '', secret }: Held): ClientCredential {
  return { kind: 'client', clientId, clientSecret: new Secret(secret) };
}

/** How a target with format `json` holds it. */
export function jsonOf(credential: ClientCredential): string {
  const { clientId, clientSecret } = credential;
  return JSON.stringify({ client_id: clientId, client_secret: clientSecret.reveal() });
}

export function fingerprintIn(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const { client_id: clientId, client_secret: secret } = JSON.parse(text) as Record<string, string>;
  if (clientId === undefined || secret === undefined) return undefined;
  return fingerprintOf({ kind: 'client', clientId, clientSecret: new Secret(secret) });
}
