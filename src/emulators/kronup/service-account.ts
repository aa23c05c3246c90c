/** One service account as the emulator keeps it, and who may do what with it. */
import { hash } from 'node:crypto';

export type Role = 'owner' | 'admin' | 'member';

/** Times are ms since the epoch. */
export interface ServiceAccount {
  readonly id: string;
  name: string;
  role: Role;
  readonly createdAt: number;
  updatedAt: number;
  /** 0: open. */
  closedAt: number;
  /** Counts the tokens of this account; only the last one is live. */
  generation: number;
  /** When the last token was issued. */
  issuedAt: number;
  /** The text of the last token, once somebody has seen it: a signature differs each time, so it is kept. */
  token: string | undefined;
  /** How often `PUT` minted. */
  mints: number;
  /** Calls by UTC date, `YYYY-MM-DD`. */
  calls: Record<string, number> | undefined;
}

const ID_LENGTH = 24;

/** A made-up id in hex, the same for the same words. */
export function hexId(...words: readonly (string | number)[]): string {
  return hash('sha256', words.join('/'), 'hex').slice(0, ID_LENGTH);
}

export function newServiceAccount(of: {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly now: number;
}): ServiceAccount {
  return {
    id: of.id,
    name: of.name,
    role: of.role,
    createdAt: of.now,
    updatedAt: of.now,
    closedAt: 0,
    generation: 1,
    issuedAt: of.now,
    token: undefined,
    mints: 0,
    calls: undefined,
  };
}

/**
 * Owners write all, admins all but owners, members only themselves; everybody reads everybody.
 * Source: OpenAPI document, roles.
 */
export function mayWrite(caller: ServiceAccount, account: ServiceAccount): boolean {
  if (caller === account) return true;
  switch (caller.role) {
    case 'owner':
      return true;
    case 'admin':
      return account.role !== 'owner';
    case 'member':
      return false;
  }
}
