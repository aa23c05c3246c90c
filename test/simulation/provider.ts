/** The provider's port upon the simulated service, as one process sees it through the network. */
import type { Credential } from '../../src/domain/credential.ts';
import { fingerprintOf } from '../../src/domain/credential.ts';
import { failed, succeeded } from '../../src/domain/failure.ts';
import type { CallsLeft } from '../../src/domain/calls-left.ts';
import type { Failure, Result } from '../../src/domain/failure.ts';
import type {
  AccountRef,
  Manager,
  Minted,
  Proof,
  Provider,
  SeenAccount,
  SeenCredential,
  Sighting,
} from '../../src/ports/provider.ts';
import type { ServiceClocks } from '../../src/engine/service-clocks.ts';
import { declined, madeAllTheSame } from './declining.ts';
import type { Host } from './host.ts';
import { travel } from './network.ts';
import type { Travel } from './network.ts';
import type { Token } from './service.ts';
import type { World } from './world.ts';
import { credentialOf, textOf } from './credentials.ts';

export const PROVIDER = 'kronup';
export const ORIGIN = 'https://api.kronup.com';
/** Whose conditions are those of mints alone, beside the provider's. */
export const MINTS = 'mints';
export const MANAGER_ID = 'manager';
/** How a mint is named that only ends what the account had. */
export const ENDING = 'rekeyd/ended/';
const MINT_LIMIT_MS = 30_000;
const READ_LIMIT_MS = 20_000;

export function providerFor(world: World, host: Host, clocks: ServiceClocks): Provider {
  return new SimulatedProvider(world, host, clocks);
}

class SimulatedProvider implements Provider {
  readonly name = PROVIDER;
  readonly kind = 'kronup';
  readonly origin = ORIGIN;
  readonly strategies: Provider['strategies'];
  readonly retire?: NonNullable<Provider['retire']>;
  readonly mintTimeLimitMs = MINT_LIMIT_MS;
  readonly looksAtMany: boolean;
  readonly freeze: Provider['freeze'];
  readonly #world: World;
  readonly #host: Host;
  readonly #clocks: ServiceClocks;
  readonly #ended = new AbortController();
  #manager: Manager | undefined;

  constructor(world: World, host: Host, clocks: ServiceClocks) {
    this.#clocks = clocks;
    this.freeze = world.plan.freeze;
    this.#world = world;
    this.#host = host;
    this.strategies = [world.plan.strategy];
    // As at the services that have these strategies: a list shows all tokens, or each account has a list of its own.
    this.looksAtMany = world.plan.strategy !== 'overlap';
    if (world.plan.strategy === 'overlap') this.retire = (ref, options) => this.#retire(ref, options);
  }

  async manager({
    signal,
    again = false,
  }: {
    readonly signal: AbortSignal;
    readonly again?: boolean;
  }): Promise<Result<Manager>> {
    const { world, token } = { world: this.#world, token: this.#world.managerToken };
    const fingerprint = fingerprintOf(credentialOf(token));
    if (!again && this.#manager?.fingerprint === fingerprint) return succeeded(this.#manager);
    const answer = await this.#ask<Manager>('who am I', signal, {
      limitMs: READ_LIMIT_MS,
      effect: () => this.#refused() ?? succeeded({ accountId: world.managerId, fingerprint, role: 'admin' }),
    });
    if (answer.ok) {
      this.#manager = answer.value;
      this.#world.watch.managerSeen(this.#host, answer.value.accountId ?? '');
    }
    return answer;
  }

  async observe(
    accounts: readonly AccountRef[],
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Result<Sighting>> {
    const requestedAt = this.#host.clock.now();
    const asked = this.#world.timeline.now;
    const ids = accounts.map(({ accountId }) => accountId);
    this.#world.watch.knowledge.looking(this.#host, ids, asked);
    const answer = await this.#ask<Sighting>(`look at ${ids.join(', ')}`, signal, {
      limitMs: READ_LIMIT_MS,
      effect: () =>
        this.#refused() ??
        succeeded({ requestedAt, accounts: new Map(ids.map((id) => [id, this.#seen(id)])) }),
    });
    if (answer.ok) {
      for (const [id, seen] of answer.value.accounts)
        this.#world.watch.accountSeen(this.#host, { id, seen, asked });
    }
    return answer;
  }

  async mint(account: AccountRef, options: Parameters<Provider['mint']>[1]): Promise<Result<Minted>> {
    const { accountId } = account;
    const { world, host } = { world: this.#world, host: this.#host };
    const { name, signal, maySend, onSent } = options;
    // Waiting for a turn among other calls.
    if (world.dice.chance(0.3)) await host.clock.sleep(world.dice.between(1, 3_000));
    const obstacle = signal.aborted || this.#ended.signal.aborted ? 'stopped' : maySend?.();
    if (obstacle !== undefined) return failed('not-connected', `not sent: ${obstacle}`);
    const sentAt = host.clock.now();
    onSent?.(sentAt);
    const isEnding = name.startsWith(ENDING);
    if (isEnding) world.watch.endSent(host, accountId);
    const sent = isEnding ? undefined : world.watch.mintSent(host, { id: accountId, name });
    const answer = await this.#ask<Minted>(`mint for ${accountId}`, signal, {
      limitMs: MINT_LIMIT_MS,
      conditions: world.conditions(MINTS),
      effect: () => this.#regenerate(accountId, { name, sentAt }),
    });
    if (sent === undefined) world.watch.endAnswered(host, accountId, answer);
    else world.watch.mintAnswered(sent, answer);
    return answer;
  }

  async prove(credential: Credential, { signal }: { readonly signal: AbortSignal }): Promise<Result<Proof>> {
    const { watch, service } = this.#world;
    const text = textOf(credential);
    const token = service.tokens.get(text);
    const asked = this.#world.timeline.now;
    const answer = await this.#ask<Proof>(`try ${token?.account ?? '?'}#${token?.number ?? '?'}`, signal, {
      limitMs: READ_LIMIT_MS,
      effect: () => {
        const troubles = this.#world.troubles();
        if (this.#world.dice.chance(troubles.ownLimited ?? 0))
          return failed('rate-limited', 'the account has used its own calls up');
        const accountId = troubles.refusesAll === undefined ? service.whose(text) : undefined;
        return accountId === undefined
          ? failed('credential-refused', 'the token is refused', {
              status: 401,
              id: 'auth-api-expired',
              revoked: true,
            })
          : succeeded({ accountId });
      },
    });
    if (token !== undefined) watch.tried({ token, answer, asked });
    return answer;
  }

  lifetimeOf(credential: Credential): { readonly issuedAt?: number; readonly expiresAt?: number } {
    const token = this.#world.service.tokens.get(textOf(credential));
    if (token?.expiresAt === undefined) return {};
    return { issuedAt: token.mintedAt, expiresAt: token.expiresAt };
  }

  callsLeft(): CallsLeft | undefined {
    const { quota } = this.#world.plan;
    if (quota === undefined) return undefined;
    const { made, endsAt } = this.#world.callsMade(quota);
    const renewedAt = endsAt - this.#world.timeline.now + this.#host.clock.now();
    return { left: Math.max(0, quota.limit - made), limit: quota.limit, reserve: quota.reserve, renewedAt };
  }

  refOf: Provider['refOf'] = ({ organisation, accountIds }) => ({ organisation, accountId: accountIds[0] });

  [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    return Promise.resolve();
  }

  #ask<T>(
    what: string,
    signal: AbortSignal,
    request: Pick<Travel<T>, 'limitMs'> &
      Partial<Pick<Travel<T>, 'conditions'>> & { readonly effect: () => Result<T> },
  ): Promise<Result<T>> {
    const { trace, conditions } = this.#world;
    trace.add(this.#host.name, () => `asks the provider: ${what}`);
    const { timeline } = this.#world;
    const { clock } = this.#host;
    const sentAt = clock.elapsed();
    let date = Number.NaN;
    return travel(this.#world, this.#host, {
      conditions: { ...conditions(PROVIDER), ...request.conditions },
      limitMs: request.limitMs,
      signal,
      ended: this.#ended.signal,
      effect: (late) => {
        const result = request.effect();
        // The service is right about the time.
        date = timeline.now;
        const outcome = result.ok ? 'done' : result.failure.kind;
        trace.add('provider', () => `${what} for ${this.#host.name}: ${outcome}${late ? ', too late' : ''}`);
        return result;
      },
      onTimeout: () => failed('no-answer', 'no answer within the time limit'),
      onAbort: () => failed('no-answer', 'stopped while waiting for the answer'),
      failed: (failure) => failure,
    }).then((result) => {
      this.#clocks.told(`provider ${PROVIDER}`, { date, sentAt, receivedAt: clock.elapsed() });
      trace.add(
        this.#host.name,
        () => `hears from the provider: ${what}: ${result.ok ? 'ok' : result.failure.kind}`,
      );
      return result;
    });
  }

  /** The manager credential is not taken, or has made all its calls. */
  #refused(): { readonly ok: false; readonly failure: Failure } | undefined {
    const { quota } = this.#world.plan;
    if (quota !== undefined && ++this.#world.callsMade(quota).made > quota.limit)
      return failed('rate-limited', 'the calls of the period are used up', { status: 429 });
    const isRefused = this.#world.troubles().refusesAll === 'everything' || !this.#world.managerAccepted;
    return isRefused
      ? failed('credential-refused', 'the manager token is refused', { status: 401 })
      : undefined;
  }

  #seen(id: string): SeenAccount {
    const { service, dice, showsLive } = this.#world;
    const { staleMs = 0, moving = 0 } = this.#world.troubles();
    const state = service.stateBefore(id, dice.between(0, staleMs));
    if (dice.chance(moving)) return { state: dice.pick(['absent', 'closed']), certain: false };
    if (state?.exists !== true) return { state: 'absent', certain: true };
    if (!state.open) return { state: 'closed', certain: true };
    return {
      state: 'open',
      certain: true,
      ...(showsLive ? { live: credentialOf(state.live) } : {}),
      ...(this.retire === undefined ? {} : { credentials: state.valid.map((token) => this.#listed(token)) }),
    };
  }

  #listed(token: Token): SeenCredential {
    const { reference = '', clientId = '', by: name, mintedAt: createdAt } = token;
    const usedAt = this.#world.service.usedAt(token);
    return { reference, clientId, name, createdAt, ...(usedAt === undefined ? {} : { lastUsedAt: usedAt }) };
  }

  async #retire(
    { accountId }: AccountRef,
    { reference, signal, maySend }: Parameters<NonNullable<Provider['retire']>>[1],
  ): Promise<Result<void>> {
    const { world, host } = { world: this.#world, host: this.#host };
    if (world.dice.chance(0.3)) await host.clock.sleep(world.dice.between(1, 3_000));
    const obstacle = signal.aborted ? 'stopped' : maySend?.();
    if (obstacle !== undefined) return failed('not-connected', `not sent: ${obstacle}`);
    world.watch.retireSent(host, { id: accountId, reference });
    return this.#ask<void>(`retire ${reference}`, signal, {
      limitMs: MINT_LIMIT_MS,
      effect: () => {
        const refused = this.#refused();
        if (refused !== undefined) return refused;
        return world.service.retire(accountId, reference)
          ? succeeded(undefined)
          : failed('not-found', 'no such credential', { status: 404 });
      },
    });
  }

  #regenerate(
    id: string,
    { name, sentAt }: { readonly name: string; readonly sentAt: number },
  ): Result<Minted> {
    const { service, dice, watch } = this.#world;
    const { wrong = 0, invalid = 0, forbids = 0, forgets = 0 } = this.#world.troubles();
    const refused = this.#refused();
    if (refused !== undefined) return refused;
    if (dice.chance(forbids)) return failed('not-allowed', 'it may not be minted for', { status: 403 });
    if (dice.chance(forgets)) return failed('not-found', 'no such account', { status: 404 });
    const before = service.stateOf(id);
    if (dice.chance(invalid / 2)) return declined();
    const token = service.regenerate(id, name);
    if (token === undefined || before === undefined)
      return failed('not-found', 'no such account', { status: 404 });
    watch.minted(this.#host, { id, name, token, before });
    if (dice.chance(invalid / 2)) return madeAllTheSame(token);
    const reference = token.reference === undefined ? {} : { reference: token.reference };
    if (!dice.chance(wrong))
      return succeeded({ credential: credentialOf(token), accountId: id, sentAt, ...reference });
    watch.grounds.wrongAnswer(id);
    return dice.chance(0.5)
      ? succeeded({
          credential: credentialOf(this.#world.wrongToken(id) ?? token),
          accountId: 'another',
          sentAt,
        })
      : succeeded({ credential: credentialOf(before.live), accountId: id, sentAt });
  }
}
