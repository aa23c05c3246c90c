/** An account's key as the journal keeps it: one text, by which its row is found. */
import type { AccountKey } from '../domain/account.ts';

export function keyText({ origin, organisation, accountId }: AccountKey): string {
  return `${origin}\n${organisation}\n${accountId}`;
}

export function keyOf(text: string): AccountKey {
  const [origin = '', organisation = '', accountId = ''] = text.split('\n');
  return { origin, organisation, accountId };
}
