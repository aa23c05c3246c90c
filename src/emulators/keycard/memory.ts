/**
 * The emulator's whole memory, and its way to the disk and back where a state file is configured. An answer waits
 * for `settle`, so what a client has been told survives a `kill -9`.
 */
import { z } from 'zod';
import type { Clock } from '../../ports/clock.ts';
import { openKeptState } from '../kept-state.ts';
import { createKeys } from './keys.ts';
import type { Keys } from './keys.ts';
import { idOf } from './model.ts';
import type { Credential, ServiceAccount } from './model.ts';
import { createOrganisation } from './organisation.ts';
import type { Change, Kept, Organisation } from './organisation.ts';
import { managerIdOf, seed } from './seed.ts';

export interface Memory {
  readonly organisation: Organisation;
  readonly keys: Keys;
  readonly manager: ServiceAccount;
  /** How many access tokens were given. */
  readonly tokensGiven: number;
  /** Counts one more, and says which it is: 1 for the first. */
  nextToken(): number;
  /** Resolves when all that is known now would be found again after a crash. At once without a state file. */
  settle(): Promise<void>;
  /** As `settle`, with when each credential was used last. */
  flush(): Promise<void>;
}

export interface MemoryOptions {
  readonly statePath: string | undefined;
  /** Id of the organisation; absent: the state file's, else a made-up one. */
  readonly organisation: string | undefined;
  /** How many accounts there are at least, beside the manager's. */
  readonly accounts: number;
  readonly clock: Clock;
  readonly onChange: (change: Change) => void;
}

const LABEL = 'rehearsal';

const common = {
  id: z.string(),
  serial: z.number(),
  name: z.string(),
  description: z.string().optional(),
  createdAt: z.number(),
};

const accountRow = z.strictObject({ ...common, updatedAt: z.number(), manages: z.boolean() });

const credentialRow = z.strictObject({
  ...common,
  accountId: z.string(),
  clientId: z.string(),
  lastUsedAt: z.number().optional(),
  usableAt: z.number(),
});

const stateSchema = z.strictObject({
  format: z.literal(1),
  organisation: z.string(),
  /** How many accounts were seeded so far, so that a larger number adds to them. */
  seeded: z.number(),
  made: z.number(),
  tokensGiven: z.number(),
  key: z.string().regex(/^[0-9a-f]{64}$/),
  accounts: z.array(accountRow),
  credentials: z.array(credentialRow),
});

type State = z.output<typeof stateSchema>;

/** Throws, with a message for a person, where the state file cannot be used. */
export async function openMemory(options: MemoryOptions): Promise<Memory> {
  const { statePath, clock } = options;
  const state = await openKeptState({
    path: statePath,
    emulator: 'Keycard',
    schema: stateSchema,
    organisation: options.organisation,
    snapshot,
    clock,
  });
  const { saved } = state;
  const id = saved?.organisation ?? options.organisation ?? idOf('organisation');
  const seeded = Math.max(saved?.seeded ?? 0, options.accounts);
  const keys = createKeys(saved?.key);
  let tokensGiven = saved?.tokensGiven ?? 0;
  const kept = initial(saved, { id, seeded, now: clock.now() });
  const organisation = createOrganisation({ id, label: LABEL }, kept, (change) => {
    state.changed();
    options.onChange(change);
  });
  const manager = organisation.account(managerIdOf(id));
  if (manager === undefined) {
    throw new Error(`${statePath} lacks the manager's account. Remove it to begin anew.`);
  }

  function snapshot(): State {
    const { accounts, made } = organisation;
    const credentials = accounts.flatMap((account) => organisation.credentialsOf(account.id));
    const rows = { accounts: [...accounts], credentials };
    return { format: 1, organisation: id, seeded, made, tokensGiven, key: keys.key, ...rows };
  }

  return {
    organisation,
    keys,
    manager,
    get tokensGiven() {
      return tokensGiven;
    },
    nextToken() {
      tokensGiven += 1;
      return tokensGiven;
    },
    settle: () => state.settle(),
    flush: () => state.flush(),
  };
}

function initial(
  saved: State | undefined,
  { id, seeded, now }: { readonly id: string; readonly seeded: number; readonly now: number },
): Kept {
  const from = { from: saved?.seeded ?? 0, made: saved?.made ?? 0, withManager: saved === undefined };
  const more = seed(id, { ...from, to: seeded, at: now });
  if (saved === undefined) return more;
  const accounts = saved.accounts.map((row): ServiceAccount => ({ ...row, description: row.description }));
  const credentials = saved.credentials.map((row): Credential => ({
    ...row,
    description: row.description,
    lastUsedAt: row.lastUsedAt,
  }));
  return {
    accounts: [...accounts, ...more.accounts],
    credentials: [...credentials, ...more.credentials],
    made: more.made,
  };
}
