/**
 * Kronup as a local server, for rehearsals and tests: real HTTP, real signed tokens, every documented answer. It is
 * no part of the daemon, and its tokens open nothing.
 */
import { Secret } from '../../domain/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { createFaultBook } from '../faults.ts';
import type { FaultBook } from '../faults.ts';
import { serve } from '../serve.ts';
import type { Emulator, Served, ServeOptions } from '../serve.ts';
import { createWitness } from '../witness.ts';
import type { Witness } from '../witness.ts';
import { answerError, answerInvalidArgument } from './answer.ts';
import { kronupApi, ROUTES } from './api.ts';
import { controlOf } from './control.ts';
import { eventOf } from './events.ts';
import type { ChangedEvent } from './events.ts';
import { createPerson } from './person.ts';
import type { Person } from './person.ts';
import { describeEmulator } from './describe.ts';
import { ruleOf, settlesRequest } from './fault.ts';
import type { KronupFault, KronupFaultRule } from './fault.ts';
import { openMemory } from './memory.ts';
import type { Memory } from './memory.ts';
import type { Role } from './service-account.ts';

export interface KronupEmulatorOptions extends ServeOptions {
  readonly clock: Clock;
  readonly random: Random;
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

/** Its `url` is with `/v1`. */
export interface KronupEmulator extends Emulator<ChangedEvent, KronupFault> {
  /** The account that a daemon authenticates with; `token` is its live one. */
  readonly manager: { readonly id: string; readonly token: Secret };
  /** All others, in the order of their making. */
  readonly accounts: readonly EmulatedAccount[];
  /** The token that is accepted now. Throws for an id that it does not know. */
  liveToken(accountId: string): Promise<Secret>;
  /** A token with any claims, signed with the emulator's own key: to rehearse refusals. */
  forgeToken(claims: Readonly<Record<string, unknown>>): Promise<Secret>;
  /** How often `PUT` minted, through restarts: for one account, or in all. */
  mints(accountId?: string): number;
  readonly person: Person;
}

const DAILY_LIMIT = 10_000;
const ACCOUNTS = 3;
const ACCOUNTS_TO_SPARE = 100;

/** To what no route handles. */
const ANSWERS = {
  notFound: answerError('not-found'),
  badBody: answerInvalidArgument('body'),
  internal: { status: 500, body: { id: 'internal', message: 'Something went wrong' } },
} as const;

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
  const person = createPerson(memory, clock);
  const control = controlOf({ memory, witness, faults, person });
  const serving = { routes: ROUTES, api, clock, faults, witness, answers: ANSWERS, control };
  const served = await serve(serving, options);
  return handleOf({ memory, witness, faults, person, managerToken, served });
}

function handleOf(parts: {
  readonly memory: Memory;
  readonly witness: Witness<ChangedEvent>;
  readonly faults: FaultBook<KronupFaultRule>;
  readonly person: Person;
  readonly managerToken: () => Secret;
  readonly served: Served;
}): KronupEmulator {
  const { served, person, memory, witness, faults } = parts;
  const { origin, port } = served;
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
      await served.close();
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
