/** What a deliberate mistake is, and the ways in which one is made: a wrapped port, or a table of the domain with other contents. */
import type { Account, Strategy } from '../../../src/domain/account.ts';
import type { Credential } from '../../../src/domain/credential.ts';
import { succeeded } from '../../../src/domain/failure.ts';
import type { HoldKind } from '../../../src/domain/hold.ts';
import type { AccountRecord, TargetRecord } from '../../../src/domain/record.ts';
import type { EngineParts } from '../../../src/engine/parts.ts';
import type { ConsumerConnection } from '../../../src/ports/consumer.ts';
import type { Claim, Commit, Journal, Shared } from '../../../src/ports/journal.ts';
import type { Provider, SeenAccount } from '../../../src/ports/provider.ts';
import type { Store } from '../../../src/ports/store.ts';
import type { Breakage } from '../breakage.ts';
import { overlay } from '../overlay.ts';
import type { Invariant } from '../watch/verdicts.ts';
import type { Row } from './rows.ts';

export interface Mistake {
  /** What is wrong, as a sentence. */
  readonly name: string;
  /** The rows that say that it may not be so. */
  readonly rows: readonly Row[];
  /** The invariant that it breaks first. */
  readonly breaks: Invariant;
  /** What the verdict says. */
  readonly says: RegExp;
  /** Verdicts about other invariants are not heeded: another promise would be found broken on the way to this one. */
  readonly alone?: true;
  /** Looked for in histories with this strategy; absent: in place. */
  readonly strategy?: Strategy;
  /** The port or table, broken anew for each history. */
  readonly make: () => Breakage;
}

type Make = () => Breakage;

export const onProvider = (wrap: (provider: Provider) => Partial<Provider>) => (): Breakage => ({
  provider: (provider) => overlay(provider, wrap(provider)),
});

export const onStore = (wrap: (store: Store) => Partial<Store>) => (): Breakage => ({
  store: (store) => overlay(store, wrap(store)),
});

export const onConsumers =
  (wrap: (consumers: ConsumerConnection) => Partial<ConsumerConnection>) => (): Breakage => ({
    consumers: (consumers) => overlay(consumers, wrap(consumers)),
  });

export const onJournal = (wrap: (journal: Journal) => Partial<Journal>) => (): Breakage => ({
  journal: (journal) => overlay(journal, wrap(journal)),
});

/** The provider's port is wrapped by what knows the process as well. */
export const onProviderOf =
  (wrap: (provider: Provider, parts: EngineParts) => Partial<Provider>) => (): Breakage => ({
    parts: (parts) => {
      const connections = parts.connections();
      const provider = (name: string) => {
        const real = connections.provider(name);
        return real && overlay(real, wrap(real, parts));
      };
      return { ...parts, connections: () => ({ ...connections, provider }) };
    },
  });

/** Claims are handed out changed. */
export const onClaims = (change: (claim: Claim) => Claim): Make =>
  onJournal((journal) => ({ claim: async (given) => (await journal.claim(given)).map(change) }));

export const onPolicies = (change: (policy: Account) => Account): Make =>
  onClaims((claim) => ({ ...claim, policy: change(claim.policy) }));

/** Records are given back without something that they had. */
export const onRecords = (change: (record: AccountRecord) => AccountRecord): Make =>
  onClaims((claim) => ({ ...claim, record: change(claim.record) }));

export const onTargets = (change: (target: TargetRecord) => TargetRecord): Make =>
  onRecords((record) => ({
    ...record,
    targets: Object.fromEntries(Object.entries(record.targets).map(([id, target]) => [id, change(target)])),
  }));

export const onCommits = (change: (given: Commit) => Commit): Make =>
  onJournal((journal) => ({ commit: (given) => journal.commit(change(given)) }));

/** What is shared is given back without holds of this kind. */
export function withoutHolds(kind: HoldKind): () => Breakage {
  const without = ({ holds }: Shared): Shared => ({ holds: holds.filter((hold) => hold.kind !== kind) });
  return onJournal((journal) => ({
    claim: async (given) =>
      (await journal.claim(given)).map((claim) => ({ ...claim, shared: without(claim.shared) })),
    commit: async (given) => {
      const outcome = await journal.commit(given);
      return outcome.outcome === 'stale' ? outcome : { ...outcome, shared: without(outcome.shared) };
    },
    shared: async () => without(await journal.shared()),
  }));
}

/** What is shown of each account is changed on the way. */
export const onSight = (change: (seen: SeenAccount, id: string) => SeenAccount): Make =>
  onProvider((provider) => ({
    observe: async (accounts, options) => {
      const answer = await provider.observe(accounts, options);
      if (!answer.ok) return answer;
      const changed = [...answer.value.accounts].map(([id, seen]) => [id, change(seen, id)] as const);
      return succeeded({ ...answer.value, accounts: new Map(changed) });
    },
  }));

export function textOf(credential: Credential): string {
  return credential.kind === 'token' ? credential.token.reveal() : credential.clientSecret.reveal();
}

/** An entry of a table of the domain with other contents, for one history. The table is the product's own: nothing in it knows of this. */
export function patched<T extends object>(
  table: T,
  changes: { readonly [Key in keyof T]?: unknown },
): Disposable {
  const before = Object.keys(changes).map((key) => [key, Reflect.get(table, key) as unknown] as const);
  for (const [key, value] of Object.entries(changes)) Reflect.set(table, key, value);
  return {
    [Symbol.dispose]() {
      for (const [key, value] of before) Reflect.set(table, key, value);
    },
  };
}

export const onTable =
  <T extends object>(table: T, changes: { readonly [Key in keyof T]?: unknown }) =>
  (): Breakage => ({ patch: () => patched(table, changes) });
