/**
 * Kronup as a local server, for rehearsals and tests: real HTTP, real signed tokens, every documented answer. It is
 * no part of the daemon, and its tokens open nothing.
 */
import { Secret } from '../../domain/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { addControl } from '../control.ts';
import { exchange } from '../exchange.ts';
import { createFaultBook } from '../faults.ts';
import type { Fault, FaultBook } from '../faults.ts';
import { createRateLimit } from '../rate.ts';
import { createServer } from '../server.ts';
import type { Server } from '../server.ts';
import { jsonAnswer } from '../wire.ts';
import type { Answer } from '../wire.ts';
import { createWitness } from '../witness.ts';
import type { CallMatch, Witness } from '../witness.ts';
import { answerError, answerInvalidArgument } from './answer.ts';
import { kronupApi, ROUTES } from './api.ts';
import { controlOf } from './control.ts';
import { eventOf } from './events.ts';
import type { ChangedEvent, EmulatorEvent } from './events.ts';
import { createPerson } from './person.ts';
import type { Person } from './person.ts';
import { describeEmulator } from './describe.ts';
import { ruleOf, settlesRequest } from './fault.ts';
import type { KronupFault, KronupFaultRule } from './fault.ts';
import { openMemory } from './memory.ts';
import type { Memory } from './memory.ts';
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
  /** Requests in any second; more are answered 429 with `Retry-After: 1`. As many as come by default. */
  readonly rate?: number;
  /** Calls a UTC day an account; 10 000 by default, as documented. */
  readonly dailyLimit?: number;
  /** How many accounts may be open at the same time; by default 100 more than there are at the start. */
  readonly accountLimit?: number;
  /** Gives tokens an `exp` this long after their making. */
  readonly tokenLifetimeMs?: number;
  /** Opens the control path, `/_control`, to whoever can connect; `false` by default. */
  readonly control?: boolean;
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
  /** In plain words for a person: where it listens, the organisation, the accounts. Without any token. */
  describe(): string;
  /** The token that is accepted now. Throws for an id that it does not know. */
  liveToken(accountId: string): Promise<Secret>;
  /** A token with any claims, signed with the emulator's own key: to rehearse refusals. */
  forgeToken(claims: Readonly<Record<string, unknown>>): Promise<Secret>;
  /** How often `PUT` minted, through restarts: for one account, or in all. */
  mints(accountId?: string): number;
  /** How many calls arrived, answered or not, that fit all that is given; `path` is without the query. */
  calls(match?: CallMatch): number;
  /** How many calls are over: answered or dropped, with all their effects. */
  readonly answered: number;
  /** What has happened, the oldest first; only the newest 10 000 are kept. */
  readonly events: readonly EmulatorEvent[];
  /** The first event that fits, of those kept or to come. */
  when(fits: (event: EmulatorEvent) => boolean): Promise<EmulatorEvent>;
  /** Makes a fault. Throws where it is none. */
  fault(fault: KronupFault): Fault;
  /** Lifts all faults. */
  liftFaults(): void;
  readonly person: Person;
}

const HOST = '127.0.0.1';
const DAILY_LIMIT = 10_000;
const ACCOUNTS = 3;
const ACCOUNTS_TO_SPARE = 100;

/** Resolves when it listens. Throws, with a message for a person, where the port or the state file cannot be used. */
export async function startKronupEmulator(options: KronupEmulatorOptions): Promise<KronupEmulator> {
  const { clock, random } = options;
  const witness = createWitness<ChangedEvent>();
  const memory = await openMemory({
    statePath: options.statePath,
    organisation: options.organisation,
    accounts: options.accounts ?? ACCOUNTS,
    accountRole: options.accountRole ?? 'member',
    managerRole: options.managerRole ?? 'admin',
    tokenLifetimeMs: options.tokenLifetimeMs,
    clock,
    onChange: (change) => witness.record(eventOf(change)),
  });
  const managerToken = await holdManagerToken(memory);
  const stopping = new AbortController();
  const faults = createFaultBook<KronupFaultRule>(() => random.fraction(), settlesRequest);
  const api = kronupApi({
    memory,
    clock,
    random,
    hideTokens: options.hideTokens ?? false,
    keepOldTokens: options.keepOldTokens ?? false,
    movePages: options.movePages ?? false,
    dailyLimit: options.dailyLimit ?? DAILY_LIMIT,
    accountLimit: options.accountLimit ?? memory.organisation.countOpen() + ACCOUNTS_TO_SPARE,
  });
  const rate = createRateLimit(clock, options.rate);
  const exchanging = { api, clock, faults, witness, signal: stopping.signal, rate };
  const person = createPerson(memory, clock);
  const server = createServer({
    routes: ROUTES,
    handle: (operation, request, reply) => exchange(exchanging, operation, request, reply),
    answers: answersAt(clock),
    add:
      options.control === true
        ? (app) => addControl(app, controlOf({ memory, witness, faults, person }))
        : undefined,
    stop: () => stopping.abort(new Error('the emulator was stopped')),
  });
  const { origin, port } = await server.listen(options.host ?? HOST, options.port ?? 0);
  return handleOf({ memory, witness, faults, person, managerToken, server, origin, port });
}

/** To what no route handles. */
function answersAt(clock: Clock): Parameters<typeof createServer>[0]['answers'] {
  const of = ({ status, body }: Answer) => jsonAnswer(status, body, clock.now());
  return {
    notFound: () => of(answerError('not-found')),
    badBody: () => of(answerInvalidArgument('body')),
    internal: () => of({ status: 500, body: { id: 'internal', message: 'Something went wrong' } }),
  };
}

function handleOf(parts: {
  readonly memory: Memory;
  readonly witness: Witness<ChangedEvent>;
  readonly faults: FaultBook<KronupFaultRule>;
  readonly person: Person;
  readonly managerToken: () => Secret;
  readonly server: Server;
  readonly origin: string;
  readonly port: number;
}): KronupEmulator {
  const { origin, port, person, memory, witness, faults } = parts;
  const { organisation, manager, tokens } = memory;
  const url = `${origin}/v1`;
  return {
    url,
    origin,
    port,
    organisation: organisation.id,
    manager: {
      id: manager.id,
      get token() {
        return parts.managerToken();
      },
    },
    get accounts() {
      return accountsOf(memory);
    },
    describe: () => describeEmulator({ url, memory }),
    liveToken: (accountId) => liveTokenOf(memory, accountId),
    forgeToken: async (claims) => new Secret(await tokens.sign(claims)),
    mints: (accountId) => mintsOf(memory, accountId),
    calls: (match) => witness.calls(match),
    get answered() {
      return witness.answered;
    },
    get events() {
      return witness.events;
    },
    when: (fits) => witness.when(fits),
    fault: (fault) => faults.add(ruleOf(fault, memory)),
    liftFaults: () => faults.liftAll(),
    person,
    async [Symbol.asyncDispose]() {
      await parts.server.close();
      await memory.flush();
    },
  };
}

/** The manager's token, known from the start and at every moment; the last one while the next is being signed. */
async function holdManagerToken(memory: Memory): Promise<() => Secret> {
  const { manager, tokens } = memory;
  let held = new Secret(await tokens.of(manager));
  await memory.settle();
  return () => {
    const text = manager.token;
    if (text !== undefined && text !== held.reveal()) held = new Secret(text);
    return held;
  };
}

async function liveTokenOf(memory: Memory, accountId: string): Promise<Secret> {
  const account = memory.organisation.find(accountId);
  if (account === undefined) throw new Error(`the emulator has no account ${accountId}`);
  const token = await memory.tokens.of(account);
  await memory.settle();
  return new Secret(token);
}

function mintsOf({ organisation }: Memory, accountId: string | undefined): number {
  if (accountId !== undefined) return organisation.find(accountId)?.mints ?? 0;
  return organisation.accounts.reduce((sum, account) => sum + account.mints, 0);
}

function accountsOf({ organisation, manager }: Memory): readonly EmulatedAccount[] {
  return organisation.accounts
    .filter((account) => account !== manager)
    .map(({ id, name, role, closedAt }) => ({ id, name, role, closed: closedAt !== 0 }));
}
