/**
 * The emulator's whole memory, and its way to the disk and back where a state file is configured. An answer waits
 * for `settle`, so what a client has been told survives a `kill -9`.
 */
import type { JWK } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../ports/clock.ts';
import { openKeptState } from '../kept-state.ts';
import { createOrganisation, managerIdOf, moreSeeds, seedAccounts } from './organisation.ts';
import type { Change, Organisation, Seed } from './organisation.ts';
import { hexId } from './service-account.ts';
import type { Role, ServiceAccount } from './service-account.ts';
import { createTokens } from './tokens.ts';
import type { Tokens } from './tokens.ts';

export interface Memory {
  readonly organisation: Organisation;
  readonly tokens: Tokens;
  readonly manager: ServiceAccount;
  /** Resolves when all that is known now would be found again after a crash. At once without a state file. */
  settle(): Promise<void>;
  /** As `settle`, with the newest counts of calls. */
  flush(): Promise<void>;
}

export interface MemoryOptions {
  readonly statePath: string | undefined;
  /** Id of the organisation; absent: the state file's, else a made-up one. */
  readonly organisation: string | undefined;
  /** How many accounts there are at least, beside the manager's. */
  readonly accounts: number;
  readonly accountRole: Role;
  readonly managerRole: Role;
  readonly tokenLifetimeMs: number | undefined;
  readonly clock: Clock;
  readonly onChange: (change: Change) => void;
}

const serviceAccount = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: z.enum(['owner', 'admin', 'member']),
  createdAt: z.number(),
  updatedAt: z.number(),
  closedAt: z.number(),
  generation: z.number(),
  issuedAt: z.number(),
  token: z.string().optional(),
  mints: z.number(),
  calls: z.record(z.string(), z.number()).optional(),
});

const stateSchema = z.strictObject({
  format: z.literal(1),
  organisation: z.string(),
  /** How many accounts were seeded so far, so that a larger number adds to them. */
  seeded: z.number(),
  key: z.looseObject({ kty: z.literal('EC') }),
  accounts: z.array(serviceAccount),
});

type State = z.output<typeof stateSchema>;

/** Throws, with a message for a person, where the state file cannot be used. */
export async function openMemory(options: MemoryOptions): Promise<Memory> {
  const { statePath, clock } = options;
  const state = await openKeptState({
    path: statePath,
    emulator: 'Kronup',
    schema: stateSchema,
    organisation: options.organisation,
    snapshot,
    clock,
  });
  const { saved } = state;
  const id = saved?.organisation ?? options.organisation ?? hexId('organisation');
  const seeded = Math.max(saved?.seeded ?? 0, options.accounts);
  const accounts = initialAccounts(saved, { ...options, id, seeded });
  const organisation = createOrganisation(id, accounts, (change) => {
    state.changed();
    options.onChange(change);
  });
  const manager = organisation.find(managerIdOf(id));
  if (manager === undefined)
    throw new Error(`${statePath} lacks the manager's account. Remove it to begin anew.`);
  const key: JWK | undefined = saved?.key;
  const tokens = await createTokens({
    organisation: id,
    lifetimeMs: options.tokenLifetimeMs,
    key,
    onSigned: () => state.changed(),
  });

  function snapshot(): State {
    return {
      format: 1,
      organisation: id,
      seeded,
      key: { ...tokens.key, kty: 'EC' },
      accounts: [...organisation.accounts],
    };
  }

  return {
    organisation,
    tokens,
    manager,
    settle: () => state.settle(),
    flush: () => state.flush(),
  };
}

function initialAccounts(
  saved: State | undefined,
  options: MemoryOptions & { readonly id: string; readonly seeded: number },
): ServiceAccount[] {
  const now = options.clock.now();
  const seed: Seed = {
    organisation: options.id,
    count: options.seeded,
    role: options.accountRole,
    managerRole: options.managerRole,
  };
  if (saved === undefined) return seedAccounts(seed, now);
  const known = saved.accounts.map((row): ServiceAccount => ({ ...row, token: row.token, calls: row.calls }));
  return [...known, ...moreSeeds(seed, saved.seeded, now)];
}
