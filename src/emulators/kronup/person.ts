/** What a person does at the provider's own person, behind the back of every client. */
import type { Clock } from '../../ports/clock.ts';
import type { Memory } from './memory.ts';
import type { ServiceAccount } from './service-account.ts';

/** Each resolves when it is done and on the disk, and throws for an id that the emulator does not know. */
export interface Person {
  /** A new token; a closed account is open afterwards. */
  regenerate(accountId: string): Promise<void>;
  close(accountId: string): Promise<void>;
  /** Opens a closed account, with a new token; leaves an open one alone. */
  reopen(accountId: string): Promise<void>;
  /** The account is gone, from the list too. */
  remove(accountId: string): Promise<void>;
}

export function createPerson(memory: Memory, clock: Clock): Person {
  const { organisation } = memory;

  async function act(accountId: string, deed: (account: ServiceAccount) => void): Promise<void> {
    const account = organisation.find(accountId);
    if (account === undefined) throw new Error(`the emulator has no account ${accountId}`);
    deed(account);
    await memory.settle();
  }

  return {
    regenerate: (id) => act(id, (account) => organisation.renew(account, clock.now(), 'person')),
    close: (id) =>
      act(id, (account) => {
        if (account.closedAt === 0) organisation.close(account, clock.now(), 'person');
      }),
    reopen: (id) =>
      act(id, (account) => {
        if (account.closedAt !== 0) organisation.renew(account, clock.now(), 'person');
      }),
    remove: (id) => act(id, (account) => organisation.remove(account, clock.now())),
  };
}
