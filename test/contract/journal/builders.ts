/** Policies, facts and commits for the journal's contract. */
import type { Account } from '../../../src/domain/account.ts';
import { evolve } from '../../../src/domain/evolve.ts';
import type { Fact } from '../../../src/domain/fact.ts';
import type { Hold } from '../../../src/domain/hold.ts';
import type { Target } from '../../../src/domain/target.ts';
import type {
  Claim,
  Commit,
  ConfiguredAccount,
  Journal,
  NewRequest,
  RotationRow,
} from '../../../src/ports/journal.ts';
import { account, target as targetIn } from '../../builders/account.ts';

/** Opens an empty journal. */
export type Open = () => Promise<Journal>;

export const NOW = Date.parse('2026-01-05T00:00:00Z');
export const LEASE_MS = 60_000;
export const ONE = 'holder-one';
export const TWO = 'holder-two';

/** An account in place, with a target of its own in the store `files`. */
export function policy(name: string, changes: Partial<Account> = {}): Account {
  return account({
    name,
    organisation: 'org_1',
    accountIds: [`id-of-${name}`],
    targets: [target(`/run/${name}`)],
    ...changes,
  });
}

export function target(address: string, store = 'files'): Target {
  return targetIn(`${store}:${address}`);
}

export function configured(of: Account): ConfiguredAccount {
  return { policy: of, hash: JSON.stringify(of) };
}

/** Applies these accounts as one file and nothing else. */
export async function configure(journal: Journal, accounts: readonly Account[], now = NOW): Promise<void> {
  const hash = JSON.stringify(accounts);
  await journal.apply([{ path: 'rekeyd.yaml', hash, accounts: [accounts.map(configured)] }], now);
}

/** Claims whatever is due. */
export function claim(
  journal: Journal,
  { holder = ONE, now = NOW, limit = 100, exceptProviders = [] as readonly string[] } = {},
): Promise<readonly Claim[]> {
  return journal.claim({ holder, now, leaseMs: LEASE_MS, limit, exceptProviders });
}

/** Claims one account that has to be there. */
export async function claimOne(journal: Journal, options: Parameters<typeof claim>[1] = {}): Promise<Claim> {
  const [first] = await claim(journal, { ...options, limit: 1 });
  if (first === undefined) throw new Error('nothing is due');
  return first;
}

/** A fact about an account, told apart by `slot`. */
export function fact(slot: number, changes: { readonly rotation?: string; readonly at?: number } = {}): Fact {
  return {
    id: `fact-${slot}`,
    at: NOW,
    kind: 'slot-skipped',
    cause: { actor: 'rekeyd', reason: 'a test' },
    slot,
    ...changes,
  };
}

/** A commit of these facts on what was claimed, which is given back and never due again. */
export function commitOf(
  { id, fence, version, record }: Claim,
  facts: readonly Fact[] = [],
  changes: Partial<Commit> = {},
): Commit {
  return {
    account: id,
    fence,
    version,
    facts,
    record: facts.reduce(evolve, record),
    holds: [],
    release: true,
    ...changes,
  };
}

/** Claims all that is due and gives it back, due at `dueAt` or never. */
export async function settleAll(journal: Journal, dueAt?: number): Promise<void> {
  for (const claimed of await claim(journal)) {
    await journal.commit(commitOf(claimed, [], dueAt === undefined ? {} : { dueAt, dueWhy: 'slot' }));
  }
}

export function rotation(id: string, account: Claim, changes: Partial<RotationRow> = {}): RotationRow {
  return {
    id,
    account: account.id,
    accountName: account.policy.name,
    trigger: 'schedule',
    cause: { actor: 'rekeyd' },
    openedAt: NOW,
    ...changes,
  };
}

export function hold(kind: Hold['kind'], subject: string, changes: Partial<Hold> = {}): Hold {
  return { kind, subject, since: NOW, by: 'rekeyd', reason: 'a test', ...changes };
}

export function request(id: string, account: number, changes: Partial<NewRequest> = {}): NewRequest {
  return { id, account, does: 'rotate', cause: { actor: 'socket:1000', reason: 'a test' }, ...changes };
}

/** The id of an account that has to be there. */
export async function idOf(journal: Journal, name: string): Promise<number> {
  const account = await journal.account(name);
  if (account === undefined) throw new Error(`there is no account ${name}`);
  return account.id;
}

export function namesOf(rows: readonly { readonly policy: Account }[]): readonly string[] {
  return rows.map((row) => row.policy.name);
}
