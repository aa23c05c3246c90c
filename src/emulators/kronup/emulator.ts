/**
 * Kronup as a local server, for rehearsals and tests: real HTTP, real signed tokens, every documented answer. It is
 * no part of the daemon, and its tokens open nothing.
 */
import { Secret } from '../../domain/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { openMemory } from './memory.ts';
import { createServer } from './server.ts';
import type { Role } from './service-account.ts';

export interface KronupEmulatorOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Where to listen; `127.0.0.1` by default. */
  readonly host?: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** How many accounts to seed beside the manager's; 3 by default. */
  readonly accounts?: number;
  /** Role of the seeded accounts; `member` by default. */
  readonly accountRole?: Role;
  /** Role of the manager's account; `admin` by default. */
  readonly managerRole?: Role;
  /** Id of the organisation; one that is the same each time by default. */
  readonly organisation?: string;
  /** Keeps the state in this file, synced before each answer that depends on it. Made for some thousand accounts. */
  readonly statePath?: string;
  /** Leaves `serviceToken` out of all answers but those of create and regenerate. */
  readonly hideTokens?: boolean;
  /** Old tokens of open accounts stay alive. */
  readonly keepOldTokens?: boolean;
  /** Each call of the list sees the accounts in another order, so that pages overlap and miss some. */
  readonly movePages?: boolean;
  /** Calls a UTC day an account; 10 000 by default, as documented. */
  readonly dailyLimit?: number;
  /** How many accounts may be open at the same time; by default 100 more than there are at the start. */
  readonly accountLimit?: number;
  /** Gives tokens an `exp` this long after their making. */
  readonly tokenLifetimeMs?: number;
}

export interface EmulatedAccount {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly closed: boolean;
}

export interface KronupEmulator extends AsyncDisposable {
  /** Base URL for clients, with `/v1`. */
  readonly url: string;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly port: number;
  /** Id of the organisation. */
  readonly organisation: string;
  /** The account that a daemon authenticates with; `token` is its live one. */
  readonly manager: { readonly id: string; readonly token: Secret };
  /** All others, in the order of their making. */
  readonly accounts: readonly EmulatedAccount[];
  /** The token that is accepted now. Throws for an id that it does not know. */
  liveToken(accountId: string): Promise<Secret>;
  /** How often `PUT` minted: for one account, or in all. */
  mints(accountId?: string): number;
}

const HOST = '127.0.0.1';
const DAILY_LIMIT = 10_000;
const ACCOUNTS = 3;
const ACCOUNTS_TO_SPARE = 100;

/** Resolves when it listens. Throws, with a message for a person, where the port or the state file cannot be used. */
export async function startKronupEmulator(options: KronupEmulatorOptions): Promise<KronupEmulator> {
  const memory = await openMemory({
    statePath: options.statePath,
    organisation: options.organisation,
    accounts: options.accounts ?? ACCOUNTS,
    accountRole: options.accountRole ?? 'member',
    managerRole: options.managerRole ?? 'admin',
    tokenLifetimeMs: options.tokenLifetimeMs,
    clock: options.clock,
  });
  const { organisation, manager, tokens } = memory;
  let managerToken = new Secret(await tokens.of(manager));
  await memory.settle();
  const server = createServer({
    memory,
    clock: options.clock,
    random: options.random,
    hideTokens: options.hideTokens ?? false,
    keepOldTokens: options.keepOldTokens ?? false,
    movePages: options.movePages ?? false,
    dailyLimit: options.dailyLimit ?? DAILY_LIMIT,
    accountLimit: options.accountLimit ?? organisation.countOpen() + ACCOUNTS_TO_SPARE,
  });
  const { origin, port } = await server.listen(options.host ?? HOST, options.port ?? 0);

  return {
    url: `${origin}/v1`,
    origin,
    port,
    organisation: organisation.id,
    manager: {
      id: manager.id,
      get token() {
        const text = manager.token;
        if (text !== undefined && text !== managerToken.reveal()) managerToken = new Secret(text);
        return managerToken;
      },
    },
    get accounts() {
      return organisation.accounts
        .filter((account) => account !== manager)
        .map(({ id, name, role, closedAt }) => ({ id, name, role, closed: closedAt !== 0 }));
    },
    async liveToken(accountId) {
      const account = organisation.find(accountId);
      if (account === undefined) throw new Error(`the emulator has no account ${accountId}`);
      const token = await tokens.of(account);
      await memory.settle();
      return new Secret(token);
    },
    mints(accountId) {
      if (accountId !== undefined) return organisation.find(accountId)?.mints ?? 0;
      return organisation.accounts.reduce((sum, account) => sum + account.mints, 0);
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await memory.flush();
    },
  };
}
