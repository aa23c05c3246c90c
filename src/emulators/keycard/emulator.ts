/**
 * Keycard as a local server, for rehearsals and tests: real HTTP, access tokens that end, credentials that overlap. It is no
 * part of the daemon, and its secrets open nothing.
 */
import type { ClientCredential } from '../../domain/credential.ts';
import { Secret } from '../../domain/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { createFaultBook } from '../faults.ts';
import type { FaultBook } from '../faults.ts';
import { serve } from '../serve.ts';
import type { Emulator, Served, ServeOptions } from '../serve.ts';
import { createWitness } from '../witness.ts';
import type { Witness } from '../witness.ts';
import { answerError } from './answer.ts';
import { keycardApi, ROUTES } from './api.ts';
import { controlOf } from './control.ts';
import { describeEmulator } from './describe.ts';
import { ruleOf, settlesRequest } from './fault.ts';
import type { KeycardFault, KeycardFaultRule } from './fault.ts';
import { openMemory } from './memory.ts';
import type { Memory } from './memory.ts';
import type { Credential } from './model.ts';
import type { Change } from './organisation.ts';
import { createPerson } from './person.ts';
import type { Person } from './person.ts';

export interface KeycardEmulatorOptions extends ServeOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** How many accounts to seed beside the manager's, each with one credential; 3 by default. */
  readonly accounts?: number;
  /** Id of the organisation; one that is the same each time by default. */
  readonly organisation?: string;
  /** Keeps the state in this file, synced before each answer that depends on it. Made for some thousand accounts. */
  readonly statePath?: string;
  /** How long a new credential is refused, as the real service is not consistent at once; 0 by default. */
  readonly consistencyMs?: number;
  /** How long an access token lives; one hour by default. */
  readonly tokenLifetimeMs?: number;
  /** Leaves `expires_in` out of the answers of the token endpoint. */
  readonly hideLifetime?: boolean;
  /** The access tokens of a deleted credential die with it; by default they live until their end. */
  readonly revokesAccessTokens?: boolean;
}

/** A credential as the emulator keeps it; times in ms since the epoch. */
export type EmulatedCredential = Pick<Credential, 'id' | 'name' | 'clientId' | 'createdAt' | 'lastUsedAt'>;

export interface KeycardEmulator extends Emulator<Change, KeycardFault> {
  /** Label of the organisation, which stands for its id. */
  readonly label: string;
  /** The account that a daemon authenticates with, and its first credential. */
  readonly manager: {
    readonly id: string;
    readonly credentialId: string;
    readonly clientId: string;
    readonly clientSecret: Secret;
  };
  /** All others, in the order of their making. */
  readonly accounts: readonly { readonly id: string; readonly name: string; readonly description?: string }[];
  /** The credentials of an account, the oldest first. */
  credentials(accountId: string): readonly EmulatedCredential[];
  /** The newest credential of an account with its secret; the one with this id where it is given. Throws where there is none. */
  liveCredential(accountId: string, credentialId?: string): ClientCredential;
  /** How many credentials were minted by the API: for one account, or in all. Not kept through restarts. */
  mints(accountId?: string): number;
  readonly person: Person;
}

const ACCOUNTS = 3;
const TOKEN_LIFETIME_MS = 3_600_000;

/** To what no route handles. */
const ANSWERS = {
  notFound: answerError(404),
  badBody: answerError(400, 'The body is invalid'),
  internal: { status: 500, body: { message: 'Something went wrong', code: 'internal', status: 500 } },
} as const;

/** Resolves when it listens. Throws, with a message for a person, where the port or the state file cannot be used. */
export async function startKeycardEmulator(options: KeycardEmulatorOptions): Promise<KeycardEmulator> {
  const { clock, random } = options;
  const witness = createWitness<Change>();
  const minted = new Map<string, number>();
  const memory = await openMemory({
    statePath: options.statePath,
    organisation: options.organisation,
    accounts: options.accounts ?? ACCOUNTS,
    clock,
    onChange(change) {
      const { kind, by, accountId } = change;
      if (kind === 'minted' && by === 'api') minted.set(accountId, (minted.get(accountId) ?? 0) + 1);
      witness.record(change);
    },
  });
  await memory.settle();
  const faults = createFaultBook<KeycardFaultRule>(() => random.fraction(), settlesRequest);
  const api = keycardApi({
    memory,
    clock,
    consistencyMs: options.consistencyMs ?? 0,
    tokenLifetimeMs: options.tokenLifetimeMs ?? TOKEN_LIFETIME_MS,
    hideLifetime: options.hideLifetime ?? false,
    revokesAccessTokens: options.revokesAccessTokens ?? false,
  });
  const person = createPerson(memory, clock);
  const control = controlOf({ memory, witness, faults, person });
  const serving = { routes: ROUTES, api, clock, faults, witness, answers: ANSWERS, control };
  const served = await serve(serving, options);
  return handleOf({ memory, witness, faults, person, minted, served });
}

function handleOf(parts: {
  readonly memory: Memory;
  readonly witness: Witness<Change>;
  readonly faults: FaultBook<KeycardFaultRule>;
  readonly person: Person;
  readonly minted: ReadonlyMap<string, number>;
  readonly served: Served;
}): KeycardEmulator {
  const { served, person, memory, witness, faults, minted } = parts;
  const { origin, port } = served;
  const { organisation, manager } = memory;
  return {
    url: origin,
    origin,
    port,
    organisation: organisation.id,
    label: organisation.label,
    manager: managerOf(memory),
    get accounts() {
      return organisation.accounts.filter((account) => account !== manager).map(shownAccount);
    },
    describe: () => describeEmulator({ url: origin, memory }),
    credentials: (accountId) => organisation.credentialsOf(accountId),
    liveCredential: (accountId, credentialId) => credentialOf(memory, accountId, credentialId),
    mints: (accountId) =>
      accountId === undefined
        ? [...minted.values()].reduce((sum, count) => sum + count, 0)
        : (minted.get(accountId) ?? 0),
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

function managerOf(memory: Memory): KeycardEmulator['manager'] {
  const { organisation, manager } = memory;
  const [first] = organisation.credentialsOf(manager.id);
  if (first === undefined) {
    throw new Error("the manager's account has no credential. Remove the state file to begin anew.");
  }
  const { clientId, clientSecret } = credentialOf(memory, manager.id, first.id);
  return { id: manager.id, credentialId: first.id, clientId, clientSecret };
}

function shownAccount({ id, name, description }: Memory['manager']): KeycardEmulator['accounts'][number] {
  return { id, name, ...(description === undefined ? {} : { description }) };
}

function credentialOf(memory: Memory, accountId: string, credentialId: string | undefined): ClientCredential {
  const all = memory.organisation.credentialsOf(accountId);
  const credential = credentialId === undefined ? all.at(-1) : all.find(({ id }) => id === credentialId);
  if (credential === undefined)
    throw new Error(`the emulator has no such credential of account ${accountId}`);
  const clientSecret = new Secret(memory.keys.secretOf(credential.id));
  return { kind: 'client', clientId: credential.clientId, clientSecret };
}
