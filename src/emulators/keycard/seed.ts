/** What an emulated organisation begins with. */
import { seedName } from '../seed-name.ts';
import { idOf, newAccount, newCredential } from './model.ts';
import type { Kept } from './organisation.ts';

/**
 * The seeded accounts with the indices from `from` to `to` (excluded), each with one credential, and the
 * manager's account before them where there was none yet. `made`: how much was made before.
 */
export function seed(
  organisation: string,
  {
    from,
    to,
    made,
    at,
    withManager,
  }: {
    readonly from: number;
    readonly to: number;
    readonly made: number;
    readonly at: number;
    readonly withManager: boolean;
  },
): Kept {
  const count = Math.max(0, to - from);
  const accounts = Array.from({ length: count }, (_, place) =>
    newAccount({
      id: idOf(organisation, 'account', from + place),
      serial: made + 2 * place + 1,
      name: seedName(from + place),
      at,
    }),
  );
  const manager = newAccount({
    id: managerIdOf(organisation),
    serial: -1,
    name: 'rekeyd',
    at,
    manages: true,
  });
  const all = withManager ? [manager, ...accounts] : accounts;
  const credentials = all.map(({ id, serial }) =>
    newCredential({
      id: idOf(id, 'first'),
      serial: serial + 1,
      accountId: id,
      name: 'first',
      at,
      usableAt: at,
    }),
  );
  return { accounts: all, credentials, made: made + 2 * count };
}

export function managerIdOf(organisation: string): string {
  return idOf(organisation, 'manager');
}
