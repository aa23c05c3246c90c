/** One service account as the emulator keeps it, who may do what with it, and how its seeded ones are named. */
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

const NAMES = [
  'billing-api',
  'checkout-web',
  'inventory-sync',
  'report-builder',
  'mail-gateway',
  'search-indexer',
  'image-resizer',
  'order-router',
  'fraud-monitor',
  'backup-runner',
  'chat-bridge',
  'feature-flags',
  'price-feed',
  'data-export',
  'webhook-relay',
  'audit-viewer',
] as const;

/** A made-up id in hex, the same for the same words. */
export function hexId(...words: readonly (string | number)[]): string {
  return hash('sha256', words.join('/'), 'hex').slice(0, ID_LENGTH);
}

/** The name of the seeded account with this index (0 or more): `billing-api`, …, then `billing-api-2`, … */
export function seedName(index: number): string {
  const round = Math.floor(index / NAMES.length);
  const name = NAMES[index % NAMES.length] ?? 'service';
  return round === 0 ? name : `${name}-${round + 1}`;
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
