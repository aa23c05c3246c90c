/** What a person does in the provider's console, behind the back of every client. */
import type { Clock } from '../../ports/clock.ts';
import type { Memory } from './memory.ts';
import type { Organisation } from './organisation.ts';

/** Each resolves when it is done and on the disk, and throws for an id that the emulator does not know. */
export interface Person {
  /** Another credential; it is accepted at once. Answers its id. */
  mint(accountId: string, name?: string): Promise<string>;
  deleteCredential(credentialId: string): Promise<void>;
  /** The account is gone, with all its credentials. */
  deleteAccount(accountId: string): Promise<void>;
  describe(accountId: string, description: string): Promise<void>;
}

export function createPerson(memory: Memory, clock: Clock): Person {
  const { organisation } = memory;
  const by = () => ({ at: clock.now(), by: 'person' }) as const;

  return {
    async mint(accountId, name = 'by hand') {
      const account = accountIn(organisation, accountId);
      const credential = organisation.mint(account, { name }, { ...by(), usableAt: clock.now() });
      await memory.settle();
      return credential.id;
    },
    async deleteCredential(credentialId) {
      const credential = organisation.credential(credentialId);
      if (credential === undefined) throw new Error(`the emulator has no credential ${credentialId}`);
      organisation.deleteCredential(credential, by());
      await memory.settle();
    },
    async deleteAccount(accountId) {
      organisation.deleteAccount(accountIn(organisation, accountId), by());
      await memory.settle();
    },
    async describe(accountId, description) {
      organisation.updateAccount(accountIn(organisation, accountId), { description }, by());
      await memory.settle();
    },
  };
}

function accountIn(organisation: Organisation, id: string) {
  const account = organisation.account(id);
  if (account === undefined) throw new Error(`the emulator has no account ${id}`);
  return account;
}
