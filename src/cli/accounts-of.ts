/** The accounts of a loaded configuration, for commands that look at all of them. */
import type { LoadedConfig } from '../config/load.ts';
import type { Account } from '../domain/account.ts';
import type { ConfiguredAccount } from '../ports/journal.ts';

/** Of a configuration that was loaded in full. They can be asked for once. */
export async function accountsOf(config: LoadedConfig): Promise<Account[]> {
  const accounts: Account[] = [];
  for (const { accounts: batches = [] } of config.files) {
    for await (const batch of batches) {
      const parsed = typeof batch === 'string' ? (JSON.parse(batch) as readonly ConfiguredAccount[]) : batch;
      for (const { policy } of parsed) accounts.push(policy);
    }
  }
  return accounts;
}
