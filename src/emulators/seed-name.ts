/** How the accounts that an emulator begins with are named. */

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

/** The name of the seeded account with this index (0 or more): `billing-api`, …, then `billing-api-2`, … */
export function seedName(index: number): string {
  const round = Math.floor(index / NAMES.length);
  const name = NAMES[index % NAMES.length] ?? 'service';
  return round === 0 ? name : `${name}-${round + 1}`;
}
